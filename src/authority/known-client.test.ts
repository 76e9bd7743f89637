import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { appRoleAssignmentsOf } from '#directory/app-role-assignment.store.ts';
import {
  addApplication,
  findApplicationByAppId,
  isNameConflict,
  updateApplication,
} from '#directory/application.store.ts';
import type { Application, DelegatedPermission } from '#directory/application.ts';
import { addPassword } from '#directory/credential.store.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { permissionGrantsOf } from '#directory/permission-grant.store.ts';
import {
  addServicePrincipal,
  findServicePrincipal,
  findServicePrincipalByAppId,
  servicePrincipalOf,
} from '#directory/service-principal.store.ts';
import { addSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { bobName, openPagesWorld, type PagesWorld, toldTo } from './pages-world.test.ts';
import { claimsOf, requiredOf, site } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

const api = {
  appId: guidOfText('api app'),
  objectId: guidOfText('api'),
  uri: 'api://jobs',
  secretText: 'api-secret~',
};

const run: DelegatedPermission = {
  id: guidOfText('Run'),
  value: 'Run',
  type: 'User',
  isEnabled: true,
  userConsentDisplayName: 'Run jobs',
};

const scope = `openid ${api.uri}/.default`;
const roleName = 'Directory.Read.All';

/**
 * The site asks for the API; the API asks Graph for permissions of its own, and names the site as a
 * client that it knows.
 */
async function openSolution(
  t: TestContext,
  change: Partial<Application> = {},
): Promise<PagesWorld> {
  const signInAudience = 'AzureADMultipleOrgs';
  const ofApi = {
    resourceAppId: api.appId,
    resourceAccess: [{ id: run.id, type: 'Scope' as const }],
  };
  const world = await openPagesWorld(t, { signInAudience, requiredResourceAccess: [ofApi] });
  const { tenantId } = contoso;
  const { graphPrincipal, store } = world;
  const createdAt = world.clock.civil();
  const ofGraph = requiredOf(graphPrincipal, 'User.Read');
  await store.write(async (tx) => {
    const added = await addApplication(tx, {
      tenantId,
      appId: api.appId,
      objectId: api.objectId,
      displayName: 'Jobs API',
      createdAt,
      signInAudience,
      identifierUris: [api.uri],
      oauth2PermissionScopes: [run],
      requiredResourceAccess: [ofGraph],
      profile: { knownClientApplications: [site.appId.toUpperCase()] },
      ...change,
    });
    assert.ok(!isNameConflict(added));
    const dates = { startAt: createdAt, endAt: addSeconds(createdAt, 86_400) };
    const secret = { tenantId, appObjectId: api.objectId, keyId: guidOfText('api secret') };
    await addPassword(tx, { ...secret, ...dates }, api.secretText);
    const place = { tenantId, objectId: guidOfText('api principal'), createdAt };
    await addServicePrincipal(tx, servicePrincipalOf(added, place));
  });
  return world;
}

/** What an application has in a tenant: `resource: permission` for one user or all, and its roles. */
async function grantedTo({ store }: PagesWorld, appId: string, tenantId: string) {
  return store.read(async (tx) => {
    const holder = await findServicePrincipalByAppId(tx, tenantId, appId);
    if (holder === undefined) return 'no service principal';
    const grants = await permissionGrantsOf(tx, tenantId, holder.objectId);
    const found: string[] = [];
    for (const { resourceId, oauthScopes, principalId } of grants) {
      const resource = await findServicePrincipal(tx, tenantId, resourceId);
      const whose = principalId === undefined ? 'everybody' : 'one user';
      found.push(...oauthScopes.map((one) => `${resource?.displayName} ${one} for ${whose}`));
    }
    const assigned = await appRoleAssignmentsOf(tx, tenantId, holder.objectId);
    return [...found, ...assigned.map(() => 'a role')].sort();
  });
}

async function tokens(
  { send }: PagesWorld,
  form: Readonly<Record<string, string>>,
  tenantId: string,
) {
  return send({ path: `/${tenantId}/oauth2/v2.0/token`, form });
}

/** Redeems the code of the last redirect, and lets the API exchange the token for one of Graph. */
async function callGraphThroughApi(world: PagesWorld, tenantId: string) {
  const { code = '' } = toldTo(world);
  const ofSite = { client_id: site.appId, client_secret: site.secretText };
  const redirect = { grant_type: 'authorization_code', code, redirect_uri: site.redirectUri };
  const first = await tokens(world, { ...ofSite, ...redirect }, tenantId);
  assert.equal(claimsOf(first.json.access_token)['scp'], 'Run', first.json.error_description);
  const ofApi = { client_id: api.appId, client_secret: api.secretText };
  const exchange = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    requested_token_use: 'on_behalf_of',
    assertion: first.json.access_token,
    scope: 'https://graph.microsoft.com/.default',
  };
  return tokens(world, { ...ofApi, ...exchange }, tenantId);
}

async function accept({ browser }: PagesWorld): Promise<void> {
  await browser.submit({ consent: 'accept' });
  if (browser.shown.text.includes('id="kmsiTitle"')) await browser.submit({ stay: '0' });
}

test('who consents to a client consents to what an API needs that knows it, and the API may act for her', async (t) => {
  const world = await openSolution(t);
  await world.authorize({ scope });
  await world.prove();
  const { text } = world.browser.shown;
  assert.match(text, /Run jobs<\/bdi>/);
  assert.match(text, /for \u2068Jobs API\u2069, which this app works with/);
  assert.match(text, /\(User\.Read\)/);
  await accept(world);
  const { tenantId } = contoso;
  assert.deepEqual(await grantedTo(world, site.appId, tenantId), [
    'Jobs API Run for one user',
    'Microsoft Graph openid for one user',
  ]);
  assert.deepEqual(await grantedTo(world, api.appId, tenantId), [
    'Microsoft Graph User.Read for one user',
  ]);
  const exchanged = await callGraphThroughApi(world, tenantId);
  assert.equal(claimsOf(exchanged.json.access_token)['scp'], 'User.Read');
  const noted = world.recorded.filter(({ kind }) => kind === 'activity');
  assert.deepEqual(
    noted.map(({ facts }) => (facts['target'] as { displayName: string }).displayName),
    ['Site', 'Jobs API'],
  );
});

test('both applications come to the tenant of whoever consents', async (t) => {
  const world = await openSolution(t);
  const { tenantId } = fabrikam;
  await world.authorize({ scope }, 'organizations');
  await world.prove(bobName);
  assert.match(world.browser.shown.text, /Run jobs<\/bdi>/);
  assert.match(world.browser.shown.text, /\(User\.Read\)/);
  assert.equal(await grantedTo(world, api.appId, tenantId), 'no service principal');
  await accept(world);
  assert.deepEqual(await grantedTo(world, api.appId, tenantId), [
    'Microsoft Graph User.Read for one user',
  ]);
  const exchanged = await callGraphThroughApi(world, tenantId);
  assert.equal(claimsOf(exchanged.json.access_token)['tid'], tenantId);
});

test('an administrator grants both for everybody, roles included', async (t) => {
  const probe = await openPagesWorld(t);
  const role = probe.graphPrincipal.appRoles.find(({ value }) => value === roleName);
  assert.ok(role !== undefined);
  const graph = requiredOf(probe.graphPrincipal, 'User.Read');
  const resourceAccess = [...graph.resourceAccess, { id: role.id, type: 'Role' as const }];
  const world = await openSolution(t, { requiredResourceAccess: [{ ...graph, resourceAccess }] });
  await world.giveRole(world.bob, roles.cloudApplicationAdministrator);
  const query = new URLSearchParams({
    client_id: site.appId,
    redirect_uri: site.redirectUri,
    scope: `${api.uri}/.default`,
  });
  const { tenantId } = fabrikam;
  const open = () => world.browser.open(`/${tenantId}/v2.0/adminconsent?${query}`);
  await open();
  await world.prove(bobName);
  assert.match(world.browser.shown.text, /AADSTS90094/, 'the API asks for a role of Graph');
  assert.equal(await grantedTo(world, api.appId, tenantId), 'no service principal');
  await world.giveRole(world.bob, roles.privilegedRoleAdministrator);
  await open();
  await world.prove(bobName);
  assert.match(world.browser.shown.text, /Jobs API\u2069/);
  await world.browser.submit({ consent: 'accept' });
  assert.deepEqual(await grantedTo(world, site.appId, tenantId), ['Jobs API Run for everybody']);
  assert.deepEqual(await grantedTo(world, api.appId, tenantId), [
    'Microsoft Graph User.Read for everybody',
    'a role',
  ]);
});

const apart: readonly (readonly [name: string, change: Partial<Application>, scope: string])[] = [
  ['an API that knows nobody', { profile: {} }, scope],
  ['an API that knows another', { profile: { knownClientApplications: [api.appId] } }, scope],
  ['a permission by name', {}, `openid ${api.uri}/Run`],
];

test('without a word from the API, or for a permission by name, only the client is consented to', async (t) => {
  for (const [name, change, asked] of apart) {
    const world = await openSolution(t, change);
    await world.authorize({ scope: asked });
    await world.prove();
    assert.match(world.browser.shown.text, /Run jobs<\/bdi>/, name);
    assert.doesNotMatch(world.browser.shown.text, /User\.Read/, name);
    await accept(world);
    assert.deepEqual(await grantedTo(world, api.appId, contoso.tenantId), [], name);
    const { json } = await callGraphThroughApi(world, contoso.tenantId);
    assert.deepEqual([json.error_codes, json.suberror], [[65001], 'consent_required'], name);
  }
});

test('an API that does not name its client, or is for its own tenant alone, comes to no other', async (t) => {
  for (const change of [{ profile: {} }, { signInAudience: 'AzureADMyOrg' }] as const) {
    const world = await openSolution(t, change);
    const before = await world.consented();
    await world.authorize({ scope }, fabrikam.tenantId);
    await world.prove(bobName);
    assert.match(toldTo(world)['error_description'] ?? '', /^AADSTS500011: /);
    assert.deepEqual(await world.consented(), before);
  }
});

test('an API of another tenant that names the client gets nothing with its consent', async (t) => {
  const { tenantId } = fabrikam;
  const world = await openSolution(t, { tenantId });
  await world.authorize({ scope });
  await world.prove();
  assert.match(world.browser.shown.text, /Run jobs<\/bdi>/);
  assert.doesNotMatch(world.browser.shown.text, /User\.Read/);
  await accept(world);
  assert.deepEqual(await grantedTo(world, api.appId, contoso.tenantId), []);
});

test('what an API needs that only an administrator gives is for an administrator to consent to', async (t) => {
  const { graphPrincipal } = await openPagesWorld(t);
  const requiredResourceAccess = [requiredOf(graphPrincipal, roleName)];
  const world = await openSolution(t, { requiredResourceAccess });
  const before = await world.consented();
  await world.authorize({ scope });
  await world.prove();
  assert.match(world.browser.shown.text, /AADSTS90094/);
  assert.deepEqual(await world.consented(), before);
});

test('what was taken from the API while the page was open is not granted by it', async (t) => {
  const world = await openSolution(t);
  await world.authorize({ scope });
  await world.prove();
  await world.store.write(async (tx) => {
    const application = await findApplicationByAppId(tx, api.appId);
    assert.ok(application !== undefined);
    const later = requiredOf(world.graphPrincipal, 'User.Read', 'User.ReadBasic.All');
    await updateApplication(tx, { ...application, requiredResourceAccess: [later] });
  });
  await accept(world);
  assert.deepEqual(await grantedTo(world, api.appId, contoso.tenantId), [
    'Microsoft Graph User.Read for one user',
  ]);
});
