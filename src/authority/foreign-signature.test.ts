import assert from 'node:assert/strict';
import {
  constants,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  type SignKeyObjectInput,
  sign,
} from 'node:crypto';
import { test } from 'node:test';
import type { JsonObject } from '#kernel/json.ts';
import {
  acceptedAlgorithms,
  algorithmNamed,
  type ForeignAlgorithm,
  foreignKeyOf,
  isSignedWith,
} from './foreign-signature.ts';
import { parseToken, tokenHead } from './json-web-signature.ts';

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const rsa: Pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256: Pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384: Pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const p521: Pair = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed25519: Pair = generateKeyPairSync('ed25519');

const salted = {
  padding: constants.RSA_PKCS1_PSS_PADDING,
  saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
};
const raw = { dsaEncoding: 'ieee-p1363' } as const;

const algorithms: readonly (readonly [
  name: ForeignAlgorithm,
  pair: Pair,
  digest: string | null,
  how: Omit<SignKeyObjectInput, 'key'>,
])[] = [
  ['RS256', rsa, 'sha256', {}],
  ['RS384', rsa, 'sha384', {}],
  ['RS512', rsa, 'sha512', {}],
  ['PS256', rsa, 'sha256', salted],
  ['PS384', rsa, 'sha384', salted],
  ['PS512', rsa, 'sha512', salted],
  ['ES256', p256, 'sha256', raw],
  ['ES384', p384, 'sha384', raw],
  ['ES512', p521, 'sha512', raw],
  ['EdDSA', ed25519, null, {}],
];

function tokenWith(signature: (head: string) => Buffer) {
  const head = tokenHead({ alg: 'any' }, { sub: 'ada' });
  const token = parseToken(`${head}.${signature(head).toString('base64url')}`);
  assert.ok(token);
  return token;
}

for (const [name, { privateKey, publicKey }, digest, how] of algorithms) {
  test(`${name} is verified by its own key, and no other signature passes for it`, () => {
    const own = tokenWith((head) => sign(digest, Buffer.from(head), { key: privateKey, ...how }));
    assert.equal(isSignedWith(own, name, publicKey), true);
    assert.equal(isSignedWith({ ...own, signed: `${own.signed}x` }, name, publicKey), false);
    assert.equal(isSignedWith({ ...own, signature: Buffer.alloc(0) }, name, publicKey), false);
    for (const [other, pair, otherDigest, otherHow] of algorithms) {
      if (other === name) continue;
      const unlike = tokenWith((head) =>
        sign(otherDigest, Buffer.from(head), { key: pair.privateKey, ...otherHow }),
      );
      assert.equal(isSignedWith(unlike, name, publicKey), false, other);
    }
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    const shared = tokenWith((head) => createHmac('sha256', pem).update(head).digest());
    assert.equal(isSignedWith(shared, name, publicKey), false);
  });

  test(`a key of an issuer that signs with ${name} is read as such`, () => {
    const jwk = publicKey.export({ format: 'jwk' }) as JsonObject;
    assert.ok(foreignKeyOf(jwk)?.algorithms.includes(name));
    assert.deepEqual(foreignKeyOf({ ...jwk, alg: name })?.algorithms, [name]);
    assert.equal(foreignKeyOf({ ...jwk, alg: 'none' }), undefined);
  });
}

test('only the algorithms of the list can be named', () => {
  const names = algorithms.map(([name]) => name);
  const ofRsa = names.filter((one) => /^[RP]S/.test(one));
  assert.deepEqual(acceptedAlgorithms, {
    trustedIssuer: names,
    federatedCredential: ofRsa,
    clientCertificate: ofRsa,
  });
  assert.equal(algorithmNamed('ES256', 'trustedIssuer'), 'ES256');
  for (const named of ['ES256', 'EdDSA', 'none', 'HS256', 'rs256', '', undefined, ['RS256'], 7]) {
    assert.equal(algorithmNamed(named, 'federatedCredential'), undefined);
    assert.equal(algorithmNamed(named, 'clientCertificate'), undefined);
  }
});

test('a published private key gives away no more than its public half', () => {
  const key = foreignKeyOf(rsa.privateKey.export({ format: 'jwk' }) as JsonObject);
  assert.equal(key?.publicKey.type, 'public');
});
