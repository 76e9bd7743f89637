import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import {
  type Answer,
  contentOf,
  giveRole,
  group,
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
});
after(() => world.close());

const version = 'api-version=2023-01-31';
const type = 'Microsoft.ManagedIdentity/userAssignedIdentities';
const below = (scope: string, name: string): string => `${scope}/providers/${type}/${name}`;

function put(name: string, body: object = { location: 'westeurope' }, as = ids.owner) {
  return world.ask('PUT', `${below(group, name)}?${version}`, { as, body });
}

async function refusedWith(status: number, code: string, ask: () => Promise<Answer>) {
  const before = await contentOf(world);
  const refused = await ask();
  assert.deepEqual([refused.status, refused.json?.error?.code], [status, code]);
  assert.equal(await contentOf(world), before);
}

const principalOf = (answer: Answer) =>
  world.store.read((tx) =>
    findServicePrincipal(tx, ids.tenant, String(answer.json?.properties?.['principalId'])),
  );

test('a new identity answers 201 with a relative Location, and has a service principal', async () => {
  const made = await put('runner', { location: 'West Europe', tags: { team: 'a' } });
  const id = identity.replace('resourceGroups', 'resourcegroups');
  assert.equal(made.status, 201);
  assert.equal(made.headers['Location'], id);
  const { principalId, clientId } = made.json?.properties ?? {};
  assert.deepEqual(made.json, {
    id,
    name: 'runner',
    type,
    location: 'westeurope',
    tags: { team: 'a' },
    properties: { tenantId: ids.tenant, principalId, clientId },
  });
  const principal = await principalOf(made);
  assert.equal(principal?.servicePrincipalType, 'ManagedIdentity');
  assert.equal(principal?.appId, clientId);
  assert.deepEqual(principal?.profile, { alternativeNames: ['isExplicit=True', id] });
});

test('a PUT again answers 200 with the same principal, and a PATCH changes tags only', async () => {
  const first = await put('again', { location: 'westeurope', tags: { a: 'b' } });
  const second = await put('again');
  assert.equal(second.status, 200);
  assert.deepEqual(second.json?.properties, first.json?.properties);
  assert.deepEqual(second.json?.['tags'], {});
  const url = `${below(group, 'AGAIN')}?${version}`;
  const patched = await world.ask('PATCH', url, { as: ids.owner, body: { tags: { c: 'd' } } });
  assert.equal(patched.status, 200);
  const read = await world.ask('GET', url, { as: ids.reader });
  assert.deepEqual(read.json, { ...first.json, tags: { c: 'd' } });
});

test('a list shows the identities that the caller may read', async () => {
  await put('listed');
  const names = async (scope: string, as: string) => {
    const target = `${scope}/providers/${type}?${version}`;
    const { json } = await world.ask('GET', target, { as });
    return json?.value?.map(({ name }) => name);
  };
  assert.ok((await names(subscription, ids.owner))?.includes('listed'));
  assert.ok((await names(subscription, ids.reader))?.includes('listed'));
  assert.ok((await names(group, ids.reader))?.includes('listed'));
  assert.deepEqual(await names(`${subscription}/resourceGroups/rg10`, ids.owner), []);
  assert.equal(await names(subscription, ids.stranger), undefined);
});

test('a deleted identity takes its service principal and the roles at it along', async () => {
  const made = await put('leaving');
  const id = String(made.json?.id);
  await world.write((tx) => giveRole(tx, ids.stranger, roles.reader, id));
  const url = `${id}?${version}`;
  assert.equal((await world.ask('GET', url, { as: ids.stranger })).status, 200);
  assert.equal((await world.ask('DELETE', url, { as: ids.owner })).status, 200);
  assert.equal(await principalOf(made), undefined);
  assert.equal((await world.ask('DELETE', url, { as: ids.owner })).status, 204);
  assert.equal((await put('leaving')).status, 201);
  assert.equal((await world.ask('GET', url, { as: ids.stranger })).status, 403);
});

test('an identity goes with its resource group', async () => {
  const scope = `${subscription}/resourceGroups/going`;
  const groupUrl = `${scope}?api-version=2021-04-01`;
  const body = { location: 'westeurope' };
  await world.ask('PUT', groupUrl, { as: ids.owner, body });
  const url = `${below(scope, 'inside')}?${version}`;
  const made = await world.ask('PUT', url, { as: ids.owner, body });
  const inside = await world.ask('GET', `${scope}/resources?api-version=2021-04-01`, {
    as: ids.owner,
  });
  assert.deepEqual(
    inside.json?.value?.map((one) => one['type']),
    [type],
  );
  assert.ok(await principalOf(made));
  assert.equal((await world.ask('DELETE', groupUrl, { as: ids.owner })).status, 202);
  assert.equal(await principalOf(made), undefined);
  await refusedWith(404, 'ResourceGroupNotFound', () => world.ask('GET', url, { as: ids.owner }));
});

const refusals: readonly (readonly [string, number, string, () => Promise<Answer>])[] = [
  ['a role that only reads', 403, 'AuthorizationFailed', () => put('no', undefined, ids.reader)],
  ['no location', 400, 'LocationRequired', () => put('no', {})],
  [
    'an unknown location',
    400,
    'LocationNotAvailableForResourceType',
    () => put('no', { location: 'mars' }),
  ],
  [
    'another location than it has',
    409,
    'InvalidResourceLocation',
    () => put('fixed', { location: 'northeurope' }),
  ],
  ['a name that begins with a hyphen', 400, 'InvalidResourceName', () => put('-no')],
  [
    'a property that Batten lacks',
    501,
    'NotImplemented',
    () => put('no', { location: 'westeurope', properties: { isolationScope: 'Regional' } }),
  ],
  [
    'a tag that is no text',
    400,
    'InvalidRequestContent',
    () => put('no', { location: 'westeurope', tags: { a: 1 } }),
  ],
  [
    'an identity that is not there',
    404,
    'ResourceNotFound',
    () => world.ask('PATCH', `${below(group, 'absent')}?${version}`, { as: ids.owner, body: {} }),
  ],
  [
    'a group that is not there',
    404,
    'ResourceGroupNotFound',
    () =>
      world.ask('PUT', `${below(`${subscription}/resourceGroups/none`, 'x1y')}?${version}`, {
        as: ids.owner,
        body: { location: 'westeurope' },
      }),
  ],
];

for (const [what, status, code, ask] of refusals) {
  test(`${what} is refused with ${code}, and nothing changes`, async () => {
    await put('fixed');
    await refusedWith(status, code, ask);
  });
}
