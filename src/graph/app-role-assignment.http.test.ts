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
