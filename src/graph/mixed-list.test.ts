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
