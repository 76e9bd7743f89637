import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFetchTurns } from './fetch-turns.ts';

const limits = { runningMax: 3, runningPerHostMax: 2, waitingMax: 2 };
const patient = new AbortController().signal;

/** Whether a promise has an answer once everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<'later'>((resolve) => setImmediate(() => resolve('later')));
  return (await Promise.race([promise, turn])) !== 'later';
}

test('as many fetches run as there are places, and as many wait as may', async () => {
  const { take } = openFetchTurns(limits);
  for (const host of ['a', 'b', 'c']) assert.ok(await take(host, patient));
  const waiting = [take('d', patient), take('e', patient)];
  for (const one of waiting) assert.equal(await isSettled(one), false);
  assert.equal(await take('f', patient), undefined);
});

test('a place that is given back goes to who waited longest', async () => {
  const { take } = openFetchTurns(limits);
  const [giveBack] = await Promise.all(['a', 'b', 'c'].map((host) => take(host, patient)));
  const [first, second] = [take('d', patient), take('e', patient)];
  giveBack?.();
  assert.ok(await first);
  assert.equal(await isSettled(second), false);
});

test('one host does not take every place, and does not stand in the way of another', async () => {
  const { take } = openFetchTurns(limits);
  const slow = [await take('slow', patient), await take('slow', patient)];
  const third = take('slow', patient);
  assert.equal(await isSettled(third), false);
  const other = await take('other', patient);
  assert.ok(other);
  other();
  assert.equal(await isSettled(third), false);
  slow[0]?.();
  assert.ok(await third);
});

test('who gives up waiting leaves the queue, and takes no place later', async () => {
  const { take } = openFetchTurns({ ...limits, runningMax: 1, waitingMax: 1 });
  const giveBack = await take('a', patient);
  const impatient = new AbortController();
  const lost = take('b', impatient.signal);
  impatient.abort(new Error('too late'));
  await assert.rejects(lost, /too late/);
  const next = take('c', patient);
  giveBack?.();
  assert.ok(await next);
  assert.equal(await isSettled(take('d', patient)), false);
});
