import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudNamed } from '#cloud/cloud.ts';
import { addAppRoleAssignment } from '#directory/app-role-assignment.store.ts';
import type { Application, OptionalClaim } from '#directory/application.ts';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { addGroup, addMember } from '#directory/group.store.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { nameInLoginHint } from './login-hint.ts';
import { groupsMax, membershipClaims } from './optional-claims.ts';
import { claimsOf, openUserWorld, site, type UserWorld } from './user-world.test.ts';
import { contoso, worker } from './world.test.ts';

const v1 = `/${contoso.tenantId}/oauth2/token`;
const v2 = `/${contoso.tenantId}/oauth2/v2.0/token`;
const globalReader = 'f2ef992c-3afb-46b9-b7cf-a126ee74c451';

const role = { displayName: 'Reader', description: 'Reads', isEnabled: true };
const readerRole = { ...role, id: guidOfText('reader role'), value: 'Reader' };

/** A resource that the world's site may use for its users. */
async function registerApi(world: UserWorld, more: Partial<Application> = {}) {
  const api = await world.register('Api', {
    identifierUris: ['api://frames'],
    oauth2PermissionScopes: [
      { id: guidOfText('Read'), value: 'Read', type: 'User', isEnabled: true },
    ],
    appRoles: [{ ...readerRole, allowedMemberTypes: ['User', 'Application'] }],
    ...more,
  });
  await world.grant(api, 'Read');
  return api;
}

interface Tokens {
  readonly access: Record<string, unknown>;
  readonly id: Record<string, unknown>;
}

async function userTokens(world: UserWorld, resource: string, path = v2): Promise<Tokens> {
  const scope = `${resource}/.default openid profile offline_access`;
  const isV1 = path === v1;
  const code = await world.issueCode(isV1 ? { resource } : { scope });
  const { json } = await world.send({
    path,
    form: {
      grant_type: 'authorization_code',
      client_id: site.appId,
      client_secret: site.secretText,
      redirect_uri: site.redirectUri,
      code,
      claims: '{"access_token":{"xms_cc":{"values":["cp1"]}}}',
    },
  });
  assert.ok(json.access_token, json.error_description);
  return { access: claimsOf(json.access_token), id: claimsOf(json.id_token) };
}

async function appToken(world: UserWorld, resource: string) {
  const { json } = await world.send({
    path: v2,
    form: {
      grant_type: 'client_credentials',
      client_id: worker.appId,
      client_secret: worker.secretText,
      scope: `${resource}/.default`,
      claims: '{"access_token":{"xms_cc":{"values":["CP1"]}}}',
    },
  });
  assert.ok(json.access_token, json.error_description);
  return claimsOf(json.access_token);
}

const arm = 'https://management.azure.com';
const batch = 'https://batch.core.windows.net/';
const graph = 'https://graph.microsoft.com';
const api = 'api://frames';
const version2: Partial<Application> = { requestedAccessTokenVersion: 2 };

/** The names in every kind of token, in their order: recorded, or as the facts' table has them. */
const appTokens: readonly (readonly [string, string, Partial<Application>, string])[] = [
  [
    'Resource Manager, as recorded',
    arm,
    {},
    'aio appid appidacr idp idtyp oid rh sub tid uti ver xms_cc xms_tcdt',
  ],
  ['Batch', batch, {}, 'aio appid appidacr idp idtyp oid rh sub tid uti ver xms_cc xms_tcdt'],
  [
    'Graph',
    graph,
    {},
    'aio app_displayname appid appidacr idp idtyp oid rh sub tenant_region_scope tid uti ver wids ' +
      'xms_cc xms_tcdt',
  ],
  ['an API, version 1.0', api, {}, 'aio appid appidacr idp oid rh sub tid uti ver'],
  ['an API, version 2.0', api, version2, 'aio azp azpacr oid rh sub tid uti ver'],
];

const times = 'aud iss iat nbf exp';

for (const [name, resource, more, expected] of appTokens) {
  test(`an application's token for ${name} says ${expected}`, async (t) => {
    const world = await openUserWorld(t);
    await registerApi(world, more);
    const claims = await appToken(world, resource);
    assert.equal(Object.keys(claims).join(' '), `${times} ${expected}`);
  });
}

const v1User =
  'acr aio amr appid appidacr family_name given_name idtyp ipaddr name oid puid rh scp sid sub ' +
  'tid unique_name upn uti ver xms_cc xms_tcdt';

const v1Own = v1User.replace('idtyp ', '').replace('puid ', '').replace(' xms_cc xms_tcdt', '');

const userAccess: readonly (readonly [string, string, Partial<Application>, string])[] = [
  ['Resource Manager', arm, {}, v1User.replace('xms_cc', 'wids xms_cc')],
  ['Batch', batch, {}, v1User],
  [
    'Graph',
    graph,
    {},
    v1User
      .replace('acr', 'acct acr')
      .replace('appid', 'app_displayname appid')
      .replace('tid', 'tenant_region_scope tid')
      .replace('xms_cc', 'wids xms_cc xms_st'),
  ],
  ['an API, version 1.0', api, {}, v1Own],
  [
    'an API, version 2.0',
    api,
    version2,
    'aio azp azpacr name oid preferred_username rh scp sid sub tid uti ver',
  ],
];

for (const [name, resource, more, expected] of userAccess) {
  test(`a user's token for ${name} says ${expected}`, async (t) => {
    const world = await openUserWorld(t);
    await registerApi(world, more);
    await world.grant(world.batchPrincipal, 'user_impersonation');
    await world.grant(world.graphPrincipal, 'User.Read');
    if (resource === arm) await world.grant(await armPrincipal(world), 'user_impersonation');
    const { access, id } = await userTokens(world, resource);
    assert.equal(Object.keys(access).join(' '), `${times} ${expected}`);
    assert.equal(
      Object.keys(id).join(' '),
      `${times} aio name oid preferred_username rh sid sub tid uti ver`,
    );
    assert.notEqual(access['sub'], id['sub']);
    assert.equal(access['ipaddr'] ?? '127.0.0.1', '127.0.0.1');
    assert.deepEqual(access['amr'] ?? ['pwd'], ['pwd']);
  });
}

async function armPrincipal({ store }: UserWorld): Promise<ServicePrincipal> {
  const { arm: appId } = firstPartyAppIds;
  const found = await store.read((tx) => findServicePrincipalByAppId(tx, contoso.tenantId, appId));
  return found ?? assert.fail();
}

test('Graph hears which application asked and who the user is to it; her puid never changes', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.graphPrincipal, 'User.Read');
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const { access, id } = await userTokens(world, graph);
  assert.deepEqual([access['app_displayname'], access['acct']], ['Site', 0]);
  assert.deepEqual(access['xms_st'], { sub: id['sub'] });
  assert.match(String(access['puid']), /^1003[0-9A-F]{12}$/);
  assert.equal((await userTokens(world, batch)).access['puid'], access['puid']);
  assert.equal((await appToken(world, graph))['app_displayname'], 'Worker');
});

test('an id token of the v1 endpoint names the user as version 1.0 does', async (t) => {
  const world = await openUserWorld(t);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  const { id } = await userTokens(world, batch, v1);
  assert.equal(
    Object.keys(id).join(' '),
    `${times} amr family_name given_name ipaddr name oid rh sub tid unique_name upn uti ver`,
  );
});

const wanted = (name: string, ...additionalProperties: string[]): OptionalClaim => ({
  name,
  essential: false,
  additionalProperties,
});
const asking = (claims: readonly OptionalClaim[]): Partial<Application> => ({
  optionalClaims: { accessToken: claims, idToken: claims, saml2Token: [] },
});

const optional: readonly (readonly [OptionalClaim, unknown])[] = [
  [wanted('acct'), 0],
  [wanted('auth_time'), 1795251600],
  [wanted('email'), undefined],
  [wanted('family_name'), 'Anders'],
  [wanted('given_name'), 'Alice'],
  [wanted('ipaddr'), '127.0.0.1'],
  [wanted('sid'), guidOfText('session')],
  [wanted('upn'), 'Alice@contoso.example'],
  [wanted('idtyp'), undefined],
  [wanted('idtyp', 'include_user_token'), 'user'],
  [wanted('xms_cc'), ['cp1']],
  [wanted('ctry'), undefined],
  [wanted('vnet'), undefined],
  [{ ...wanted('upn'), source: 'user' }, undefined],
];

for (const [claim, expected] of optional) {
  const { name, source = "Entra's set", additionalProperties } = claim;
  const what = [name, ...additionalProperties].join(' with ');
  test(`${what} of ${source} in a version 2.0 token is ${JSON.stringify(expected)}`, async (t) => {
    const world = await openUserWorld(t);
    await registerApi(world, { ...version2, ...asking([claim]) });
    const { access } = await userTokens(world, api);
    assert.deepEqual(access[name], expected);
  });
}

test('what a client asks for stands in its id token, and login_hint names the user again', async (t) => {
  const world = await openUserWorld(t, asking([wanted('login_hint'), wanted('acct')]));
  await registerApi(world);
  const { access, id } = await userTokens(world, api);
  assert.deepEqual([access['acct'], id['acct']], [undefined, 0]);
  assert.equal(nameInLoginHint(String(id['login_hint'])), 'Alice@contoso.example');
  assert.ok(!String(id['login_hint']).includes('Alice'));
  assert.equal(nameInLoginHint('O.Brien@contoso.example'), 'O.Brien@contoso.example');
});

test('auth_time and login_hint come when the request asks for them, and nothing else does', async (t) => {
  const world = await openUserWorld(t);
  await registerApi(world);
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    redirect_uri: site.redirectUri,
    code: await world.issueCode({ scope: `${api}/.default openid` }),
    claims: '{"id_token":{"auth_time":{"essential":true},"login_hint":null,"upn":null}}',
  };
  const { json } = await world.send({ path: v2, form });
  const { auth_time, login_hint, upn, oid, name } = claimsOf(json.id_token);
  assert.deepEqual([auth_time, upn, oid, name], [1795251600, undefined, undefined, undefined]);
  assert.equal(nameInLoginHint(String(login_hint)), 'Alice@contoso.example');
});

test('claims that are no JSON are refused, and the code is as good as before', async (t) => {
  const world = await openUserWorld(t);
  await registerApi(world);
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    redirect_uri: site.redirectUri,
    code: await world.issueCode({ scope: `${api}/.default` }),
  };
  const before = await world.rows();
  for (const claims of ['{', '[]', '"cp1"']) {
    const { status, json } = await world.send({ path: v2, form: { ...form, claims } });
    assert.deepEqual([status, json.error, json.error_codes], [400, 'invalid_request', [9002313]]);
  }
  assert.deepEqual(await world.rows(), before);
  assert.equal((await world.send({ path: v2, form })).status, 200);
});

test('an application may ask for idtyp, and to be named by its appId', async (t) => {
  const world = await openUserWorld(t);
  const asked = asking([wanted('idtyp'), wanted('aud', 'use_guid')]);
  const { appId } = await registerApi(world, asked);
  const { idtyp, aud } = await appToken(world, api);
  assert.deepEqual([idtyp, aud], ['app', appId]);
});

/** Puts alice into groups, and the first of them into one more; returns their ids. */
async function join(world: UserWorld, count: number): Promise<readonly string[]> {
  const { tenantId, objectId } = world.alice;
  const ids = Array.from({ length: count }, (_, index) => guidOfText('group', `${index}`));
  await world.store.write(async (tx) => {
    for (const [index, id] of ids.entries()) {
      const names = { displayName: `Group ${index}`, mailNickname: `g${index}` };
      await addGroup(tx, { tenantId, objectId: id, ...names, createdAt: world.clock.civil() });
      await addMember(tx, tenantId, id, index === count - 1 ? (ids[0] ?? '') : objectId);
    }
  });
  return ids;
}

async function assign(world: UserWorld, principalId: string, resource: ServicePrincipal) {
  const { tenantId } = contoso;
  const resourceId = resource.objectId;
  await world.store.write(async (tx) => {
    const assignmentId = guidOfText(principalId);
    const createdAt = world.clock.civil();
    const assignment = { tenantId, principalId, resourceId, assignmentId, createdAt };
    await addAppRoleAssignment(tx, { ...assignment, appRoleId: readerRole.id });
  });
}

const memberships: readonly (readonly [string | undefined, groups: number, wids: number])[] = [
  [undefined, 0, 0],
  ['None', 0, 0],
  ['SecurityGroup', 3, 0],
  ['DirectoryRole', 0, 2],
  ['All', 3, 2],
  ['ApplicationGroup', 1, 0],
  ['ApplicationGroup, DirectoryRole', 1, 2],
];

for (const [groupMembershipClaims, groups, wids] of memberships) {
  test(`groups claims of ${groupMembershipClaims} are ${groups} groups and ${wids} roles`, async (t) => {
    const world = await openUserWorld(t);
    const more = groupMembershipClaims === undefined ? {} : { groupMembershipClaims };
    const resource = await registerApi(world, { ...version2, ...more });
    const ids = await join(world, 3);
    await assign(world, ids[1] ?? '', resource);
    const { tenantId, objectId } = world.alice;
    await world.store.write((tx) => assignDirectoryRole(tx, tenantId, objectId, globalReader));
    const { access, id } = await userTokens(world, api);
    const told = (access['groups'] ?? []) as readonly string[];
    assert.deepEqual([...told].sort(), (groups === 1 ? [ids[1]] : ids.slice(0, groups)).toSorted());
    const roles = (access['wids'] ?? []) as readonly string[];
    assert.equal(roles.length, wids);
    assert.equal(roles.includes(globalReader), wids > 0);
    assert.deepEqual([id['groups'], id['wids']], [undefined, undefined]);
    assert.deepEqual(access['roles'], ['Reader']);
  });
}

test('groups come as roles, or by name, where the application wants them so', async (t) => {
  const world = await openUserWorld(t);
  const names = { groupMembershipClaims: 'ApplicationGroup' };
  const variant = wanted('groups', 'emit_as_roles', 'cloud_displayname');
  const resource = await registerApi(world, { ...names, ...asking([variant]) });
  const ids = await join(world, 3);
  await assign(world, ids[1] ?? '', resource);
  const { access } = await userTokens(world, api);
  assert.deepEqual([access['roles'], access['groups']], [['Group 1'], undefined]);
});

test('names of a directory on premises are told of no group here', async (t) => {
  const world = await openUserWorld(t);
  const variant = wanted('groups', 'dns_domain_and_sam_account_name');
  await registerApi(world, { groupMembershipClaims: 'SecurityGroup', ...asking([variant]) });
  await join(world, 2);
  assert.equal((await userTokens(world, api)).access['groups'], undefined);
});

const place = { cloud: cloudNamed('china'), tenantId: 't', objectId: 'o' };
const groupsOf = (count: number) => ({ optional: [], groups: Array(count).fill('group') });

test('beyond two hundred groups a token says where to ask for them', () => {
  const { token } = groupsMax;
  assert.equal((membershipClaims(groupsOf(token), [], place)['groups'] as []).length, token);
  assert.deepEqual(membershipClaims(groupsOf(token + 1), ['Reader'], place), {
    roles: ['Reader'],
    _claim_names: { groups: 'src1' },
    _claim_sources: {
      src1: { endpoint: 'https://graph.chinacloudapi.cn/t/users/o/getMemberObjects' },
    },
  });
});

test('in a fragment more than five groups are only said to be there', () => {
  const fragment = { ...place, inFragment: true };
  assert.equal((membershipClaims(groupsOf(5), [], fragment)['groups'] as []).length, 5);
  const many = { ...groupsOf(6), directoryRoleIds: [globalReader] };
  assert.deepEqual(membershipClaims(many, [], fragment), { hasgroups: true });
});

test('roles of a user stand in the tokens of each application that gave them', async (t) => {
  const appRoles = [{ ...readerRole, value: 'Visitor', allowedMemberTypes: ['User'] as const }];
  const world = await openUserWorld(t, { appRoles });
  const resource = await registerApi(world);
  const [first = ''] = await join(world, 2);
  await assign(world, first, resource);
  await assign(world, world.alice.objectId, world.sitePrincipal);
  const { access, id } = await userTokens(world, api);
  assert.deepEqual([access['roles'], id['roles']], [['Reader'], ['Visitor']]);
});
