import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#kernel/json.ts';
import {
  type Answer,
  admin,
  appCaller,
  errorOf,
  type GraphWorld,
  known,
  openWorld,
  userCaller,
  valuesOf,
} from './world.test.ts';

const scoped = (...oauthScopes: readonly string[]) => userCaller({ oauthScopes });

/** A world in which both users have a title, a given name and a phone. */
async function openTitledWorld(context: Parameters<typeof openWorld>[0]): Promise<GraphWorld> {
  const world = await openWorld(context);
  for (const id of [known.admin, known.member]) {
    const change = { givenName: 'Given', jobTitle: 'Engineer', businessPhones: ['+1 555'] };
    const changed = await world.send(admin, `PATCH /v1.0/users/${id}`, change);
    assert.equal(changed.status, 204);
  }
  return world;
}

const titleOf = ({ json }: Answer): unknown => [
  json['givenName'],
  json['jobTitle'],
  json['businessPhones'],
];

test('a basic profile hides the title of everybody but oneself', async (context) => {
  const world = await openTitledWorld(context);
  const basic = scoped('User.ReadBasic.All');
  const get = (as: typeof basic, path: string) => world.send(as, `GET /v1.0/${path}`);
  assert.deepEqual(titleOf(await get(basic, `users/${known.admin}`)), ['Given', null, []]);
  assert.deepEqual(titleOf(await get(basic, `users/${known.member}`)), [
    'Given',
    'Engineer',
    ['+1 555'],
  ]);
  assert.deepEqual(titleOf(await get(basic, 'me')), ['Given', 'Engineer', ['+1 555']]);
  const selected = await get(basic, `users/${known.admin}?$select=accountEnabled,displayName`);
  assert.equal(selected.json['accountEnabled'], null);
  assert.equal(selected.json['displayName'], 'Ana Admin');
  for (const scope of ['User.Read.All', 'Directory.Read.All', 'Directory.AccessAsUser.All']) {
    const both = scoped('User.ReadBasic.All', scope);
    const shown = titleOf(await get(both, `users/${known.admin}`));
    assert.deepEqual(shown, ['Given', 'Engineer', ['+1 555']], scope);
  }
});

test('an application with basic profiles sees no titles, and none finds users by them', async (context) => {
  const world = await openTitledWorld(context);
  const eventual = { consistencylevel: 'eventual' };
  const callers = [
    [appCaller(['User.ReadBasic.All']), 0],
    [scoped('User.ReadBasic.All'), 1],
    [appCaller(['User.Read.All']), 2],
  ] as const;
  for (const [caller, seen] of callers) {
    const all = valuesOf(await world.send(caller, 'GET /v1.0/users'));
    assert.equal(all.length, 2);
    assert.equal(all.filter((one) => one['jobTitle'] === 'Engineer').length, seen);
    const filter = "$filter=jobTitle eq 'Engineer'";
    const found = valuesOf(await world.send(caller, `GET /v1.0/users?${filter}`));
    assert.equal(found.length, seen);
    const line = `GET /v1.0/users/$count?${filter}`;
    const counted = await world.send(caller, line, undefined, eventual);
    assert.equal(counted.text, String(seen));
  }
});

test('a directory role gives no more than the token of who holds it', async (context) => {
  const world = await openTitledWorld(context);
  const limited = { ...admin, oauthScopes: ['User.ReadBasic.All'] };
  const shown = await world.send(limited, `GET /v1.0/users/${known.member}`);
  assert.deepEqual(titleOf(shown), ['Given', null, []]);
});

const limited = (values: readonly JsonObject[]) =>
  values.map((one) => [one['@odata.type'], one['id'], one['displayName']]);

test('of what may not be read within a list, type and id are shown', async (context) => {
  const world = await openTitledWorld(context);
  const members = `GET /v1.0/groups/${known.innerGroup}/members`;
  const user = '#microsoft.graph.user';
  const group = '#microsoft.graph.group';
  const asApp = (...roles: readonly string[]) => world.send(appCaller(roles), members);
  const hidden = valuesOf(await asApp('GroupMember.Read.All'));
  assert.deepEqual(limited(hidden), [[user, known.member, null]]);
  assert.deepEqual(hidden[0]?.['businessPhones'], []);
  assert.equal(hidden[0]?.['userPrincipalName'], null);
  const shown = valuesOf(await asApp('GroupMember.Read.All', 'User.Read.All'));
  assert.deepEqual(limited(shown), [[user, known.member, 'Max Member']]);
  const mine = 'GET /v1.0/me/memberOf';
  assert.deepEqual(limited(valuesOf(await world.send(scoped('User.Read'), mine))), [
    [group, known.innerGroup, null],
  ]);
  const both = scoped('User.Read', 'GroupMember.Read.All');
  assert.deepEqual(limited(valuesOf(await world.send(both, mine))), [
    [group, known.innerGroup, 'Inner'],
  ]);
  const filtered = `${members}?$filter=displayName eq 'Max Member'`;
  const none = await world.send(appCaller(['GroupMember.Read.All']), filtered);
  assert.deepEqual(valuesOf(none), []);
});

test('what is shown within an object is hidden as in a list of its own', async (context) => {
  const world = await openTitledWorld(context);
  const caller = appCaller(['GroupMember.Read.All']);
  const line = `GET /v1.0/groups/${known.innerGroup}?$expand=members`;
  const { json } = await world.send(caller, line);
  assert.equal(json['displayName'], 'Inner');
  assert.deepEqual(limited(json['members'] as JsonObject[]), [
    ['#microsoft.graph.user', known.member, null],
  ]);
});

test('an application sees whole what it owns', async (context) => {
  const world = await openWorld(context);
  const owning = appCaller(['Group.Create', 'Application.ReadWrite.OwnedBy']);
  const link = `https://graph.microsoft.com/v1.0/directoryObjects/${known.principal}`;
  const owners = `POST /v1.0/groups/${known.innerGroup}/owners/$ref`;
  assert.equal((await world.send(admin, owners, { '@odata.id': link })).status, 204);
  const path = `GET /v1.0/servicePrincipals/${known.principal}/ownedObjects`;
  const names = async (as: typeof owning) =>
    valuesOf(await world.send(as, path)).map((one) => one['displayName']);
  assert.deepEqual(await names(owning), ['Inner']);
  const other = { objectId: known.admin, principalIds: [known.admin] };
  assert.deepEqual(await names(appCaller(['Application.Read.All'], other)), [null]);
  const refused = await world.send(appCaller(['User.Read.All'], other), path);
  assert.equal(errorOf(refused).code, 'Authorization_RequestDenied');
});

test('asking for the groups of a user takes the right to read her and groups', async (context) => {
  const world = await openWorld(context);
  const ask = async (as: ReturnType<typeof scoped>, path: string) =>
    (await world.send(as, `POST /v1.0/${path}/getMemberGroups`, { securityEnabledOnly: true }))
      .status;
  const other = `users/${known.admin}`;
  assert.equal(await ask(scoped('User.Read'), 'me'), 403);
  assert.equal(await ask(scoped('User.Read', 'GroupMember.Read.All'), 'me'), 200);
  assert.equal(await ask(scoped('User.Read', 'GroupMember.Read.All'), other), 403);
  assert.equal(await ask(scoped('User.ReadBasic.All', 'GroupMember.Read.All'), other), 200);
  assert.equal(await ask(scoped('User.Read.All'), other), 403);
  assert.equal(await ask(scoped('Directory.Read.All'), other), 200);
  assert.equal(await ask(appCaller(['User.Read.All']), other), 403);
  assert.equal(await ask(appCaller(['User.Read.All', 'Group.Read.All']), other), 200);
});

test('twenty groups are checked at once, and no more', async (context) => {
  const world = await openWorld(context);
  const check = (groupIds: readonly string[]) =>
    world.send(admin, `POST /v1.0/users/${known.member}/checkMemberGroups`, { groupIds });
  const twenty = [known.innerGroup, ...Array(19).fill(known.outerGroup)];
  assert.equal((await check(twenty)).status, 200);
  assert.equal((await check([...twenty, known.innerGroup])).status, 400);
});
