import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { readAccessToken } from '#authority/access-token.ts';
import { openSigningKeys } from '#authority/keys.ts';
import { authorityMigrations } from '#authority/migrations.ts';
import { addFirstPartyPrincipals, microsoftTenantId } from '#directory/first-party.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import {
  findServicePrincipal,
  updateServicePrincipal,
} from '#directory/service-principal.store.ts';
import { addTenant } from '#directory/tenant.store.ts';
import { parseQuery, parseTarget } from '#http/target.ts';
import { fixedClock } from '#kernel/clock.ts';
import { isGuid } from '#kernel/ids.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { silentLog } from '#kernel/log.ts';
import { guidOfText, machineRandom, seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { identityMigrations } from './migrations.ts';
import { putResourceIdentity, removeResourceIdentity } from './resource-identity.store.ts';
import type { AskedToken } from './token.http.ts';
import { tokenSurface } from './token-surface.ts';
import { addIdentity, deleteIdentity } from './user-assigned-identity.store.ts';
import { identityResourceId } from './user-assigned-identity.ts';

const folder = await mkdtemp(join(tmpdir(), 'batten-identity-'));
const store = new SqliteStore(join(folder, 'batten.db'), [
  ...directoryMigrations,
  ...authorityMigrations,
  ...identityMigrations,
]);
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

/** 2027-01-15T08:00:00Z. */
const nowSeconds = 1_800_000_000;
const clock = fixedClock(instantOfSeconds(nowSeconds));
const random = seededRandom('identity');
const seal = sealWith(random.bytes(32), random);
const keys = await openSigningKeys({ store, seal, clock, random: machineRandom() });
const credential = 'right-credential';
const arm = 'https://management.azure.com';
const at = { createdAt: clock.civil(), changedAt: clock.civil() };
const tenantId = guidOfText('tenant');

/** What the endpoint told of the tokens that it gave and refused. */
const told: AskedToken[] = [];
const noted = (asked: AskedToken): void => void told.push(asked);

const identityNamed = (name: string) => ({
  ...at,
  tenantId,
  subscriptionId: guidOfText('subscription'),
  resourceGroup: 'RG1',
  name,
  location: 'westeurope',
  tags: {},
  clientId: guidOfText('client', name),
  principalId: guidOfText('principal', name),
});
const runner = identityNamed('runner');
const runnerId = identityResourceId(runner);

await store.write(async (tx) => {
  const named = { displayName: 'Contoso', domains: ['contoso.example'] };
  for (const id of [tenantId, microsoftTenantId]) {
    await addTenant(tx, { tenantId: id, ...named, domains: [`${id}.example`], ...at });
  }
  const names = { arm: [arm, `${arm}/`], graph: [], batch: [], directoryGraph: [] };
  await addFirstPartyPrincipals(tx, tenantId, names, random, clock.civil());
  await addIdentity(tx, runner);
});

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly form?: string;
  /** ARM id whose identity the endpoint has. */
  readonly identity?: string;
}

interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, string>>;
}

async function ask(path: string, how: Ask = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, form, identity = runnerId } = how;
  const parts = { store, keys, clock, random, log: silentLog, credential, identity, noted };
  const target = parseTarget(path);
  assert.ok(target);
  const host = '127.0.0.1';
  const reply = await tokenSurface(parts).handle({
    ...{ method, target, route: target, headers, query: parseQuery(target.query) ?? [] },
    reach: {
      ...{ surface: 'identity', cloud: 'public', host, origin: `http://${host}:4000` },
      ...{ base: [], labels: {}, explicit: true },
    },
    requestId: random.guid(),
    receivedAt: clock.civil(),
    receivedReal: clock.civil(),
    remoteAddress: host,
    stream: Readable.from(form === undefined ? [] : [Buffer.from(form)]),
  });
  return { status: reply.status, json: reply.json as Answer['json'] };
}

const metadataPath = '/metadata/identity/oauth2/token';
const asked = `resource=${encodeURIComponent(arm)}`;
const metadataQuery = `?api-version=2018-02-01&${asked}`;
const metadata = { metadata: 'true', 'x-identity-header': credential };
const appServicePath = `/msi/token?api-version=2019-08-01&${asked}`;
const header = { 'x-identity-header': credential };

for (const path of [metadataPath, `${metadataPath}/`]) {
  test(`instance metadata answers at ${path} with text in every value`, async () => {
    const { status, json } = await ask(`${path}${metadataQuery}`, { headers: metadata });
    assert.equal(status, 200);
    assert.deepEqual(json, {
      access_token: json['access_token'],
      client_id: runner.clientId,
      expires_in: '86399',
      expires_on: String(nowSeconds + 86_400),
      ext_expires_in: '86399',
      not_before: String(nowSeconds - 300),
      resource: arm,
      token_type: 'Bearer',
    });
  });
}

test('the token says who the identity is, in the claims and the order of a recorded one', async () => {
  const { json } = await ask(appServicePath, { headers: header });
  const read = readAccessToken(json['access_token'] ?? '', { keys, cloud: 'public' });
  assert.ok(read.kind === 'token');
  const { claims } = read;
  const order =
    'aud iss iat nbf exp aio appid appidacr idp idtyp oid rh sub tid uti ver xms_mirid xms_tcdt';
  assert.deepEqual(Object.keys(claims), order.split(' '));
  assert.equal(claims['aud'], arm);
  assert.equal(claims['appid'], runner.clientId);
  assert.equal(claims['appidacr'], '2');
  assert.equal(claims['oid'], runner.principalId);
  assert.equal(claims['xms_mirid'], identityResourceId(runner));
  assert.equal(typeof claims['xms_tcdt'], 'string');
  assert.equal(Number(claims['exp']) - Number(claims['iat']), 86_700);
});

test("a token for the token exchange is of version 2 and names the cloud's own authority", async () => {
  const path = `${metadataPath}?api-version=2018-02-01&resource=api://AzureADTokenExchange`;
  const { status, json } = await ask(path, { headers: metadata });
  assert.equal(status, 200);
  const read = readAccessToken(String(json['access_token']), { keys, cloud: 'public' });
  assert.ok(read.kind === 'token');
  assert.equal(read.issuer, `https://login.microsoftonline.com/${tenantId}/v2.0`);
  assert.equal(read.audience, 'fb60f99c-7a34-4190-8149-302f77469936');
  assert.equal(read.claims['sub'], runner.principalId);
});

test('App Service answers in its present form and in its first one', async () => {
  const present = await ask(appServicePath, { headers: header });
  assert.deepEqual(present.json, {
    access_token: present.json['access_token'],
    expires_on: String(nowSeconds + 86_400),
    resource: arm,
    token_type: 'Bearer',
    client_id: runner.clientId,
  });
  const first = await ask(`/msi/token?api-version=2017-09-01&${asked}`, {
    headers: { secret: credential },
  });
  assert.equal(first.json['expires_on'], '01/16/2027 08:00:00 +00:00');
});

test('compute of Azure Machine Learning answers with the time in seconds', async () => {
  const path = `/msi/auth?api-version=2017-09-01&${asked}&clientid=${runner.clientId}`;
  const { status, json } = await ask(path, { headers: { secret: credential } });
  assert.deepEqual([status, json['expires_on']], [200, String(nowSeconds + 86_400)]);
  const wrong = await ask(path, { headers: { secret: `${credential}x` } });
  assert.deepEqual([wrong.status, wrong.json['access_token']], [401, undefined]);
});

test('a resource with an identity of its own gets tokens that name the resource', async () => {
  const place = `/subscriptions/${guidOfText('subscription')}/resourceGroups/RG1`;
  const resourceId = `${place}/providers/Microsoft.Batch/batchAccounts/contoso`;
  const ids = { clientId: guidOfText('own client'), principalId: guidOfText('own principal') };
  const owner = { tenantId, resourceId, name: 'contoso' };
  const wish = { type: 'SystemAssigned', userAssigned: new Map() } as const;
  const how = { headers: header, identity: resourceId };
  assert.equal((await ask(appServicePath, how)).status, 400);
  await store.write((tx) => putResourceIdentity(tx, owner, wish, { ...ids, ...at }));
  const { json } = await ask(appServicePath, how);
  const read = readAccessToken(json['access_token'] ?? '', { keys, cloud: 'public' });
  assert.ok(read.kind === 'token');
  assert.equal(read.claims['oid'], ids.principalId);
  assert.equal(read.claims['xms_mirid'], resourceId);
  await store.write((tx) => removeResourceIdentity(tx, resourceId));
  assert.equal((await ask(appServicePath, how)).status, 400);
});

test('Cloud Shell posts a form, with the credential in the path', async () => {
  const how = { method: 'POST', headers: { metadata: 'true' }, form: asked };
  const { status, json } = await ask(`/cloudshell/${credential}/oauth2/token`, how);
  assert.equal(status, 200);
  assert.equal(json['resource'], arm);
  assert.equal(json['expires_in'], '86399');
});

const noSuchIdentity =
  'No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.';

const selectors: readonly (readonly [name: string, own: string])[] = [
  ['client_id', runner.clientId],
  ['object_id', runner.principalId],
  ['principal_id', runner.principalId],
  ['msi_res_id', identityResourceId(runner)],
  ['mi_res_id', identityResourceId(runner).replace('resourcegroups', 'resourceGroups')],
];

for (const [name, own] of selectors) {
  test(`${name} may name the identity, and no other`, async () => {
    const named = (value: string) =>
      ask(`${appServicePath}&${name}=${encodeURIComponent(value)}`, { headers: header });
    assert.equal((await named(own)).status, 200);
    const refused = await named(`${own}x`);
    assert.deepEqual([refused.status, refused.json['message']], [400, noSuchIdentity]);
  });
}

const wrong = { 'x-identity-header': 'wrong-credential' };
const shell = '/cloudshell/wrong-credential/oauth2/token';
const shellForm = { method: 'POST', headers: { metadata: 'true' } };
const metadataOnly = { metadata: 'true' };

const refusals: readonly (readonly [what: string, path: string, how: Ask, Answer])[] = [
  [
    'instance metadata without the Metadata header',
    `${metadataPath}${metadataQuery}`,
    { headers: header },
    no(400, 'invalid_request', 'Required metadata header not specified'),
  ],
  [
    'instance metadata through a proxy',
    `${metadataPath}${metadataQuery}`,
    { headers: { ...metadata, 'x-forwarded-for': '10.0.0.1' } },
    no(400, 'invalid_request', 'X-Forwarded-For header is not allowed'),
  ],
  [
    'instance metadata without the credential',
    `${metadataPath}${metadataQuery}`,
    { headers: metadataOnly },
    no(401, 'unauthorized_client', 'The identity header is missing or wrong.'),
  ],
  [
    'App Service without the credential',
    appServicePath,
    {},
    hosted(401, 'The identity header is missing or wrong.'),
  ],
  [
    'App Service with a wrong credential',
    appServicePath,
    { headers: wrong },
    hosted(401, 'The identity header is missing or wrong.'),
  ],
  [
    'App Service with the header of its other form',
    appServicePath,
    { headers: { secret: credential } },
    hosted(401, 'The identity header is missing or wrong.'),
  ],
  [
    'Cloud Shell with a wrong credential',
    shell,
    { ...shellForm, form: asked },
    shelled(401, 'unauthorized_client', 'The identity header is missing or wrong.'),
  ],
  [
    'an api-version that App Service lacks',
    appServicePath.replace('2019', '2018'),
    { headers: header },
    hosted(400, 'api-version is invalid or was not specified in the request'),
  ],
  [
    'no api-version',
    `${metadataPath}?${asked}`,
    { headers: metadata },
    no(400, 'invalid_request', 'api-version is invalid or was not specified in the request'),
  ],
  [
    'no resource',
    '/msi/token?api-version=2019-08-01',
    { headers: header },
    hosted(400, "Required query variable 'resource' is missing"),
  ],
  [
    'a path that is none',
    '/metadata/instance?api-version=2021-02-01',
    { headers: metadata },
    no(400, 'invalid_request', 'The path is not one of a managed identity endpoint'),
  ],
];

function no(status: number, error: string, description: string): Answer {
  return { status, json: { error, error_description: description } };
}

/** Cloud Shell has OAuth's error in an object. */
function shelled(status: number, code: string, message: string): Answer {
  const json: Readonly<Record<string, unknown>> = { error: { code, message } };
  return { status, json: json as Answer['json'] };
}

/** App Service has a form of its own, with the id of the request. */
function hosted(statusCode: number, message: string): Answer {
  const json: Readonly<Record<string, unknown>> = { statusCode, message, correlationId: 'a GUID' };
  return { status: statusCode, json: json as Answer['json'] };
}

async function refusalAt(path: string, how: Ask): Promise<Answer> {
  const { status, json } = await ask(path, how);
  const { correlationId } = json;
  if (correlationId === undefined) return { status, json };
  assert.ok(isGuid(correlationId));
  return { status, json: { ...json, correlationId: 'a GUID' } };
}

for (const [what, path, how, expected] of refusals) {
  const { error, message = error } = expected.json;
  test(`${what} is refused as ${message}`, async () => {
    assert.deepEqual(await refusalAt(path, how), expected);
  });
}

test('a resource that the tenant does not know is refused in the words of each place', async () => {
  const nowhere = 'resource=https%3A%2F%2Fnowhere.example';
  const onMachine = await ask(`${metadataPath}?api-version=2018-02-01&${nowhere}`, {
    headers: metadata,
  });
  assert.deepEqual([onMachine.status, onMachine.json['error']], [400, 'invalid_resource']);
  assert.match(onMachine.json['error_description'] ?? '', /^AADSTS500011: .*nowhere\.example/);
  assert.deepEqual(
    await refusalAt(`/msi/token?api-version=2019-08-01&${nowhere}`, { headers: header }),
    hosted(500, 'An unexpected error occured while fetching the AAD Token.'),
  );
  const text = 'Audience https://nowhere.example is not a supported MSI token audience.';
  assert.deepEqual(
    await ask(`/cloudshell/${credential}/oauth2/token`, { ...shellForm, form: nowhere }),
    shelled(400, 'AudienceNotSupported', text),
  );
});

test('an identity that is disabled or deleted gets no more tokens', async () => {
  const leaving = identityNamed('leaving');
  await store.write((tx) => addIdentity(tx, leaving));
  const how = { headers: header, identity: identityResourceId(leaving) };
  assert.equal((await ask(appServicePath, how)).status, 200);
  const setEnabled = (accountEnabled: boolean) =>
    store.write(async (tx) => {
      const found = await findServicePrincipal(tx, tenantId, leaving.principalId);
      assert.ok(found);
      await updateServicePrincipal(tx, { ...found, accountEnabled });
    });
  await setEnabled(false);
  const gone = hosted(400, noSuchIdentity);
  assert.deepEqual(await refusalAt(appServicePath, how), gone);
  await setEnabled(true);
  assert.equal((await ask(appServicePath, how)).status, 200);
  await store.write((tx) => deleteIdentity(tx, leaving));
  assert.deepEqual(await refusalAt(appServicePath, how), gone);
});

test('every token that is given or refused is told, and no token and no credential with it', async () => {
  told.length = 0;
  await ask(appServicePath, { headers: header });
  await ask('/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fnowhere.example', {
    headers: header,
  });
  const cloudShellPath = `/cloudshell/${credential}/oauth2/token`;
  await ask(cloudShellPath, { method: 'POST', headers: { metadata: 'true' }, form: asked });
  assert.deepEqual(
    told.map((one) => [one.path, one.resource, one.clientId, one.refused?.code]),
    [
      ['/msi/token', arm, runner.clientId, undefined],
      ['/msi/token', 'https://nowhere.example', undefined, 'invalid_resource'],
      ['/cloudshell/.../oauth2/token', arm, runner.clientId, undefined],
    ],
  );
  assert.ok(!JSON.stringify(told).includes(credential));
  await ask(appServicePath, { headers: { 'x-identity-header': 'wrong' } });
  assert.equal(told.length, 3, 'who has no credential asked for no token of the identity');
});
