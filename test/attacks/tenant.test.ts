import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after } from 'node:test';
import { openIdentityEndpoint } from '#app/identity-endpoint.ts';
import { silentLog } from '#kernel/log.ts';
import { attack } from './attack.ts';
import { claimsOf } from './forge.ts';
import { codeShown, fetchPage, openPerson } from './person.ts';
import { openAttackedWorld } from './world.ts';

/*
 * One tenant against another, one cloud against another, and requests that name a place which they
 * did not come to.
 */

const seedPath = join(import.meta.dirname, 'two-tenants.yaml');
const world = await openAttackedWorld({ seedPath });
const { tenantId } = world;
const fabrikam = 'fabrikam.example';
const batchVersion = 'api-version=2024-07-01.20.0';

interface Listed {
  readonly value: readonly { readonly id: string; readonly appId: string }[];
}

async function appIdOf(displayName: string): Promise<string> {
  const filter = encodeURIComponent(`displayName eq '${displayName}'`);
  const { json } = await world.graph.call('GET', `/v1.0/applications?$filter=${filter}`);
  return (json as Listed).value[0]?.appId ?? '';
}

const single = await appIdOf('Single tenant');

/** A token of Fabrikam's own application. */
async function fabrikamToken(resource: string): Promise<string> {
  const { appId } = await fabrikamApplication();
  const { json } = await world.token(
    {
      grant_type: 'client_credentials',
      client_id: appId,
      client_secret: 'fabrikam-secret-of-32-characters',
      scope: `${resource}/.default`,
    },
    `/${fabrikam}/oauth2/v2.0/token`,
  );
  return (json as { readonly access_token: string }).access_token;
}

/** Ids are derived from names, the same in every run: the seed's own rule, asked of the running Batten. */
async function fabrikamApplication(): Promise<{ readonly appId: string }> {
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(join(world.dataFolder, 'batten.db'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT document FROM application').all();
    const found = rows
      .map(({ document }) => JSON.parse(`${document}`) as { appId: string; displayName: string })
      .find(({ displayName }) => displayName === 'Fabrikam application');
    assert.ok(found);
    return found;
  } finally {
    database.close();
  }
}

attack('TEN-01', async () => {
  const asked = {
    client_id: single,
    redirect_uri: 'https://single.example/cb',
    response_type: 'code',
    scope: 'openid',
  };
  for (const alias of ['common', 'organizations']) {
    const person = openPerson(world);
    await world.unchanged(() => person.authorize(asked, alias));
    const told = new URL(person.shown.headers['location'] ?? '').searchParams;
    assert.match(told.get('error_description') ?? '', /^AADSTS50194: /, alias);
    assert.equal(told.get('code'), null);
  }
});

attack('TEN-02', async () => {
  const person = openPerson(world);
  await person.authorize({
    client_id: single,
    redirect_uri: 'https://single.example/cb',
    response_type: 'code',
    scope: 'openid',
  });
  await person.submit({ loginfmt: 'ada@fabrikam.example' });
  const shown = await world.unchanged(() => person.submit({ passwd: 'Ada-of-fabrikam-1' }));
  assert.equal(codeShown(shown), 'AADSTS50020');
  assert.equal(person.shown.headers['location'], undefined);
  const form = {
    grant_type: 'password',
    client_id: single,
    username: 'ada@fabrikam.example',
    password: 'Ada-of-fabrikam-1',
    scope: 'openid',
  };
  const answer = await world.unchanged(() => world.token(form));
  assert.deepEqual([answer.status, answer.code], [400, 'AADSTS50034']);
});

attack('TEN-03', async () => {
  const token = await fabrikamToken('https://graph.microsoft.com');
  await world.graph.call('POST', '/v1.0/groups', {
    ...{ displayName: 'Own', mailNickname: 'own' },
    ...{ mailEnabled: false, securityEnabled: true },
  });
  for (const kind of ['applications', 'servicePrincipals', 'users', 'groups']) {
    const { json } = await world.graph.call('GET', `/v1.0/${kind}`);
    const [own] = (json as Listed).value;
    assert.ok(own, kind);
    const absent = '11111111-2222-4333-8444-555555555555';
    for (const [method, path] of [
      ['GET', `${kind}/${own.id}`],
      ['DELETE', `${kind}/${own.id}`],
      ['GET', `directoryObjects/${own.id}`],
      ['GET', `${kind}/${absent}`],
      ['DELETE', `${kind}/${absent}`],
    ] as const) {
      const target = `/v1.0/${path}`;
      const answer = await world.unchanged(() => world.ask({ method, target, token }));
      assert.deepEqual([answer.status, answer.code], [404, 'Request_ResourceNotFound'], path);
    }
  }
});

attack('TEN-04', async () => {
  const { json } = await world.ask({
    target: '/v1.0/servicePrincipals',
    token: await fabrikamToken('https://graph.microsoft.com'),
  });
  const foreign = (json as Listed).value.find(({ id }) => id !== '');
  const scope = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}`;
  const roleDefinitionId = `${scope}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  const name = '99999999-2222-4333-8444-555555555555';
  const answer = await world.unchanged(async () =>
    world.ask({
      method: 'PUT',
      target: `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}?api-version=2022-04-01`,
      token: await world.tokenFor('https://management.azure.com/'),
      json: { properties: { principalId: foreign?.id, roleDefinitionId } },
    }),
  );
  assert.deepEqual([answer.status, answer.code], [400, 'PrincipalNotFound']);
});

attack('TEN-05', async () => {
  const manager = await fabrikamToken('https://management.azure.com/');
  const target = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}?api-version=2022-12-01`;
  const refused = await world.unchanged(() => world.ask({ target, token: manager }));
  assert.deepEqual([refused.status, refused.code], [401, 'InvalidAuthenticationTokenTenant']);
  const batch = await fabrikamToken('https://batch.core.windows.net/');
  const jobs = `/batch/${world.account}/jobs?${batchVersion}`;
  const atBatch = await world.unchanged(() => world.ask({ target: jobs, token: batch }));
  assert.deepEqual([atBatch.status, atBatch.code], [401, 'AuthenticationFailed']);
});

attack('TEN-06', async () => {
  const form = (username: string, password: string) => ({
    grant_type: 'password',
    client_id: single,
    username,
    password,
    scope: 'openid',
  });
  const crossed = await world.unchanged(
    () => world.token(form('ada@contoso.example', 'Ada-of-fabrikam-1')),
    'sign_in_failure',
  );
  assert.deepEqual([crossed.status, crossed.code], [400, 'AADSTS50126']);
  const everybody = await everybodyAppId();
  for (const [name, password] of [
    ['ada@fabrikam.example', 'Ada-of-fabrikam-1'],
    ['ada@contoso.example', 'Ada-of-contoso-1'],
  ] as const) {
    const browser = openPerson(world);
    await browser.authorize(
      {
        client_id: everybody,
        redirect_uri: 'https://everybody.example/cb',
        response_type: 'code',
        scope: 'openid profile',
      },
      'organizations',
    );
    assert.match((await browser.submit({ loginfmt: name })).text, /i0118/);
    await browser.submit({ passwd: password });
    // Her own password is right in her own tenant, which now asks for consent.
    assert.match(browser.shown.text, /name="consent" value="accept"/, name);
  }
});

async function everybodyAppId(): Promise<string> {
  const token = await fabrikamToken('https://graph.microsoft.com');
  const filter = encodeURIComponent("displayName eq 'Everybody'");
  const { json } = await world.ask({ target: `/v1.0/applications?$filter=${filter}`, token });
  return (json as Listed).value[0]?.appId ?? '';
}

attack('TEN-08', async () => {
  const token = await world.tokenFor('https://batch.core.windows.net/');
  const jobs = `/jobs?${batchVersion}`;
  const own = `${world.account}.westeurope.batch.azure.com`;
  assert.equal((await world.ask({ target: jobs, host: own, token })).status, 200);
  const strangers = [
    { target: jobs, host: 'evil.example', serverName: 'localhost' },
    { target: `https://evil.example${jobs}`, host: own },
    { target: `http://169.254.169.254/metadata/identity/oauth2/token`, host: own },
  ];
  for (const stranger of strangers) {
    const answer = await world.unchanged(() => world.ask({ ...stranger, token }));
    assert.equal(answer.status, 421, JSON.stringify(stranger));
  }
  // On a host of Azure's the path names no account: the host alone does.
  for (const [host, account, status] of [
    ['fabrikambatch.westeurope.batch.azure.com', 'contosobatch', 401],
    [own, 'fabrikambatch', 400],
  ] as const) {
    const target = `/batch/${account}${jobs}`;
    const spoofed = await world.unchanged(() => world.ask({ target, host, token }));
    assert.equal(spoofed.status, status, spoofed.body);
  }
});

attack('TEN-09', async () => {
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'host=evil.example',
  };
  const target = `/${tenantId}/v2.0/.well-known/openid-configuration`;
  const [plain, poisoned] = [await world.ask({ target }), await world.ask({ target, headers })];
  assert.equal(poisoned.body, plain.body);
  assert.ok(!poisoned.body.includes('evil.example'));
  const form = {
    grant_type: 'client_credentials',
    client_id: world.env['AZURE_CLIENT_ID'] ?? '',
    client_secret: world.env['AZURE_CLIENT_SECRET'] ?? '',
    scope: 'https://management.azure.com/.default',
  };
  const token = `/${tenantId}/oauth2/v2.0/token`;
  const { json } = await world.ask({ target: token, form, headers });
  const claims = claimsOf((json as { readonly access_token: string }).access_token);
  assert.equal(claims['iss'], `https://sts.windows.net/${tenantId}/`);
  const asked = { client_id: single, response_type: 'code', scope: 'openid' };
  const query = new URLSearchParams({ ...asked, redirect_uri: 'https://single.example/cb' });
  const page = await fetchPage(
    world,
    `/${tenantId}/oauth2/v2.0/authorize?${query}`,
    undefined,
    headers,
  );
  assert.equal(page.status, 200);
  assert.ok(!JSON.stringify(page).includes('evil.example'));
  assert.ok(!page.text.includes('http://'), 'nor is the form sent without TLS');
});

attack('TEN-10', async () => {
  for (const host of ['login.windows.net', 'login.microsoft.com', 'sts.windows.net']) {
    const target = `/${tenantId}/v2.0/.well-known/openid-configuration`;
    const { json, status } = await world.ask({ target, host });
    assert.equal(status, 200, host);
    const { issuer } = json as { readonly issuer: string };
    assert.equal(issuer, `https://login.microsoftonline.com/${tenantId}/v2.0`);
  }
});

attack('TEN-11', async () => {
  const { appId } = await fabrikamApplication();
  const { json, status } = await world.token(
    {
      grant_type: 'client_credentials',
      client_id: appId.toUpperCase(),
      client_secret: 'fabrikam-secret-of-32-characters',
      scope: 'https://management.azure.com/.default',
    },
    `/${fabrikam.toUpperCase()}/oauth2/v2.0/token`,
  );
  assert.equal(status, 200);
  const claims = claimsOf((json as { readonly access_token: string }).access_token);
  assert.equal(claims['appid'], appId.toLowerCase());
  assert.equal(`${claims['tid']}`, `${claims['tid']}`.toLowerCase());
  assert.equal(`${claims['oid']}`, `${claims['oid']}`.toLowerCase());
  const own = await world.token(
    {
      grant_type: 'client_credentials',
      client_id: (world.env['AZURE_CLIENT_ID'] ?? '').toUpperCase(),
      client_secret: world.env['AZURE_CLIENT_SECRET'] ?? '',
      scope: 'https://graph.microsoft.com/.default',
    },
    `/${tenantId.toUpperCase()}/oauth2/v2.0/token`,
  );
  const token = (own.json as { readonly access_token: string }).access_token;
  assert.equal(claimsOf(token)['tid'], tenantId.toLowerCase());
  const { oid } = claimsOf(token) as { readonly oid: string };
  const read = await world.ask({ target: `/v1.0/servicePrincipals/${oid.toUpperCase()}`, token });
  assert.equal(read.status, 200);
  assert.equal((read.json as { readonly id: string }).id, oid);
});

attack('TEN-12', async () => {
  // Batten has no guests: whoever is no user of the tenant is refused there by every name.
  for (const username of [
    'ada_fabrikam.example#EXT#@contoso.example',
    'ada@fabrikam.example',
    'nobody@contoso.example',
  ]) {
    const form = { client_id: single, username, password: 'Ada-of-fabrikam-1', scope: 'openid' };
    const answer = await world.unchanged(() => world.token({ grant_type: 'password', ...form }));
    assert.deepEqual([answer.status, answer.code], [400, 'AADSTS50034'], username);
  }
});

attack('TEN-14', async () => {
  const group = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/batch-rg`;
  const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/runner`;
  await world.arm.call('PUT', `${id}?api-version=2023-01-31`, { location: 'westeurope' });
  const endpoint = await openIdentityEndpoint({
    dataFolder: world.dataFolder,
    identity: id,
    form: 'vm',
    subscriptionId: undefined,
    cloud: 'public',
    log: silentLog,
  });
  after(() => endpoint[Symbol.asyncDispose]());
  const { port, headers } = endpoint.instanceMetadata;
  const ask = async (query: string) => {
    const path = `/metadata/identity/oauth2/token?api-version=2018-02-01&${query}`;
    const reply = await fetch(`http://127.0.0.1:${port}${path}`, {
      headers: { ...headers, Metadata: 'true' },
    });
    const { error } = (await reply.json()) as { readonly error?: string };
    return [reply.status, error];
  };
  await world.unchanged(async () => {
    assert.deepEqual(await ask('resource=unknown'), [400, 'invalid_resource']);
    // `identity_not_found` in the words of the service itself, which are invalid_request.
    const other =
      'resource=https://management.azure.com/&client_id=11111111-2222-4333-8444-555555555555';
    assert.deepEqual(await ask(other), [400, 'invalid_request']);
  });
  assert.deepEqual(await ask('resource=https://management.azure.com/'), [200, undefined]);
});
