import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSeconds, type Instant, instantOfSeconds } from '#kernel/instant.ts';
import {
  announcedSeconds,
  askedKeyStart,
  currentKey,
  dueKeyStart,
  outlivedKeys,
  retiredSeconds,
  type ScheduledKey,
  signingSeconds,
} from './signing-key-schedule.ts';

const day = 24 * 3600;
const begin = instantOfSeconds(1_800_000_000);
const after = (seconds: number): Instant => addSeconds(begin, seconds);
const key = (keyId: string, seconds: number): ScheduledKey => ({
  keyId,
  signsFrom: after(seconds),
});

const keys = [key('old', 0), key('present', signingSeconds), key('coming', 2 * signingSeconds)];

const signers: readonly (readonly [when: string, seconds: number, keyId: string])[] = [
  ['before all of them', -day, 'old'],
  ['when the first begins', 0, 'old'],
  ['just before the second begins', signingSeconds - 1, 'old'],
  ['when the second begins', signingSeconds, 'present'],
  ['long after the last began', 9 * signingSeconds, 'coming'],
];

for (const [when, seconds, keyId] of signers) {
  test(`${when} the ${keyId} key signs`, () => {
    assert.equal(currentKey(keys, after(seconds))?.keyId, keyId);
  });
}

test('where there is no key none signs', () => {
  assert.equal(currentKey([], begin), undefined);
});

test('a key is made when the newest has less time left than a key is announced for', () => {
  const young = after(signingSeconds - announcedSeconds - 1);
  assert.equal(dueKeyStart([key('only', 0)], young), undefined);
  const due = after(signingSeconds - announcedSeconds);
  assert.equal(dueKeyStart([key('only', 0)], due), after(signingSeconds));
  assert.equal(dueKeyStart([], due), undefined);
});

test('a clock that jumps half a year leaves the key its announcement', () => {
  const jumped = after(183 * day);
  assert.equal(dueKeyStart([key('only', 0)], jumped), addSeconds(jumped, announcedSeconds));
});

test('a key that is asked for begins after every other, also when the clock was set back', () => {
  assert.equal(askedKeyStart(keys, begin, 'atOnce'), after(2 * signingSeconds) + 1);
  const later = after(3 * signingSeconds);
  assert.equal(askedKeyStart(keys, later, 'atOnce'), later);
  assert.equal(askedKeyStart(keys, later, 'announced'), addSeconds(later, announcedSeconds));
});

test('a key stays until its last token has expired, and the newest always', () => {
  const last = signingSeconds + retiredSeconds;
  assert.deepEqual(outlivedKeys(keys, after(last - 1)), []);
  assert.deepEqual(outlivedKeys(keys, after(last)), [keys[0]]);
  assert.deepEqual(outlivedKeys([key('only', 0)], after(100 * last)), []);
  assert.ok(retiredSeconds > day);
});
