import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import {
  type Answer,
  account,
  type Body,
  contentOf,
  giveRole,
  group,
  identity,
  ids,
  openWorld,
  roles,
  type World,
} from './world.ts';

let world: World;
before(async () => {
  world = await openWorld();
  await world.ask('PUT', `${identity}?api-version=2023-01-31`, {
    as: ids.owner,
    body: { location: 'westeurope' },
  });
});
after(() => world.close());

const version = 'api-version=2023-11-01';

async function put(name: string, wish: unknown, as = ids.owner): Promise<Answer> {
  const url = `${group}/providers/Microsoft.Batch/batchAccounts/${name}?${version}`;
  return world.ask('PUT', url, { as, body: { location: 'westeurope', identity: wish } });
}

async function patch(wish: unknown): Promise<Answer> {
  return world.ask('PATCH', `${account}?${version}`, { as: ids.owner, body: { identity: wish } });
}

async function shownIdentity(): Promise<Body> {
  const { json } = await world.ask('GET', `${account}?${version}`, { as: ids.owner });
  return json?.['identity'] as Body;
}

const principal = (objectId: unknown) =>
  world.store.read((tx) => findServicePrincipal(tx, ids.tenant, String(objectId)));

const ownIdentity = (scope: string, as = ids.owner) =>
  world.ask(
    'GET',
    `${scope}/providers/Microsoft.ManagedIdentity/identities/default?api-version=2018-11-30`,
    { as },
  );

test("a Batch account's system-assigned identity is a service principal that lives as long as it", async () => {
  assert.equal((await put('contoso', { type: 'SystemAssigned' })).status, 202);
  const { principalId, ...rest } = await shownIdentity();
  assert.deepEqual(rest, { tenantId: ids.tenant, type: 'SystemAssigned' });
  const made = await principal(principalId);
  assert.equal(made?.servicePrincipalType, 'ManagedIdentity');
  assert.equal(made?.displayName, 'contoso');
  assert.deepEqual(made?.profile, { alternativeNames: ['isExplicit=False', account] });
  const own = await ownIdentity(account);
  assert.equal(own.status, 200);
  assert.deepEqual(own.json?.properties, {
    tenantId: ids.tenant,
    principalId,
    clientId: made?.appId,
  });
  assert.equal((await put('contoso', { type: 'systemassigned' })).status, 200);
  assert.equal((await shownIdentity())['principalId'], principalId);
  assert.equal((await put('contoso', undefined)).status, 200);
  assert.equal((await shownIdentity())['principalId'], principalId);
  const gone = await world.ask('DELETE', `${account}?${version}`, { as: ids.owner });
  assert.equal(gone.status, 202);
  assert.equal(await principal(principalId), undefined);
  assert.equal((await ownIdentity(account)).status, 404);
});

test('an account without its identity loses the principal and keeps no other', async () => {
  await put('contoso', { type: 'SystemAssigned' });
  const { principalId } = await shownIdentity();
  assert.equal((await patch({ type: 'None' })).status, 200);
  assert.deepEqual(await shownIdentity(), { type: 'None' });
  assert.equal(await principal(principalId), undefined);
});

test('an account has user-assigned identities, shown with their principals, until null takes one away', async () => {
  const given = await patch({ type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } });
  assert.equal(given.status, 200);
  const shown = await shownIdentity();
  const { principalId, clientId } = (shown['userAssignedIdentities'] as Body)[identity] as Body;
  assert.equal((await principal(principalId))?.appId, clientId);
  assert.deepEqual(await shownIdentity(), given.json?.['identity']);
  await patch({ type: 'UserAssigned', userAssignedIdentities: { [identity]: null } });
  assert.deepEqual(await shownIdentity(), { type: 'UserAssigned', userAssignedIdentities: {} });
});

const elsewhere = identity.replace('runner', 'nobody');
const refusals: readonly (readonly [string, unknown, string])[] = [
  ['an identity that is no object', 'SystemAssigned', 'InvalidIdentity'],
  ['a type that nobody knows', { type: 'Robot' }, 'InvalidIdentity'],
  [
    'identities of the other kind',
    { type: 'SystemAssigned', userAssignedIdentities: { [identity]: {} } },
    'InvalidIdentity',
  ],
  [
    'an id that is none of an identity',
    { type: 'UserAssigned', userAssignedIdentities: { [account]: {} } },
    'LinkedInvalidPropertyId',
  ],
  [
    'an identity that is not there',
    { type: 'UserAssigned', userAssignedIdentities: { [elsewhere]: {} } },
    'FailedIdentityOperation',
  ],
];

for (const [what, wish, code] of refusals) {
  test(`${what} is refused with ${code}, and nothing changes`, async () => {
    const before = await contentOf(world);
    const refused = await patch(wish);
    assert.deepEqual([refused.status, refused.json?.error?.code], [400, code]);
    const isNew = await put('brandnew', wish);
    assert.deepEqual([isNew.status, isNew.json?.error?.code], [400, code]);
    assert.equal(await contentOf(world), before);
  });
}

test('whoever may write an account and not assign an identity is told the linked scope', async () => {
  await world.write((tx) => giveRole(tx, ids.stranger, roles.contributor, account));
  const wish = { type: 'UserAssigned', userAssignedIdentities: { [identity]: {} } };
  const before = await contentOf(world);
  const refused = await put('contoso', wish, ids.stranger);
  assert.deepEqual([refused.status, refused.json?.error?.code], [403, 'LinkedAuthorizationFailed']);
  assert.match(
    refused.json?.error?.message ?? '',
    /Microsoft\.ManagedIdentity\/userAssignedIdentities\/assign\/action/,
  );
  assert.equal(await contentOf(world), before);
});

test('an identity of a resource is shown to whoever may read identities there', async () => {
  await patch({ type: 'SystemAssigned' });
  assert.equal((await ownIdentity(account, ids.reader)).status, 200);
  const refused = await ownIdentity(account, ids.disabled);
  assert.equal(refused.status, 401);
});
