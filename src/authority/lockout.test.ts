import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSeconds, instantOfSeconds } from '#kernel/instant.ts';
import {
  afterFailure,
  failureMarkOf,
  failuresMax,
  firstLockSeconds,
  isLocked,
  noFailures,
  type SignInFailures,
} from './lockout.ts';

const now = instantOfSeconds(1_800_000_000);

function afterDifferent(count: number, failures: SignInFailures = noFailures): SignInFailures {
  const marks = Array.from({ length: count }, (_, index) => `mark ${failures.count + index}`);
  return marks.reduce((before, mark) => afterFailure(before, mark, now), failures);
}

test('ten different wrong passwords lock, nine do not', () => {
  assert.equal(isLocked(afterDifferent(failuresMax - 1), now), false);
  const locked = afterDifferent(failuresMax);
  assert.equal(isLocked(locked, addSeconds(now, firstLockSeconds - 1)), true);
  assert.equal(isLocked(locked, addSeconds(now, firstLockSeconds)), false);
});

test('the same wrong password fifty times counts once, and so do the last three in turn', () => {
  let failures = noFailures;
  for (let count = 0; count < 50; count++) failures = afterFailure(failures, 'same', now);
  assert.equal(failures.count, 1);
  for (let count = 0; count < 50; count++) failures = afterFailure(failures, `${count % 3}`, now);
  assert.equal(failures.count, 4);
});

test('each lock is twice as long as the one before, up to an hour', () => {
  const secondsOf = (count: number) => ((afterDifferent(count).lockedUntil ?? 0) - now) / 1_000_000;
  const counts = [failuresMax, failuresMax + 1, failuresMax + 2, failuresMax + 20];
  assert.deepEqual(counts.map(secondsOf), [60, 120, 240, 3600]);
});

test('the mark of a wrong password is the same beside one stored hash alone, and tells little', () => {
  assert.equal(failureMarkOf('hash', 'guess'), failureMarkOf('hash', 'guess'));
  assert.notEqual(failureMarkOf('hash', 'guess'), failureMarkOf('other', 'guess'));
  assert.match(failureMarkOf(undefined, 'guess'), /^[0-9a-f]{4}$/);
});
