import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appRoleValuesOf } from '#directory/app-role-assignment.store.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import {
  admin,
  appCaller,
  contoso,
  errorOf,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const readAll = '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30';
const path = `/v1.0/servicePrincipals/${known.principal}/appRoleAssignments`;
const applicationAdministrator = userCaller({
  directoryRoleIds: [directoryRoleTemplates.applicationAdministrator],
});

async function graphPrincipal(world: GraphWorld): Promise<string> {
  const line = `GET /v1.0/servicePrincipals(appId='${firstPartyAppIds.graph}')`;
  return String((await world.send(admin, line)).json['id']);
}

const rolesOn = (world: GraphWorld, resourceId: string): Promise<readonly string[]> =>
  world.store.read((tx) => appRoleValuesOf(tx, contoso, known.principal, resourceId));

test('an app role of Graph that was given is in the roles of the next token, until it is taken', async (context) => {
  const world = await openWorld(context);
  const resourceId = await graphPrincipal(world);
  const body = { principalId: known.principal, resourceId, appRoleId: readAll };
  const given = await world.send(admin, `POST ${path}`, body);
  assert.equal(given.status, 201);
  assert.equal(given.json['principalDisplayName'], 'Nightly jobs');
  assert.equal(given.json['resourceDisplayName'], 'Microsoft Graph');
  assert.deepEqual(await rolesOn(world, resourceId), ['Application.Read.All']);
  const [listed] = valuesOf(await world.send(admin, `GET ${path}`));
  assert.equal(listed?.['id'], given.json['id']);
  const other = `GET /v1.0/servicePrincipals/${resourceId}/appRoleAssignedTo`;
  assert.equal(valuesOf(await world.send(admin, other)).length, 1);
  const again = await world.send(admin, `POST ${path}`, body);
  assert.match(String(errorOf(again).message), /already exists on the object/);
  const removal = `DELETE ${path}/${String(given.json['id'])}`;
  assert.equal((await world.send(admin, removal)).status, 204);
  assert.equal((await world.send(admin, removal)).status, 404);
  assert.deepEqual(await rolesOn(world, resourceId), []);
});

test('nobody raises herself: app roles of Graph are given only by whom Entra lets', async (context) => {
  const world = await openWorld(context);
  const resourceId = await graphPrincipal(world);
  const body = { principalId: known.principal, resourceId, appRoleId: readAll };
  const spelled = { ...body, resourceId: resourceId.toUpperCase() };
  const refused = [
    appCaller(['Application.ReadWrite.All']),
    appCaller(['Application.ReadWrite.OwnedBy']),
    userCaller(),
    applicationAdministrator,
  ];
  for (const caller of refused) {
    assert.equal((await world.send(caller, `POST ${path}`, body)).status, 403);
    assert.equal((await world.send(caller, `POST ${path}`, spelled)).status, 403);
  }
  assert.deepEqual(await rolesOn(world, resourceId), []);
  const granter = appCaller(['AppRoleAssignment.ReadWrite.All']);
  assert.equal((await world.send(granter, `POST ${path}`, body)).status, 201);
});

test('an Application Administrator gives the roles of other applications', async (context) => {
  const world = await openWorld(context);
  const appRoleId = '00000000-0000-0000-0000-000000000000';
  const body = { principalId: known.member, resourceId: known.principal, appRoleId };
  const line = `POST /v1.0/servicePrincipals/${known.principal}/appRoleAssignedTo`;
  assert.equal((await world.send(applicationAdministrator, line, body)).status, 201);
});

test('a role that is not there, or not for that kind of principal, is not given', async (context) => {
  const world = await openWorld(context);
  const resourceId = await graphPrincipal(world);
  const line = `POST /v1.0/servicePrincipals/${resourceId}/appRoleAssignedTo`;
  const refusals = [
    [{ principalId: known.principal, resourceId, appRoleId: known.member }, 400],
    [{ principalId: known.member, resourceId, appRoleId: readAll }, 400],
    [{ principalId: known.foreigner, resourceId, appRoleId: readAll }, 404],
    [{ principalId: known.member, resourceId: known.principal, appRoleId: readAll }, 404],
    [{ principalId: known.member }, 400],
  ] as const;
  for (const [body, status] of refusals) {
    assert.equal((await world.send(admin, line, body)).status, status, JSON.stringify(body));
  }
  assert.deepEqual(valuesOf(await world.send(admin, line.replace('POST', 'GET'))), []);
});

test('a consent is written down, changed, found by its client and revoked', async (context) => {
  const world = await openWorld(context);
  const resourceId = await graphPrincipal(world);
  const body = {
    clientId: known.principal,
    consentType: 'AllPrincipals',
    principalId: null,
    resourceId,
    scope: 'User.Read Directory.Read.All',
  };
  const line = 'POST /v1.0/oauth2PermissionGrants';
  const created = await world.send(admin, line, body);
  assert.equal(created.status, 201);
  const id = String(created.json['id']);
  assert.equal(id.length, 43);
  assert.deepEqual(Object.keys(created.json), [
    '@odata.context',
    'clientId',
    'consentType',
    'id',
    'principalId',
    'resourceId',
    'scope',
  ]);
  assert.equal((await world.send(admin, line, body)).status, 409);
  const filter = `clientId eq '${known.principal}'`;
  const list = `GET /v1.0/oauth2PermissionGrants?$filter=${filter}`;
  assert.deepEqual(
    valuesOf(await world.send(admin, list)).map((one) => one['scope']),
    [body.scope],
  );
  const one = `/v1.0/oAuth2PermissionGrants/${id}`;
  assert.equal((await world.send(admin, `PATCH ${one}`, { scope: 'User.Read' })).status, 204);
  assert.equal((await world.send(admin, `GET ${one}`)).json['scope'], 'User.Read');
  assert.equal((await world.send(userCaller(), `DELETE ${one}`)).status, 403);
  assert.equal((await world.send(admin, `DELETE ${one}`)).status, 204);
  assert.equal((await world.send(admin, `DELETE ${one}`)).status, 404);
  assert.deepEqual(valuesOf(await world.send(admin, list)), []);
});

test('a consent needs parties of the tenant, and a user when it is for one', async (context) => {
  const world = await openWorld(context);
  const resourceId = await graphPrincipal(world);
  const body = {
    clientId: known.principal,
    consentType: 'Principal',
    resourceId,
    scope: 'User.Read',
  };
  const send = async (more: object) =>
    (await world.send(admin, 'POST /v1.0/oauth2PermissionGrants', { ...body, ...more })).status;
  assert.equal(await send({}), 400);
  assert.equal(await send({ principalId: known.foreigner }), 404);
  assert.equal(await send({ principalId: 'member@contoso.example' }), 404);
  assert.equal(await send({ principalId: known.member, clientId: known.appId }), 404);
  assert.equal(await send({ principalId: known.member, consentType: 'Everybody' }), 400);
  assert.equal(await send({ principalId: known.member }), 201);
});

const wholePath = (one: string): string => `/v1.0/${one}/appRoleAssignments`;
const defaultRole = '00000000-0000-0000-0000-000000000000';
const member = userCaller();

test('what a user or group is given is listed, read and taken at that user or group', async (context) => {
  const world = await openWorld(context);
  for (const [place, principalId] of [
    [`users/${known.member}`, known.member],
    ['users/member@contoso.example', known.member],
    [`groups/${known.innerGroup}`, known.innerGroup],
  ] as const) {
    const path = wholePath(place);
    const body = { principalId, resourceId: known.principal, appRoleId: defaultRole };
    const given = await world.send(admin, `POST ${path}`, body);
    assert.equal(given.status, 201, JSON.stringify(given.json));
    const [listed] = valuesOf(await world.send(admin, `GET ${path}`));
    assert.equal(listed?.['id'], given.json['id']);
    const one = `${path}/${String(given.json['id'])}`;
    const { '@odata.context': _, ...read } = (await world.send(admin, `GET ${one}`)).json;
    assert.deepEqual(read, listed);
    assert.equal((await world.send(admin, `DELETE ${one}`)).status, 204);
    assert.equal((await world.send(admin, `GET ${one}`)).status, 404);
    assert.deepEqual(valuesOf(await world.send(admin, `GET ${path}`)), []);
  }
});

test('a user is shown what her groups are given, and at /me what she is', async (context) => {
  const world = await openWorld(context);
  const group = wholePath(`groups/${known.innerGroup}`);
  const body = {
    principalId: known.innerGroup,
    resourceId: known.principal,
    appRoleId: defaultRole,
  };
  const given = await world.send(admin, `POST ${group}`, body);
  for (const place of [`users/${known.member}`, 'me']) {
    const listed = valuesOf(await world.send(member, `GET ${wholePath(place)}`));
    assert.deepEqual(
      listed.map((one) => [one['id'], one['principalType']]),
      [[given.json['id'], 'Group']],
    );
    // It is the group's: at the user it is not there to be taken.
    const one = `${wholePath(place)}/${String(given.json['id'])}`;
    assert.equal((await world.send(admin, `DELETE ${one}`)).status, 404);
  }
  assert.equal(valuesOf(await world.send(admin, `GET ${group}`)).length, 1);
  const application = appCaller(['Directory.Read.All']);
  assert.equal((await world.send(application, `GET ${wholePath('me')}`)).status, 400);
});

test('assignments of users and groups are given, read and taken only by whom Graph lets', async (context) => {
  const world = await openWorld(context);
  const path = wholePath(`users/${known.member}`);
  const body = { principalId: known.member, resourceId: known.principal, appRoleId: defaultRole };
  const given = await world.send(admin, `POST ${path}`, body);
  const one = `${path}/${String(given.json['id'])}`;
  const own = `${wholePath('me')}/${String(given.json['id'])}`;
  const other = { ...body, principalId: known.admin };
  for (const caller of [member, appCaller(['User.ReadWrite.All', 'Directory.ReadWrite.All'])]) {
    assert.equal((await world.send(caller, `DELETE ${one}`)).status, 403);
    const isUser = caller.principalType === 'User';
    assert.equal((await world.send(caller, `DELETE ${own}`)).status, isUser ? 403 : 400);
    const line = `POST ${wholePath(`users/${known.admin}`)}`;
    assert.equal((await world.send(caller, line, other)).status, 403);
  }
  assert.equal((await world.send(admin, `POST ${path}`, other)).status, 404);
  assert.equal((await world.send(admin, `GET ${wholePath(`users/${known.admin}`)}`)).status, 200);
  assert.equal((await world.send(appCaller(['User.Read.All']), `GET ${path}`)).status, 403);
  assert.equal((await world.send(appCaller(['Group.Read.All']), `GET ${path}`)).status, 403);
  const groups = wholePath(`groups/${known.innerGroup}`);
  assert.equal((await world.send(appCaller(['Group.Read.All']), `GET ${groups}`)).status, 200);
  assert.equal((await world.send(admin, `GET ${wholePath(`groups/${known.member}`)}`)).status, 404);
  assert.equal((await world.send(appCaller(['Directory.Read.All']), `GET ${path}`)).status, 200);
  assert.equal(valuesOf(await world.send(admin, `GET ${path}`)).length, 1);
});
