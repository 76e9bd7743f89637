import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSeconds, etagOf, httpDateOf, parseInstant } from '#kernel/instant.ts';
import { unmetCondition } from './conditional.ts';

const modifiedAt = parseInstant('2025-01-16T18:44:40.123456Z');
assert.ok(modifiedAt);
const etag = etagOf(modifiedAt);
const same = httpDateOf(modifiedAt);
const earlier = httpDateOf(addSeconds(modifiedAt, -10));
const later = httpDateOf(addSeconds(modifiedAt, 10));

/** Headers, then what a read and what a write is answered: a status, or 0 for going on. */
const cases: readonly (readonly [Readonly<Record<string, string>>, read: number, write: number])[] =
  [
    [{}, 0, 0],
    [{ 'if-match': etag }, 0, 0],
    [{ 'if-match': `"${etag}"` }, 0, 0],
    [{ 'if-match': etag.toLowerCase() }, 0, 0],
    [{ 'if-match': '*' }, 0, 0],
    [{ 'if-match': `0x1, ${etag}` }, 0, 0],
    [{ 'if-match': '0x1' }, 412, 412],
    [{ 'if-none-match': '0x1' }, 0, 0],
    [{ 'if-none-match': etag }, 304, 412],
    [{ 'if-none-match': '*' }, 304, 412],
    [{ 'if-modified-since': earlier }, 0, 0],
    [{ 'if-modified-since': same }, 304, 412],
    [{ 'if-modified-since': later }, 304, 412],
    [{ 'if-unmodified-since': same }, 0, 0],
    [{ 'if-unmodified-since': later }, 0, 0],
    [{ 'if-unmodified-since': earlier }, 412, 412],
    // Only the first of these two pairs counts.
    [{ 'if-none-match': '0x1', 'if-modified-since': later }, 0, 0],
    [{ 'if-match': etag, 'if-unmodified-since': earlier }, 0, 0],
    [{ 'if-match': etag, 'if-none-match': '0x1' }, 400, 400],
    [{ 'if-modified-since': earlier, 'if-unmodified-since': later }, 400, 400],
    [{ 'if-match': etag, 'if-none-match': '0x1', 'if-modified-since': later }, 400, 400],
    [{ 'if-modified-since': 'yesterday' }, 400, 400],
  ];

for (const [headers, read, write] of cases) {
  const names = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  test(`with "${names.join('; ')}" a read is answered ${read || 'on'} and a write ${write || 'on'}`, () => {
    assert.equal(unmetCondition(headers, modifiedAt, 'read')?.status ?? 0, read);
    assert.equal(unmetCondition(headers, modifiedAt, 'write')?.status ?? 0, write);
  });
}
