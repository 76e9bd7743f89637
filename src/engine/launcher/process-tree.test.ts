import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlive, type ProcessFacts, parseStat, readProcess, treeOf } from './process-tree.ts';

function one(pid: number, parent: number, group: number, session: number): ProcessFacts {
  return { pid, parent, group, session, state: 'S', startTicks: pid };
}

const all = [
  one(10, 1, 10, 10),
  one(11, 10, 10, 10),
  one(12, 11, 12, 10),
  one(13, 12, 13, 13),
  one(14, 1, 14, 13),
  one(20, 1, 20, 20),
  one(21, 20, 20, 20),
];
const trees: readonly [string, readonly number[], readonly number[]][] = [
  ['children, grandchildren, other groups and sessions', [10], [10, 11, 12, 13, 14]],
  ['an orphan by its session', [13], [13, 14]],
  ['nothing from nothing', [], []],
  ['two roots', [13, 21], [13, 14, 21]],
];
for (const [name, roots, expected] of trees) {
  test(`a tree holds ${name}`, () => {
    const found = [...treeOf(all, roots)].toSorted((a, b) => a - b);
    assert.deepEqual(found, expected);
  });
}

test('a program may be named like anything', () => {
  const tail = Array.from({ length: 15 }, (_, index) => index).join(' ');
  const facts = parseStat(`42 (a) S (b) R 7 8 9 ${tail} 77 1 2`);
  assert.deepEqual(facts, {
    pid: 42,
    state: 'R',
    parent: 7,
    group: 8,
    session: 9,
    startTicks: 77,
  });
  assert.equal(parseStat('42 (a'), undefined);
  assert.equal(parseStat(''), undefined);
});

test('this process lives, and nobody else under its number does', () => {
  const self = readProcess(process.pid);
  assert.ok(self);
  assert.equal(isAlive(self.pid, self.startTicks), true);
  assert.equal(isAlive(self.pid, self.startTicks + 1), false);
  assert.equal(isAlive(0, 0), false);
});
