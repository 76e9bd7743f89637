import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resizePlan } from './pool.ts';

const cases: readonly (readonly [
  name: string,
  nodes: number,
  target: number,
  coresUsed: number,
  expected: readonly [add: number, remove: number, errors: number],
])[] = [
  ['a pool grows to its target', 0, 3, 0, [3, 0, 0]],
  ['a pool shrinks to its target', 3, 1, 12, [0, 2, 0]],
  ['a pool of the asked size stays', 2, 2, 8, [0, 0, 0]],
  ['the quota of 20 cores holds five nodes of four', 0, 5, 0, [5, 0, 0]],
  ['a sixth node is a resize error', 0, 6, 0, [5, 0, 1]],
  ['cores of other pools count', 0, 2, 16, [1, 0, 1]],
  ['a full account gets none', 1, 2, 20, [0, 0, 1]],
  ['a quota that was lowered takes none away', 5, 6, 24, [0, 0, 1]],
];

for (const [name, nodes, target, coresUsed, [add, remove, errors]] of cases) {
  test(name, () => {
    const plan = resizePlan({ cores: 4 }, nodes, target, { limit: 20, coresUsed });
    assert.deepEqual([plan.add, plan.remove, plan.errors.length], [add, remove, errors]);
    if (errors > 0) assert.equal(plan.errors[0]?.code, 'AccountCoreQuotaReached');
  });
}
