import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { federatedCredentialsOfApp } from '#directory/federated-credential.store.ts';
import { type Answer, contentOf, group, ids, openWorld, type World } from './world.ts';

let world: World;
let clientId: string;
before(async () => {
  world = await openWorld();
  const made = await world.ask('PUT', `${identity}?${version}`, {
    as: ids.owner,
    body: { location: 'westeurope' },
  });
  clientId = String(made.json?.properties?.['clientId']);
});
after(() => world.close());

const version = 'api-version=2023-01-31';
const provider = 'Microsoft.ManagedIdentity/userAssignedIdentities';
const identity = `${group}/providers/${provider}/federated`;
const collection = `${identity}/federatedIdentityCredentials`;

/** As recorded of `az identity federated-credential create`. */
const recorded = {
  issuer: 'https://oidc.prod-aks.azure.com/IssuerGUID',
  subject: 'system:serviceaccount:ns:svcaccount1',
  audiences: ['api://AzureADTokenExchange'],
};

function put(name: string, properties: object = recorded, as = ids.owner) {
  return world.ask('PUT', `${collection}/${name}?${version}`, { as, body: { properties } });
}

function ask(method: string, name = '', as = ids.owner) {
  return world.ask(method, `${collection}${name}?${version}`, { as });
}

test('a federated credential is made, changed, listed and removed as recorded', async () => {
  const made = await put('fic1');
  const id = `${collection.replace('resourceGroups', 'resourcegroups')}/fic1`;
  const json = {
    id,
    name: 'fic1',
    type: `${provider}/federatedIdentityCredentials`,
    properties: recorded,
  };
  assert.equal(made.status, 201);
  assert.equal(made.headers['Location'], id);
  assert.deepEqual(made.json, json);
  const changed = { ...recorded, subject: 'system:serviceaccount:ns:svcaccount3' };
  const again = await put('FIC1', changed);
  assert.equal(again.status, 200);
  assert.deepEqual(again.json, { ...json, properties: changed });
  assert.deepEqual((await ask('GET', '/fic1', ids.reader)).json, again.json);
  assert.deepEqual((await ask('GET', '', ids.reader)).json, { value: [again.json] });
  assert.equal((await ask('DELETE', '/fic1')).status, 200);
  assert.equal((await ask('DELETE', '/fic1')).status, 204);
  assert.deepEqual((await ask('GET')).json, { value: [] });
});

test('credentials go with their identity', async () => {
  const other = `${group}/providers/${provider}/leaving`;
  const as = ids.owner;
  const made = await world.ask('PUT', `${other}?${version}`, {
    as,
    body: { location: 'westeurope' },
  });
  const appId = String(made.json?.properties?.['clientId']);
  const target = `${other}/federatedIdentityCredentials/fic1?${version}`;
  await world.ask('PUT', target, { as, body: { properties: recorded } });
  const held = () => world.store.read((tx) => federatedCredentialsOfApp(tx, ids.tenant, appId));
  assert.equal((await held()).length, 1);
  await world.ask('DELETE', `${other}?${version}`, { as });
  assert.deepEqual(await held(), []);
});

const refusals: readonly (readonly [string, number, string, () => Promise<Answer>])[] = [
  ['a role that only reads', 403, 'AuthorizationFailed', () => put('no', recorded, ids.reader)],
  ['no audience', 400, 'BadRequest', () => put('no', { ...recorded, audiences: [] })],
  ['no subject', 400, 'BadRequest', () => put('no', { ...recorded, subject: undefined })],
  ['plain HTTP', 400, 'BadRequest', () => put('no1', { ...recorded, issuer: 'http://a.example' })],
  ['a name of two letters', 400, 'BadRequest', () => put('no')],
  ['the subject of another', 400, 'BadRequest', () => put('second')],
  ['two audiences', 400, 'BadRequest', () => put('no1', { ...recorded, audiences: ['a', 'b'] })],
  [
    'a property that Batten lacks',
    501,
    'NotImplemented',
    () => put('no1', { ...recorded, claimsMatchingExpression: {} }),
  ],
  ['a credential that is not there', 404, 'ResourceNotFound', () => ask('GET', '/none')],
  [
    'an identity that is not there',
    404,
    'ResourceNotFound',
    () =>
      world.ask('GET', `${collection.replace('/federated/', '/none/')}?${version}`, {
        as: ids.owner,
      }),
  ],
];

for (const [what, status, code, refuse] of refusals) {
  test(`${what} is refused with ${code}, and nothing changes`, async () => {
    await put('first');
    const before = await contentOf(world);
    const refused = await refuse();
    assert.deepEqual([refused.status, refused.json?.error?.code], [status, code]);
    assert.equal(await contentOf(world), before);
    const held = await world.store.read((tx) =>
      federatedCredentialsOfApp(tx, ids.tenant, clientId),
    );
    assert.deepEqual(
      held.map(({ name }) => name),
      ['first'],
    );
  });
}

test('an identity has at most twenty', async () => {
  for (let count = 0; count < 20; count++)
    await put(`many-${count}`, { ...recorded, subject: `${count}` });
  const refused = await put('more', { ...recorded, subject: 'more' });
  assert.deepEqual([refused.status, refused.json?.error?.code], [400, 'BadRequest']);
});
