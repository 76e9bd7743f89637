import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller } from '#directory/caller.ts';
import { findGroup, memberIdsOf } from '#directory/group.store.ts';
import { ownerIdsOf } from '#directory/owner.store.ts';
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

const newGroup = {
  displayName: 'Operators',
  mailNickname: 'operators',
  mailEnabled: false,
  securityEnabled: true,
};

const member = userCaller();
const writer = appCaller(['Group.ReadWrite.All']);

const linkTo = (id: string) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;
const reference = (id: string) => ({ '@odata.id': linkTo(id) });

async function made(world: GraphWorld, as: Caller, more: object = {}): Promise<string> {
  const answer = await world.send(as, 'POST /v1.0/groups', { ...newGroup, ...more });
  assert.equal(answer.status, 201, JSON.stringify(answer.json));
  return String(answer.json['id']);
}

const membersOf = (world: GraphWorld, id: string) =>
  world.store.read((tx) => memberIdsOf(tx, contoso, id));
const ownersOf = (world: GraphWorld, id: string) =>
  world.store.read((tx) => ownerIdsOf(tx, contoso, id));

test('a member makes a group that she owns, an administrator one that nobody owns', async (context) => {
  const world = await openWorld(context);
  assert.deepEqual(await ownersOf(world, await made(world, member)), [known.member]);
  assert.deepEqual(await ownersOf(world, await made(world, admin)), []);
  assert.deepEqual(await ownersOf(world, await made(world, writer)), []);
  const before = await world.snapshot();
  const limited = userCaller({ oauthScopes: ['User.Read'] });
  for (const as of [limited, appCaller()]) {
    assert.equal((await world.send(as, 'POST /v1.0/groups', newGroup)).status, 403);
  }
  assert.deepEqual(await world.snapshot(), before);
});

test('a group is made with its members and owners, or not at all', async (context) => {
  const world = await openWorld(context);
  const members = [known.member, known.principal, known.innerGroup].map(linkTo);
  const binds = { 'members@odata.bind': members, 'owners@odata.bind': [linkTo(known.admin)] };
  const id = await made(world, writer, binds);
  assert.deepEqual(
    new Set(await membersOf(world, id)),
    new Set([known.member, known.principal, known.innerGroup]),
  );
  assert.deepEqual(await ownersOf(world, id), [known.admin]);
  const before = await world.snapshot();
  for (const bad of [
    { 'members@odata.bind': [linkTo(known.member), linkTo(known.foreigner)] },
    { 'members@odata.bind': ['https://graph.microsoft.com/v1.0/users/nobody'] },
    { 'owners@odata.bind': [linkTo(known.innerGroup)] },
    { 'members@odata.bind': Array.from({ length: 21 }, () => linkTo(known.member)) },
  ]) {
    const answer = await world.send(writer, 'POST /v1.0/groups', { ...newGroup, ...bad });
    assert.ok(answer.status === 400 || answer.status === 404, JSON.stringify(answer.json));
  }
  assert.deepEqual(await world.snapshot(), before);
});

const refusals: readonly (readonly [string, object, number, RegExp])[] = [
  ['without a name', { displayName: undefined }, 400, /'displayName' of resource 'Group'/],
  ['without a nickname', { mailNickname: undefined }, 400, /'mailNickname'/],
  ['that says nothing of mail', { mailEnabled: undefined }, 400, /'mailEnabled'/],
  ['with a mailbox', { mailEnabled: true }, 400, /mail-enabled groups/],
  ['that opens no door', { securityEnabled: false }, 400, /security-enablement/],
  ['of Microsoft 365', { groupTypes: ['Unified'] }, 501, /Group\.groupTypes/],
  ['with a rule', { membershipRule: 'user.city -eq "x"' }, 501, /Group\.membershipRule/],
  ['for roles', { isAssignableToRole: true }, 501, /Group\.isAssignableToRole/],
  ['with a nickname of two words', { mailNickname: 'a b' }, 400, /'mailNickname'/],
  ['with an identifier', { securityIdentifier: 'S-1' }, 400, /read-only/],
  ['of another shape', { colour: 'red' }, 400, /Invalid property 'colour'/],
];

for (const [name, change, status, text] of refusals) {
  test(`a group ${name} is refused and not made`, async (context) => {
    const world = await openWorld(context);
    const before = await world.snapshot();
    const answer = await world.send(writer, 'POST /v1.0/groups', { ...newGroup, ...change });
    assert.equal(answer.status, status, JSON.stringify(answer.json));
    assert.match(String(errorOf(answer).message), text);
    assert.deepEqual(await world.snapshot(), before);
  });
}

test('a group is changed by its owner and by nobody else without a role', async (context) => {
  const world = await openWorld(context);
  const id = await made(world, member);
  const path = `/v1.0/groups/${id}`;
  const change = { description: 'Who runs jobs', displayName: 'Runners', visibility: 'Private' };
  assert.equal((await world.send(member, `PATCH ${path}`, change)).status, 204);
  const shown = (await world.send(member, `GET ${path}`)).json;
  assert.equal(shown['description'], 'Who runs jobs');
  assert.equal(shown['visibility'], 'Private');
  assert.equal((await world.send(member, `PATCH ${path}`, { description: null })).status, 204);
  assert.equal((await world.send(member, `GET ${path}`)).json['description'], null);
  const stranger = userCaller({ objectId: known.admin, principalIds: [known.admin] });
  const before = await world.snapshot();
  assert.equal((await world.send(stranger, `PATCH ${path}`, change)).status, 403);
  assert.equal((await world.send(stranger, `DELETE ${path}`)).status, 403);
  assert.equal((await world.send(member, `PATCH ${path}`, { mailEnabled: true })).status, 400);
  assert.equal((await world.send(admin, `PATCH /v1.0/groups/${known.member}`, {})).status, 404);
  assert.deepEqual(await world.snapshot(), before);
});

test('members are added once and removed once', async (context) => {
  const world = await openWorld(context);
  const id = await made(world, member);
  const path = `/v1.0/groups/${id}/members`;
  for (const one of [known.admin, known.principal, known.outerGroup]) {
    assert.equal((await world.send(member, `POST ${path}/$ref`, reference(one))).status, 204);
  }
  const again = await world.send(member, `POST ${path}/$ref`, reference(known.admin));
  assert.equal(again.status, 400);
  assert.match(String(errorOf(again).message), /references already exist/);
  const bound = { 'members@odata.bind': [linkTo(known.member)] };
  assert.equal((await world.send(member, `PATCH /v1.0/groups/${id}`, bound)).status, 204);
  assert.equal((await membersOf(world, id)).length, 4);
  const stranger = userCaller({ objectId: known.admin, principalIds: [known.admin] });
  const remove = `DELETE ${path}/${known.principal}/$ref`;
  assert.equal((await world.send(stranger, remove)).status, 403);
  assert.equal((await world.send(member, remove)).status, 204);
  assert.equal((await world.send(member, remove)).status, 404);
  const nobody = await world.send(member, `POST ${path}/$ref`, reference(known.foreigner));
  assert.equal(nobody.status, 404);
  const bad = { '@odata.id': 'directoryObjects/x' };
  assert.equal((await world.send(member, `POST ${path}/$ref`, bad)).status, 400);
  assert.equal((await membersOf(world, id)).length, 3);
  const keeper = appCaller(['GroupMember.ReadWrite.All']);
  assert.equal((await world.send(keeper, remove)).status, 404);
  assert.equal((await world.send(keeper, `PATCH /v1.0/groups/${id}`, bound)).status, 400);
  assert.equal((await world.send(keeper, `DELETE /v1.0/groups/${id}`)).status, 403);
});

test('members and owners are listed as links', async (context) => {
  const world = await openWorld(context);
  const links = async (path: string) => {
    const answer = await world.send(admin, `GET /v1.0/groups/${known.outerGroup}/${path}/$ref`);
    assert.match(String(answer.json['@odata.context']), /\$metadata#Collection\(\$ref\)$/);
    return valuesOf(answer).map((one) => one['@odata.id']);
  };
  const place = `https://graph.microsoft.com/v2/${contoso}/directoryObjects`;
  const inner = `${place}/${known.innerGroup}/Microsoft.DirectoryServices.Group`;
  assert.deepEqual(await links('members'), [inner]);
  assert.deepEqual(
    new Set(await links('transitiveMembers')),
    new Set([inner, `${place}/${known.member}/Microsoft.DirectoryServices.User`]),
  );
  assert.deepEqual(await links('owners'), []);
  const refused = `GET /v1.0/groups/${known.outerGroup}/members/$ref`;
  assert.equal((await world.send(appCaller(), refused)).status, 403);
});

test('groups that hold each other end every walk', async (context) => {
  const world = await openWorld(context);
  const add = (group: string, id: string) =>
    world.send(admin, `POST /v1.0/groups/${group}/members/$ref`, reference(id));
  assert.equal((await add(known.innerGroup, known.outerGroup)).status, 204);
  const groups = async (line: string) =>
    valuesOf(await world.send(admin, line, {})) as unknown as string[];
  const both = new Set([known.innerGroup, known.outerGroup]);
  const line = `POST /v1.0/users/${known.member}/getMemberGroups`;
  assert.deepEqual(new Set(await groups(line)), both);
  const transitive = `GET /v1.0/groups/${known.outerGroup}/transitiveMembers`;
  assert.equal(valuesOf(await world.send(admin, transitive)).length, 2);
  const up = `GET /v1.0/groups/${known.outerGroup}/transitiveMemberOf`;
  assert.deepEqual(
    valuesOf(await world.send(admin, up)).map((one) => one['id']),
    [known.innerGroup],
  );
});

test('owners come and go, also the last one', async (context) => {
  const world = await openWorld(context);
  const id = await made(world, admin);
  const path = `/v1.0/groups/${id}/owners`;
  assert.equal(
    (await world.send(member, `POST ${path}/$ref`, reference(known.member))).status,
    403,
  );
  assert.equal((await world.send(admin, `POST ${path}/$ref`, reference(known.member))).status, 204);
  assert.equal((await world.send(admin, `POST ${path}/$ref`, reference(known.member))).status, 400);
  const group = await world.send(admin, `POST ${path}/$ref`, reference(known.innerGroup));
  assert.equal(group.status, 404);
  assert.deepEqual(await ownersOf(world, id), [known.member]);
  const remove = `DELETE ${path}/${known.member}/$ref`;
  assert.equal((await world.send(member, remove)).status, 204);
  assert.equal((await world.send(member, remove)).status, 403);
  assert.deepEqual(await ownersOf(world, id), []);
});

test('a deleted group gives nothing any more', async (context) => {
  const world = await openWorld(context);
  const line = `DELETE /v1.0/groups/${known.innerGroup}`;
  assert.equal((await world.send(admin, line)).status, 204);
  assert.equal((await world.send(admin, line)).status, 404);
  assert.equal(await world.store.read((tx) => findGroup(tx, contoso, known.innerGroup)), undefined);
  const groups = `POST /v1.0/users/${known.member}/getMemberGroups`;
  assert.deepEqual(valuesOf(await world.send(admin, groups, {})), []);
  assert.deepEqual(await membersOf(world, known.outerGroup), []);
});
