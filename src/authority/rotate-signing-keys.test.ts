import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { clouds } from '#cloud/cloud.ts';
import { type FixedClock, fixedClock } from '#kernel/clock.ts';
import { addSeconds, instantOfSeconds, secondsOf } from '#kernel/instant.ts';
import { type Random, seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { readAccessToken, signAccessToken } from './access-token.ts';
import { openSigningKeys, type SigningKeyParts, type SigningKeys } from './keys.ts';
import { rotateSigningKeys, tendSigningKeys } from './rotate-signing-keys.ts';
import { listSigningKeys, removeSigningKey } from './signing-key.store.ts';
import { announcedSeconds, retiredSeconds, signingSeconds } from './signing-key-schedule.ts';
import { openStore } from './world.test.ts';

const cloud = 'public';
const hour = 3600;

interface KeyWorld extends SigningKeyParts {
  readonly clock: FixedClock;
  readonly random: Random;
  readonly keys: SigningKeys;
}

async function openKeyWorld(t: TestContext): Promise<KeyWorld> {
  const { store, remove } = await openStore();
  t.after(remove);
  const random = seededRandom('rotation');
  const clock = fixedClock(instantOfSeconds(1_795_251_600));
  const parts = { store, seal: sealWith(random.bytes(32), random), random, clock };
  const keys = await openSigningKeys(parts);
  clock.advanceSeconds(1);
  return { ...parts, keys };
}

function tokenOf({ keys, clock }: KeyWorld): Promise<string> {
  const nbf = secondsOf(clock.civil());
  const claims = { aud: 'a', iss: 'i', tid: 't', oid: 'o', appid: 'p', nbf, exp: nbf + 86_400 };
  return signAccessToken(claims, 1, keys.signingKey(cloud));
}

const idsOf = (keys: SigningKeys): readonly string[] => keys.jwks(cloud).map(({ kid }) => kid);

test("over half a year no token is ever signed with a key that yesterday's readers do not know", async (t) => {
  const world = await openKeyWorld(t);
  const { keys, clock } = world;
  let readADayAgo = idsOf(keys);
  const signers = new Set<string>();
  let live: readonly { readonly text: string; readonly signedDay: number }[] = [];
  for (let day = 0; day < 183; day++) {
    const now = idsOf(keys);
    for (const part of [0, 1, 2, 3]) {
      const { keyId } = keys.signingKey(cloud);
      signers.add(keyId);
      assert.ok(readADayAgo.includes(keyId), `day ${day}.${part}: ${keyId} came as a surprise`);
      await tendSigningKeys(world);
      clock.advanceSeconds(6 * hour);
    }
    live = [...live.filter(({ signedDay }) => day - signedDay <= 1)];
    for (const { text } of live) {
      assert.equal(readAccessToken(text, { keys, cloud }).kind, 'token', `day ${day}`);
    }
    live = [...live, { text: await tokenOf(world), signedDay: day + 1 }];
    readADayAgo = now;
  }
  assert.equal(signers.size, 5);
  assert.ok(idsOf(keys).length <= 3);
});

test('a key that is asked for is published two days before it signs', async (t) => {
  const world = await openKeyWorld(t);
  const { keys, clock } = world;
  const old = keys.signingKey(cloud).keyId;
  const rotated = await rotateSigningKeys(world, 'announced');
  assert.deepEqual(
    rotated.map((one) => one.cloud),
    clouds.map(({ name }) => name),
  );
  const [{ keyId, signsFrom } = assert.fail()] = rotated;
  assert.equal(signsFrom, addSeconds(clock.civil(), announcedSeconds));
  assert.equal(keys.signingKey(cloud).keyId, old);
  assert.deepEqual(idsOf(keys), [old, keyId]);
  assert.deepEqual(await rotateSigningKeys(world, 'announced'), rotated);
  clock.advanceSeconds(announcedSeconds);
  assert.equal(keys.signingKey(cloud).keyId, keyId);
});

test('a key that signs at once leaves every token good, and the announced one is taken', async (t) => {
  const world = await openKeyWorld(t);
  const { keys, clock } = world;
  const before = await tokenOf(world);
  const [{ keyId: announced } = assert.fail()] = await rotateSigningKeys(world, 'announced');
  const [{ keyId, signsFrom } = assert.fail()] = await rotateSigningKeys(world, 'atOnce');
  assert.deepEqual([keyId, signsFrom], [announced, clock.civil()]);
  assert.equal(keys.signingKey(cloud).keyId, keyId);
  const after = await tokenOf(world);
  for (const token of [before, after]) {
    assert.equal(readAccessToken(token, { keys, cloud }).kind, 'token');
  }
  clock.advanceSeconds(1);
  const [{ keyId: second } = assert.fail()] = await rotateSigningKeys(world, 'atOnce');
  assert.notEqual(second, keyId);
});

test('a retired key is removed when its last token has expired, and then means nothing', async (t) => {
  const world = await openKeyWorld(t);
  const { keys, clock } = world;
  const token = await tokenOf(world);
  const old = keys.signingKey(cloud).keyId;
  await rotateSigningKeys(world, 'atOnce');
  clock.advanceSeconds(retiredSeconds - 1);
  await tendSigningKeys(world);
  assert.ok(idsOf(keys).includes(old));
  clock.advanceSeconds(1);
  await tendSigningKeys(world);
  assert.ok(!idsOf(keys).includes(old));
  const fresh = await openSigningKeys(world);
  const read = readAccessToken(token, { keys: fresh, cloud });
  assert.ok(read.kind === 'problem');
  assert.equal(read.problem, 'unknownKey');
});

test('another process sees a rotation within half a second', async (t) => {
  const world = await openKeyWorld(t);
  const other = await openSigningKeys(world);
  const [{ keyId } = assert.fail()] = await rotateSigningKeys(world, 'atOnce');
  await other.refreshed();
  assert.notEqual(other.signingKey(cloud).keyId, keyId);
  world.clock.advanceSeconds(0.5);
  await other.refreshed();
  assert.equal(other.signingKey(cloud).keyId, keyId);
});

test('two servers that tend at once announce one key', async (t) => {
  const world = await openKeyWorld(t);
  world.clock.advanceSeconds(signingSeconds);
  const other = { ...world, keys: await openSigningKeys(world) };
  await Promise.all([tendSigningKeys(world), tendSigningKeys(other)]);
  assert.equal(idsOf(world.keys).length, 2);
  assert.deepEqual(idsOf(other.keys), idsOf(world.keys));
});

test('keys that were lost are not replaced in silence, and a live server goes on with them', async (t) => {
  const world = await openKeyWorld(t);
  const { keys } = world;
  const token = await tokenOf(world);
  const stored = await world.store.read(listSigningKeys);
  await world.store.write(async (tx) => {
    for (const key of stored) await removeSigningKey(tx, key);
  });
  await assert.rejects(openSigningKeys(world), /are gone from the database/);
  assert.deepEqual(await world.store.read(listSigningKeys), []);
  world.clock.advanceSeconds(1);
  await keys.refreshed();
  assert.equal(readAccessToken(token, { keys, cloud }).kind, 'token');
  assert.equal(readAccessToken(await tokenOf(world), { keys, cloud }).kind, 'token');
});
