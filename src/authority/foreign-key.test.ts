import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { test } from 'node:test';
import type { OutboundDocument } from '#http/outbound.ts';
import { fixedClock } from '#kernel/clock.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { openForeignKeys } from './foreign-key.ts';
import type { ForeignAlgorithm } from './foreign-signature.ts';

const issuer = 'https://issuer.example/realm';
const metadataAt = `${issuer}/.well-known/openid-configuration`;
const keysAt = 'https://keys.example/jwks';

const jwkOf = (kid: string, bits = 2048): JsonObject => ({
  ...(generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({
    format: 'jwk',
  }) as JsonObject),
  kid,
});
const [one, two, short] = [jwkOf('one'), jwkOf('two'), jwkOf('short', 1024)];

/** An issuer whose documents a test may change, and the count of what was asked of it. */
function issuerWith(keys: readonly JsonObject[]) {
  const documents = new Map<string, unknown>([
    [metadataAt, { issuer, jwks_uri: keysAt }],
    [keysAt, { keys }],
  ]);
  const asked: string[] = [];
  const clock = fixedClock(instantOfSeconds(1_800_000_000));
  const fetchDocument = async (address: string): Promise<OutboundDocument> => {
    asked.push(address);
    const json = await documents.get(address);
    if (json === undefined) return { kind: 'failure', reason: 'ECONNREFUSED' };
    return { kind: 'document', json };
  };
  const foreign = openForeignKeys({ fetchDocument, clock });
  const find = async (keyId: string | undefined, algorithm: ForeignAlgorithm = 'RS256') => {
    const found = await foreign.find(issuer, keyId, algorithm);
    return 'problem' in found ? found : ('key' as const);
  };
  return { documents, asked, clock, find };
}

const unknownKey = { problem: 'unknownKey' };
const unreachable = { problem: 'unreachable', reason: 'metadata: ECONNREFUSED' };

test('keys are fetched once for many tokens, also for those that come together', async () => {
  const { asked, find } = issuerWith([one]);
  assert.deepEqual(await Promise.all([find('one'), find('one'), find('one')]), [
    'key',
    'key',
    'key',
  ]);
  assert.equal(await find('one'), 'key');
  assert.deepEqual(asked, [metadataAt, keysAt]);
});

test('a new key of the issuer is found at once', async () => {
  const { documents, find } = issuerWith([one]);
  assert.equal(await find('one'), 'key');
  documents.set(keysAt, { keys: [two] });
  assert.equal(await find('two'), 'key');
  assert.deepEqual(await find('one'), unknownKey);
});

test('keys that nobody has cost one fetch a minute', async () => {
  const { asked, clock, documents, find } = issuerWith([one]);
  assert.equal(await find('one'), 'key');
  for (const keyId of ['a', 'b', 'c']) assert.deepEqual(await find(keyId), unknownKey);
  assert.equal(asked.length, 4);
  documents.set(keysAt, { keys: [one, two] });
  assert.deepEqual(await find('two'), unknownKey);
  clock.advanceSeconds(60);
  assert.equal(await find('two'), 'key');
  assert.equal(asked.length, 6);
});

test('a withdrawn key ends within the hour', async () => {
  const { clock, documents, find } = issuerWith([one]);
  assert.equal(await find('one'), 'key');
  documents.set(keysAt, { keys: [two] });
  clock.advanceSeconds(3_599);
  assert.equal(await find('one'), 'key');
  clock.advanceSeconds(1);
  assert.deepEqual(await find('one'), unknownKey);
});

test('what an issuer published holds for a day while it cannot be reached, and no longer', async () => {
  const { clock, documents, find } = issuerWith([one]);
  assert.equal(await find('one'), 'key');
  documents.clear();
  clock.advanceSeconds(86_399);
  assert.equal(await find('one'), 'key');
  assert.deepEqual(await find('two'), unreachable);
  clock.advanceSeconds(1);
  assert.deepEqual(await find('one'), unreachable);
});

test('an issuer that does not answer is left alone for five seconds, and then found again', async () => {
  const { asked, clock, documents, find } = issuerWith([one]);
  const metadata = documents.get(metadataAt);
  documents.delete(metadataAt);
  assert.deepEqual(await find('one'), unreachable);
  assert.deepEqual(await find('one'), unreachable);
  assert.equal(asked.length, 1);
  documents.set(metadataAt, metadata);
  clock.advanceSeconds(5);
  assert.equal(await find('one'), 'key');
});

test('while an issuer that failed is asked again, its known keys hold without waiting', async () => {
  const { asked, clock, documents, find } = issuerWith([one]);
  assert.equal(await find('one'), 'key');
  const answer = Promise.withResolvers<unknown>();
  clock.advanceSeconds(3_600);
  documents.delete(metadataAt);
  assert.equal(await find('one'), 'key');
  clock.advanceSeconds(5);
  documents.set(metadataAt, answer.promise);
  assert.equal(await find('one'), 'key');
  assert.equal(await find('one'), 'key');
  assert.equal(asked.length, 4);
  documents.set(keysAt, { keys: [two] });
  answer.resolve({ issuer, jwks_uri: keysAt });
  assert.equal(await find('two'), 'key');
  assert.deepEqual(await find('one'), unknownKey);
});

test('a token without a key id is believed when the issuer has one key, and not when it has two', async () => {
  assert.equal(await openWithout([one]), 'key');
  assert.deepEqual(await openWithout([one, two]), unknownKey);
});

function openWithout(keys: readonly JsonObject[]) {
  return issuerWith(keys).find(undefined);
}

const refused: readonly (readonly [what: string, documents: Record<string, unknown>])[] = [
  ['metadata of another issuer', { [metadataAt]: { issuer: `${issuer}/`, jwks_uri: keysAt } }],
  ['metadata without an issuer', { [metadataAt]: { jwks_uri: keysAt } }],
  ['metadata without keys', { [metadataAt]: { issuer } }],
  ['metadata that is a list', { [metadataAt]: [issuer] }],
  ['keys that are no list', { [keysAt]: { keys: 'one' } }],
  ['no keys document', { [keysAt]: undefined }],
];

for (const [what, changed] of refused) {
  test(`an issuer with ${what} counts as unreachable`, async () => {
    const { documents, find } = issuerWith([one]);
    for (const [address, json] of Object.entries(changed)) documents.set(address, json);
    const found = await find('one');
    assert.equal(found === 'key' ? found : found.problem, 'unreachable');
  });
}

const useless: readonly (readonly [what: string, jwk: JsonObject])[] = [
  ['for encryption', { ...one, use: 'enc' }],
  ['for wrapping other keys', { ...one, key_ops: ['wrapKey'] }],
  ['whose purposes are no list', { ...one, key_ops: 'verify' }],
  ['of an algorithm that nobody knows', { ...one, alg: 'RS1' }],
  ['of a shared secret', { ...one, alg: 'HS256' }],
  ['of 1024 bits', { ...short, kid: 'one' }],
  ['that is symmetric', { kty: 'oct', k: 'c2VjcmV0', kid: 'one' }],
  ['of a curve that nothing signs with', { ...ecJwk('secp256k1'), kid: 'one' }],
  ['beside its curve', { ...ecJwk(), x: ecJwk()['x'] ?? '', kid: 'one' }],
  ['that cannot be read', { kty: 'RSA', n: '', e: '', kid: 'one' }],
  ['whose name is none', { ...one, kid: 7 }],
];

for (const [what, jwk] of useless) {
  test(`a key ${what} verifies nothing`, async () => {
    for (const algorithm of ['RS256', 'ES256'] as const) {
      assert.deepEqual(await issuerWith([jwk]).find('one', algorithm), unknownKey);
    }
  });
}

const unfit: readonly (readonly [what: string, jwk: JsonObject, algorithm: ForeignAlgorithm])[] = [
  ['of one RSA algorithm', { ...one, alg: 'PS256' }, 'RS256'],
  ['of RSA', one, 'ES256'],
  ['of an elliptic curve', { ...ecJwk(), kid: 'one' }, 'RS256'],
  ['of one curve', { ...ecJwk(), kid: 'one' }, 'ES384'],
];

for (const [what, jwk, algorithm] of unfit) {
  test(`a key ${what} is not taken for ${algorithm}, and not looked for again`, async () => {
    const { asked, find } = issuerWith([jwk]);
    assert.deepEqual(await find('one', algorithm), { problem: 'unfitKey' });
    assert.deepEqual(await find('one', algorithm), { problem: 'unfitKey' });
    assert.equal(asked.length, 2);
  });
}

test('two keys of one id are told apart by what they sign, and are none when they sign the same', async () => {
  const both = issuerWith([one, { ...ecJwk(), kid: 'one' }]);
  assert.equal(await both.find('one', 'RS256'), 'key');
  assert.equal(await both.find('one', 'ES256'), 'key');
  assert.equal(await both.find(undefined, 'ES256'), 'key');
  assert.deepEqual(await issuerWith([one, { ...two, kid: 'one' }]).find('one'), unknownKey);
});

function ecJwk(namedCurve = 'P-256'): JsonObject {
  const made: { readonly publicKey: KeyObject } = generateKeyPairSync('ec', { namedCurve });
  return made.publicKey.export({ format: 'jwk' }) as JsonObject;
}
