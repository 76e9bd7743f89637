import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAppRoleAssignment, defaultAppRoleId } from '#directory/app-role-assignment.store.ts';
import {
  addApplication,
  findApplicationByAppId,
  isNameConflict,
  updateApplication,
} from '#directory/application.store.ts';
import { removeDirectoryRole } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates as roles } from '#directory/directory-role.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import {
  pageOfPermissionGrants,
  removePermissionGrant,
} from '#directory/permission-grant.store.ts';
import {
  addServicePrincipal,
  findServicePrincipalByAppId,
  type ServicePrincipal,
  servicePrincipalOf,
  updateServicePrincipal,
} from '#directory/service-principal.store.ts';
import { putTenantSettings } from '#directory/tenant-settings.store.ts';
import { addUser, passwordHashOfUser } from '#directory/user.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { bobName, openPagesWorld, type PagesWorld, toldTo } from './pages-world.test.ts';
import { claimsOf, password, requiredOf, site } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

/** Redeems the code of the last redirect, or tries to. */
async function redeem(
  world: PagesWorld,
  tenantId = contoso.tenantId,
  more: Readonly<Record<string, string>> = {},
) {
  const form = {
    ...more,
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    code: toldTo(world)['code'] ?? '',
    redirect_uri: site.redirectUri,
  };
  return world.send({ path: `/${tenantId}/oauth2/v2.0/token`, form });
}

/** Walks on to the end: accepts what is asked, and stays signed in or not. */
async function walkOn({ browser }: PagesWorld): Promise<void> {
  if (browser.shown.text.includes('value="accept"')) await browser.submit({ consent: 'accept' });
  if (browser.shown.text.includes('id="kmsiTitle"')) await browser.submit({ stay: '0' });
}

const graph = 'https://graph.microsoft.com';
const batchName = 'https://batch.core.windows.net//user_impersonation';

test('permissions are asked about as they are needed, only the new ones, and add up', async (t) => {
  const world = await openPagesWorld(t);
  const { browser } = world;
  await world.authorize({ scope: `openid ${graph}/User.Read` });
  await world.prove();
  assert.match(browser.shown.text, /\(User\.Read\)/);
  await walkOn(world);
  const more = `openid offline_access ${graph}/User.Read ${graph}/User.ReadBasic.All`;
  await world.authorize({ scope: more });
  assert.match(browser.shown.text, /\(User\.ReadBasic\.All\)/);
  assert.doesNotMatch(browser.shown.text, /\(User\.Read\)|\(openid\)/, 'these were granted');
  await walkOn(world);
  const { json } = await redeem(world);
  const scp = String(claimsOf(json.access_token)['scp']).split(' ');
  assert.ok(scp.includes('User.Read') && scp.includes('User.ReadBasic.All'), `${scp}`);
  await world.authorize({ scope: more, prompt: 'consent' });
  assert.match(browser.shown.text, /\(User\.Read\)/, 'a forced page shows all');
});

test('one page asks for several resources, and whoever redeems the code names one of them', async (t) => {
  const world = await openPagesWorld(t);
  const { browser } = world;
  const both = `${graph}/User.Read ${batchName} openid offline_access`;
  const before = await world.consented();
  await world.authorize({ scope: both });
  await world.prove();
  assert.match(browser.shown.text, /\(User\.Read\)/);
  assert.match(browser.shown.text, /\(user_impersonation\)/);
  assert.deepEqual(await world.consented(), before, 'the page alone grants nothing');
  await walkOn(world);
  const rows = await world.rows();
  assert.deepEqual((await redeem(world)).json.error_codes, [28003]);
  assert.deepEqual(
    (await redeem(world, contoso.tenantId, { scope: both })).json.error_codes,
    [28000],
  );
  assert.deepEqual(await world.rows(), rows, 'the code is as good as before');
  const first = await redeem(world, contoso.tenantId, { scope: `${graph}/User.Read` });
  assert.equal(claimsOf(first.json.access_token)['aud'], graph);
  const refresh = (scope: string) => {
    const { refresh_token = '' } = first.json;
    const client = { client_id: site.appId, client_secret: site.secretText };
    const form = { grant_type: 'refresh_token', ...client, refresh_token, scope };
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
  };
  const second = await refresh(batchName);
  assert.equal(claimsOf(second.json.access_token)['scp'], 'user_impersonation');
  assert.deepEqual((await refresh(both)).json.error_codes, [28000], 'a token is for one resource');
  await world.authorize({ scope: both, prompt: 'none' });
  assert.ok(toldTo(world)['code'] !== undefined, 'nothing is left to ask');
});

test('what a registration asks for later needs consent by name and for another resource', async (t) => {
  const world = await openPagesWorld(t);
  await world.authorize();
  await world.prove();
  await walkOn(world);
  const first = await redeem(world);
  const refresh = (scope: string) => {
    const form = {
      grant_type: 'refresh_token',
      client_id: site.appId,
      client_secret: site.secretText,
      refresh_token: first.json.refresh_token ?? '',
      scope,
    };
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
  };
  const batch = 'https://batch.core.windows.net//.default';
  assert.equal((await refresh(batch)).status, 200);
  await world.store.write(async (tx) => {
    const application = await findApplicationByAppId(tx, site.appId);
    assert.ok(application !== undefined);
    const { requiredResourceAccess } = application;
    const later = requiredOf(world.graphPrincipal, 'User.Read');
    const all = [...requiredResourceAccess, later];
    await updateApplication(tx, { ...application, requiredResourceAccess: all });
  });
  assert.equal((await refresh(batch)).status, 200, 'what was granted stays enough for .default');
  const { json } = await refresh(`${graph}/User.Read`);
  assert.deepEqual([json.error_codes, json.suberror], [[65001], 'consent_required']);
  await world.authorize({ scope: `${graph}/User.Read` });
  assert.match(world.browser.shown.text, /\(User\.Read\)/);
  await walkOn(world);
  assert.equal((await refresh(`${graph}/User.Read`)).status, 200);
  await world.store.write(async (tx) => {
    for (const { grantId } of await pageOfPermissionGrants(tx, contoso.tenantId, '', 100)) {
      await removePermissionGrant(tx, contoso.tenantId, grantId);
    }
  });
  const revoked = await refresh(batch);
  assert.deepEqual([revoked.status, revoked.json.error_codes], [400, [65001]]);
});

test('what the registration changes while the page is open is not granted by it', async (t) => {
  const world = await openPagesWorld(t);
  await world.authorize();
  await world.prove();
  assert.match(world.browser.shown.text, /\(user_impersonation\)/);
  await world.store.write(async (tx) => {
    const application = await findApplicationByAppId(tx, site.appId);
    assert.ok(application !== undefined);
    const requiredResourceAccess = [
      ...application.requiredResourceAccess,
      requiredOf(world.graphPrincipal, 'User.Read', 'Directory.Read.All'),
    ];
    await updateApplication(tx, { ...application, requiredResourceAccess });
  });
  await world.browser.submit({ consent: 'accept' });
  const granted = await world.store.read((tx) =>
    pageOfPermissionGrants(tx, contoso.tenantId, '', 100),
  );
  const all = granted.flatMap(({ oauthScopes }) => oauthScopes).sort();
  assert.ok(!all.includes('User.Read') && !all.includes('Directory.Read.All'), `${all}`);
});

test('consent for everybody is offered to global administrators only, and not taken by itself', async (t) => {
  for (const [role, isOffered] of [
    [roles.globalAdministrator, true],
    [roles.applicationAdministrator, false],
  ] as const) {
    const world = await openPagesWorld(t);
    await world.giveRole(world.alice, role);
    await world.authorize({ scope: `openid ${graph}/Directory.Read.All` });
    await world.prove();
    const { text } = world.browser.shown;
    assert.equal(text.includes('name="everybody"'), isOffered);
    assert.doesNotMatch(text, /<input[^>]* checked/);
    await world.browser.submit({ consent: 'accept' });
    assert.deepEqual(await grantedTo(world), [world.alice.objectId]);
  }
});

/** For whom there are permission grants; undefined: everybody. */
async function grantedTo({ store }: PagesWorld): Promise<readonly (string | undefined)[]> {
  const all = await store.read((tx) => pageOfPermissionGrants(tx, contoso.tenantId, '', 100));
  return all.map(({ principalId }) => principalId);
}

const forEverybody = { consent: 'accept', everybody: '1' };

test('what a role allowed when the page was shown is refused once the role is gone', async (t) => {
  for (const [left, scope, form] of [
    [undefined, `openid ${graph}/User.Read`, forEverybody],
    [roles.applicationAdministrator, `openid ${graph}/User.Read`, forEverybody],
    [undefined, `openid ${graph}/Directory.Read.All`, { consent: 'accept' }],
  ] as const) {
    const world = await openPagesWorld(t);
    const { tenantId, objectId } = world.alice;
    await world.giveRole(world.alice, roles.globalAdministrator);
    await world.authorize({ scope });
    await world.prove();
    const before = await world.consented();
    await world.store.write((tx) =>
      removeDirectoryRole(tx, tenantId, objectId, roles.globalAdministrator),
    );
    if (left !== undefined) await world.giveRole(world.alice, left);
    await world.browser.submit(form);
    assert.match(world.browser.shown.text, /AADSTS90094/);
    assert.deepEqual(await world.consented(), before);
    await world.browser.submit({ consent: 'accept' });
    assert.match(world.browser.shown.text, /AADSTS50089/, 'what was shown is no more there');
    assert.deepEqual(await world.consented(), before);
    assert.ok(world.recorded.every(({ kind }) => kind !== 'activity'));
  }
});

test('a permission for administrators that was shown to one is judged by her rights, whatever is asked by now', async (t) => {
  const world = await openPagesWorld(t, {
    requiredResourceAccess: [
      requiredOf((await openPagesWorld(t)).graphPrincipal, 'Directory.Read.All', 'User.Read'),
    ],
  });
  const { tenantId, objectId } = world.alice;
  await world.giveRole(world.alice, roles.globalAdministrator);
  await world.authorize({ scope: `openid ${graph}/.default` });
  await world.prove();
  assert.match(world.browser.shown.text, /\(Directory\.Read\.All\)/);
  const before = await world.consented();
  await world.store.write(async (tx) => {
    await removeDirectoryRole(tx, tenantId, objectId, roles.globalAdministrator);
    const application = await findApplicationByAppId(tx, site.appId);
    assert.ok(application !== undefined);
    const requiredResourceAccess = [requiredOf(world.graphPrincipal, 'User.Read')];
    await updateApplication(tx, { ...application, requiredResourceAccess });
  });
  await world.browser.submit({ consent: 'accept' });
  assert.match(world.browser.shown.text, /AADSTS90094/);
  assert.deepEqual(await world.consented(), before);
});

test('where users may not consent, an administrator must, and then nobody is asked', async (t) => {
  const world = await openPagesWorld(t);
  const before = await world.consented();
  await world.store.write((tx) =>
    putTenantSettings(tx, contoso.tenantId, { hasUserConsent: false }),
  );
  await world.authorize();
  await world.prove();
  assert.match(world.browser.shown.text, /Need admin approval/);
  assert.match(world.browser.shown.text, /AADSTS90094/);
  assert.deepEqual(await world.consented(), before);
  await world.browser.submit({ consent: 'decline' });
  const back = { error: 'access_denied', error_subcode: 'cancel', state: 'kept' };
  assert.deepEqual(toldTo(world), back);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await world.authorize();
  await world.prove();
  await walkOn(world);
  assert.ok(toldTo(world)['code'] !== undefined);
});

test('a silent sign-in hears that consent is missing, whoever would have to give it', async (t) => {
  const world = await openPagesWorld(t);
  await world.authorize();
  await world.prove();
  await walkOn(world);
  const before = await world.consented();
  for (const name of ['User.Read', 'Directory.Read.All']) {
    await world.authorize({ scope: `${graph}/${name}`, prompt: 'none' });
    const { error, error_description, suberror } = toldTo(world);
    assert.deepEqual([error, suberror], ['interaction_required', 'consent_required'], name);
    assert.match(error_description ?? '', /^AADSTS65001: .*named 'Site'/, name);
  }
  assert.deepEqual(await world.consented(), before);
});

async function requireAssignment(world: PagesWorld, principal: ServicePrincipal): Promise<void> {
  const changed = { ...principal, appRoleAssignmentRequired: true };
  await world.store.write((tx) => updateServicePrincipal(tx, changed));
}

async function assign(world: PagesWorld, principalId: string, resourceId: string): Promise<void> {
  const { tenantId } = contoso;
  const assignment = { tenantId, principalId, resourceId, appRoleId: defaultAppRoleId };
  const assignmentId = guidOfText(principalId, resourceId);
  const createdAt = world.clock.civil();
  await world.store.write((tx) =>
    addAppRoleAssignment(tx, { ...assignment, assignmentId, createdAt }),
  );
}

test('an application that wants its users assigned takes users and direct members of groups', async (t) => {
  const world = await openPagesWorld(t);
  const { store, alice, sitePrincipal } = world;
  const { tenantId } = contoso;
  const createdAt = world.clock.civil();
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await requireAssignment(world, sitePrincipal);
  const [outer, inner] = ['outer', 'inner'].map((name) => guidOfText(name));
  assert.ok(outer !== undefined && inner !== undefined);
  await store.write(async (tx) => {
    for (const objectId of [outer, inner]) {
      await addGroup(tx, {
        tenantId,
        objectId,
        displayName: objectId,
        mailNickname: objectId,
        createdAt,
      });
    }
    await addMember(tx, tenantId, outer, inner);
    await addMember(tx, tenantId, inner, alice.objectId);
  });
  await assign(world, outer, sitePrincipal.objectId);
  await world.authorize();
  await world.prove();
  assert.match(world.browser.shown.text, /AADSTS50105/, 'a group in a group does not count');
  await assign(world, inner, sitePrincipal.objectId);
  await world.authorize();
  await world.prove();
  await walkOn(world);
  assert.equal((await redeem(world)).status, 200);
});

test('a resource that wants its users assigned refuses the others, on the pages and at the token endpoint', async (t) => {
  const world = await openPagesWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await world.authorize();
  await world.prove();
  await walkOn(world);
  await requireAssignment(world, world.batchPrincipal);
  const refused = await redeem(world);
  assert.deepEqual(refused.json.error_codes, [50105]);
  assert.match(refused.json.error_description, /Azure Batch/);
  const told = toldTo(world);
  await world.authorize();
  assert.match(world.browser.shown.text, /AADSTS50105/);
  await assign(world, world.alice.objectId, world.batchPrincipal.objectId);
  await world.authorize();
  assert.notEqual(toldTo(world)['code'], told['code']);
  assert.equal((await redeem(world)).status, 200);
});

test('where users must be assigned, none of them can consent', async (t) => {
  const world = await openPagesWorld(t);
  await requireAssignment(world, world.sitePrincipal);
  await assign(world, world.alice.objectId, world.sitePrincipal.objectId);
  await world.authorize();
  await world.prove();
  assert.match(world.browser.shown.text, /AADSTS90094/);
});

test('the first consent of a user makes an application of several tenants at home in hers', async (t) => {
  const world = await openPagesWorld(t, { signInAudience: 'AzureADMultipleOrgs' });
  const { tenantId } = fabrikam;
  const inFabrikam = () =>
    world.store.read((tx) => findServicePrincipalByAppId(tx, tenantId, site.appId));
  for (const tenant of ['organizations', tenantId]) {
    await world.authorize({}, tenant);
    await world.prove(bobName);
    assert.match(world.browser.shown.text, /value="accept"/);
    assert.equal(await inFabrikam(), undefined);
    await world.browser.submit({ consent: 'decline' });
    assert.equal(toldTo(world)['error'], 'access_denied');
    assert.equal(await inFabrikam(), undefined);
  }
  await world.authorize({}, 'organizations');
  await world.prove(bobName);
  await walkOn(world);
  const { json } = await redeem(world, 'organizations');
  const { tid, scp } = claimsOf(json.access_token);
  assert.deepEqual([tid, scp], [tenantId, 'user_impersonation'], json.error_description);
  assert.equal((await inFabrikam())?.appOwnerTenantId, contoso.tenantId);
});

test('a resource that trusts an application beforehand does not make it at home', async (t) => {
  const world = await openPagesWorld(t, { signInAudience: 'AzureADMultipleOrgs' });
  const { tenantId } = fabrikam;
  const permission = {
    id: guidOfText('Read'),
    value: 'Read',
    type: 'User' as const,
    isEnabled: true,
  };
  const preAuthorizedApplications = [
    { appId: site.appId, delegatedPermissionIds: [permission.id] },
  ];
  await world.store.write(async (tx) => {
    const api = {
      tenantId,
      objectId: guidOfText('api'),
      appId: guidOfText('api app'),
      displayName: 'Api',
      createdAt: world.clock.civil(),
      identifierUris: ['api://api'],
      oauth2PermissionScopes: [permission],
      preAuthorizedApplications,
    };
    const added = await addApplication(tx, api);
    assert.ok(!isNameConflict(added));
    const place = { tenantId, objectId: guidOfText('api principal'), createdAt: api.createdAt };
    await addServicePrincipal(tx, servicePrincipalOf(added, place));
  });
  const scope = 'openid api://api/Read';
  await world.authorize({ scope }, tenantId);
  await world.prove(bobName);
  assert.match(world.browser.shown.text, /value="accept"/);
  assert.doesNotMatch(world.browser.shown.text, /\(Read\)/, 'this needs no consent');
  await walkOn(world);
  const { json } = await redeem(world, tenantId);
  assert.equal(claimsOf(json.access_token)['scp'], 'Read', json.error_description);
});

test('a single-tenant application and users of other tenants do not meet', async (t) => {
  const world = await openPagesWorld(t);
  const before = await world.consented();
  await world.authorize({}, 'common');
  assert.match(toldTo(world)['error_description'] ?? '', /^AADSTS50194: /);
  await world.authorize({}, fabrikam.tenantId);
  assert.match(world.browser.shown.text, /AADSTS700016/);
  await world.authorize();
  await world.prove(bobName);
  const { status, headers, text } = world.browser.shown;
  assert.deepEqual([status, headers['Location']], [400, undefined]);
  assert.match(
    text,
    /AADSTS50020: .*in tenant &#39;Contoso&#39; and cannot access the application &#39;.*&#39;\(Site\) in/,
  );
  assert.deepEqual(await world.consented(), before);
});

test('an application cannot call itself verified, nor turn the text around it', async (t) => {
  const displayName = 'Microsoft Azure CLI\u202e<b>(verified)';
  const world = await openPagesWorld(t, { displayName });
  await world.authorize();
  await world.prove();
  const { text } = world.browser.shown;
  const name = 'Microsoft Azure CLI\u202e&lt;b&gt;(verified)';
  assert.ok(text.includes(`<strong><bdi>${name}</bdi></strong> (unverified)`), text);
  assert.ok(!text.includes('<b>'));
});

test('a code that went to the default address is redeemed without naming it, or with it, and with no other', async (t) => {
  const world = await openPagesWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await world.authorize({ redirect_uri: '' });
  await world.prove();
  await walkOn(world);
  const redeemWith = async (redirect: Readonly<Record<string, string>>) => {
    await world.authorize({ redirect_uri: '' });
    const form = {
      grant_type: 'authorization_code',
      client_id: site.appId,
      client_secret: site.secretText,
      code: toldTo(world)['code'] ?? '',
      ...redirect,
    };
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
  };
  assert.equal((await redeemWith({})).status, 200);
  assert.equal((await redeemWith({ redirect_uri: site.redirectUri })).status, 200);
  const other = await redeemWith({ redirect_uri: 'https://evil.example/' });
  assert.deepEqual(other.json.error_codes, [500112]);
});

test('a refresh token of one tenant is refused by another that has the application, too', async (t) => {
  const world = await openPagesWorld(t, { signInAudience: 'AzureADMultipleOrgs' });
  const sign = async (userName: string, tenant: string) => {
    world.browser.cookie = undefined;
    await world.authorize({}, tenant);
    await world.prove(userName);
    await walkOn(world);
    return (await redeem(world, tenant)).json.refresh_token ?? '';
  };
  const token = await sign('alice@contoso.example', contoso.tenantId);
  await sign(bobName, fabrikam.tenantId);
  const refresh = (tenant: string) => {
    const form = {
      grant_type: 'refresh_token',
      client_id: site.appId,
      client_secret: site.secretText,
      refresh_token: token,
    };
    return world.send({ path: `/${tenant}/oauth2/v2.0/token`, form });
  };
  const before = await world.rows();
  const refused = await refresh(fabrikam.tenantId);
  assert.deepEqual([refused.status, refused.json.error_codes], [400, [70000]]);
  assert.deepEqual(await world.rows(), before);
  assert.equal((await refresh('organizations')).status, 200);
});

test('who declined cannot accept afterwards with the same form', async (t) => {
  const world = await openPagesWorld(t);
  const before = await world.consented();
  await world.authorize();
  await world.prove();
  const { text } = world.browser.shown;
  await world.browser.submit({ consent: 'decline' });
  const { error, error_description, error_subcode } = toldTo(world);
  assert.deepEqual([error, error_subcode], ['access_denied', 'cancel']);
  assert.match(error_description ?? '', /^AADSTS65004: User declined to consent/);
  const flowToken = /name="flowToken" value="([^"]*)"/.exec(text)?.[1] ?? '';
  const form = { consent: 'accept', flowToken };
  const headers = { cookie: world.browser.cookie ?? '' };
  const again = await world.send({ path: `/${contoso.tenantId}/consent`, form, headers });
  assert.match(again.text, /AADSTS50089/);
  assert.deepEqual(await world.consented(), before);
});

test('what one account accepted counts for no other that is picked in the same sign-in', async (t) => {
  const world = await openPagesWorld(t);
  const { browser, store, alice } = world;
  await world.authorize();
  await world.prove();
  await walkOn(world);
  const carol = {
    ...alice,
    objectId: guidOfText('carol'),
    userPrincipalName: 'carol@contoso.example',
  };
  await store.write(async (tx) =>
    addUser(tx, carol, await passwordHashOfUser(tx, alice.tenantId, alice.objectId)),
  );
  await world.authorize({ prompt: 'consent', login_hint: carol.userPrincipalName });
  await browser.submit({ passwd: password });
  await browser.submit({ consent: 'accept' });
  assert.match(browser.shown.text, /id="kmsiTitle"/);
  const flowToken = /name="flowToken" value="([^"]*)"/.exec(browser.shown.text)?.[1] ?? '';
  const form = new URLSearchParams({ account: 'Alice@contoso.example', flowToken }).toString();
  await browser.post(`/${contoso.tenantId}/account`, form);
  assert.match(browser.shown.text, /value="accept"/);
  assert.match(browser.shown.text, /Alice@contoso\.example/);
});
