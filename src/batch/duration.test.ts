import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration, unboundedDuration } from './duration.ts';

const hour = 3_600_000;
const day = 24 * hour;

const written: readonly (readonly [text: string, milliseconds: number, back: string])[] = [
  ['PT15M', hour / 4, 'PT15M'],
  ['PT0H20M', hour / 3, 'PT20M'],
  ['PT20M00S', hour / 3, 'PT20M'],
  ['P1D', day, 'P1D'],
  ['P2W', 14 * day, 'P14D'],
  // Recorded: Azure counts 365 days a year and 30 a month.
  ['P3Y6M4DT12H30M5S', 1279 * day + 12.5 * hour + 5000, 'P1279DT12H30M5S'],
  ['PT90S', 90_000, 'PT1M30S'],
  ['PT0.5S', 500, 'PT0.5S'],
  ['PT0S', 0, 'PT0S'],
];

for (const [text, milliseconds, back] of written) {
  test(`the duration ${text} is written back as ${back}`, () => {
    assert.equal(parseDuration(text), milliseconds);
    assert.equal(formatDuration(milliseconds), back);
  });
}

test('the longest duration of .NET has no end', () => {
  assert.equal(parseDuration(unboundedDuration), 'unbounded');
  assert.equal(formatDuration('unbounded'), unboundedDuration);
});

for (const text of ['', 'P', 'PT', 'P1DT', '-PT1M', '15', 'PT1', 'PT1M2', '1D', 'P1S']) {
  test(`"${text}" is no duration`, () => {
    assert.equal(parseDuration(text), undefined);
  });
}

test('a duration longer than the longest that .NET knows is none', () => {
  for (const text of [
    'P10675199DT2H48M5.478S',
    'P10675200D',
    'PT99999999999999999999S',
    'P99999Y',
  ]) {
    assert.equal(parseDuration(text), undefined, text);
  }
  assert.equal(parseDuration('P10675199DT2H48M5.476S'), 922_337_203_685_476);
});
