import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { appRoleAssignmentsOf } from '#directory/app-role-assignment.store.ts';
import type { Application, AppRole } from '#directory/application.ts';
import { removeDirectoryRole } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { permissionGrantsOf } from '#directory/permission-grant.store.ts';
import {
  addServicePrincipal,
  findServicePrincipalByAppId,
} from '#directory/service-principal.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { consentRights, mayConsentTo } from './administrator.ts';
import { bobName, openPagesWorld, type PagesWorld, toldTo } from './pages-world.test.ts';
import { attemptLifetimeSeconds } from './sign-in-attempt.store.ts';
import { claimsOf, requiredOf, site } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

const graphScope = 'https://graph.microsoft.com/.default';

/** The site asks Graph for a delegated permission and a role, and Batch for a permission. */
async function openAdminWorld(
  t: TestContext,
  more: Partial<Application> = {},
): Promise<PagesWorld> {
  const probe = await openPagesWorld(t);
  const { batchPrincipal, graphPrincipal } = probe;
  const role = graphPrincipal.appRoles.find(({ value }) => value === 'Directory.Read.All');
  assert.ok(role !== undefined);
  const graph = requiredOf(graphPrincipal, 'User.Read');
  const roleAccess = { id: role.id, type: 'Role' as const };
  return openPagesWorld(t, {
    requiredResourceAccess: [
      requiredOf(batchPrincipal, 'user_impersonation'),
      { ...graph, resourceAccess: [...graph.resourceAccess, roleAccess] },
    ],
    ...more,
  });
}

interface Asked {
  readonly tenant?: string;
  readonly isOld?: boolean;
  readonly change?: Readonly<Record<string, string>>;
}

async function ask({ browser }: PagesWorld, { tenant, isOld, change = {} }: Asked = {}) {
  const path = isOld === true ? 'adminconsent' : 'v2.0/adminconsent';
  const asked = {
    client_id: site.appId,
    redirect_uri: site.redirectUri,
    state: 'a+b %2F">&=ü',
    ...(isOld === true ? {} : { scope: graphScope }),
    ...change,
  };
  const query = new URLSearchParams(asked);
  return browser.open(`/${tenant ?? contoso.tenantId}/${path}?${query}`);
}

/** What an application has been granted in a tenant, in words. */
async function grantedIn({ store }: PagesWorld, tenantId: string): Promise<readonly string[]> {
  return store.read(async (tx) => {
    const principal = await findServicePrincipalByAppId(tx, tenantId, site.appId);
    if (principal === undefined) return ['no service principal'];
    const grants = await permissionGrantsOf(tx, tenantId, principal.objectId);
    const assigned = await appRoleAssignmentsOf(tx, tenantId, principal.objectId);
    const whose = (one: { readonly principalId?: string }) =>
      one.principalId === undefined ? 'everybody' : 'one user';
    return [
      ...grants.flatMap((one) => one.oauthScopes.map((name) => `${name} for ${whose(one)}`)),
      ...assigned.map(({ appRoleId }) => `role ${appRoleId}`),
    ].sort();
  });
}

test('an administrator is shown all that the registration asks for, and grants it for everybody', async (t) => {
  for (const isOld of [false, true]) {
    const world = await openAdminWorld(t);
    await world.giveRole(world.alice, roles.globalAdministrator);
    await ask(world, { isOld });
    await world.prove();
    const { text } = world.browser.shown;
    assert.match(text, /Review for your organization/);
    assert.match(text, /Access Azure Batch as organization users/);
    assert.match(text, /Read directory data<\/bdi> \(by itself, without a signed-in user\)/);
    assert.match(text, /\(unverified\)/);
    assert.doesNotMatch(text, /name="everybody"/);
    await world.browser.submit({ consent: 'accept' });
    assert.deepEqual(toldTo(world), {
      admin_consent: 'True',
      tenant: contoso.tenantId,
      state: 'a+b %2F">&=ü',
      ...(isOld ? {} : { scope: graphScope }),
    });
    const role = world.graphPrincipal.appRoles.find(({ value }) => value === 'Directory.Read.All');
    assert.deepEqual(await grantedIn(world, contoso.tenantId), [
      'User.Read for everybody',
      `role ${role?.id}`,
      'user_impersonation for everybody',
    ]);
    const noted = world.recorded.filter(({ kind }) => kind === 'activity');
    assert.deepEqual(
      noted.map(({ principalId, facts }) => [principalId, facts['activity'], facts['reason']]),
      [[world.alice.objectId, 'Consent to application', 'for everybody']],
    );
    const token = await tokenOf(world, contoso.tenantId);
    assert.deepEqual(claimsOf(token.json.access_token)['roles'], ['Directory.Read.All']);
  }
});

async function tokenOf(world: PagesWorld, tenantId: string) {
  const form = {
    grant_type: 'client_credentials',
    client_id: site.appId,
    client_secret: site.secretText,
    scope: graphScope,
  };
  return world.send({ path: `/${tenantId}/oauth2/v2.0/token`, form });
}

test('permissions by name are granted by name, and with them what a sign-in needs', async (t) => {
  const world = await openAdminWorld(t);
  await world.giveRole(world.alice, roles.cloudApplicationAdministrator);
  const scope = 'openid https://graph.microsoft.com/Directory.Read.All';
  await ask(world, { change: { scope } });
  await world.prove();
  await world.browser.submit({ consent: 'accept' });
  assert.equal(toldTo(world)['scope'], scope);
  assert.deepEqual(await grantedIn(world, contoso.tenantId), [
    'Directory.Read.All for everybody',
    'openid for everybody',
  ]);
  await world.authorize({ scope });
  assert.ok('code' in toldTo(world), 'nobody is asked again');
});

test('who declines sends the refusal back, and nothing was granted', async (t) => {
  const world = await openAdminWorld(t);
  await world.giveRole(world.alice, roles.globalAdministrator);
  const before = await world.consented();
  await ask(world);
  await world.prove();
  const page = world.browser.shown;
  await world.browser.submit({ consent: 'decline' });
  const { error_description, error_uri, ...told } = toldTo(world);
  const state = 'a+b %2F">&=ü';
  assert.deepEqual(told, { error: 'access_denied', admin_consent: 'True', state });
  assert.match(error_description ?? '', /^AADSTS65004: User declined to consent/);
  assert.match(error_uri ?? '', /code=65004$/);
  const form = new URLSearchParams({ consent: 'accept', flowToken: flowTokenOf(page.text) });
  const path = `/${contoso.tenantId}/consent`;
  const headers = { cookie: world.browser.cookie ?? '' };
  const again = await world.send({ path, form: `${form}`, headers });
  assert.match(again.text, /AADSTS50089/, 'who declined cannot accept afterwards');
  assert.deepEqual(await world.consented(), before);
});

test('who is no administrator hears it, may fetch one, or goes back without anything', async (t) => {
  const world = await openAdminWorld(t);
  const before = await world.consented();
  await ask(world);
  await world.prove();
  const { status, headers, text } = world.browser.shown;
  assert.equal(status, 400);
  assert.equal(headers['Location'], undefined);
  assert.match(text, /Need admin approval/);
  assert.match(text, /AADSTS90094/);
  assert.equal(world.recorded.at(-1)?.code, 'AADSTS90094');
  await world.browser.submit({ consent: 'accept' });
  assert.match(world.browser.shown.text, /AADSTS50089/, 'nothing was shown to be accepted');
  await ask(world);
  await world.browser.submit({ consent: 'other' });
  assert.match(world.browser.shown.text, /id="i0116"/);
  await ask(world);
  await world.prove();
  await world.browser.submit({ consent: 'decline' });
  assert.equal(toldTo(world)['error'], 'access_denied');
  assert.deepEqual(await world.consented(), before);
});

test('an administrator who lost the role before she accepted grants nothing', async (t) => {
  const world = await openAdminWorld(t);
  const { tenantId, objectId } = world.alice;
  await world.giveRole(world.alice, roles.globalAdministrator);
  await ask(world);
  await world.prove();
  const before = await world.consented();
  await world.store.write((tx) =>
    removeDirectoryRole(tx, tenantId, objectId, roles.globalAdministrator),
  );
  await world.browser.submit({ consent: 'accept' });
  assert.match(world.browser.shown.text, /AADSTS90094/);
  assert.deepEqual(await world.consented(), before);
});

test('the form of another browser, or one that came too late, grants nothing', async (t) => {
  const world = await openAdminWorld(t);
  await world.giveRole(world.alice, roles.globalAdministrator);
  await ask(world);
  await world.prove();
  const before = await world.consented();
  const { browser } = world;
  const own = browser.cookie;
  browser.cookie = `__Host-BattenSignIn=${'x'.repeat(64)}`;
  const page = browser.shown;
  assert.equal((await browser.submit({ consent: 'accept' })).status, 400);
  browser.cookie = own;
  world.clock.advanceSeconds(attemptLifetimeSeconds);
  const form = new URLSearchParams({ consent: 'accept', flowToken: flowTokenOf(page.text) });
  const path = `/${contoso.tenantId}/consent`;
  const late = await world.send({ path, form: `${form}`, headers: { cookie: own ?? '' } });
  assert.match(late.text, /AADSTS50089/);
  assert.deepEqual(await world.consented(), before);
});

function flowTokenOf(page: string): string {
  return /name="flowToken" value="([^"]*)"/.exec(page)?.[1] ?? '';
}

const ownRole: AppRole = {
  id: guidOfText('Jobs.Run'),
  value: 'Jobs.Run',
  displayName: 'Run jobs',
  description: 'Runs jobs.',
  allowedMemberTypes: ['Application'],
  isEnabled: true,
};

test('each directory role may consent to as much as on Entra', async (t) => {
  const { graphPrincipal, batchPrincipal } = await openPagesWorld(t);
  const permissions = graphPrincipal.oauth2PermissionScopes.slice(0, 1);
  const delegated = [{ resource: graphPrincipal, permissions }];
  const graphRole = [{ resource: graphPrincipal, permissions, appRoles: [ownRole] }];
  const otherRole = [{ resource: batchPrincipal, permissions: [], appRoles: [ownRole] }];
  const may = (templateId: keyof typeof roles) => {
    const rights = consentRights([roles[templateId]]);
    const all = [delegated, otherRole, graphRole].map((wanted) => mayConsentTo(rights, wanted));
    return [...all, rights.isAskedForEverybody];
  };
  assert.deepEqual(may('globalAdministrator'), [true, true, true, true]);
  assert.deepEqual(may('privilegedRoleAdministrator'), [true, true, true, false]);
  assert.deepEqual(may('applicationAdministrator'), [true, true, false, false]);
  assert.deepEqual(may('cloudApplicationAdministrator'), [true, true, false, false]);
  assert.deepEqual(may('userAdministrator'), [false, false, false, false]);
  assert.deepEqual(may('directoryReaders'), [false, false, false, false]);
});

test('consent in another tenant makes the application at home there, and nowhere else', async (t) => {
  const world = await openAdminWorld(t, { signInAudience: 'AzureADMultipleOrgs' });
  await world.giveRole(world.bob, roles.globalAdministrator);
  const { tenantId } = fabrikam;
  const absent = await tokenOf(world, tenantId);
  assert.deepEqual([absent.status, absent.json.error_codes], [400, [700016]]);
  await ask(world, { tenant: 'organizations' });
  await world.prove(bobName);
  assert.deepEqual(await grantedIn(world, tenantId), ['no service principal']);
  await world.browser.submit({ consent: 'accept' });
  assert.equal(toldTo(world)['tenant'], tenantId);
  const granted = await grantedIn(world, tenantId);
  assert.equal(granted.length, 3, `${granted}`);
  assert.deepEqual(await grantedIn(world, contoso.tenantId), []);
  const token = claimsOf((await tokenOf(world, tenantId)).json.access_token);
  assert.deepEqual([token['tid'], token['roles']], [tenantId, ['Directory.Read.All']]);
});

test('an administrator of one tenant consents in no other', async (t) => {
  const world = await openAdminWorld(t, { signInAudience: 'AzureADMultipleOrgs' });
  await world.giveRole(world.bob, roles.globalAdministrator);
  const before = await world.consented();
  await ask(world);
  await world.prove(bobName);
  const { error, error_description } = toldTo(world);
  assert.equal(error, 'access_denied');
  assert.match(error_description ?? '', /^AADSTS50020: /);
  assert.deepEqual(await world.consented(), before);
});

test('consent that finds its names taken is refused, and nothing was granted', async (t) => {
  const identifierUris = ['api://site'];
  const world = await openAdminWorld(t, { signInAudience: 'AzureADMultipleOrgs', identifierUris });
  await world.giveRole(world.bob, roles.globalAdministrator);
  const { tenantId } = fabrikam;
  await world.store.write(async (tx) => {
    const twin = {
      ...world.sitePrincipal,
      appId: guidOfText('twin'),
      objectId: guidOfText('twin'),
    };
    await addServicePrincipal(tx, {
      ...twin,
      tenantId,
      servicePrincipalNames: ['api://site', twin.appId],
    });
  });
  const before = await world.consented();
  await ask(world, { tenant: tenantId });
  await world.prove(bobName);
  await world.browser.submit({ consent: 'accept' });
  assert.match(world.browser.shown.text, /AADSTS650051/);
  assert.ok(world.recorded.every(({ kind }) => kind !== 'activity'));
  assert.deepEqual(await world.consented(), before);
});

const refused: readonly (readonly [name: string, asked: Asked, code: string])[] = [
  ['no client', { change: { client_id: '' } }, 'AADSTS900144'],
  ['an unknown client', { change: { client_id: guidOfText('nobody') } }, 'AADSTS700016'],
  ['an unknown tenant', { tenant: guidOfText('nowhere') }, 'AADSTS90002'],
  ['another address', { change: { redirect_uri: 'https://evil.example/' } }, 'AADSTS50011'],
  ['no scope', { change: { scope: '' } }, 'AADSTS900144'],
  ['a long state', { change: { state: 'x'.repeat(9000) } }, 'AADSTS90015'],
  ['a single-tenant application elsewhere', { tenant: fabrikam.tenantId }, 'AADSTS700016'],
  ['a single-tenant application nowhere', { tenant: 'organizations' }, 'AADSTS50194'],
];

test('what is wrong with a request for consent is a page, never a redirect', async (t) => {
  const world = await openAdminWorld(t);
  for (const [name, asked, code] of refused) {
    const { status, headers, text } = await ask(world, asked);
    assert.equal(status, 400, name);
    assert.equal(headers['Location'], undefined, name);
    assert.match(text, new RegExp(`${code}: `), name);
  }
  await world.giveRole(world.alice, roles.globalAdministrator);
  const unknown = { scope: 'https://graph.microsoft.com/Nothing.Read' };
  await ask(world, { change: unknown });
  await world.prove();
  assert.match(world.browser.shown.text, /AADSTS650053/);
});

test('prompt=admin_consent of the v1 endpoint asks an administrator on the way to the code', async (t) => {
  const world = await openAdminWorld(t);
  const asked = {
    client_id: site.appId,
    redirect_uri: site.redirectUri,
    response_type: 'code',
    resource: 'https://batch.core.windows.net/',
    prompt: 'admin_consent',
  };
  const open = (path: string, query: object) =>
    world.browser.open(`/${contoso.tenantId}/${path}?${new URLSearchParams({ ...query })}`);
  const before = await world.consented();
  await open('oauth2/authorize', asked);
  await world.prove();
  assert.match(world.browser.shown.text, /AADSTS90094/);
  assert.deepEqual(await world.consented(), before);
  await world.giveRole(world.alice, roles.globalAdministrator);
  await open('oauth2/authorize', asked);
  await world.prove();
  assert.match(world.browser.shown.text, /Review for your organization/);
  await world.browser.submit({ consent: 'accept' });
  await world.browser.submit({ stay: '0' });
  const { code, admin_consent } = toldTo(world);
  assert.ok(code !== undefined);
  assert.equal(admin_consent, 'True');
  assert.equal((await grantedIn(world, contoso.tenantId)).length, 3);
  const { resource, ...later } = asked;
  await open('oauth2/v2.0/authorize', { ...later, scope: 'openid' });
  assert.match(toldTo(world)['error_description'] ?? '', /^AADSTS90023: /, 'v2 knows it not');
});
