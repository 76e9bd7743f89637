import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseInstant } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import {
  addAppRoleAssignment,
  appRoleAssignmentsOf,
  appRoleValuesOf,
  isAssignedTo,
  removeAppRoleAssignment,
} from './app-role-assignment.store.ts';
import { applicationOf } from './application.ts';
import {
  assignDirectoryRole,
  directoryRoleIdsOf,
  removeDirectoryRole,
} from './directory-role.store.ts';
import { directoryRoleTemplates } from './directory-role.ts';
import {
  addGroup,
  addMember,
  memberIdsOf,
  removeMember,
  transitiveMemberIdsOf,
} from './group.store.ts';
import { directoryMigrations } from './migrations.ts';
import { pageOfObjects } from './object-page.store.ts';
import { addOwner, ownedIdsOf, ownerIdsOf, removeOwner } from './owner.store.ts';
import { isPassword, passwordHashOf } from './password.ts';
import {
  addPermissionGrant,
  permissionGrantsOf,
  removePermissionGrant,
} from './permission-grant.store.ts';
import { findPrincipal, principalIdsOf } from './principal.store.ts';
import {
  addServicePrincipal,
  deleteServicePrincipal,
  servicePrincipalOf,
} from './service-principal.store.ts';
import { addUser, findUser, passwordHashOfUser } from './user.store.ts';

const at = parseInstant('2026-11-20T09:00:00Z');
assert(at !== undefined);
const createdAt = at;
const random = seededRandom('principal');
const tenantId = random.guid();
let folder: string;
let store: SqliteStore;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batten-directory-'));
  store = new SqliteStore(join(folder, 'state.db'), directoryMigrations);
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const basis = () => ({ tenantId, objectId: random.guid(), createdAt });

async function newUser(name: string, hash?: string) {
  const user = {
    ...basis(),
    displayName: name,
    userPrincipalName: `${name}@Contoso.example`,
    accountEnabled: true,
  };
  await store.write((tx) => addUser(tx, user, hash));
  return user;
}

const newGroup = (displayName: string) =>
  store.write((tx) => addGroup(tx, { ...basis(), displayName, mailNickname: displayName }));

async function newPrincipal(more: Parameters<typeof applicationOf>[0] | object = {}) {
  const own = { ...basis(), appId: random.guid(), displayName: 'App', ...more };
  const principal = servicePrincipalOf(applicationOf(own), basis());
  await store.write((tx) => addServicePrincipal(tx, principal));
  return principal;
}

test('a user is found by object id and by name in any case, within her tenant only', async () => {
  const ana = await newUser('Ana');
  for (const name of [ana.objectId, ana.objectId.toUpperCase(), 'ANA@contoso.EXAMPLE']) {
    assert.deepEqual(await store.read((tx) => findUser(tx, tenantId, name)), ana);
  }
  assert.equal(await store.read((tx) => findUser(tx, random.guid(), ana.objectId)), undefined);
});

test('a user principal name belongs to one user', async () => {
  const users = () =>
    store.read((tx) => pageOfObjects(tx, 'user', tenantId, '', Number.MAX_SAFE_INTEGER));
  const before = await users();
  const rival = {
    ...basis(),
    displayName: 'Rival',
    userPrincipalName: 'ana@contoso.example',
    accountEnabled: true,
  };
  const outcome = await store.write((tx) => addUser(tx, rival));
  assert.deepEqual(outcome, { conflict: 'userPrincipalName', value: 'ana@contoso.example' });
  assert.deepEqual(await users(), before);
});

test('a password is kept as a salted hash that only the password fits', async () => {
  const hash = await passwordHashOf('correct horse', random);
  const again = await passwordHashOf('correct horse', random);
  assert.notEqual(hash, again);
  const user = await newUser('Keeper', hash);
  const stored = await store.read((tx) => passwordHashOfUser(tx, tenantId, user.objectId));
  assert.equal(await isPassword('correct horse', stored), true);
  assert.equal(await isPassword('correct horsf', stored), false);
  assert.equal(await isPassword('', stored), false);
});

test('nobody signs in as an unknown user or as one without a password', async () => {
  const user = await newUser('Bare');
  const stored = await store.read((tx) => passwordHashOfUser(tx, tenantId, user.objectId));
  assert.equal(stored, undefined);
  assert.equal(await isPassword('', stored), false);
});

test('membership is followed through groups of groups, and a cycle of groups ends', async () => {
  const user = await newUser('Member');
  const [inner, outer, far] = [
    await newGroup('inner'),
    await newGroup('outer'),
    await newGroup('far'),
  ];
  await store.write(async (tx) => {
    await addMember(tx, tenantId, inner.objectId, user.objectId);
    await addMember(tx, tenantId, outer.objectId, inner.objectId);
    await addMember(tx, tenantId, inner.objectId, outer.objectId);
  });
  const ids = await store.read((tx) => principalIdsOf(tx, tenantId, user.objectId.toUpperCase()));
  assert.equal(ids[0], user.objectId);
  assert.deepEqual(new Set(ids), new Set([user.objectId, inner.objectId, outer.objectId]));
  assert.equal(ids.includes(far.objectId), false);
  const members = await store.read((tx) => transitiveMemberIdsOf(tx, tenantId, outer.objectId));
  assert.equal(members.includes(user.objectId), true);
  assert.deepEqual(await store.read((tx) => memberIdsOf(tx, tenantId, outer.objectId)), [
    inner.objectId,
  ]);
});

test('a removed member loses what the group gave at once', async () => {
  const user = await newUser('Leaver');
  const group = await newGroup('team');
  const change = (how: typeof addMember) =>
    store.write((tx) => how(tx, tenantId, group.objectId, user.objectId));
  assert.equal(await change(addMember), true);
  assert.equal(await change(addMember), false);
  assert.equal(await change(removeMember), true);
  assert.equal(await change(removeMember), false);
  const ids = await store.read((tx) => principalIdsOf(tx, tenantId, user.objectId));
  assert.deepEqual(ids, [user.objectId]);
});

test('membership of another tenant gives nothing', async () => {
  const user = await newUser('Stranger');
  const group = random.guid();
  await store.write((tx) => addMember(tx, random.guid(), group, user.objectId));
  const ids = await store.read((tx) => principalIdsOf(tx, tenantId, user.objectId));
  assert.deepEqual(ids, [user.objectId]);
});

test('a principal is named by its kind', async () => {
  const [user, group, app] = [await newUser('Kind'), await newGroup('kinds'), await newPrincipal()];
  const find = (id: string) => store.read((tx) => findPrincipal(tx, tenantId, id));
  const named = (await Promise.all([user, group, app].map((one) => find(one.objectId)))).map(
    (one) => [one?.principalType, one?.displayName, one?.appId],
  );
  assert.deepEqual(named, [
    ['User', 'Kind', undefined],
    ['Group', 'kinds', undefined],
    ['ServicePrincipal', 'App', app.appId],
  ]);
  assert.equal(await find(random.guid()), undefined);
});

test('a directory role is held by those it was given to, until it is taken away', async () => {
  const [admin, plain] = [await newUser('Admin'), await newUser('Plain')];
  const role = directoryRoleTemplates.globalAdministrator;
  const held = (id: string) => store.read((tx) => directoryRoleIdsOf(tx, tenantId, [id]));
  await store.write((tx) => assignDirectoryRole(tx, tenantId, admin.objectId, role));
  assert.deepEqual(await held(admin.objectId), [role]);
  assert.deepEqual(await held(plain.objectId), []);
  await store.write((tx) => removeDirectoryRole(tx, tenantId, admin.objectId, role));
  assert.deepEqual(await held(admin.objectId), []);
});

test('the roles claim lists enabled app roles held directly or through a group', async () => {
  const role = (value: string, isEnabled = true) => ({
    id: random.guid(),
    value,
    displayName: value,
    description: value,
    allowedMemberTypes: ['Application' as const],
    isEnabled,
  });
  const roles = [role('Jobs.Read'), role('Jobs.Write'), role('Old', false), role('Other')];
  const resource = await newPrincipal({ appRoles: roles });
  const app = await newPrincipal();
  const group = await newGroup('apps');
  const give = (principalId: string, appRoleId: string) =>
    store.write((tx) =>
      addAppRoleAssignment(tx, {
        tenantId,
        assignmentId: random.guid(),
        principalId,
        resourceId: resource.objectId,
        appRoleId,
        createdAt,
      }),
    );
  const values = () =>
    store.read((tx) => appRoleValuesOf(tx, tenantId, app.objectId, resource.objectId));
  assert.deepEqual(await values(), []);
  assert.equal(
    await store.read((tx) => isAssignedTo(tx, tenantId, app.objectId, resource.objectId)),
    false,
  );
  await store.write((tx) => addMember(tx, tenantId, group.objectId, app.objectId));
  await give(group.objectId, roles[1]?.id ?? '');
  await give(app.objectId, roles[0]?.id ?? '');
  await give(app.objectId, roles[2]?.id ?? '');
  assert.equal(await give(app.objectId, roles[0]?.id ?? ''), false);
  assert.deepEqual(await values(), ['Jobs.Read', 'Jobs.Write']);
  const own = await store.read((tx) => appRoleAssignmentsOf(tx, tenantId, app.objectId));
  assert.equal(own.length, 2);
  for (const { assignmentId } of own) {
    await store.write((tx) => removeAppRoleAssignment(tx, tenantId, assignmentId));
  }
  assert.deepEqual(await values(), ['Jobs.Write']);
  const outer = await newGroup('groups of apps');
  await store.write((tx) => addMember(tx, tenantId, outer.objectId, group.objectId));
  await give(outer.objectId, roles[3]?.id ?? '');
  assert.deepEqual(await values(), ['Jobs.Write'], 'a group in a group gives no app role');
});

test('there is one grant of a client for a resource and a user, and one for everybody', async () => {
  const [client, resource, user] = [
    await newPrincipal(),
    await newPrincipal(),
    await newUser('Consenter'),
  ];
  const parties = { tenantId, clientId: client.objectId, resourceId: resource.objectId };
  const granted = () => store.read((tx) => permissionGrantsOf(tx, tenantId, client.objectId));
  const give = (more: { principalId?: string; oauthScopes: readonly string[] }) =>
    store.write((tx) => addPermissionGrant(tx, { ...parties, grantId: random.guid(), ...more }));
  assert.equal(await give({ oauthScopes: ['read'] }), true);
  assert.equal(await give({ oauthScopes: ['everything'] }), false);
  assert.equal(await give({ principalId: user.objectId, oauthScopes: ['read', 'write'] }), true);
  const both = (await granted()).map(
    ({ principalId = 'everybody', oauthScopes }) => `${principalId} ${oauthScopes.join(' ')}`,
  );
  assert.deepEqual(both.sort(), [`${user.objectId} read write`, 'everybody read'].sort());
  for (const { grantId } of await granted()) {
    await store.write((tx) => removePermissionGrant(tx, tenantId, grantId));
  }
  assert.deepEqual(await granted(), []);
});

test('ownership is known from both sides', async () => {
  const [app, user] = [await newPrincipal(), await newUser('Owner')];
  const change = (how: typeof addOwner) =>
    store.write((tx) => how(tx, tenantId, app.objectId, user.objectId));
  assert.equal(await change(addOwner), true);
  assert.equal(await change(addOwner), false);
  assert.deepEqual(await store.read((tx) => ownerIdsOf(tx, tenantId, app.objectId)), [
    user.objectId,
  ]);
  assert.deepEqual(await store.read((tx) => ownedIdsOf(tx, tenantId, user.objectId)), [
    app.objectId,
  ]);
  assert.equal(await change(removeOwner), true);
  assert.deepEqual(await store.read((tx) => ownerIdsOf(tx, tenantId, app.objectId)), []);
});

test('a deleted service principal leaves no membership, role or grant behind', async () => {
  const [app, resource] = [await newPrincipal(), await newPrincipal()];
  const group = await newGroup('leftovers');
  const role = directoryRoleTemplates.directoryReaders;
  await store.write(async (tx) => {
    await addMember(tx, tenantId, group.objectId, app.objectId);
    await assignDirectoryRole(tx, tenantId, app.objectId, role);
    await addPermissionGrant(tx, {
      tenantId,
      grantId: random.guid(),
      clientId: app.objectId,
      resourceId: resource.objectId,
      oauthScopes: ['read'],
    });
    await deleteServicePrincipal(tx, tenantId, app.objectId);
  });
  assert.deepEqual(await store.read((tx) => memberIdsOf(tx, tenantId, group.objectId)), []);
  assert.deepEqual(await store.read((tx) => directoryRoleIdsOf(tx, tenantId, [app.objectId])), []);
  assert.deepEqual(await store.read((tx) => permissionGrantsOf(tx, tenantId, app.objectId)), []);
});
