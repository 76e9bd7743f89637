import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeRuns } from './placement.ts';

const cases: readonly [
  string,
  Readonly<Record<string, number>>,
  readonly number[],
  number,
  readonly string[],
][] = [
  ['no node', {}, [1], 9, []],
  ['no run', { a: 1 }, [], 9, []],
  ['a full node takes nothing', { a: 0 }, [1], 9, []],
  ['work spreads over equal nodes', { a: 2, b: 2 }, [1, 1, 1, 1], 9, ['a', 'b', 'a', 'b']],
  ['the emptier node goes first', { a: 1, b: 3 }, [1, 1, 1], 9, ['b', 'b', 'a']],
  ['a run that fits nowhere lets others pass', { a: 2 }, [3, 1, 1], 9, ['-', 'a', 'a']],
  ['a wide run takes its slots', { a: 4, b: 2 }, [4, 2, 1], 9, ['a', 'b', '-']],
  ['never more than asked', { a: 9 }, [1, 1, 1], 2, ['a', 'a', '-']],
];
for (const [name, free, slots, countMax, expected] of cases) {
  test(`${name}: ${JSON.stringify(free)} and runs of ${slots}`, () => {
    const nodes = Object.entries(free).map(([node, room]) => ({ node, free: room }));
    const runs = slots.map((wide, index) => ({ id: `run-${index}`, slots: wide }));
    const placed = placeRuns(nodes, runs, countMax);
    const byRun = new Map(placed.placements.map((one) => [one.id, one.node]));
    const got = runs.map((run) => byRun.get(run.id) ?? '-');
    const wanted = runs.map((_, index) => expected[index] ?? '-');
    assert.deepEqual(got, wanted);
    for (const { node, free: left } of placed.nodes) {
      const used = runs.filter((run) => byRun.get(run.id) === node);
      assert.equal(left + used.reduce((sum, run) => sum + run.slots, 0), free[node]);
      assert.ok(left >= 0);
    }
  });
}
