import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securityIdentifierOf } from './directory-object-wire.ts';
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

const member = userCaller();
const reader = appCaller(['Directory.Read.All']);

const idsOf = async (world: GraphWorld, line: string, body?: unknown): Promise<unknown> =>
  valuesOf(await world.send(member, line, body)).map((one) => one['id'] ?? one);

test('a user is found by id, by name, and by the spelling with a dollar sign', async (context) => {
  const world = await openWorld(context);
  const paths = [
    `users/${known.member}`,
    'users/MEMBER@contoso.example',
    'users/member%40contoso.example',
    "users('member@contoso.example')",
  ];
  for (const path of paths) {
    const answer = await world.send(member, `GET /v1.0/${path}`);
    assert.equal(answer.json['id'], known.member, path);
  }
  assert.equal((await world.send(member, 'GET /v1.0/users/nobody@contoso.example')).status, 404);
});

test('me is the caller, and only a user has one', async (context) => {
  const world = await openWorld(context);
  const answer = await world.send(userCaller({ oauthScopes: ['User.Read'] }), 'GET /v1.0/me');
  assert.equal(answer.json['userPrincipalName'], 'member@contoso.example');
  const app = await world.send(reader, 'GET /v1.0/me');
  assert.equal(app.status, 400);
  assert.match(String(errorOf(app).message), /only valid with delegated authentication flow/);
});

test('User.Read shows the caller by any of her names and nobody else', async (context) => {
  const world = await openWorld(context);
  const limited = userCaller({
    oauthScopes: ['User.Read'],
    claims: { upn: 'member@contoso.example' },
  });
  const status = async (path: string) => (await world.send(limited, `GET /v1.0/${path}`)).status;
  assert.equal(await status(`users/${known.member}`), 200);
  assert.equal(await status('users/member@contoso.example'), 200);
  assert.equal(await status(`users/${known.admin}`), 403);
  assert.equal(await status('users/admin@contoso.example'), 403);
  assert.equal(await status('users'), 403);
});

test('users are listed, filtered, and shown with what is selected', async (context) => {
  const world = await openWorld(context);
  const filter = "userPrincipalName eq 'Admin@contoso.example'";
  assert.deepEqual(await idsOf(world, `GET /v1.0/users?$filter=${filter}`), [known.admin]);
  const all = await idsOf(world, 'GET /v1.0/users');
  assert.deepEqual(all, [known.admin, known.member]);
  const line = 'GET /v1.0/users?$select=id,accountEnabled&$top=1';
  assert.deepEqual(valuesOf(await world.send(member, line)), [
    { id: known.admin, accountEnabled: true },
  ]);
});

test('members of a group are listed directly and through groups', async (context) => {
  const world = await openWorld(context);
  const outer = `GET /v1.0/groups/${known.outerGroup}`;
  assert.deepEqual(await idsOf(world, `${outer}/members`), [known.innerGroup]);
  const transitive = (await idsOf(world, `${outer}/transitiveMembers`)) as string[];
  assert.deepEqual(new Set(transitive), new Set([known.innerGroup, known.member]));
  const types = valuesOf(await world.send(member, `${outer}/transitiveMembers`));
  assert.deepEqual(
    new Set(types.map((one) => one['@odata.type'])),
    new Set(['#microsoft.graph.group', '#microsoft.graph.user']),
  );
});

test('a path of groups tells nothing of users', async (context) => {
  const world = await openWorld(context);
  const ofGroups = appCaller(['GroupMember.Read.All']);
  const memberOf = (id: string) => world.send(ofGroups, `GET /v1.0/groups/${id}/memberOf`);
  assert.equal((await memberOf(known.innerGroup)).status, 200);
  assert.equal((await memberOf(known.member)).status, 404);
});

test('groups of a principal are found through groups, from every path', async (context) => {
  const world = await openWorld(context);
  const both = new Set([known.innerGroup, known.outerGroup]);
  const paths = ['me', `users/${known.member}`, `directoryObjects/${known.member}`];
  for (const path of paths) {
    const line = `POST /v1.0/${path}/getMemberGroups`;
    const groups = (await idsOf(world, line, { securityEnabledOnly: false })) as string[];
    assert.deepEqual(new Set(groups), both, path);
  }
  const direct = `GET /v1.0/users/${known.member}/memberOf`;
  assert.deepEqual(await idsOf(world, direct), [known.innerGroup]);
  const all = (await idsOf(world, 'GET /v1.0/me/transitiveMemberOf')) as string[];
  assert.deepEqual(new Set(all), both);
  const principal = `POST /v1.0/servicePrincipals/${known.principal}/getMemberGroups`;
  assert.deepEqual(await idsOf(world, principal, {}), []);
  const checked = { groupIds: [known.outerGroup.toUpperCase(), known.admin] };
  const check = `POST /v1.0/directoryObjects/${known.member}/checkMemberGroups`;
  assert.deepEqual(await idsOf(world, check, checked), [known.outerGroup.toUpperCase()]);
  const nobody = `POST /v1.0/directoryObjects/${known.foreigner}/checkMemberGroups`;
  assert.equal((await world.send(member, nobody, checked)).status, 404);
});

test('objects are resolved by their ids, with their types', async (context) => {
  const world = await openWorld(context);
  const ids = [known.principal, known.member, known.innerGroup, known.foreigner, known.member];
  const line = 'POST /v1.0/directoryObjects/getByIds';
  const found = valuesOf(await world.send(reader, line, { ids }));
  assert.deepEqual(
    found.map((one) => [one['@odata.type'], one['id']]),
    [
      ['#microsoft.graph.servicePrincipal', known.principal],
      ['#microsoft.graph.user', known.member],
      ['#microsoft.graph.group', known.innerGroup],
    ],
  );
  const types = ['user', 'directoryObjectPartnerReference'];
  const users = valuesOf(await world.send(reader, line, { ids, types }));
  assert.deepEqual(
    users.map((one) => one['id']),
    [known.member],
  );
  const many = { ids: Array.from({ length: 1_001 }, () => known.member) };
  assert.equal((await world.send(reader, line, many)).status, 400);
});

test('an organization is the own tenant with its domains, and no other', async (context) => {
  const world = await openWorld(context);
  const [own] = valuesOf(await world.send(member, 'GET /v1.0/organization'));
  assert.equal(own?.['id'], contoso);
  const domains = own?.['verifiedDomains'] as { name: string; isDefault: boolean }[];
  assert.deepEqual(
    domains.map(({ name, isDefault }) => [name, isDefault]),
    [
      ['contoso.example', true],
      ['contoso.onmicrosoft.com', false],
    ],
  );
  assert.equal((await world.send(member, `GET /v1.0/organization/${contoso}`)).status, 200);
  assert.equal((await world.send(member, `GET /v1.0/organization/${known.foreigner}`)).status, 404);
});

test('what an administrator owns is listed with its kind', async (context) => {
  const world = await openWorld(context);
  await world.send(member, 'POST /v1.0/applications', { displayName: 'Mine' });
  const owned = valuesOf(await world.send(member, 'GET /v1.0/me/ownedObjects'));
  assert.deepEqual(
    owned.map((one) => [one['@odata.type'], one['displayName']]),
    [['#microsoft.graph.application', 'Mine']],
  );
  assert.deepEqual(valuesOf(await world.send(admin, 'GET /v1.0/me/ownedObjects')), []);
  const ofHer = `GET /v1.0/users/${known.member}/ownedObjects`;
  assert.equal(valuesOf(await world.send(admin, ofHer)).length, 1);
  const ofIt = `GET /v1.0/servicePrincipals/${known.principal}/ownedObjects`;
  assert.deepEqual(valuesOf(await world.send(admin, ofIt)), []);
  assert.equal((await world.send(appCaller(), ofIt)).status, 403);
  const foreign = `GET /v1.0/users/${known.foreigner}/ownedObjects`;
  assert.equal((await world.send(admin, foreign)).status, 404);
});

test('the security identifier of a group is made of the words of its id', () => {
  const id = '00e7bb85-a991-49e2-9b87-3dd652793a3a';
  assert.equal(securityIdentifierOf(id), 'S-1-12-1-15186821-1239591313-3594356635-976910674');
});
