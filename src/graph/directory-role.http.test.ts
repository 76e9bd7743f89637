import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import {
  directoryRoleObjectId,
  directoryRoleTemplates as roles,
} from '#directory/directory-role.ts';
import {
  admin,
  appCaller,
  contoso,
  errorOf,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const member = userCaller();
const keeper = userCaller({ directoryRoleIds: [roles.privilegedRoleAdministrator] });
const reference = (id: string) => ({
  '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
});

test('a directory role is an object once it is activated or held', async (context) => {
  const world = await openWorld(context);
  const names = async () =>
    valuesOf(await world.send(member, 'GET /v1.0/directoryRoles')).map((one) => one['displayName']);
  assert.deepEqual(await names(), ['Global Administrator']);
  const body = { roleTemplateId: roles.userAdministrator.toUpperCase() };
  assert.equal((await world.send(member, 'POST /v1.0/directoryRoles', body)).status, 403);
  const activated = await world.send(keeper, 'POST /v1.0/directoryRoles', body);
  assert.equal(activated.status, 201);
  assert.equal(activated.json['id'], directoryRoleObjectId(contoso, roles.userAdministrator));
  assert.deepEqual(await names(), ['Global Administrator', 'User Administrator']);
  const again = await world.send(keeper, 'POST /v1.0/directoryRoles', body);
  assert.match(String(errorOf(again).message), /conflicting object/);
  const unknown = { roleTemplateId: known.member };
  assert.equal((await world.send(keeper, 'POST /v1.0/directoryRoles', unknown)).status, 400);
  const filter = `GET /v1.0/directoryRoles?$filter=roleTemplateId eq '${roles.userAdministrator}'`;
  assert.equal(valuesOf(await world.send(member, filter)).length, 1);
});

test('a directory role is found by id and by template, and not by those of another tenant', async (context) => {
  const world = await openWorld(context);
  const template = roles.globalAdministrator;
  for (const path of [
    `directoryRoles/${directoryRoleObjectId(contoso, template)}`,
    `directoryRoles(roleTemplateId='${template}')`,
    `directoryRoles/roleTemplateId='${template}'`,
  ]) {
    const answer = await world.send(member, `GET /v1.0/${path}`);
    assert.equal(answer.json['roleTemplateId'], template, path);
  }
  for (const path of [template, directoryRoleObjectId(known.foreigner, template)]) {
    assert.equal((await world.send(member, `GET /v1.0/directoryRoles/${path}`)).status, 404);
  }
  const templates = valuesOf(await world.send(member, 'GET /v1.0/directoryRoleTemplates'));
  assert.equal(templates.length, Object.keys(roles).length);
  const one = await world.send(member, `GET /v1.0/directoryRoleTemplates/${template}`);
  assert.equal(one.json['displayName'], 'Global Administrator');
});

test('a directory role is given to users and applications, once, and taken away', async (context) => {
  const world = await openWorld(context);
  const held = (id: string) => world.store.read((tx) => directoryRoleIdsOf(tx, contoso, [id]));
  const path = `/v1.0/directoryRoles(roleTemplateId='${roles.globalAdministrator}')/members`;
  const add = (as: typeof member, id: string) => world.send(as, `POST ${path}/$ref`, reference(id));
  for (const as of [member, appCaller(['Directory.ReadWrite.All'])]) {
    assert.equal((await add(as, known.member)).status, 403);
  }
  assert.deepEqual(await held(known.member), []);
  assert.equal((await add(keeper, known.member)).status, 204);
  assert.equal((await add(keeper, known.principal)).status, 204);
  assert.match(String(errorOf(await add(keeper, known.member)).message), /already exist/);
  assert.match(
    String(errorOf(await add(keeper, known.innerGroup)).message),
    /cannot be assigned to roles/,
  );
  assert.equal((await add(keeper, known.foreigner)).status, 404);
  assert.deepEqual(await held(known.member), [roles.globalAdministrator]);
  const members = valuesOf(await world.send(member, `GET ${path}`));
  assert.deepEqual(
    new Set(members.map((one) => one['id'])),
    new Set([known.member, known.principal]),
  );
  const remove = `DELETE ${path}/${known.member}/$ref`;
  assert.equal((await world.send(member, remove)).status, 403);
  assert.equal((await world.send(keeper, remove)).status, 204);
  assert.equal((await world.send(keeper, remove)).status, 404);
  assert.deepEqual(await held(known.member), []);
});

test('a held directory role is among what a user is in, and in no group', async (context) => {
  const world = await openWorld(context);
  const id = directoryRoleObjectId(contoso, roles.globalAdministrator);
  const path = `/v1.0/directoryRoles/${id}/members/$ref`;
  assert.equal((await world.send(admin, `POST ${path}`, reference(known.member))).status, 204);
  const user = `/v1.0/users/${known.member}`;
  const listed = valuesOf(await world.send(member, `GET ${user}/memberOf`));
  assert.deepEqual(
    listed.map((one) => [one['@odata.type'], one['id']]),
    [
      ['#microsoft.graph.group', known.innerGroup],
      ['#microsoft.graph.directoryRole', id],
    ],
  );
  const ask = async (name: string, body: object) =>
    valuesOf(await world.send(member, `POST ${user}/${name}`, body)) as unknown as string[];
  assert.equal((await ask('getMemberObjects', {})).includes(id), true);
  assert.equal((await ask('getMemberObjects', { securityEnabledOnly: true })).includes(id), false);
  assert.equal((await ask('getMemberGroups', {})).includes(id), false);
  assert.deepEqual(await ask('checkMemberObjects', { ids: [id, known.admin] }), [id]);
  assert.deepEqual(await ask('checkMemberGroups', { groupIds: [id] }), []);
});

test('domains are those of the own tenant', async (context) => {
  const world = await openWorld(context);
  const domains = valuesOf(await world.send(member, 'GET /v1.0/domains'));
  assert.deepEqual(
    domains.map((one) => [one['id'], one['isDefault'], one['isInitial']]),
    [
      ['contoso.example', true, false],
      ['contoso.onmicrosoft.com', false, true],
    ],
  );
  assert.equal((await world.send(member, 'GET /v1.0/domains/CONTOSO.example')).status, 200);
  assert.equal((await world.send(member, 'GET /v1.0/domains/fabrikam.example')).status, 404);
  assert.equal((await world.send(appCaller(), 'GET /v1.0/domains')).status, 403);
});
