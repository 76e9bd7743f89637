import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { guidOfText } from '#kernel/random.ts';
import {
  type Answer,
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

const version = 'api-version=2023-11-01';
const batch = `${subscription}/providers/Microsoft.Batch`;

function urlOf(name: string): string {
  return `${group}/providers/Microsoft.Batch/batchAccounts/${name}`;
}

async function create(name: string, properties: object = {}): Promise<Answer> {
  const body = { location: 'westeurope', properties };
  return world.ask('PUT', `${urlOf(name)}?${version}`, { as: ids.owner, body });
}

async function refusedWith(status: number, code: string, ask: () => Promise<Answer>) {
  const before = await contentOf(world);
  const refused = await ask();
  assert.equal(refused.json?.error?.code, code);
  assert.equal(refused.status, status);
  assert.equal(await contentOf(world), before);
  return refused;
}

test('a new account answers 202 with a Location, whose poll answers with the account', async () => {
  const made = await create('contoso');
  assert.equal(made.status, 202);
  assert.equal(made.json, undefined);
  const location = new URL(made.headers['Location'] ?? '');
  assert.ok(location.pathname.startsWith(`${account}/operationResults/`));
  const polled = await world.ask('GET', `${location.pathname}${location.search}&t=1&s=x`, {
    as: ids.owner,
  });
  assert.equal(polled.status, 200);
  assert.deepEqual(polled.json, {
    id: account,
    name: 'contoso',
    type: 'Microsoft.Batch/batchAccounts',
    location: 'westeurope',
    properties: {
      accountEndpoint: 'contoso.westeurope.batch.azure.com',
      provisioningState: 'Succeeded',
      dedicatedCoreQuota: 20,
      dedicatedCoreQuotaPerVMFamily: [],
      dedicatedCoreQuotaPerVMFamilyEnforced: false,
      lowPriorityCoreQuota: 20,
      poolQuota: 100,
      activeJobAndJobScheduleQuota: 300,
      poolAllocationMode: 'BatchService',
      publicNetworkAccess: 'Enabled',
      privateEndpointConnections: [],
      encryption: { keySource: 'Microsoft.Batch' },
      allowedAuthenticationModes: ['SharedKey', 'AAD', 'TaskAuthenticationToken'],
    },
    identity: { type: 'None' },
  });
  assert.match(polled.headers['ETag'] ?? '', /^"0x[0-9A-F]+"$/);
  assert.equal(polled.headers['Last-Modified'], 'Fri, 15 Jan 2027 08:00:00 GMT');
});

test('the endpoint of an account is the address as it was reached', async () => {
  await create('endpoint1');
  const url = `${urlOf('endpoint1')}?${version}`;
  const china = await world.ask('GET', url, {
    token: await world.token(
      ids.owner,
      {
        aud: 'https://management.chinacloudapi.cn/',
        iss: `https://sts.chinacloudapi.cn/${ids.tenant}/`,
      },
      'china',
    ),
    reach: { cloud: 'china', origin: 'https://management.chinacloudapi.cn' },
  });
  assert.equal(
    china.json?.properties?.['accountEndpoint'],
    'endpoint1.westeurope.batch.chinacloudapi.cn',
  );
  const own = await world.ask('GET', url, {
    as: ids.owner,
    reach: { explicit: true, origin: 'https://localhost:8443' },
  });
  assert.equal(own.json?.properties?.['accountEndpoint'], 'localhost:8443/batch/endpoint1');
});

test('a PUT again changes an account, a PATCH changes what it names, and the ETag moves', async () => {
  await create('changing', { allowedAuthenticationModes: ['AAD'] });
  const url = `${urlOf('changing')}?${version}`;
  const first = await world.ask('GET', url, { as: ids.owner });
  const patched = await world.ask('PATCH', url, { as: ids.owner, body: { tags: { a: 'b' } } });
  assert.equal(patched.status, 200);
  assert.deepEqual(patched.json?.['tags'], { a: 'b' });
  assert.deepEqual(patched.json?.properties?.['allowedAuthenticationModes'], ['AAD']);
  assert.notEqual(patched.headers['ETag'], first.headers['ETag']);
  const replaced = await create('changing');
  assert.equal(replaced.status, 200);
  assert.equal(replaced.json?.['tags'], undefined);
  assert.deepEqual(replaced.json?.properties?.['allowedAuthenticationModes'], [
    'SharedKey',
    'AAD',
    'TaskAuthenticationToken',
  ]);
});

test('a removed account is gone with its keys, its content and its roles', async () => {
  await create('leaving');
  const url = `${urlOf('leaving')}?${version}`;
  await world.write((tx) => giveRole(tx, ids.stranger, roles.reader, urlOf('leaving')));
  assert.equal((await world.ask('GET', url, { as: ids.stranger })).status, 200);
  const removed = await world.ask('DELETE', url, { as: ids.owner });
  assert.equal(removed.status, 202);
  const location = new URL(removed.headers['Location'] ?? '');
  assert.ok(
    location.pathname.startsWith(`${batch}/locations/westeurope/accountOperationResults/leaving-`),
  );
  const poll = location.pathname + location.search;
  const polled = await world.ask('GET', poll, { as: ids.owner });
  assert.deepEqual([polled.status, polled.json], [200, undefined]);
  assert.deepEqual(
    world.emptied.map(({ name }) => name),
    ['leaving'],
  );
  const missing = await world.ask('GET', url, { as: ids.owner });
  assert.equal(missing.json?.error?.code, 'AccountNotFound');
  assert.match(
    missing.json?.error?.message ?? '',
    /^The specified account does not exist\.\nRequestId:[0-9a-f-]{36}\nTime:2027-01-15T08:00:00\.0000000Z$/,
  );
  assert.equal(missing.headers['x-ms-failure-cause'], undefined);
  assert.equal((await world.ask('DELETE', url, { as: ids.owner })).status, 204);
  await create('leaving');
  assert.equal((await world.ask('GET', url, { as: ids.stranger })).status, 403);
});

test('keys are 64 bytes, read alike until one is regenerated, and sealed at rest', async () => {
  await create('keyed');
  const list = () => world.ask('POST', `${urlOf('keyed')}/listKeys?${version}`, { as: ids.owner });
  const before = (await list()).json ?? {};
  assert.deepEqual(Object.keys(before), ['accountName', 'primary', 'secondary']);
  assert.equal(Buffer.from(String(before['primary']), 'base64').length, 64);
  assert.notEqual(before['primary'], before['secondary']);
  assert.deepEqual((await list()).json, before);
  assert.ok(!(await contentOf(world)).includes(String(before['primary'])));
  const renewed = await world.ask('POST', `${urlOf('keyed')}/regenerateKeys?${version}`, {
    as: ids.owner,
    body: { keyName: 'Primary' },
  });
  assert.notEqual(renewed.json?.['primary'], before['primary']);
  assert.equal(renewed.json?.['secondary'], before['secondary']);
  assert.deepEqual((await list()).json, renewed.json);
  await refusedWith(400, 'InvalidRequestContent', () =>
    world.ask('POST', `${urlOf('keyed')}/regenerateKeys?${version}`, {
      as: ids.owner,
      body: { keyName: 'Tertiary' },
    }),
  );
});

test('an account without SharedKey does not show or renew its keys', async () => {
  await create('keyless', { allowedAuthenticationModes: ['AAD'] });
  await refusedWith(409, 'OperationInvalidForCurrentState', () =>
    world.ask('POST', `${urlOf('keyless')}/listKeys?${version}`, { as: ids.owner }),
  );
  await refusedWith(409, 'OperationInvalidForCurrentState', () =>
    world.ask('POST', `${urlOf('keyless')}/regenerateKeys?${version}`, {
      as: ids.owner,
      body: { keyName: 'Primary' },
    }),
  );
});

test('a reader sees accounts of her group, and neither keys nor another group', async () => {
  await create('readable');
  const one = await world.ask('GET', `${urlOf('readable')}?${version}`, { as: ids.reader });
  assert.equal(one.status, 200);
  const listed = await world.ask('GET', `${batch}/batchAccounts?${version}`, { as: ids.reader });
  assert.ok(listed.json?.value?.some(({ name }) => name === 'readable'));
  const keys = await refusedWith(403, 'AuthorizationFailed', () =>
    world.ask('POST', `${urlOf('readable')}/listKeys?${version}`, { as: ids.reader }),
  );
  assert.ok(
    keys.json?.error?.message.includes(
      `'Microsoft.Batch/batchAccounts/listKeys/action' over scope '${urlOf('readable')}'`,
    ),
  );
  await refusedWith(403, 'AuthorizationFailed', () =>
    world.ask('GET', `${group}0/providers/Microsoft.Batch/batchAccounts?${version}`, {
      as: ids.reader,
    }),
  );
});

const badBodies: readonly (readonly [string, object, number, string])[] = [
  ['no location', {}, 400, 'LocationRequired'],
  ['a location nobody knows', { location: 'moon' }, 400, 'LocationNotAvailableForResourceType'],
  [
    'storage',
    { location: 'eastus', properties: { autoStorage: { storageAccountId: 'x' } } },
    501,
    'NotImplemented',
  ],
  [
    'its own subscription but no vault',
    { location: 'eastus', properties: { poolAllocationMode: 'UserSubscription' } },
    400,
    'InvalidRequestBody',
  ],
  [
    'a mode nobody knows',
    { location: 'eastus', properties: { allowedAuthenticationModes: ['Password'] } },
    400,
    'InvalidRequestBody',
  ],
  [
    'no mode at all',
    { location: 'eastus', properties: { allowedAuthenticationModes: [] } },
    400,
    'InvalidRequestBody',
  ],
];

for (const [what, body, status, code] of badBodies) {
  test(`an account with ${what} is refused with ${code}`, async () => {
    const url = `${urlOf('refused')}?${version}`;
    await refusedWith(status, code, () => world.ask('PUT', url, { as: ids.owner, body }));
  });
}

test("values that are Azure's own defaults are accepted", async () => {
  const made = await create('defaults', {
    poolAllocationMode: 'BatchService',
    publicNetworkAccess: 'Enabled',
    encryption: { keySource: 'Microsoft.Batch' },
    autoStorage: null,
  });
  assert.equal(made.status, 202);
});

test('names are judged, taken once in all subscriptions, and their availability can be asked', async () => {
  await create('unique1');
  await refusedWith(400, 'InvalidAccountName', () => create('Upper'));
  await refusedWith(400, 'InvalidAccountName', () => create('x'));
  const elsewhere = `${group}0/providers/Microsoft.Batch/batchAccounts/unique1?${version}`;
  await refusedWith(409, 'AccountAlreadyExists', () =>
    world.ask('PUT', elsewhere, { as: ids.owner, body: { location: 'westeurope' } }),
  );
  await refusedWith(404, 'AccountNotFound', () => world.ask('GET', elsewhere, { as: ids.owner }));
  const check = async (name: string): Promise<unknown> => {
    const url = `${batch}/locations/westeurope/checkNameAvailability?${version}`;
    const body = { name, type: 'Microsoft.Batch/batchAccounts' };
    return (await world.ask('POST', url, { as: ids.owner, body })).json;
  };
  assert.deepEqual(await check('fresh1'), { nameAvailable: true });
  assert.deepEqual(await check('unique1'), {
    nameAvailable: false,
    reason: 'AlreadyExists',
    message: "An account named 'unique1' is already in use.",
  });
  assert.deepEqual(await check('randombatchaccount@5^$g9873495873'), {
    nameAvailable: false,
    reason: 'Invalid',
    message: 'Account name must be at least 3 characters and at most 24 characters.',
  });
});

test('an account in a group that is not there is refused', async () => {
  const url = `${subscription}/resourceGroups/nothing/providers/Microsoft.Batch/batchAccounts/abc`;
  await refusedWith(404, 'ResourceGroupNotFound', () =>
    world.ask('PUT', `${url}?${version}`, { as: ids.owner, body: { location: 'westeurope' } }),
  );
});

test('resources are listed whatever their type, to whom they may be read by', async () => {
  await create('generic1');
  const listed = async (path: string, as: string): Promise<readonly unknown[]> => {
    const answer = await world.ask('GET', `${path}api-version=2021-04-01`, { as });
    return answer.json?.value?.map(({ id }) => id) ?? [answer.status];
  };
  assert.ok((await listed(`${group}/resources?`, ids.reader)).includes(urlOf('generic1')));
  assert.deepEqual(await listed(`${group}0/resources?`, ids.owner), []);
  const filter = "resourceGroup eq 'RG1' and name eq 'generic1'";
  const found = `${subscription}/resources?$filter=${encodeURIComponent(filter)}&`;
  assert.deepEqual(await listed(found, ids.owner), [urlOf('generic1')]);
  assert.deepEqual(await listed(found, ids.reader), [urlOf('generic1')]);
  assert.deepEqual(
    await listed(`${subscription}/resources?$filter=color+eq+'red'&`, ids.owner),
    [501],
  );
  assert.deepEqual(await listed(`${subscription}/resources?`, guidOfText('nobody')), [401]);
});
