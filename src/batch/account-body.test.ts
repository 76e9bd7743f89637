import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { accountNameProblem, readAccountBody } from './account-body.ts';

const read: readonly (readonly [string, JsonObject, object])[] = [
  ['nothing', {}, {}],
  [
    'what may be said',
    { location: 'eastus', tags: { a: 'b' }, properties: { allowedAuthenticationModes: ['AAD'] } },
    { location: 'eastus', tags: { a: 'b' }, allowedAuthenticationModes: ['AAD'] },
  ],
  [
    'modes twice and in another order',
    { properties: { allowedAuthenticationModes: ['AAD', 'SharedKey', 'AAD'] } },
    { allowedAuthenticationModes: ['SharedKey', 'AAD'] },
  ],
  ['nulls', { tags: null, identity: null, properties: { autoStorage: null } }, {}],
  [
    'what Azure itself answered before',
    {
      properties: {
        accountEndpoint: 'contoso.westeurope.batch.azure.com',
        poolQuota: 100,
        publicNetworkAccess: 'Enabled',
        encryption: { keySource: 'Microsoft.Batch' },
      },
    },
    {},
  ],
];

for (const [name, body, wish] of read) {
  test(`a body with ${name} is read`, () => assert.deepEqual(readAccountBody(body), wish));
}

const refused: readonly (readonly [string, JsonObject, number, string])[] = [
  ['a location that is no text', { location: 1 }, 400, 'BatchAccount'],
  ['properties that are no object', { properties: [] }, 400, 'BatchAccount'],
  ['a tag that is no text', { tags: { a: 1 } }, 400, 'BatchAccount'],
  [
    'a closed network',
    { properties: { publicNetworkAccess: 'Disabled' } },
    501,
    'properties.publicNetworkAccess',
  ],
  [
    'rules of the network',
    { properties: { networkProfile: {} } },
    501,
    'properties.networkProfile',
  ],
  [
    'a key of its own',
    { properties: { encryption: { keySource: 'Microsoft.KeyVault' } } },
    501,
    'properties.encryption',
  ],
  ['a property nobody knows', { properties: { color: 'red' } }, 501, 'properties.color'],
];

for (const [name, body, status, target] of refused) {
  test(`a body with ${name} is refused and says where`, () => {
    const found = readAccountBody(body);
    assert.ok(isFault(found));
    assert.deepEqual([found.status, found.target], [status, target]);
  });
}

const names: readonly (readonly [string, boolean])[] = [
  ['abc', true],
  ['a'.repeat(24), true],
  ['ab', false],
  ['a'.repeat(25), false],
  ['Abc', false],
  ['a-b', false],
  ['abc\n', false],
];

for (const [name, isFit] of names) {
  test(`${JSON.stringify(name)} ${isFit ? 'can' : 'cannot'} name an account`, () => {
    assert.equal(accountNameProblem(name) === undefined, isFit);
  });
}
