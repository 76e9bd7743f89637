import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addSeconds,
  etagOf,
  httpDateOf,
  type Instant,
  instant,
  isoOf,
  isoSevenDigits,
  parseInstant,
  secondsOf,
} from './instant.ts';

const read = (text: string): Instant => {
  const at = parseInstant(text);
  assert.ok(at !== undefined, text);
  return at;
};

test('an instant is written as Azure writes JSON dates: trailing zeros of the fraction are cut', () => {
  const rows: readonly [text: string, written: string][] = [
    ['2025-01-16T18:46:31Z', '2025-01-16T18:46:31Z'],
    ['2025-01-16T18:46:31.5000000Z', '2025-01-16T18:46:31.5Z'],
    ['2025-01-16T18:46:31.1234567Z', '2025-01-16T18:46:31.123456Z'],
    ['2025-01-16T19:46:31.25+01:00', '2025-01-16T18:46:31.25Z'],
    ['Thu, 16 Jan 2025 18:46:31 GMT', '2025-01-16T18:46:31Z'],
    ['1969-12-31T23:59:59.75Z', '1969-12-31T23:59:59.75Z'],
  ];
  for (const [text, written] of rows) assert.equal(isoOf(read(text)), written);
});

test('what is no date is not read', () => {
  for (const text of ['', 'yesterday', '2025-13-01T00:00:00Z', '2025-01-16T25:00:00Z']) {
    assert.equal(parseInstant(text), undefined, text);
  }
});

test('the time of a Batch error message has seven digits, trailing zeros included', () => {
  assert.equal(isoSevenDigits(read('2025-06-05T00:05:48.359Z')), '2025-06-05T00:05:48.3590000Z');
});

test('an ETag is the .NET ticks of the instant in upper-case hexadecimal', () => {
  // 0x8DD365B0EF81517 stands in a recorded answer beside lastModified 2025-01-16T18:53:15.2485655Z.
  const ticks = BigInt('0x8DD365B0EF81517');
  const microseconds = Number((ticks - 621_355_968_000_000_000n) / 10n);
  assert.equal(etagOf(instant(microseconds)).slice(0, -1), '0x8DD365B0EF8151');
});

test('seconds and HTTP dates are rounded down', () => {
  const at = read('2026-11-20T09:42:46.999999Z');
  assert.equal(httpDateOf(at), 'Fri, 20 Nov 2026 09:42:46 GMT');
  assert.equal(secondsOf(at), 1_795_167_766);
  assert.equal(isoOf(addSeconds(at, -1)), '2026-11-20T09:42:45.999999Z');
});

test('an instant beyond the year 2255 is the last one that a safe integer holds', () => {
  const last = read('2255-06-05T23:47:34Z');
  const rows = ['9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z', '2300-01-01'].map(read);
  for (const at of [...rows, addSeconds(last, 1e15)]) {
    assert.equal(at, Number.MAX_SAFE_INTEGER);
    assert.ok(at > last);
  }
  assert.equal(read('0001-01-01T00:00:00Z'), Number.MIN_SAFE_INTEGER);
});
