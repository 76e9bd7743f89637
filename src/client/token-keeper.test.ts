import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '#kernel/clock.ts';
import { addSeconds, instantOfSeconds } from '#kernel/instant.ts';
import { keepToken, renewalSeconds, restSeconds } from './token-keeper.ts';

const start = instantOfSeconds(1_800_000_000);
const lifetimeSeconds = 3600;

/** A keeper whose tokens are called after how often one was asked for, and live an hour. */
function open() {
  const clock = fixedClock(start);
  const asked: boolean[] = [];
  const state = { fails: false };
  const tokens = keepToken(async (isRefused) => {
    asked.push(isRefused);
    if (state.fails) throw new Error(`refused ${asked.length}`);
    const text = `token-${asked.length}`;
    return { text, expiresAt: addSeconds(clock.real(), lifetimeSeconds) };
  }, clock);
  return { clock, asked, state, tokens };
}

const steps: readonly (readonly [what: string, afterSeconds: number, requests: number])[] = [
  ['a young token is kept', 1, 1],
  ['a token is kept until its renewal is due', lifetimeSeconds - renewalSeconds - 1, 1],
  ['a token is renewed before its end', lifetimeSeconds - renewalSeconds, 2],
  ['a token that has ended is renewed', lifetimeSeconds, 2],
];

for (const [what, afterSeconds, requests] of steps) {
  test(what, async () => {
    const { clock, asked, tokens } = open();
    await tokens();
    clock.advanceSeconds(afterSeconds);
    assert.equal(await tokens(), `token-${requests}`);
    assert.deepEqual(asked, Array(requests).fill(false));
  });
}

test('a hundred callers at once share one request, at the first token and at its renewal', async () => {
  const { clock, asked, tokens } = open();
  const hundred = () => Promise.all(Array.from({ length: 100 }, () => tokens()));
  assert.deepEqual(new Set(await hundred()), new Set(['token-1']));
  clock.advanceSeconds(lifetimeSeconds);
  assert.deepEqual(new Set(await hundred()), new Set(['token-2']));
  assert.equal(asked.length, 2);
});

test('a refusal is told to all who waited for it, by one request, and the next call asks again', async () => {
  const { asked, state, tokens } = open();
  state.fails = true;
  const told = await Promise.allSettled(Array.from({ length: 100 }, async () => tokens()));
  const reasons = told.map((one) => (one.status === 'rejected' ? one.reason.message : 'given'));
  assert.deepEqual(new Set(reasons), new Set(['refused 1']));
  assert.equal(asked.length, 1);
  state.fails = false;
  assert.equal(await tokens(), 'token-2');
});

test('a renewal ahead of time that fails leaves the old token, and rests', async () => {
  const { clock, asked, state, tokens } = open();
  await tokens();
  clock.advanceSeconds(lifetimeSeconds - renewalSeconds);
  state.fails = true;
  assert.deepEqual([await tokens(), await tokens(), asked.length], ['token-1', 'token-1', 2]);
  clock.advanceSeconds(restSeconds);
  state.fails = false;
  assert.equal(await tokens(), 'token-3');
});

test('when the old token has ended too, the failure is told', async () => {
  const { clock, state, tokens } = open();
  await tokens();
  state.fails = true;
  clock.advanceSeconds(lifetimeSeconds);
  await assert.rejects(async () => tokens(), /refused 2/);
});

test('a token that a service refused is replaced once, for all who hold it', async () => {
  const { asked, tokens } = open();
  const old = await tokens();
  const replaced = await Promise.all(Array.from({ length: 100 }, () => tokens(old)));
  assert.deepEqual(new Set(replaced), new Set(['token-2']));
  assert.equal(await tokens(old), 'token-2', 'who comes late gets what is there');
  assert.deepEqual(asked, [false, true]);
});

test('a replacement that is refused too is not replaced again at once', async () => {
  const { clock, asked, tokens } = open();
  const second = await tokens(await tokens());
  assert.equal(await tokens(second), second);
  clock.advanceSeconds(restSeconds);
  assert.equal(await tokens(second), 'token-3');
  assert.equal(asked.length, 3);
});

test('a replacement that fails is told, although the old token has not ended', async () => {
  const { state, tokens } = open();
  const old = await tokens();
  state.fails = true;
  await assert.rejects(async () => tokens(old), /refused 2/);
});
