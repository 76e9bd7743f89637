import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addSeconds, type Instant, parseInstant } from '#kernel/instant.ts';
import type { ReadTransaction } from '#store/store.ts';
import {
  addDeviceCode,
  answerDeviceCode,
  type DeviceApproval,
  type DeviceCode,
  deviceCodeLifetimeSeconds,
  deviceCodesMax,
  findDeviceCode,
  findDeviceCodeOfUser,
  takeDeviceCode,
} from './device-code.store.ts';
import { opaqueHashOf } from './opaque-text.ts';
import { findSpentGrant } from './spent-grant.store.ts';
import { openStore, reachOf } from './world.test.ts';

const start = parseInstant('2026-11-21T09:00:00Z');
assert.ok(start !== undefined);
const now: Instant = start;
const expiresAt = addSeconds(now, deviceCodeLifetimeSeconds);
const texts = { deviceCode: 'device', userCode: 'USER' };
const codeHash = opaqueHashOf(texts.deviceCode);
const facts: DeviceCode = {
  endpoint: 'v2',
  tenantName: 'organizations',
  clientId: 'client',
  scope: 'openid',
  reach: reachOf('https://login.microsoftonline.com'),
  remoteAddress: '127.0.0.1',
  expiresAt,
};
const approval: DeviceApproval = {
  grantId: 'grant',
  tenantId: 'tenant',
  userId: 'user',
  authenticatedAt: now,
  passwordMark: 'mark',
  sessionId: 'session',
};
const approved = { kind: 'approved', ...approval } as const;
const declined = { kind: 'declined' } as const;

/** A store in which one device waits. */
async function openWaiting(t: TestContext) {
  const { store, remove } = await openStore();
  t.after(remove);
  await store.write((tx) => addDeviceCode(tx, texts, facts, now));
  const find = () => store.read((tx) => findDeviceCode(tx, texts.deviceCode));
  return { store, find };
}

test('a device code is found by either code, and neither text is stored', async (t) => {
  const { store, find } = await openWaiting(t);
  const waiting = { codeHash, facts, answer: undefined };
  assert.deepEqual(await find(), waiting);
  assert.deepEqual(await store.read((tx) => findDeviceCodeOfUser(tx, texts.userCode)), waiting);
  const swapped = (tx: ReadTransaction) => findDeviceCode(tx, texts.userCode);
  assert.equal(await store.read(swapped), undefined);
  const all = { name: 'test.deviceCode', sql: 'SELECT * FROM device_code' };
  const stored = JSON.stringify(await store.read((tx) => tx.all(all)));
  assert.ok(!stored.includes(`"${texts.deviceCode}"`) && !stored.includes(texts.userCode));
});

test('the first answer counts, and none that comes too late', async (t) => {
  const { store, find } = await openWaiting(t);
  const answer = (given: typeof approved | typeof declined, at: Instant) =>
    store.write((tx) => answerDeviceCode(tx, codeHash, given, at));
  assert.equal(await answer(approved, expiresAt), false);
  assert.equal((await find())?.answer, undefined);
  assert.equal(await answer(declined, now), true);
  assert.equal(await answer(approved, now), false);
  assert.deepEqual((await find())?.answer, declined);
});

test('only an approved device code is taken, once, and it is remembered as spent', async (t) => {
  const { store, find } = await openWaiting(t);
  const take = () => store.write((tx) => takeDeviceCode(tx, codeHash));
  const spent = () => store.read((tx) => findSpentGrant(tx, codeHash));
  assert.equal(await take(), undefined);
  assert.ok((await find()) !== undefined);
  assert.equal(await spent(), undefined);
  await store.write((tx) => answerDeviceCode(tx, codeHash, approved, now));
  assert.deepEqual(await take(), { facts, approval });
  assert.equal(await take(), undefined);
  assert.equal(await find(), undefined);
  assert.equal(await spent(), approval.grantId);
});

test('an expired device code is kept for as long again, and then forgotten', async (t) => {
  const { store, find } = await openWaiting(t);
  const addAt = (seconds: number, name: string) => {
    const at = addSeconds(now, seconds);
    const other = { deviceCode: name, userCode: name };
    return store.write((tx) => addDeviceCode(tx, other, { ...facts, expiresAt: at }, at));
  };
  await addAt(2 * deviceCodeLifetimeSeconds - 1, 'second');
  assert.ok((await find()) !== undefined);
  await addAt(2 * deviceCodeLifetimeSeconds, 'third');
  assert.equal(await find(), undefined);
});

test('only so many codes of one application wait for one network, and only so many in all', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  let count = 0;
  const add = (change: Partial<DeviceCode>, times = 1, at = now) =>
    store.write(async (tx) => {
      let isAdded = true;
      for (let nth = 0; nth < times; nth++) {
        const name = `${count++}`;
        const all = { ...facts, expiresAt: addSeconds(at, deviceCodeLifetimeSeconds), ...change };
        isAdded &&= await addDeviceCode(tx, { deviceCode: name, userCode: name }, all, at);
      }
      return isAdded;
    });
  const rows = { name: 'test.deviceCodes', sql: 'SELECT count(*) AS n FROM device_code' };
  const kept = async () => (await store.read((tx) => tx.one<{ n: number }>(rows)))?.n;
  const { ofAsker, total } = deviceCodesMax;
  const [first, second] = ['2001:db8::1', '2001:db8::ffff:2'];
  assert.equal(await add({ remoteAddress: first }, ofAsker), true);
  assert.equal(await add({ remoteAddress: first }), false);
  assert.equal(await add({ remoteAddress: second, clientId: 'CLIENT' }), false, 'one subscriber');
  assert.equal(await kept(), ofAsker);
  assert.equal(await add({ remoteAddress: first, clientId: 'other' }), true);
  for (let network = 0; network < total / ofAsker; network++) {
    await add({ remoteAddress: `10.0.0.${network}` }, ofAsker);
  }
  assert.equal(await kept(), total);
  assert.equal(await add({ remoteAddress: '10.9.9.9' }), false, 'it is full');
  const later = addSeconds(now, 2 * deviceCodeLifetimeSeconds);
  assert.equal(await add({ remoteAddress: first }, 1, later), true);
  assert.equal(await kept(), 1);
});
