import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import { addApplication } from '#directory/application.store.ts';
import { removePassword } from '#directory/credential.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import {
  findServicePrincipalByAppId,
  updateServicePrincipal,
} from '#directory/service-principal.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { readAccessToken } from './access-token.ts';
import { contoso, openWorld, secretSeconds, type World, worker } from './world.test.ts';

const v2Path = `/${contoso.tenantId}/oauth2/v2.0/token`;
const v1Path = `/${contoso.tenantId}/oauth2/token`;

const right = {
  grant_type: 'client_credentials',
  client_id: worker.appId,
  client_secret: worker.secretText,
  scope: 'https://batch.core.windows.net//.default',
};

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

function headerOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}

test('a right secret gives exactly the recorded answer, and nothing more for sign-in scopes', async (t) => {
  const world = await openWorld(t);
  const form = {
    ...right,
    scope: `${right.scope} openid offline_access profile`,
    client_info: '1',
  };
  const answer = await world.send({ path: v2Path, form });
  assert.equal(answer.status, 200);
  assert.equal(answer.contentType, 'application/json; charset=utf-8');
  assert.deepEqual(Object.keys(answer.json), [
    'token_type',
    'expires_in',
    'ext_expires_in',
    'access_token',
  ]);
  assert.equal(answer.json.token_type, 'Bearer');
  assert.equal(answer.json.expires_in, 3599);
  assert.equal(answer.json.ext_expires_in, 3599);
  assert.equal(answer.headers['Cache-Control'], 'no-store, no-cache');
  assert.equal(answer.headers['x-ms-clitelem'], '1,0,0,,');
  assert.equal(answer.headers['Access-Control-Allow-Origin'], undefined);
});

test('an app-only token of version 1.0 has the recorded claims in the recorded order', async (t) => {
  const world = await openWorld(t);
  const form = { ...right, scope: 'https://management.azure.com/.default', claims: cp1 };
  const answer = await world.send({ path: v2Path, form });
  const token = answer.json.access_token;
  const { kid, ...header } = headerOf(token);
  assert.deepEqual(header, { typ: 'JWT', alg: 'RS256', x5t: kid });
  const claims = claimsOf(token);
  assert.deepEqual(
    Object.keys(claims),
    'aud iss iat nbf exp aio appid appidacr idp idtyp oid rh sub tid uti ver xms_cc xms_tcdt'.split(
      ' ',
    ),
  );
  const { iat, nbf, exp, aio, rh, uti, oid, sub, ...fixed } = claims;
  assert.deepEqual(fixed, {
    aud: 'https://management.azure.com',
    iss: `https://sts.windows.net/${contoso.tenantId}/`,
    appid: worker.appId,
    appidacr: '1',
    idp: `https://sts.windows.net/${contoso.tenantId}/`,
    idtyp: 'app',
    tid: contoso.tenantId,
    ver: '1.0',
    xms_cc: ['cp1'],
    xms_tcdt: 1795251600,
  });
  assert.equal(iat, 1795251600 - 300);
  assert.equal(nbf, iat);
  assert.equal(Number(exp) - Number(iat), 3900);
  assert.equal(oid, guidOfText('Worker', 'principal'));
  assert.equal(sub, oid);
  assert.match(String(aio), /^E2Z.{29}$/);
  assert.match(String(rh), /^0\.A.{50}\.$/);
  assert.equal(String(uti).length, 22);
});

const cp1 = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';

const audiences: readonly (readonly [path: string, asked: Record<string, string>, aud: string])[] =
  [
    [
      v2Path,
      { scope: 'https://batch.core.windows.net//.default' },
      'https://batch.core.windows.net/',
    ],
    [
      v2Path,
      { scope: 'https://batch.core.windows.net/.default' },
      'https://batch.core.windows.net',
    ],
    [v2Path, { scope: `${firstPartyAppIds.batch}/.default` }, firstPartyAppIds.batch],
    [v2Path, { scope: 'https://graph.microsoft.com/.default' }, 'https://graph.microsoft.com'],
    [v2Path, { scope: '.default' }, firstPartyAppIds.graph],
    [v1Path, {}, firstPartyAppIds.directoryGraph],
    [v1Path, { resource: '' }, firstPartyAppIds.directoryGraph],
    [v1Path, { resource: 'https://graph.windows.net' }, 'https://graph.windows.net'],
    [v1Path, { resource: 'https://batch.core.windows.net/' }, 'https://batch.core.windows.net/'],
    [
      v1Path,
      { resource: 'https://management.core.windows.net/' },
      'https://management.core.windows.net/',
    ],
    [
      '/adfs/oauth2/token',
      { resource: 'https://batch.core.windows.net/' },
      'https://batch.core.windows.net/',
    ],
    [
      '/contoso.example/oauth2/v2.0/token',
      { scope: right.scope },
      'https://batch.core.windows.net/',
    ],
  ];

for (const [path, asked, aud] of audiences) {
  test(`${path} with ${JSON.stringify(asked)} gives the audience ${aud}`, async (t) => {
    const world = await openWorld(t);
    const { scope: _, ...credentials } = right;
    const answer = await world.send({ path, form: { ...credentials, ...asked } });
    assert.equal(answer.status, 200);
    assert.equal(claimsOf(answer.json.access_token)['aud'], aud);
    const read = readAccessToken(answer.json.access_token, { keys: world.keys, cloud: 'public' });
    assert.ok(read.kind === 'token');
    assert.equal(read.audience, aud);
    assert.equal(read.appId, worker.appId);
  });
}

test('the v1 endpoint writes its numbers as text and names the resource', async (t) => {
  const world = await openWorld(t);
  const { scope: _, ...credentials } = right;
  const resource = 'https://management.core.windows.net/';
  const path = `${v1Path}?api-version=1.0`;
  const { json } = await world.send({ path, form: { ...credentials, resource } });
  const { access_token, ...rest } = json;
  assert.deepEqual(rest, {
    token_type: 'Bearer',
    expires_in: '3599',
    ext_expires_in: '3599',
    expires_on: String(1795251600 + 3600),
    not_before: String(1795251600 - 300),
    resource,
  });
  assert.equal(claimsOf(access_token)['aud'], resource);
});

test('the secret may come in a Basic header, each half percent-encoded', async (t) => {
  const world = await openWorld(t);
  const { grant_type, scope } = right;
  const pair = `${encodeURIComponent(worker.appId)}:${encodeURIComponent(worker.secretText)}`;
  const headers = { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  const answer = await world.send({ path: v2Path, form: { grant_type, scope }, headers });
  assert.equal(answer.status, 200);
  const other = { grant_type, scope, client_id: firstPartyAppIds.azureCli };
  const refused = await world.send({ path: v2Path, form: other, headers });
  assert.equal(refused.status, 401);
  assert.equal(refused.json.error, 'invalid_client');
});

test('a resource that asks for version 2 gets tokens for its appId from the v2 issuer', async (t) => {
  const world = await openWorld(t);
  const identifierUris = ['api://render'];
  const resource = await world.register('Render', {
    identifierUris,
    requestedAccessTokenVersion: 2,
  });
  const form = { ...right, scope: 'api://render/.default' };
  const issuers = [
    ['https://login.microsoftonline.com', 'https://login.microsoftonline.com'],
    ['https://login.windows.net', 'https://login.microsoftonline.com'],
    ['https://westeurope.login.microsoft.com', 'https://login.microsoftonline.com'],
    ['https://localhost:8443', 'https://localhost:8443'],
  ] as const;
  for (const [origin, issuer] of issuers) {
    const answer = await world.send({ origin, path: v2Path, form });
    const claims = claimsOf(answer.json.access_token);
    assert.equal(claims['aud'], resource.appId);
    assert.equal(claims['iss'], `${issuer}/${contoso.tenantId}/v2.0`);
    assert.equal(claims['azp'], worker.appId);
    assert.equal(claims['azpacr'], '1');
    assert.equal(claims['ver'], '2.0');
    assert.deepEqual(Object.keys(headerOf(answer.json.access_token)), ['typ', 'alg', 'kid']);
  }
});

test('an explicit address is a name of Resource Manager there, and nowhere else', async (t) => {
  const world = await openWorld(t);
  const address = 'https://localhost:8443';
  const form = { ...right, scope: `${address}/.default` };
  const own = await world.send({ origin: address, path: v2Path, form });
  assert.equal(claimsOf(own.json.access_token)['aud'], address);
  for (const origin of ['https://login.microsoftonline.com', 'https://localhost:9443']) {
    const { status, json } = await world.send({ origin, path: v2Path, form });
    assert.deepEqual([status, json.error_codes], [400, [500011]]);
  }
});

test('a token of another cloud has its own issuer and key', async (t) => {
  const world = await openWorld(t);
  const form = { ...right, scope: 'https://batch.chinacloudapi.cn//.default' };
  const origin = 'https://login.partner.microsoftonline.cn';
  const { json } = await world.send({ origin, path: v2Path, form });
  const issuer = `https://sts.chinacloudapi.cn/${contoso.tenantId}/`;
  assert.equal(claimsOf(json.access_token)['iss'], issuer);
  const there = readAccessToken(json.access_token, { keys: world.keys, cloud: 'china' });
  assert.equal(there.kind, 'token');
  const here = readAccessToken(json.access_token, { keys: world.keys, cloud: 'public' });
  assert.ok(here.kind === 'problem');
  assert.equal(here.problem, 'wrongCloud');
});

test('app roles of the resource stand in the token, and a resource may insist on one', async (t) => {
  const world = await openWorld(t);
  const role = {
    id: guidOfText('role'),
    value: 'Frames.Render',
    displayName: 'Render',
    description: 'Render frames',
    allowedMemberTypes: ['Application'] as const,
    isEnabled: true,
  };
  const identifierUris = ['api://render'];
  const resource = await world.register('Render', { identifierUris, appRoles: [role] });
  await world.store.write((tx) =>
    updateServicePrincipal(tx, { ...resource, appRoleAssignmentRequired: true }),
  );
  const form = { ...right, scope: 'api://render/.default' };
  const refused = await world.send({ path: v2Path, form });
  assert.deepEqual([refused.status, refused.json.error_codes], [400, [501051]]);
  const named = "'(Worker) is not assigned to a role for the application 'api://render'(Render). ";
  assert.ok(refused.json.error_description.includes(named));
  await world.store.write((tx) =>
    addAppRoleAssignment(tx, {
      tenantId: contoso.tenantId,
      assignmentId: 'one',
      principalId: guidOfText('Worker', 'principal'),
      resourceId: resource.objectId,
      appRoleId: role.id,
      createdAt: world.clock.civil(),
    }),
  );
  const granted = await world.send({ path: v2Path, form });
  assert.deepEqual(claimsOf(granted.json.access_token)['roles'], ['Frames.Render']);
});

test('a secret is refused from the moment it expires, and a removed one is simply wrong', async (t) => {
  const world = await openWorld(t);
  world.clock.advanceSeconds(secretSeconds - 1);
  assert.equal((await world.send({ path: v2Path, form: right })).status, 200);
  world.clock.advanceSeconds(1);
  const expired = await world.send({ path: v2Path, form: right });
  assert.deepEqual([expired.status, expired.json.error], [401, 'invalid_client']);
  assert.match(expired.json.error_description, /^AADSTS7000222: The provided client secret keys/);
  const holder = { tenantId: contoso.tenantId, appObjectId: guidOfText('worker application') };
  await world.store.write((tx) => removePassword(tx, holder, guidOfText('worker secret')));
  const removed = await world.send({ path: v2Path, form: right });
  assert.deepEqual([removed.status, removed.json.error_codes], [401, [7000215]]);
});

test('an application without a service principal is told so, and a disabled one too', async (t) => {
  const world = await openWorld(t);
  const appId = guidOfText('lonely');
  await world.store.write((tx) =>
    addApplication(tx, {
      tenantId: contoso.tenantId,
      objectId: guidOfText('lonely object'),
      appId,
      displayName: 'Lonely',
      createdAt: world.clock.civil(),
    }),
  );
  const lonely = await world.send({ path: v2Path, form: { ...right, client_id: appId } });
  assert.deepEqual([lonely.status, lonely.json.error_codes], [401, [7000229]]);
  await disable(world, worker.appId);
  const disabled = await world.send({ path: v2Path, form: right });
  assert.deepEqual([disabled.status, disabled.json.error], [400, 'unauthorized_client']);
  assert.deepEqual(disabled.json.error_codes, [7000112]);
});

test('a disabled resource gives no token', async (t) => {
  const world = await openWorld(t);
  await disable(world, firstPartyAppIds.batch);
  const refused = await world.send({ path: v2Path, form: right });
  assert.deepEqual([refused.status, refused.json.error_codes], [400, [500014]]);
});

async function disable(world: World, appId: string): Promise<void> {
  await world.store.write(async (tx) => {
    const found = await findServicePrincipalByAppId(tx, contoso.tenantId, appId);
    assert.ok(found !== undefined);
    await updateServicePrincipal(tx, { ...found, accountEnabled: false });
  });
}

interface Refusal {
  readonly when: string;
  readonly path?: string;
  /** What differs from the right request; undefined takes a parameter away. */
  readonly change?: Readonly<Record<string, string | undefined>>;
  readonly status: number;
  readonly error: string;
  readonly number: number;
}

const refusals: readonly Refusal[] = [
  {
    when: 'the tenant is unknown',
    path: '/d0000000-0000-4000-8000-000000000009/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 90002,
  },
  {
    when: 'the domain is unknown',
    path: '/nowhere.example/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 90002,
  },
  {
    when: 'the tenant is neither an id nor a domain',
    path: '/..%2Fetc/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 900023,
  },
  {
    when: 'the tenant is what stands in its place in a sample',
    path: '/%3Ctenant%20id%3E/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 90013,
  },
  {
    when: 'the client is what stands in its place in a sample',
    change: { client_id: '<client id>' },
    status: 400,
    error: 'invalid_request',
    number: 90013,
  },
  {
    when: 'an application signs in at common',
    path: '/common/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 50059,
  },
  {
    when: 'an application signs in at organizations',
    path: '/organizations/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 50059,
  },
  {
    when: 'an application signs in at consumers',
    path: '/consumers/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 9001023,
  },
  {
    when: 'an application signs in at the tenant of personal accounts',
    path: '/9188040D-6c67-4c5b-b112-36a304b66dad/oauth2/v2.0/token',
    status: 400,
    error: 'invalid_request',
    number: 9001023,
  },
  {
    when: 'an application signs in at common on the v1 endpoint',
    path: '/common/oauth2/token',
    change: { scope: undefined, resource: 'https://batch.core.windows.net/' },
    status: 400,
    error: 'invalid_request',
    number: 50059,
  },
  {
    when: 'the grant is missing',
    change: { grant_type: undefined },
    status: 400,
    error: 'invalid_request',
    number: 900144,
  },
  {
    when: 'the grant does not exist',
    change: { grant_type: 'magic' },
    status: 400,
    error: 'unsupported_grant_type',
    number: 70003,
  },
  {
    when: 'the client is missing',
    change: { client_id: undefined },
    status: 400,
    error: 'invalid_request',
    number: 900144,
  },
  {
    when: 'the client is unknown',
    change: { client_id: 'e0000000-0000-4000-8000-000000000009' },
    status: 400,
    error: 'unauthorized_client',
    number: 700016,
  },
  {
    when: 'the client is of another tenant',
    path: '/fabrikam.example/oauth2/v2.0/token',
    status: 400,
    error: 'unauthorized_client',
    number: 700016,
  },
  {
    when: 'the client shows nothing',
    change: { client_secret: undefined },
    status: 401,
    error: 'invalid_client',
    number: 7000216,
  },
  {
    when: 'the secret is wrong',
    change: { client_secret: 'right-secret' },
    status: 401,
    error: 'invalid_client',
    number: 7000215,
  },
  {
    when: 'a public client shows a secret',
    change: { client_id: firstPartyAppIds.azureCli },
    status: 401,
    error: 'invalid_client',
    number: 700025,
  },
  {
    when: 'the assertion is no token',
    change: {
      client_secret: undefined,
      client_assertion: 'a.b',
      client_assertion_type: jwtBearer(),
    },
    status: 400,
    error: 'invalid_request',
    number: 50027,
  },
  {
    when: 'the assertion has no type',
    change: { client_secret: undefined, client_assertion: 'a.b.c' },
    status: 400,
    error: 'invalid_request',
    number: 900144,
  },
  {
    when: 'the scope is missing',
    change: { scope: undefined },
    status: 400,
    error: 'invalid_request',
    number: 90014,
  },
  {
    when: 'the scope names a permission',
    change: { scope: 'https://batch.core.windows.net//user_impersonation' },
    status: 400,
    error: 'invalid_scope',
    number: 1002012,
  },
  {
    when: 'the scope has no resource',
    change: { scope: '/.default' },
    status: 400,
    error: 'invalid_scope',
    number: 70011,
  },
  {
    when: 'two resources are asked for',
    change: {
      scope: 'https://batch.core.windows.net//.default https://graph.microsoft.com/.default',
    },
    status: 400,
    error: 'invalid_scope',
    number: 70011,
  },
  {
    when: 'resource comes to the v2 endpoint',
    change: { resource: 'https://batch.core.windows.net/' },
    status: 400,
    error: 'invalid_request',
    number: 901002,
  },
  {
    when: 'the resource is unknown',
    change: { scope: 'https://nothing.example/.default' },
    status: 400,
    error: 'invalid_resource',
    number: 500011,
  },
  {
    when: 'the resource is of another cloud',
    change: { scope: 'https://batch.chinacloudapi.cn//.default' },
    status: 400,
    error: 'invalid_resource',
    number: 500011,
  },
  {
    when: 'claims is no JSON',
    change: { claims: '{' },
    status: 400,
    error: 'invalid_request',
    number: 9002313,
  },
];

function jwtBearer(): string {
  return 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
}

for (const { when, path, change, status, error, number } of refusals) {
  test(`when ${when}, the answer is ${status} ${error} AADSTS${number}`, async (t) => {
    const world = await openWorld(t);
    const form: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...right, ...change })) {
      if (value !== undefined) form[name] = value;
    }
    const answer = await world.send({ path: path ?? v2Path, form });
    assert.equal(answer.status, status);
    assert.equal(answer.json.error, error);
    assert.deepEqual(answer.json.error_codes, [number]);
    assert.equal(answer.json.access_token, undefined);
    assert.equal(answer.headers['x-ms-clitelem'], `1,${number},0,,`);
    assert.equal(world.recorded.length, 1);
    assert.equal(world.recorded[0]?.code, `AADSTS${number}`);
  });
}

test('a page of another origin gets no token for an application, right secret or not', async (t) => {
  const world = await openWorld(t);
  const headers = { origin: 'https://page.example' };
  for (const form of [right, { ...right, client_secret: 'wrong' }]) {
    const { status, json } = await world.send({ path: v2Path, form, headers });
    assert.deepEqual([status, json.error_codes], [400, [9002326]]);
    assert.equal(json.access_token, undefined);
  }
});

test('a refusal is spelled as recorded, with the ids of the request', async (t) => {
  const world = await openWorld(t);
  const correlation = 'b0000000-0000-4000-8000-000000000001';
  const headers = { 'client-request-id': correlation };
  const form = { ...right, client_secret: 'wrong' };
  const answer = await world.send({ path: v2Path, form, headers });
  const trace = answer.headers['x-ms-request-id'];
  assert.equal(answer.headers['client-request-id'], correlation);
  assert.equal(
    JSON.stringify(answer.json),
    JSON.stringify({
      error: 'invalid_client',
      error_description:
        'AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret ' +
        `value, not the client secret ID, for a secret added to app '${worker.appId}'. Trace ID: ${trace} ` +
        `Correlation ID: ${correlation} Timestamp: 2026-11-21 09:00:00Z`,
      error_codes: [7000215],
      timestamp: '2026-11-21 09:00:00Z',
      trace_id: trace,
      correlation_id: correlation,
      error_uri: 'https://login.microsoftonline.com/error?code=7000215',
    }),
  );
});

test('a parameter that comes twice is refused, one that nobody reads is not', async (t) => {
  const world = await openWorld(t);
  const text = new URLSearchParams(right).toString();
  const twice = await world.send({ path: v2Path, form: `${text}&client_id=${worker.appId}` });
  assert.deepEqual([twice.status, twice.json.error_codes], [400, [9002313]]);
  const extra = await world.send({ path: v2Path, form: `${text}&x-app-name=a&x-app-name=b` });
  assert.equal(extra.status, 200);
  const broken = await world.send({ path: v2Path, form: `${text}&client_id=%zz` });
  assert.deepEqual([broken.status, broken.json.error_codes], [400, [9002313]]);
});

test('GET on a token endpoint is refused and told what is accepted', async (t) => {
  const world = await openWorld(t);
  const answer = await world.send({ path: v2Path });
  assert.equal(answer.json.error, 'invalid_request');
  assert.match(
    answer.json.error_description,
    /^AADSTS900561: The endpoint only accepts POST requests\. Received a GET request\./,
  );
});

test('an endpoint that Batten lacks answers 501 and names itself', async (t) => {
  const world = await openWorld(t);
  const endpoint = await world.send({ path: `/${contoso.tenantId}/kerberos` });
  assert.deepEqual([endpoint.status, endpoint.json.error], [501, 'NotImplemented']);
  assert.match(endpoint.json.error_description, /Authority_GetKerberosTicket/);
});

test('a form beyond the limit is refused unread', async (t) => {
  const world = await openWorld(t);
  const form = `scope=${'a'.repeat(270_000)}`;
  assert.equal((await world.send({ path: v2Path, form })).status, 413);
});

test('every sign-in is recorded, and no secret is', async (t) => {
  const world = await openWorld(t);
  const granted = await world.send({ path: v2Path, form: right });
  await world.send({ path: v2Path, form: { ...right, client_secret: 'a-wrong-secret' } });
  const [first, second] = world.recorded;
  assert.equal(first?.id, granted.headers['x-ms-request-id']);
  assert.deepEqual([first?.kind, first?.code, first?.tenantId], ['signIn', '', contoso.tenantId]);
  assert.equal(first?.principalId, guidOfText('Worker', 'principal'));
  assert.deepEqual([second?.code, second?.principalId], ['AADSTS7000215', worker.appId]);
  const kept = JSON.stringify(world.recorded);
  for (const secret of [worker.secretText, 'a-wrong-secret', granted.json.access_token]) {
    assert.ok(!kept.includes(secret));
  }
});
