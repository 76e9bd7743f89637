import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock } from '#kernel/clock.ts';
import { instant } from '#kernel/instant.ts';
import { limiterKeysMax, openLimiter } from './limiter.ts';

const start = instant(1_000_000_000);

test('a burst is let through, then as much as comes back with time', () => {
  const clock = fixedClock(start);
  const limiter = openLimiter({ burst: 3, perSecond: 0.5 }, clock);
  assert.deepEqual(
    [1, 2, 3].map(() => limiter.take('a')),
    [0, 0, 0],
  );
  assert.equal(limiter.take('a'), 2);
  clock.advanceSeconds(1);
  assert.equal(limiter.take('a'), 1, 'a refused try takes nothing');
  clock.advanceSeconds(1);
  assert.equal(limiter.take('a'), 0);
  assert.equal(limiter.take('a'), 2);
});

test('each key counts by itself, and words are not glued together', () => {
  const limiter = openLimiter({ burst: 1, perSecond: 1 }, fixedClock(start));
  assert.equal(limiter.take('a', 'bc'), 0);
  assert.equal(limiter.take('ab', 'c'), 0);
  assert.equal(limiter.take('a', 'bc'), 1);
});

test('what was given back can be taken again', () => {
  const limiter = openLimiter({ burst: 1, perSecond: 1 }, fixedClock(start));
  assert.equal(limiter.take('a'), 0);
  limiter.giveBack('a');
  assert.equal(limiter.take('a'), 0);
  assert.equal(limiter.take('a'), 1);
});

test('the key that was silent the longest is forgotten when there are too many', () => {
  const limiter = openLimiter({ burst: 1, perSecond: 0.001 }, fixedClock(start));
  limiter.take('first');
  limiter.take('second');
  for (let i = 2; i < limiterKeysMax; i++) limiter.take(`other ${i}`);
  assert.ok(
    limiter.take('first') > 0,
    'nothing is forgotten yet, and the first is the youngest now',
  );
  limiter.take('one more');
  assert.ok(limiter.take('first') > 0);
  assert.equal(limiter.take('second'), 0, 'the second was forgotten');
});
