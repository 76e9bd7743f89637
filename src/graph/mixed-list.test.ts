import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admin, appCaller, known, openWorld, valuesOf } from './world.test.ts';

const members = `GET /v1.0/groups/${known.outerGroup}`;

test('one kind of what belongs to an object can be asked for', async (context) => {
  const world = await openWorld(context);
  const link = `https://graph.microsoft.com/v1.0/directoryObjects/${known.principal}`;
  const add = `POST /v1.0/groups/${known.outerGroup}/members/$ref`;
  await world.send(admin, add, { '@odata.id': link });
  const groups = await world.send(admin, `${members}/members/microsoft.graph.group?$select=id`);
  assert.equal(
    groups.json['@odata.context'],
    'https://graph.microsoft.com/v1.0/$metadata#groups(id)',
  );
  assert.deepEqual(valuesOf(groups), [{ id: known.innerGroup }]);
  const users = await world.send(admin, `${members}/transitiveMembers/Microsoft.Graph.User`);
  assert.deepEqual(
    valuesOf(users).map((one) => [one['id'], one['@odata.type']]),
    [[known.member, undefined]],
  );
  const short = await world.send(admin, `${members}/transitiveMembers/graph.user`);
  assert.deepEqual(short.json, users.json);
  const none = await world.send(admin, `${members}/members/microsoft.graph.application`);
  assert.deepEqual(valuesOf(none), []);
  const eventual = { consistencylevel: 'eventual' };
  for (const [kind, count] of [
    ['user', '0'],
    ['group', '1'],
    ['servicePrincipal', '1'],
  ] as const) {
    const line = `${members}/members/microsoft.graph.${kind}/$count`;
    assert.equal((await world.send(admin, line, undefined, eventual)).text, count, kind);
  }
});

test('of the members of one kind all can be selected that the kind has', async (context) => {
  const world = await openWorld(context);
  const change = { department: 'Jobs', accountEnabled: true };
  await world.send(admin, `PATCH /v1.0/users/${known.member}`, change);
  const path = `GET /v1.0/groups/${known.innerGroup}/members`;
  const select = '?$select=id,accountEnabled,department';
  const wanted = { id: known.member, accountEnabled: true, department: 'Jobs' };
  const cast = await world.send(admin, `${path}/microsoft.graph.user${select}`);
  assert.deepEqual(valuesOf(cast), [{ ...wanted }]);
  const plain = await world.send(admin, path + select);
  assert.deepEqual(valuesOf(plain), [{ '@odata.type': '#microsoft.graph.user', ...wanted }]);
  const object = `GET /v1.0/directoryObjects/${known.member}`;
  assert.equal((await world.send(admin, object + select)).json['department'], 'Jobs');
  const within = `GET /v1.0/groups/${known.innerGroup}?$select=id&$expand=members($select=department)`;
  assert.deepEqual((await world.send(admin, within)).json['members'], [
    { '@odata.type': '#microsoft.graph.user', department: 'Jobs' },
  ]);
});

test('of a user nobody selected anything of, a list shows in v1.0 what a list of users does', async (context) => {
  const world = await openWorld(context);
  const users = valuesOf(await world.send(admin, 'GET /v1.0/users'));
  const names = Object.keys(users[0] ?? {}).sort();
  const lists = [
    `/groups/${known.innerGroup}/members/microsoft.graph.user`,
    `/groups/${known.innerGroup}/members`,
  ];
  for (const path of lists) {
    const [shown = {}] = valuesOf(await world.send(admin, `GET /v1.0${path}`));
    const { '@odata.type': _, ...rest } = shown;
    assert.deepEqual(Object.keys(rest).sort(), names, path);
    const [inBeta] = valuesOf(await world.send(admin, `GET /beta${path}`));
    assert.equal(inBeta?.['accountEnabled'], true, path);
  }
  const body = { ids: [known.member] };
  const byIds = await world.send(admin, 'POST /v1.0/directoryObjects/getByIds', body);
  assert.equal(valuesOf(byIds)[0]?.['accountEnabled'], undefined);
  const one = await world.send(admin, `GET /v1.0/directoryObjects/${known.member}`);
  assert.equal(one.json['accountEnabled'], undefined);
  const group = await world.send(admin, `GET /v1.0/groups/${known.innerGroup}?$expand=members`);
  assert.doesNotMatch(JSON.stringify(group.json['members']), /accountEnabled/);
});

test('members are searched for and sorted in an advanced query alone', async (context) => {
  const world = await openWorld(context);
  const eventual = { consistencylevel: 'eventual' };
  const add = `POST /v1.0/groups/${known.innerGroup}/members/$ref`;
  const link = `https://graph.microsoft.com/v1.0/directoryObjects/${known.admin}`;
  await world.send(admin, add, { '@odata.id': link });
  const path = `GET /v1.0/groups/${known.innerGroup}/members/microsoft.graph.user?$select=displayName`;
  const search = `${path}&$count=true&$search="displayName:max"`;
  const found = await world.send(admin, search, undefined, eventual);
  assert.deepEqual(valuesOf(found), [{ displayName: 'Max Member' }]);
  assert.equal(found.json['@odata.count'], 1);
  assert.equal((await world.send(admin, search)).status, 400);
  const sorted = `${path}&$count=true&$orderby=displayName desc`;
  assert.deepEqual(
    valuesOf(await world.send(admin, sorted, undefined, eventual)).map((one) => one['displayName']),
    ['Max Member', 'Ana Admin'],
  );
  assert.equal((await world.send(admin, sorted)).status, 400);
});

test('what is selected of a member is no more than who asks may see', async (context) => {
  const world = await openWorld(context);
  await world.send(admin, `PATCH /v1.0/users/${known.member}`, { department: 'Jobs' });
  const path = `GET /v1.0/groups/${known.innerGroup}/members/microsoft.graph.user?$select=id,department`;
  const groupsOnly = await world.send(appCaller(['GroupMember.Read.All']), path);
  assert.deepEqual(valuesOf(groupsOnly), [{ id: known.member, department: null }]);
  const basic = appCaller(['GroupMember.Read.All', 'User.ReadBasic.All']);
  assert.deepEqual(valuesOf(await world.send(basic, path)), [
    { id: known.member, department: null },
  ]);
});

test('the next page of one kind is a page of that kind', async (context) => {
  const world = await openWorld(context);
  const link = (id: string) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;
  const add = `POST /v1.0/groups/${known.outerGroup}/members/$ref`;
  for (const id of [known.admin, known.member]) {
    await world.send(admin, add, { '@odata.id': link(id) });
  }
  const path = `${members}/members/microsoft.graph.user`;
  const first = await world.send(admin, `${path}?$top=1`);
  const next = new URL(String(first.json['@odata.nextLink']));
  assert.match(next.pathname, /\/members\/microsoft\.graph\.user$/);
  const second = await world.send(admin, `GET ${next.pathname}${next.search}`);
  const ids = [...valuesOf(first), ...valuesOf(second)].map((one) => one['id']);
  assert.deepEqual(new Set(ids), new Set([known.admin, known.member]));
  assert.equal(second.json['@odata.nextLink'], undefined);
});

test('Azure PowerShell asks for its applications behind a dollar sign', async (context) => {
  const world = await openWorld(context);
  const owners = `POST /v1.0/applications/${known.application}/owners/$ref`;
  const link = `https://graph.microsoft.com/v1.0/directoryObjects/${known.admin}`;
  await world.send(admin, owners, { '@odata.id': link });
  const line = 'GET /v1.0/me/ownedObjects/$/Microsoft.Graph.Application';
  const owned = valuesOf(await world.send(admin, line));
  assert.deepEqual(
    owned.map((one) => one['id']),
    [known.application],
  );
});

test('a kind that Batten has none of is an empty list', async (context) => {
  const world = await openWorld(context);
  const link = `https://graph.microsoft.com/v1.0/directoryObjects/${known.admin}`;
  await world.send(admin, `POST /v1.0/groups/${known.outerGroup}/members/$ref`, {
    '@odata.id': link,
  });
  const eventual = { consistencylevel: 'eventual' };
  for (const [path, kind, listed] of [
    [members, 'device', 'devices'],
    [members, 'orgContact', 'contacts'],
    ['GET /v1.0/me/memberOf', 'administrativeUnit', 'administrativeUnits'],
    ['GET /v1.0/me/ownedObjects', 'endpoint', 'endpoints'],
    ['GET /v1.0/me/ownedObjects', 'appRoleAssignment', 'appRoleAssignments'],
  ] as const) {
    const line = `${path === members ? `${members}/members` : path}/microsoft.graph.${kind}`;
    const answer = await world.send(admin, line);
    assert.deepEqual(valuesOf(answer), [], line);
    assert.match(String(answer.json['@odata.context']), new RegExp(`#${listed}$`));
  }
  const count = `${members}/members/microsoft.graph.device/$count`;
  assert.equal((await world.send(admin, count, undefined, eventual)).text, '0');
});

test('a kind is asked for where there are several, and needs the same right', async (context) => {
  const world = await openWorld(context);
  const path = `${members}/members/microsoft.graph`;
  assert.equal((await world.send(appCaller(['User.Read.All']), `${path}.user`)).status, 403);
  assert.equal((await world.send(admin, `${path}.message`)).status, 400);
  const elsewhere = `GET /v1.0/applications/${known.application}/microsoft.graph.user`;
  assert.equal((await world.send(admin, elsewhere)).status, 400);
});
