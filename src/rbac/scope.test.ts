import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseResourceId,
  resourceScope,
  scopeContains,
  scopesUpward,
  subscriptionOf,
} from './scope.ts';

const contains: readonly (readonly [string, string, boolean])[] = [
  ['/', '/subscriptions/a', true],
  ['/subscriptions/a', '/subscriptions/a', true],
  ['/subscriptions/a', '/subscriptions/a/resourceGroups/rg1', true],
  ['/subscriptions/A/', '/SUBSCRIPTIONS/a/resourcegroups/rg1', true],
  ['/subscriptions/a/resourceGroups/rg1', '/subscriptions/a/resourceGroups/rg10', false],
  ['/subscriptions/a/resourceGroups/rg1', '/subscriptions/a', false],
  ['/subscriptions/a', '/subscriptions/b', false],
];

for (const [outer, inner, expected] of contains) {
  test(`${outer} ${expected ? 'contains' : 'does not contain'} ${inner}`, () => {
    assert.equal(scopeContains(resourceScope(outer), resourceScope(inner)), expected);
    assert.equal(scopesUpward(resourceScope(inner)).includes(resourceScope(outer)), expected);
  });
}

test('scopes upward go from the nearest to the root', () => {
  assert.deepEqual(scopesUpward(resourceScope('/subscriptions/a/providers')), [
    '/subscriptions/a/providers',
    '/subscriptions/a',
    '/subscriptions',
    '/',
  ]);
  assert.deepEqual(scopesUpward(resourceScope('/')), ['/']);
});

test('a resource id is taken apart at its last providers segment', () => {
  const account = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Batch/batchAccounts/a';
  assert.deepEqual(parseResourceId(`${account}/pools/p`), {
    subscriptionId: 's',
    resourceGroup: 'g',
    parent: '/subscriptions/s/resourceGroups/g',
    namespace: 'Microsoft.Batch',
    types: ['batchAccounts', 'pools'],
    names: ['a', 'p'],
  });
  assert.deepEqual(
    parseResourceId(`${account}/providers/Microsoft.Authorization/roleAssignments`),
    {
      subscriptionId: 's',
      resourceGroup: 'g',
      parent: account,
      namespace: 'Microsoft.Authorization',
      types: ['roleAssignments'],
      names: [],
    },
  );
  assert.deepEqual(parseResourceId('/subscriptions/s'), {
    subscriptionId: 's',
    parent: '/subscriptions/s',
    types: [],
    names: [],
  });
});

test('the subscription of a scope is its second segment, when the first says so', () => {
  assert.equal(subscriptionOf('/Subscriptions/s/resourceGroups/g'), 's');
  assert.equal(subscriptionOf('/providers/Microsoft.Management/managementGroups/m'), undefined);
  assert.equal(subscriptionOf('/subscriptions/'), undefined);
  assert.equal(subscriptionOf('/'), undefined);
});
