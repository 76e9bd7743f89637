import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { clouds } from '#cloud/cloud.ts';
import { fixedClock } from '#kernel/clock.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { openSigningKeys } from './keys.ts';
import { listSigningKeys } from './signing-key.store.ts';
import { openStore } from './world.test.ts';

test('each cloud has one RSA key of its own, whose certificate stands in x5c', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  const random = seededRandom('keys');
  const clock = fixedClock(instantOfSeconds(1_795_251_600));
  const seal = sealWith(random.bytes(32), random);
  const keys = await openSigningKeys({ store, seal, random, clock });
  const ids = new Set<string>();
  for (const cloud of clouds) {
    const [jwk, ...others] = keys.jwks(cloud.name);
    assert.ok(jwk !== undefined && others.length === 0);
    const certificate = new X509Certificate(Buffer.from(jwk.x5c[0], 'base64'));
    const thumbprint = Buffer.from(certificate.fingerprint.replaceAll(':', ''), 'hex');
    assert.equal(jwk.kid, thumbprint.toString('base64url'));
    assert.equal(jwk.x5t, jwk.kid);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
    assert.ok(certificate.verify(certificate.publicKey));
    assert.equal(certificate.publicKey.export({ format: 'jwk' }).n, jwk.n);
    assert.equal(keys.signingKey(cloud.name).keyId, jwk.kid);
    ids.add(jwk.kid);
  }
  assert.equal(ids.size, clouds.length);
});

test('a second start, or a second server, finds the keys of the first', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  const random = seededRandom('keys');
  const clock = fixedClock(instantOfSeconds(1_795_251_600));
  const seal = sealWith(random.bytes(32), random);
  const parts = { store, seal, random, clock };
  const [one, other] = await Promise.all([openSigningKeys(parts), openSigningKeys(parts)]);
  const later = await openSigningKeys(parts);
  for (const { name } of clouds) {
    assert.deepEqual(other.jwks(name), one.jwks(name));
    assert.deepEqual(later.jwks(name), one.jwks(name));
  }
});

test('the private keys lie sealed, and another sealing key does not open them', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  const random = seededRandom('keys');
  const clock = fixedClock(instantOfSeconds(1_795_251_600));
  const parts = { store, random, clock };
  await openSigningKeys({ ...parts, seal: sealWith(random.bytes(32), random) });
  for (const row of await store.read(listSigningKeys)) {
    assert.ok(!Buffer.from(row.sealedPrivateKey, 'base64url').includes('PRIVATE KEY'));
  }
  const seal = sealWith(random.bytes(32), random);
  await assert.rejects(openSigningKeys({ ...parts, seal }));
});
