import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Journal, replay, type Unnumbered } from './journal.ts';

const begun = (id: string): Unnumbered => ({
  kind: 'begun',
  id,
  epoch: 1,
  attempt: 1,
  at: 5,
  directory: `/nodes/${id}`,
});
const spawned = (id: string): Unnumbered => ({
  kind: 'spawned',
  id,
  epoch: 1,
  attempt: 1,
  pid: 7,
  startTicks: 9,
  bootId: 'boot',
});
const ended = (id: string): Unnumbered => ({
  kind: 'ended',
  id,
  epoch: 1,
  attempt: 1,
  at: 6,
  outcome: { kind: 'exited', exitCode: 0 },
});

function written(...records: readonly Unnumbered[]): string {
  return records
    .map((record, index) => `${JSON.stringify({ ...record, n: index + 1 })}\n`)
    .join('');
}

const replays: readonly [string, string, readonly string[], readonly number[], number][] = [
  ['an empty journal', '', [], [], 0],
  ['an intent alone', written(begun('a')), ['a'], [1], 1],
  ['a run that was started', written(begun('a'), spawned('a')), ['a'], [1, 2], 2],
  ['a run that ended', written(begun('a'), spawned('a'), ended('a')), [], [1, 2, 3], 3],
  [
    'two runs, one of which ended',
    written(begun('a'), begun('b'), spawned('a'), ended('a')),
    ['b'],
    [1, 2, 3, 4],
    4,
  ],
  [
    'what is acknowledged is not told again, and what is open stays open',
    `${written(begun('a'), begun('b'), ended('a'))}{"kind":"acknowledged","n":2}\n`,
    ['b'],
    [3],
    3,
  ],
  ['a number that is kept over compaction', '{"kind":"base","n":9}\n', [], [], 9],
  ['a line that was cut off', `${written(begun('a'))}{"kind":"ended","id":"a"`, ['a'], [1], 1],
  [
    'a line that nobody understands',
    `rubbish\n{"kind":"x"}\n${written(begun('a'))}`,
    ['a'],
    [1],
    1,
  ],
];
for (const [name, journal, open, pending, last] of replays) {
  test(`${name} is replayed`, () => {
    const state = replay(journal);
    assert.deepEqual([...state.open.keys()], open);
    const numbers = state.pending.map((record) => record.n);
    assert.deepEqual(numbers, pending);
    assert.equal(state.last, last);
  });
}

test('a journal opened again says the same and goes on counting', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'batten-journal-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal');
  const first = new Journal(path);
  for (const record of [begun('a'), spawned('a'), begun('b'), ended('b')]) first.append(record);
  first.acknowledge(3);
  appendFileSync(path, '{"kind":"ended","id":"a","n":5');
  const second = new Journal(path);
  assert.deepEqual([...second.open], [...first.open]);
  assert.deepEqual(second.pending, first.pending);
  assert.equal(second.append(ended('a')).n, 5);
  assert.equal(second.holds('a'), true);
  second.acknowledge(99);
  assert.deepEqual(second.pending, []);
  assert.equal(second.holds('a'), false);
  assert.equal(new Journal(path).append(begun('c')).n, 6);
});

test('an acknowledged journal does not grow', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'batten-journal-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'journal');
  const journal = new Journal(path);
  journal.append(begun('open'));
  for (let index = 0; index < 12_000; index++) {
    journal.append(begun(`run-${index}`));
    journal.acknowledge(journal.append(ended(`run-${index}`)).n);
  }
  assert.ok(readFileSync(path).length < 1_100_000);
  assert.deepEqual([...replay(readFileSync(path, 'utf8')).open.keys()], ['open']);
});
