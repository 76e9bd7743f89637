import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BoundOperation } from '#http/operation.ts';
import {
  type Ask,
  account,
  contentOf,
  identity,
  ids,
  openWorld,
  roles,
  subscription,
  type World,
} from './world.ts';

let world: World;
before(async () => {
  world = await openWorld();
  const body = { location: 'westeurope' };
  await world.ask('PUT', `${account}?api-version=2023-11-01`, { as: ids.owner, body });
  await world.ask('PUT', `${identity}?api-version=2023-01-31`, { as: ids.owner, body });
});
after(() => world.close());

/** A target for an operation: its parameters name things that are there. */
function targetOf(operation: BoundOperation<never>): string {
  const values: Readonly<Record<string, string>> = {
    subscriptionId: ids.subscription,
    resourceGroupName: 'rg1',
    accountName: 'contoso',
    resourceName: 'runner',
    roleDefinitionId: roles.reader,
    roleAssignmentName: ids.stranger,
    resourceProviderNamespace: 'Microsoft.Batch',
    locationName: 'westeurope',
  };
  const path = operation.path
    .replace('/{+scope}', subscription)
    .replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? 'x');
  return `${path}?api-version=${versionFor(path)}`;
}

function versionFor(path: string): string {
  if (path.includes('/Microsoft.Authorization/')) return '2022-04-01';
  if (path.includes('/Microsoft.ManagedIdentity/')) return '2023-01-31';
  return /\/Microsoft\.Batch\/(batchAccounts|locations|operations)/.test(path)
    ? '2023-11-01'
    : '2021-04-01';
}

/** A body that is well formed for most operations, so that only the caller can be at fault. */
function bodyOf(operation: BoundOperation<never>): Ask {
  return operation.bodyKind === 'json' ? { body: { location: 'westeurope' } } : {};
}

function guarded(): readonly BoundOperation<never>[] {
  const found = world.operations.filter(({ permission }) => permission !== 'anonymous');
  assert.ok(found.length > 60);
  return found;
}

async function denied(
  operation: BoundOperation<never>,
  how: Ask,
  status: number,
  code: string,
): Promise<void> {
  const before = await contentOf(world);
  const answer = await world.ask(operation.method, targetOf(operation), {
    ...bodyOf(operation),
    ...how,
  });
  assert.deepEqual(
    [operation.id, answer.status, answer.json?.error?.code],
    [operation.id, status, code],
  );
  assert.equal(await contentOf(world), before);
}

test('without a token every operation but the anonymous ones is refused', async () => {
  for (const one of guarded()) await denied(one, {}, 401, 'AuthenticationFailed');
});

test('a token for another audience is refused by every operation', async () => {
  const token = await world.token(ids.owner, { aud: 'https://graph.microsoft.com' });
  for (const one of guarded()) {
    await denied(one, { token }, 401, 'InvalidAuthenticationTokenAudience');
  }
});

test('an expired token is refused by every operation', async () => {
  const token = await world.token(ids.owner, { exp: 1_799_999_999 });
  for (const one of guarded()) await denied(one, { token }, 401, 'ExpiredAuthenticationToken');
});

test('a token with a broken signature is refused by every operation', async () => {
  const whole = await world.token(ids.owner);
  const token = `${whole.slice(0, -8)}AAAAAAAA`;
  for (const one of guarded()) await denied(one, { token }, 401, 'InvalidAuthenticationToken');
});

test('a caller of another tenant is refused by every operation of a subscription', async () => {
  for (const one of guarded().filter((each) => targetOf(each).startsWith(subscription))) {
    await denied(one, { as: ids.foreigner }, 401, 'InvalidAuthenticationTokenTenant');
  }
});

test('a caller without any role is refused by every operation that needs an action', async () => {
  const needing = guarded().filter(
    ({ permission }) => permission !== 'anonymous' && permission.documented.length > 0,
  );
  assert.ok(needing.length > 60);
  for (const one of needing) await denied(one, { as: ids.stranger }, 403, 'AuthorizationFailed');
});

test('a body that is no JSON is refused by every operation that takes one', async () => {
  for (const one of guarded().filter(({ bodyKind }) => bodyKind === 'json')) {
    await denied(one, { as: ids.owner, body: '{"a":' }, 400, 'InvalidRequestContent');
  }
});

test('an operation that Batten lacks says so by name, to those who would be allowed', async () => {
  const absent = guarded().filter(({ handler }) => handler === undefined);
  assert.ok(absent.length > 20);
  for (const one of absent) {
    await denied(one, { as: ids.owner }, 501, 'NotImplemented');
    const answer = await world.ask(one.method, targetOf(one), { as: ids.owner });
    assert.equal(answer.json?.error?.target, one.id);
  }
});
