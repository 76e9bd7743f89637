import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourcePathOf } from './dialect.ts';

const account = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a';

const paths: readonly (readonly [string, string])[] = [
  ['/subscriptions', '/'],
  ['/subscriptions/s', '/subscriptions/s'],
  ['/subscriptions/s/resourceGroups', '/subscriptions/s'],
  ['/subscriptions/s/resourceGroups/g', '/subscriptions/s/resourceGroups/g'],
  ['/subscriptions/s/resourceGroups/g/resources', '/subscriptions/s/resourceGroups/g'],
  [account, account],
  [`${account}/listKeys`, account],
  [`${account}/pools`, account],
  [`${account}/pools/p`, `${account}/pools/p`],
  [
    '/subscriptions/s/providers/Microsoft.Batch/batchAccounts',
    '/subscriptions/s/providers/Microsoft.Batch',
  ],
  [
    `${account}/providers/Microsoft.Authorization/roleAssignments`,
    `${account}/providers/Microsoft.Authorization`,
  ],
  [
    `${account}/providers/Microsoft.Authorization/roleAssignments/r`,
    `${account}/providers/Microsoft.Authorization/roleAssignments/r`,
  ],
  ['/providers/Microsoft.Authorization/roleDefinitions', '/providers/Microsoft.Authorization'],
];

for (const [path, scope] of paths) {
  test(`${path} is about ${scope}`, () => assert.equal(resourcePathOf(path), scope));
}
