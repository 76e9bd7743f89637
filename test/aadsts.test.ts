import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { aadstsPage, expectedCodes, type ListedCode, listedCodes } from '#app/reference-aadsts.ts';
import { absentCodes } from '#app/reference-absent-codes.ts';
import { everyFault, type ListedFault } from '#app/reference-constructors.ts';

let faults: readonly ListedFault[] = [];
let codes: readonly ListedCode[] = [];
before(async () => {
  faults = await everyFault();
  codes = listedCodes(faults);
});

test('docs/reference/aadsts.md is what npm run docs writes', () => {
  const path = join(import.meta.dirname, '..', 'docs', 'reference', 'aadsts.md');
  assert.ok(readFileSync(path, 'utf8') === aadstsPage(faults), 'it is stale: run npm run docs');
});

test('every code that the authority refuses with is expected by a test', () => {
  assert.ok(codes.length > 0);
  assert.deepEqual(
    codes.filter(({ tests }) => tests.length === 0).map(({ number }) => number),
    [],
  );
});

test('every code that a test expects is one that the authority refuses with', () => {
  const known = new Set(codes.map(({ number }) => number));
  const unknown = [...expectedCodes()].filter(([number]) => !known.has(number));
  assert.deepEqual(unknown, []);
});

test('every refusal says when a client is told it', () => {
  assert.deepEqual(
    codes.filter(({ trigger }) => trigger.length < 10).map(({ number }) => number),
    [],
  );
});

test('a code that is listed as absent is no refusal of the authority', () => {
  const known = new Set(codes.map(({ number }) => number));
  const both = absentCodes.flatMap(({ numbers }) => numbers).filter((one) => known.has(one));
  assert.deepEqual(both, []);
});

test("every code of Entra's table is a refusal of the authority, or is absent for a reason", () => {
  const path = join(import.meta.dirname, 'vectors', 'entra-codes.json');
  const table = JSON.parse(readFileSync(path, 'utf8')) as { readonly codes: readonly number[] };
  const known = new Set([
    ...codes.map(({ number }) => number),
    ...absentCodes.flatMap(({ numbers }) => numbers),
  ]);
  assert.ok(table.codes.length > 100);
  assert.deepEqual(
    table.codes.filter((number) => !known.has(number)),
    [],
  );
});
