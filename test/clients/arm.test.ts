import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { BatchManagementClient } from '@azure/arm-batch';
import { SubscriptionClient } from '@azure/arm-resources-subscriptions';
import type { TokenCredential } from '@azure/identity';
import { signUp, startWorld } from './world.ts';

const world = await startWorld();
const { subscriptionId, resourceGroup, accountName, accountId } = world;
const options = { endpoint: world.armEndpoint };
const batch = (who: TokenCredential) => new BatchManagementClient(who, subscriptionId, options);
const roles = (who: TokenCredential) =>
  new AuthorizationManagementClient(who, subscriptionId, options);
const subscriptions = (who: TokenCredential) => new SubscriptionClient(who, options);
const roleless = await signUp(world, 'roleless');
const scope = `/subscriptions/${subscriptionId}`;

async function all<T>(list: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of list) items.push(item);
  return items;
}

/** Accounts, assignments and custom roles, as the owner sees them. */
async function snapshot(): Promise<unknown> {
  const lists = [
    await all(batch(world.owner).batchAccountOperations.list()),
    await all(roles(world.owner).roleAssignments.listForSubscription()),
    await all(roles(world.owner).roleDefinitions.list(scope)),
  ];
  return JSON.parse(JSON.stringify(lists));
}

async function refusal(call: Promise<unknown>): Promise<readonly [number | undefined, unknown]> {
  const error = await call.then(
    () => assert.fail('it was allowed'),
    (thrown: unknown) => thrown,
  );
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  return [statusCode, code];
}

async function roleId(name: string): Promise<string> {
  const list = roles(world.owner).roleDefinitions.list(scope, { filter: `roleName eq '${name}'` });
  const [definition] = await all(list);
  return definition?.id ?? assert.fail(`there is no role ${name}`);
}

test('subscriptions are listed to those who hold a role in them', async () => {
  const seen = await all(subscriptions(world.owner).subscriptions.list());
  assert.ok(seen.some((one) => one.subscriptionId === subscriptionId));
  assert.deepEqual(await all(subscriptions(roleless.credential).subscriptions.list()), []);
});

test('@azure/arm-batch reads the account and its keys', async () => {
  const { batchAccountOperations } = batch(world.owner);
  const account = await batchAccountOperations.get(resourceGroup, accountName);
  assert.equal(account.id, accountId);
  assert.equal(account.provisioningState, 'Succeeded');
  assert.deepEqual(account.allowedAuthenticationModes, [
    'SharedKey',
    'AAD',
    'TaskAuthenticationToken',
  ]);
  const keys = await batchAccountOperations.getKeys(resourceGroup, accountName);
  assert.equal(keys.primary, world.batten.env['AZURE_BATCH_ACCESS_KEY']);
});

test('@azure/arm-batch creates an account, changes a key of it, and deletes it', async () => {
  const { batchAccountOperations } = batch(world.owner);
  const name = 'officialaccount';
  const location = world.batten.env['BATTEN_LOCATION'] ?? '';
  const quick = { updateIntervalInMs: 50 };
  const made = await batchAccountOperations.beginCreateAndWait(
    resourceGroup,
    name,
    { location },
    quick,
  );
  assert.equal(made.name, name);
  assert.equal(made.provisioningState, 'Succeeded');
  const before = await batchAccountOperations.getKeys(resourceGroup, name);
  const after = await batchAccountOperations.regenerateKey(resourceGroup, name, {
    keyName: 'Primary',
  });
  assert.notEqual(after.primary, before.primary);
  assert.equal(after.secondary, before.secondary);
  await batchAccountOperations.beginDeleteAndWait(resourceGroup, name, quick);
  const gone = refusal(batchAccountOperations.get(resourceGroup, name));
  assert.equal((await gone)[0], 404);
});

test('@azure/arm-authorization assigns a role, lists it, and removes it again', async () => {
  const { roleAssignments } = roles(world.owner);
  const name = randomUUID();
  const roleDefinitionId = await roleId('Azure Batch Account Reader');
  const made = await roleAssignments.create(accountId, name, {
    roleDefinitionId,
    principalId: roleless.principalId,
    principalType: 'ServicePrincipal',
  });
  assert.equal(made.scope, accountId);
  const filter = `principalId eq '${roleless.principalId}'`;
  const listed = await all(roleAssignments.listForScope(accountId, { filter }));
  assert.deepEqual(
    listed.map((one) => one.name),
    [name],
  );
  const account = await batch(roleless.credential).batchAccountOperations.get(
    resourceGroup,
    accountName,
  );
  assert.equal(account.name, accountName);
  await roleAssignments.delete(accountId, name);
  const after = batch(roleless.credential).batchAccountOperations.get(resourceGroup, accountName);
  assert.deepEqual(await refusal(after), [403, 'AuthorizationFailed']);
});

test('@azure/arm-authorization makes a custom role and removes it', async () => {
  const { roleDefinitions } = roles(world.owner);
  const name = randomUUID();
  const made = await roleDefinitions.createOrUpdate(scope, name, {
    roleName: 'Official Pool Reader',
    roleType: 'CustomRole',
    description: 'Reads pools',
    permissions: [{ actions: ['Microsoft.Batch/batchAccounts/pools/read'], notActions: [] }],
    assignableScopes: [scope],
  });
  assert.equal(made.roleName, 'Official Pool Reader');
  assert.equal((await roleDefinitions.get(scope, name)).roleType, 'CustomRole');
  await roleDefinitions.delete(scope, name);
  assert.deepEqual(await refusal(roleDefinitions.get(scope, name)), [
    404,
    'RoleDefinitionDoesNotExist',
  ]);
});

const reader = await signUp(world, 'reader', 'Reader', scope);
const location = world.batten.env['BATTEN_LOCATION'] ?? '';

const refused: readonly {
  readonly what: string;
  readonly call: () => Promise<unknown>;
  readonly answer: readonly [number, string];
}[] = [
  {
    what: 'someone without a role reads an account',
    call: () => batch(roleless.credential).batchAccountOperations.get(resourceGroup, accountName),
    answer: [403, 'AuthorizationFailed'],
  },
  {
    what: 'a reader creates an account',
    call: () =>
      batch(reader.credential).batchAccountOperations.beginCreateAndWait(
        resourceGroup,
        'refusedaccount',
        { location },
      ),
    answer: [403, 'AuthorizationFailed'],
  },
  {
    what: 'a reader reads keys',
    call: () => batch(reader.credential).batchAccountOperations.getKeys(resourceGroup, accountName),
    answer: [403, 'AuthorizationFailed'],
  },
  {
    what: 'a reader deletes the account',
    call: () =>
      batch(reader.credential).batchAccountOperations.beginDeleteAndWait(
        resourceGroup,
        accountName,
      ),
    answer: [403, 'AuthorizationFailed'],
  },
  {
    what: 'a reader assigns itself a role',
    call: async () =>
      roles(reader.credential).roleAssignments.create(accountId, randomUUID(), {
        roleDefinitionId: await roleId('Owner'),
        principalId: reader.principalId,
      }),
    answer: [403, 'AuthorizationFailed'],
  },
  {
    what: 'an account is not there',
    call: () => batch(world.owner).batchAccountOperations.get(resourceGroup, 'nosuchaccount'),
    answer: [404, 'AccountNotFound'],
  },
  {
    what: 'a role is assigned to nobody',
    call: async () =>
      roles(world.owner).roleAssignments.create(accountId, randomUUID(), {
        roleDefinitionId: await roleId('Reader'),
        principalId: randomUUID(),
      }),
    answer: [400, 'PrincipalNotFound'],
  },
];

for (const { what, call, answer } of refused) {
  test(`it is refused when ${what}, and nothing changes`, async () => {
    const before = await snapshot();
    assert.deepEqual(await refusal(call()), answer);
    assert.deepEqual(await snapshot(), before);
  });
}
