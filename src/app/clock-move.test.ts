import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CivilTime, civilAt, unmovedCivilTime } from '#kernel/clock.ts';
import { type Instant, instantOfSeconds, isoOf, parseInstant } from '#kernel/instant.ts';
import { clockMoveOf, movedCivilTime } from './clock-move.ts';
import { StartRefusal } from './faults.ts';

const real = instantOfSeconds(1_800_000_000);

function at(text: string): Instant {
  const found = parseInstant(text);
  assert.ok(found !== undefined);
  return found;
}

const durations: readonly (readonly [text: string, seconds: number])[] = [
  ['61m', 3660],
  ['2h30m', 9000],
  ['90s', 90],
  ['1d', 86_400],
  ['1d2h3m4s', 93_784],
  ['0s', 0],
  ['PT61M', 3660],
  ['P1DT2H', 93_600],
  ['PT0.5S', 0.5],
];

test('a duration is read as people write it, and as ISO 8601', () => {
  for (const [text, seconds] of durations) {
    const move = clockMoveOf('advance', text);
    assert.deepEqual(move, { kind: 'advance', microseconds: seconds * 1_000_000 }, text);
  }
});

const misspelled: readonly (readonly [kind: string, value?: string])[] = [
  ['advance'],
  ['advance', ''],
  ['advance', '61'],
  ['advance', '-5m'],
  ['advance', '5m2h'],
  ['advance', '1.5h'],
  ['advance', 'P10675199DT2H48M5.4775807S'],
  ['set'],
  ['set', 'tomorrow'],
  ['set', '2027-01-01T00:00:00'],
  ['set', '2027-13-01T00:00:00Z'],
  ['freeze', 'now'],
  ['reset', '0'],
  ['rewind', '5m'],
];

test('what cannot be read is refused as wrong usage', () => {
  for (const [kind, value] of misspelled) {
    assert.throws(
      () => clockMoveOf(kind, value),
      (error) => error instanceof StartRefusal && error.exitCode === 2,
      `${kind} ${value}`,
    );
  }
});

/** Where civil time is after these moves, all at one real instant. */
function after(...moves: readonly (readonly [kind: string, value?: string])[]): CivilTime {
  let time = unmovedCivilTime;
  for (const [kind, value] of moves) {
    const next = movedCivilTime(time, clockMoveOf(kind, value), real);
    assert.ok(!(next instanceof StartRefusal));
    time = next;
  }
  return time;
}

test('a moved clock goes on, a frozen one stands, and reset is the machine’s time again', () => {
  const ahead = after(['advance', '1h'], ['advance', '1m']);
  assert.deepEqual(ahead, { kind: 'moving', aheadMicroseconds: 3_660_000_000 });
  const back = after(['advance', '1h'], ['set', '2026-01-01']);
  assert.equal(isoOf(civilAt(back, real)), '2026-01-01T00:00:00Z');
  assert.equal(back.kind, 'moving');
  assert.deepEqual(after(['freeze']), { kind: 'frozen', at: real });
  const set = after(['freeze'], ['set', '2027-01-01T01:00:00+01:00'], ['advance', '90s']);
  assert.deepEqual(set, { kind: 'frozen', at: at('2027-01-01T00:01:30Z') });
  const resumed = after(['freeze'], ['advance', '1h'], ['resume']);
  assert.deepEqual(resumed, { kind: 'moving', aheadMicroseconds: 3_600_000_000 });
  assert.deepEqual(after(['advance', '1h'], ['freeze'], ['reset']), unmovedCivilTime);
});

test('a clock is moved within two centuries only', () => {
  for (const [kind, value] of [
    ['set', '1999-12-31T23:59:59Z'],
    ['set', '2200-01-01T00:00:00Z'],
    ['advance', '100000d'],
  ] as const) {
    const next = movedCivilTime(unmovedCivilTime, clockMoveOf(kind, value), real);
    assert.ok(next instanceof StartRefusal, value);
  }
});
