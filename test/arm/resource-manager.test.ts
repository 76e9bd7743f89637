import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  account,
  contentOf,
  giveRole,
  group,
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

const version = 'api-version=2021-04-01';

test('an owner sees her subscriptions, and a stranger sees none', async () => {
  const seen = await world.ask('GET', '/subscriptions?api-version=2019-11-01', { as: ids.owner });
  assert.equal(seen.status, 200);
  assert.deepEqual(
    seen.json?.value?.map((one) => one['subscriptionId']).toSorted(),
    [ids.subscription, ids.otherSubscription].toSorted(),
  );
  const none = await world.ask('GET', '/subscriptions?api-version=2019-11-01', {
    as: ids.stranger,
  });
  assert.deepEqual(none.json, { value: [], count: { type: 'Total', value: 0 } });
});

test('a role on a resource group, held through nested groups, shows the subscription above it', async () => {
  const seen = await world.ask('GET', '/subscriptions?api-version=2020-01-01', { as: ids.reader });
  assert.deepEqual(
    seen.json?.value?.map((one) => one['subscriptionId']),
    [ids.subscription],
  );
});

test('a list of groups holds only those that the caller may read', async () => {
  const all = await world.ask('GET', `${subscription}/resourceGroups?${version}`, {
    as: ids.owner,
  });
  assert.deepEqual(
    all.json?.value?.map(({ name }) => name),
    ['rg1', 'rg10'],
  );
  const some = await world.ask('GET', `${subscription}/resourcegroups?${version}`, {
    as: ids.reader,
  });
  assert.deepEqual(
    some.json?.value?.map(({ name }) => name),
    ['rg1'],
  );
  const none = await world.ask('GET', `${subscription}/resourceGroups?${version}`, {
    as: ids.stranger,
  });
  assert.equal(none.status, 403);
});

test('a role on rg1 does not open rg10', async () => {
  assert.equal((await world.ask('GET', `${group}?${version}`, { as: ids.reader })).status, 200);
  const refused = await world.ask('GET', `${group}0?${version}`, { as: ids.reader });
  assert.equal(refused.status, 403);
  assert.equal(
    refused.json?.error?.message,
    `The client 'reader@contoso.example' with object id '${ids.reader}' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '${group}0' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
  assert.equal(refused.headers['x-ms-failure-cause'], 'gateway');
  assert.equal(refused.headers['WWW-Authenticate'], undefined);
});

test('a refusal is recorded with the claims, the missing action and what was considered', async () => {
  world.recorded.length = 0;
  const refused = await world.ask('GET', `${group}0?${version}`, { as: ids.reader });
  const [event] = world.recorded;
  assert.equal(event?.id, refused.headers['x-ms-request-id']);
  assert.equal(event?.kind, 'refusal');
  assert.equal(event?.principalId, ids.reader);
  assert.deepEqual(event?.facts['missing'], {
    action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
    plane: 'control',
  });
  assert.ok(!JSON.stringify(event).includes('eyJ'), 'the token itself is not recorded');
});

test('who may not read a group learns nothing about whether it exists', async () => {
  const missing = `${subscription}/resourceGroups/nothing?${version}`;
  assert.equal((await world.ask('GET', missing, { as: ids.stranger })).status, 403);
  const found = await world.ask('GET', missing, { as: ids.owner });
  assert.equal(found.status, 404);
  assert.deepEqual(found.json?.error, {
    code: 'ResourceGroupNotFound',
    message: "Resource group 'nothing' could not be found.",
  });
});

test('a resource group is made, changed, found and removed as recorded', async () => {
  const path = `${subscription}/resourcegroups/Made?${version}`;
  const body = { location: 'East US 2', tags: { t1: 'v1' } };
  const made = await world.ask('PUT', path, { as: ids.owner, body });
  assert.equal(made.status, 201);
  assert.deepEqual(made.json, {
    id: `${subscription}/resourceGroups/Made`,
    name: 'Made',
    type: 'Microsoft.Resources/resourceGroups',
    location: 'eastus2',
    tags: { t1: 'v1' },
    properties: { provisioningState: 'Succeeded' },
  });
  const again = await world.ask('PUT', path, { as: ids.owner, body: { location: 'eastus2' } });
  assert.equal(again.status, 200);
  assert.deepEqual(again.json?.['tags'], {});
  const patched = await world.ask('PATCH', path, { as: ids.owner, body: { tags: { a: 'b' } } });
  assert.deepEqual(patched.json?.['tags'], { a: 'b' });
  assert.equal((await world.ask('HEAD', path, { as: ids.owner })).status, 204);
  const removed = await world.ask('DELETE', path, { as: ids.owner });
  assert.equal(removed.status, 202);
  assert.equal(removed.json, undefined);
  const location = new URL(removed.headers['Location'] ?? '');
  assert.equal(location.origin, 'https://management.azure.com');
  const polled = await world.ask('GET', location.pathname + location.search, { as: ids.owner });
  assert.equal(polled.status, 200);
  assert.equal(polled.json, undefined);
  assert.equal((await world.ask('HEAD', path, { as: ids.owner })).status, 404);
});

test('removing a group removes its accounts and the roles given in it, and nothing beside it', async () => {
  const doomed = `${subscription}/resourceGroups/doomed`;
  const doomedAccount = `${doomed}/providers/Microsoft.Batch/batchAccounts/doomedacct`;
  await world.ask('PUT', `${doomed}?${version}`, {
    as: ids.owner,
    body: { location: 'westeurope' },
  });
  const accountUrl = `${doomedAccount}?api-version=2023-11-01`;
  await world.ask('PUT', accountUrl, { as: ids.owner, body: { location: 'westeurope' } });
  await world.write((tx) => giveRole(tx, ids.stranger, roles.reader, doomed));
  assert.equal((await world.ask('GET', accountUrl, { as: ids.stranger })).status, 200);
  await world.ask('DELETE', `${doomed}?${version}`, { as: ids.owner });
  assert.ok(world.emptied.some(({ name }) => name === 'doomedacct'));
  await world.ask('PUT', `${doomed}?${version}`, {
    as: ids.owner,
    body: { location: 'westeurope' },
  });
  assert.equal((await world.ask('GET', accountUrl, { as: ids.stranger })).status, 403);
  assert.equal((await world.ask('GET', accountUrl, { as: ids.owner })).status, 404);
  assert.equal((await world.ask('GET', `${group}?${version}`, { as: ids.owner })).status, 200);
});

const badGroups: readonly (readonly [string, string, object, number, string])[] = [
  ['a name with a tilde', '%7E%60123', { location: 'westeurope' }, 400, 'InvalidResourceGroup'],
  [
    'a name of 91 characters',
    'x'.repeat(91),
    { location: 'westeurope' },
    400,
    'InvalidResourceGroup',
  ],
  ['no location', 'fresh', {}, 400, 'LocationRequired'],
  [
    'a location nobody knows',
    'fresh',
    { location: 'moon' },
    400,
    'LocationNotAvailableForResourceGroup',
  ],
  [
    'another location than it has',
    'rg1',
    { location: 'eastus' },
    409,
    'InvalidResourceGroupLocation',
  ],
  [
    'tags that are no texts',
    'fresh',
    { location: 'eastus', tags: { a: 1 } },
    400,
    'InvalidRequestContent',
  ],
];

for (const [name, path, body, status, code] of badGroups) {
  test(`a group with ${name} is refused with ${code}`, async () => {
    const before = await contentOf(world);
    const url = `${subscription}/resourceGroups/${path}?${version}`;
    const refused = await world.ask('PUT', url, { as: ids.owner, body });
    assert.equal(refused.status, status);
    assert.equal(refused.json?.error?.code, code);
    assert.equal(await contentOf(world), before);
  });
}

const tokens: readonly {
  readonly name: string;
  readonly claims?: Record<string, string | number>;
  readonly cloud?: string;
  readonly as?: string;
  readonly code: string;
}[] = [
  {
    name: 'for another audience',
    claims: { aud: 'https://batch.core.windows.net/' },
    code: 'InvalidAuthenticationTokenAudience',
  },
  { name: 'that expired', claims: { exp: 1_799_999_999 }, code: 'ExpiredAuthenticationToken' },
  {
    name: 'whose time has not come',
    claims: { nbf: 1_800_000_100 },
    code: 'InvalidAuthenticationToken',
  },
  {
    name: 'of another issuer',
    claims: { iss: 'https://evil.example/' },
    code: 'InvalidAuthenticationToken',
  },
  {
    name: 'whose issuer names another tenant',
    claims: { iss: `https://sts.windows.net/${ids.otherTenant}/` },
    code: 'InvalidAuthenticationToken',
  },
  { name: "of another cloud's key", cloud: 'china', code: 'InvalidAuthenticationToken' },
  {
    name: 'of a principal that was disabled',
    as: ids.disabled,
    code: 'InvalidAuthenticationToken',
  },
  { name: 'of nobody', claims: { oid: ids.tenant }, code: 'InvalidAuthenticationToken' },
  { name: 'of another tenant', as: ids.foreigner, code: 'InvalidAuthenticationTokenTenant' },
];

for (const { name, claims, cloud, as, code } of tokens) {
  test(`a token ${name} is refused with ${code} and changes nothing`, async () => {
    const before = await contentOf(world);
    const token = await world.token(as ?? ids.owner, claims, cloud);
    const body = { location: 'westeurope', tags: { changed: 'yes' } };
    const refused = await world.ask('PUT', `${group}?${version}`, { token, body });
    assert.equal(refused.status, 401);
    assert.equal(refused.json?.error?.code, code);
    assert.equal(
      refused.headers['WWW-Authenticate']?.startsWith(
        `Bearer authorization_uri="https://login.windows.net/${ids.tenant}", error="invalid_token", `,
      ),
      true,
    );
    assert.equal(await contentOf(world), before);
  });
}

test('a request without a token is told where to get one', async () => {
  const refused = await world.ask('GET', `${group}?${version}`);
  assert.equal(refused.status, 401);
  assert.equal(refused.json?.error?.code, 'AuthenticationFailed');
  assert.equal(
    refused.headers['WWW-Authenticate'],
    `Bearer authorization_uri="https://login.windows.net/${ids.tenant}", error="invalid_token", error_description="The authorization header is missing access token."`,
  );
});

test('the texts of an expired token and of a wrong audience are those of Azure', async () => {
  const expired = await world.token(ids.owner, { exp: 1_799_999_999 });
  const late = await world.ask('GET', '/subscriptions?api-version=2020-01-01', { token: expired });
  assert.equal(
    late.json?.error?.message,
    "The access token expiry UTC time '1/15/2027 7:59:59 AM' is earlier than current UTC time '1/15/2027 8:00:00 AM'.",
  );
  const foreign = await world.token(ids.owner, { aud: 'https://graph.microsoft.com' });
  const wrong = await world.ask('GET', '/subscriptions?api-version=2020-01-01', { token: foreign });
  assert.equal(
    wrong.json?.error?.message,
    "The access token has been obtained for wrong audience or resource 'https://graph.microsoft.com'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'.",
  );
});

const paths: readonly (readonly [string, string, number, string])[] = [
  ['no api-version, even without a token', `${group}`, 400, 'MissingApiVersionParameter'],
  ['an api-version of nothing', `${group}?api-version=x`, 400, 'InvalidApiVersionParameter'],
  [
    'an api-version that the type lacks',
    `${account}?api-version=2001-01-01`,
    404,
    'InvalidResourceType',
  ],
  [
    'a provider nobody knows',
    `${group}/providers/No.Such/things/a?${version}`,
    404,
    'InvalidResourceNamespace',
  ],
  [
    'a type its provider lacks',
    `${group}/providers/Microsoft.Batch/things/a?api-version=2023-11-01`,
    404,
    'InvalidResourceType',
  ],
  [
    'a subscription that is no GUID',
    `/subscriptions/x/resourceGroups?${version}`,
    400,
    'InvalidSubscriptionId',
  ],
  [
    'a subscription nobody has',
    `/subscriptions/${ids.tenant}/resourceGroups?${version}`,
    404,
    'SubscriptionNotFound',
  ],
  ['a hidden slash', `${subscription}/resourceGroups/rg1%2Fx?${version}`, 400, 'BadRequest'],
  ['a dot segment', `${subscription}/resourceGroups/../x?${version}`, 400, 'BadRequest'],
  ['a hidden dot segment', `${subscription}/resourceGroups/%2E%2E/x?${version}`, 400, 'BadRequest'],
];

for (const [name, path, status, code] of paths) {
  test(`a path with ${name} is refused with ${code}`, async () => {
    const how = name.includes('without a token') ? {} : { as: ids.owner };
    const refused = await world.ask('GET', path, how);
    assert.equal(refused.json?.error?.code, code);
    assert.equal(refused.status, status);
  });
}

test('a method that the path lacks is refused', async () => {
  const refused = await world.ask('POST', `${group}?${version}`, { as: ids.owner });
  assert.equal(refused.status, 405);
  assert.equal(
    refused.json?.error?.message,
    "The requested resource does not support http method 'POST'.",
  );
});

test('repeated slashes are read as one, and what is authorized is what is served', async () => {
  const twice = await world.ask('GET', `/${group.replace('/rg1', '//rg1')}?${version}`, {
    as: ids.reader,
  });
  assert.equal(twice.status, 200);
  const refused = await world.ask('GET', `/${group}0?${version}`, { as: ids.reader });
  assert.equal(refused.status, 403);
});

test('every reply carries its request ids, and echoes the client when asked', async () => {
  const client = ids.tenant;
  const reply = await world.ask('GET', `/subscriptions?${version}`, {
    as: ids.owner,
    headers: { 'x-ms-client-request-id': client, 'x-ms-return-client-request-id': 'true' },
  });
  assert.match(reply.headers['x-ms-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  assert.equal(reply.headers['x-ms-correlation-request-id'], reply.headers['x-ms-request-id']);
  assert.match(reply.headers['x-ms-routing-request-id'] ?? '', /^LOCAL:20270115T080000Z:/);
  assert.equal(reply.headers['x-ms-client-request-id'], client);
});

test('the metadata needs no token and has three shapes', async () => {
  const old = await world.ask('GET', '/metadata/endpoints?api-version=2015-01-01');
  assert.equal(old.status, 200);
  const authentication = old.json?.['authentication'] as { loginEndpoint: string };
  assert.equal(authentication.loginEndpoint, 'https://login.microsoftonline.com');
  const list = await world.ask('GET', '/metadata/endpoints?api-version=2019-05-01');
  assert.ok(Array.isArray(list.json));
  const one = await world.ask('GET', '/metadata/endpoints?api-version=2022-09-01');
  assert.equal(one.json?.name, 'AzureCloud');
});

test('reached by an address of its own, the metadata names that address for everything', async () => {
  const reach = { explicit: true, origin: 'https://localhost:8443' };
  const one = await world.ask('GET', '/metadata/endpoints?api-version=2022-09-01', { reach });
  assert.equal(one.json?.name, 'Batten');
  assert.equal(one.json?.['resourceManager'], 'https://localhost:8443/');
  const authentication = one.json?.['authentication'] as { loginEndpoint: string };
  assert.equal(authentication.loginEndpoint, 'https://localhost:8443');
});

test('the address of Batten itself is an audience where it was reached by it, and nowhere else', async () => {
  const token = await world.token(ids.owner, { aud: 'https://localhost:8443' });
  const reach = { explicit: true, origin: 'https://localhost:8443' };
  assert.equal((await world.ask('GET', `${group}?${version}`, { token, reach })).status, 200);
  const other = { explicit: true, origin: 'https://localhost:9443' };
  for (const elsewhere of [{}, other]) {
    const refused = await world.ask('GET', `${group}?${version}`, { token, reach: elsewhere });
    assert.equal(refused.json?.error?.code, 'InvalidAuthenticationTokenAudience');
  }
});

test('providers are listed as registered, and registering one needs its own action', async () => {
  const url = `${subscription}/providers/Microsoft.Batch?${version}`;
  const found = await world.ask('GET', url, { as: ids.owner });
  assert.equal(found.json?.['registrationState'], 'Registered');
  const register = `${subscription}/providers/Microsoft.Batch/register?${version}`;
  assert.equal((await world.ask('POST', register, { as: ids.owner })).status, 200);
  const refused = await world.ask('POST', register, { as: ids.stranger });
  assert.equal(refused.status, 403);
  assert.match(refused.json?.error?.message ?? '', /'Microsoft.Batch\/register\/action'/);
});

test('the tenant of the token is listed', async () => {
  const tenants = await world.ask('GET', '/tenants?api-version=2019-06-01', { as: ids.stranger });
  assert.deepEqual(tenants.json, {
    value: [{ id: `/tenants/${ids.tenant}`, tenantId: ids.tenant, tenantCategory: 'Home' }],
  });
});

test('groups are listed by a tag, and a filter that Batten lacks is refused by name', async () => {
  const path = `${subscription}/resourceGroups`;
  const body = { location: 'westeurope', tags: { Team: 'blue' } };
  await world.ask('PUT', `${path}/tagged?${version}`, { as: ids.owner, body });
  const listed = async (filter: string) => {
    const url = `${path}?${version}&$filter=${encodeURIComponent(filter)}`;
    return world.ask('GET', url, { as: ids.owner });
  };
  const found = await listed("tagName eq 'team' and tagValue eq 'blue'");
  assert.deepEqual(
    found.json?.value?.map(({ name }) => name),
    ['tagged'],
  );
  assert.deepEqual((await listed("tagName eq 'team' and tagValue eq 'red'")).json?.value, []);
  assert.equal((await listed("substringof('a', name)")).status, 501);
});
