import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plane } from '#http/operation.ts';
import { isKnownAction } from './provider-operation.ts';
import { builtInRoles, listsOf } from './role-definition.ts';

const cases: readonly (readonly [string, Plane, boolean])[] = [
  ['*', 'control', true],
  ['Microsoft.Batch/*/read', 'control', true],
  ['Microsoft.Nothing/*', 'data', true],
  ['Microsoft.Batch/*/jobs/*', 'data', false],
  ['Microsoft.Batch/batchAccounts/LISTKEYS/action', 'control', true],
  ['Microsoft.Batch/batchAccounts/listKeys/action', 'data', false],
  ['Microsoft.Batch/batchAccounts/jobs/write', 'data', true],
  ['Microsoft.Batch/batchAccounts/jobs/write', 'control', false],
  ['Microsoft.Batch/batchAccounts/jobs/fly', 'data', false],
  ['Microsoft.Compute/virtualMachines/start/action', 'control', true],
  ['read', 'control', false],
  ['Microsoft.Compute', 'control', false],
  ['Microsoft.Compute/virtual machines/read', 'control', false],
  [`Microsoft.Compute/${'x'.repeat(600)}/read`, 'control', false],
];

for (const [action, plane, expected] of cases) {
  test(`${action.slice(0, 60)} ${expected ? 'can' : 'cannot'} stand in the ${plane} plane`, () => {
    assert.equal(isKnownAction(action, plane), expected);
  });
}

test('every permission of every built-in role could stand in a custom one', () => {
  const refused = builtInRoles.flatMap((role) =>
    role.permissionSets.flatMap((set) =>
      (['control', 'data'] as const).flatMap((plane) => {
        const { granted, excluded } = listsOf(set, plane);
        return [...granted, ...excluded].filter((one) => !isKnownAction(one, plane));
      }),
    ),
  );
  assert.deepEqual(refused, []);
});
