import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addSeconds, parseInstant } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { addAppRoleAssignment, isAssignedTo } from './app-role-assignment.store.ts';
import { addApplication, findApplication, isNameConflict } from './application.store.ts';
import { addPassword, checkPassword } from './credential.store.ts';
import {
  type DeletedObject,
  deleteObject,
  findDeletedObject,
  listDeletedObjects,
  purgeDeletedObject,
  type Restorable,
  restorableSeconds,
  restoreDeletedObject,
} from './deleted-object.store.ts';
import { keptTables } from './deleted-reference.store.ts';
import { assignDirectoryRole, directoryRoleIdsOf } from './directory-role.store.ts';
import { addGroup, addMember, memberIdsOf, transitiveGroupIdsOf } from './group.store.ts';
import { directoryMigrations } from './migrations.ts';
import { addOwner, ownerIdsOf } from './owner.store.ts';
import { addPermissionGrant, permissionGrantsOf } from './permission-grant.store.ts';
import {
  addServicePrincipal,
  findServicePrincipalByName,
  servicePrincipalOf,
} from './service-principal.store.ts';
import { addUser, findUser, passwordHashOfUser, revokeSignIns, updateUser } from './user.store.ts';

const at = parseInstant('2026-11-20T09:00:00Z');
assert(at !== undefined);
const now = at;
const random = seededRandom('deleted-object');
let folder: string;
let store: Store;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batten-deleted-'));
  store = new SqliteStore(join(folder, 'state.db'), directoryMigrations);
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const role = '62e90394-69f5-4237-9190-012177145e10';

/** A tenant of its own with one of everything, each hanging on the others. */
async function openTenant() {
  const tenantId = random.guid();
  const basis = () => ({ tenantId, objectId: random.guid(), createdAt: now });
  return store.write(async (tx) => {
    const user = await addUser(
      tx,
      {
        ...basis(),
        userPrincipalName: 'ana@contoso.example',
        displayName: 'Ana',
        accountEnabled: true,
      },
      'the hash',
    );
    const application = await addApplication(tx, {
      ...basis(),
      appId: random.guid(),
      displayName: 'Nightly',
      identifierUris: [`api://${tenantId}/nightly`],
    });
    assert(!isNameConflict(user) && !isNameConflict(application));
    const principal = await addServicePrincipal(tx, servicePrincipalOf(application, basis()));
    assert(principal !== undefined);
    const group = await addGroup(tx, { ...basis(), displayName: 'G', mailNickname: 'g' });
    const holder = { tenantId, appObjectId: application.objectId };
    const password = { keyId: random.guid(), startAt: now, endAt: addSeconds(now, 99) };
    await addPassword(tx, { ...holder, ...password }, 'secret text');
    await addOwner(tx, tenantId, application.objectId, user.objectId);
    await addMember(tx, tenantId, group.objectId, user.objectId);
    await addMember(tx, tenantId, group.objectId, principal.objectId);
    await assignDirectoryRole(tx, tenantId, user.objectId, role);
    const parties = { tenantId, principalId: user.objectId, resourceId: principal.objectId };
    const assignment = { assignmentId: random.guid(), appRoleId: random.guid(), createdAt: now };
    await addAppRoleAssignment(tx, { ...parties, ...assignment });
    const grant = { grantId: random.guid(), clientId: principal.objectId, oauthScopes: ['a'] };
    await addPermissionGrant(tx, { ...parties, ...grant });
    return { tenantId, user, application, principal, group };
  });
}

type World = Awaited<ReturnType<typeof openTenant>>;

/** Everything that hangs on the objects of a tenant, as the directory answers it. */
async function hanging(tx: ReadTransaction, world: World): Promise<unknown> {
  const { tenantId, user, application, principal, group } = world;
  return {
    hash: await passwordHashOfUser(tx, tenantId, user.objectId),
    members: await memberIdsOf(tx, tenantId, group.objectId),
    groups: await transitiveGroupIdsOf(tx, tenantId, user.objectId),
    roles: await directoryRoleIdsOf(tx, tenantId, [user.objectId]),
    owners: await ownerIdsOf(tx, tenantId, application.objectId),
    secret: await checkPassword(tx, tenantId, application.appId, 'secret text', now),
    assigned: await isAssignedTo(tx, tenantId, user.objectId, principal.objectId),
    grants: await permissionGrantsOf(tx, tenantId, principal.objectId),
    named: await findServicePrincipalByName(tx, tenantId, application.appId),
  };
}

const kinds = ['user', 'group', 'application', 'servicePrincipal'] as const;
const restorableOf = (world: World, kind: (typeof kinds)[number]): Restorable =>
  ({
    user: { kind, object: world.user },
    group: { kind, object: world.group },
    application: { kind, object: world.application },
    servicePrincipal: { kind, object: world.principal },
  })[kind] as Restorable;

const deletedAs = async (world: World, kind: (typeof kinds)[number]): Promise<DeletedObject> => {
  const { object } = restorableOf(world, kind);
  const found = await store.read((tx) =>
    findDeletedObject(tx, world.tenantId, object.objectId, now),
  );
  assert(found !== undefined);
  return found;
};

for (const kind of kinds) {
  test(`a deleted ${kind} loses all that hung on it and gets it back when it is restored`, async () => {
    const world = await openTenant();
    const before = await store.read((tx) => hanging(tx, world));
    await store.write((tx) => deleteObject(tx, restorableOf(world, kind), now));
    assert.notDeepEqual(await store.read((tx) => hanging(tx, world)), before);
    const listed = await store.read((tx) => listDeletedObjects(tx, world.tenantId, kind, now));
    assert.deepEqual(listed, [{ ...restorableOf(world, kind), deletedAt: now }]);
    const deleted = await deletedAs(world, kind);
    const restored = await store.write((tx) => restoreDeletedObject(tx, deleted));
    assert.deepEqual(restored, restorableOf(world, kind));
    assert.deepEqual(await store.read((tx) => hanging(tx, world)), before);
    const { object } = deleted;
    const gone = await store.read((tx) =>
      findDeletedObject(tx, world.tenantId, object.objectId, now),
    );
    assert.equal(gone, undefined);
  });
}

test('rows of every table that hangs on objects are kept; the others are named here', () => {
  const living = ['application', 'directory_group', 'service_principal', 'user_account'];
  const names = ['application_uri', 'directory_name', 'service_principal_name'];
  const ofTenants = ['directory_role', 'tenant', 'tenant_domain', 'tenant_settings'];
  const others = ['directory_name_pending', 'token_lifetime_policy', 'trusted_issuer'];
  const deleted = ['deleted_object', 'deleted_reference'];
  const tables = directoryMigrations.flatMap(({ statements }) =>
    statements.flatMap((text) => /^CREATE TABLE (\w+)/.exec(text)?.[1] ?? []),
  );
  const known = [...keptTables, ...living, ...names, ...ofTenants, ...others, ...deleted];
  assert.deepEqual(tables.toSorted(), known.toSorted());
});

test('objects that were deleted one after the other find each other again in any order', async () => {
  const orders = [kinds, kinds.toReversed(), ['group', 'servicePrincipal', 'user', 'application']];
  for (const order of orders as (typeof kinds)[]) {
    const world = await openTenant();
    const before = await store.read((tx) => hanging(tx, world));
    for (const kind of kinds) {
      await store.write((tx) => deleteObject(tx, restorableOf(world, kind), now));
    }
    for (const kind of order) {
      const deleted = await deletedAs(world, kind);
      await store.write((tx) => restoreDeletedObject(tx, deleted));
    }
    assert.deepEqual(await store.read((tx) => hanging(tx, world)), before, order.join());
  }
});

test('what hung on an object that is gone for good stays gone', async () => {
  const world = await openTenant();
  const { tenantId, user, group } = world;
  await store.write((tx) => deleteObject(tx, restorableOf(world, 'user'), now));
  await store.write((tx) => deleteObject(tx, restorableOf(world, 'group'), now));
  const gone = await deletedAs(world, 'user');
  await store.write((tx) => purgeDeletedObject(tx, gone));
  const deleted = await deletedAs(world, 'group');
  await store.write((tx) => restoreDeletedObject(tx, deleted));
  await store.read(async (tx) => {
    assert.equal(await findUser(tx, tenantId, user.objectId), undefined);
    assert.equal(await findDeletedObject(tx, tenantId, user.objectId, now), undefined);
    const { principal } = world;
    assert.deepEqual(await memberIdsOf(tx, tenantId, group.objectId), [principal.objectId]);
  });
});

test('after 30 days a deleted object is gone, and the next deletion forgets its rows', async () => {
  const world = await openTenant();
  const { tenantId, user } = world;
  await store.write((tx) => deleteObject(tx, restorableOf(world, 'user'), now));
  const find = (seconds: number) =>
    store.read((tx) => findDeletedObject(tx, tenantId, user.objectId, addSeconds(now, seconds)));
  assert.notEqual(await find(restorableSeconds - 1), undefined);
  assert.equal(await find(restorableSeconds), undefined);
  const later = addSeconds(now, restorableSeconds);
  await store.write((tx) => deleteObject(tx, restorableOf(world, 'group'), later));
  assert.equal(await find(0), undefined);
});

test('a name that was taken meanwhile is a conflict, and a user may come back under another', async () => {
  const world = await openTenant();
  const { tenantId, user } = world;
  await store.write((tx) => deleteObject(tx, restorableOf(world, 'user'), now));
  const twin = { ...user, objectId: random.guid() };
  assert.deepEqual(await store.write((tx) => addUser(tx, twin)), twin);
  const deleted = await deletedAs(world, 'user');
  const conflict = { conflict: 'userPrincipalName', value: user.userPrincipalName };
  const outcome = await tried(deleted);
  assert.deepEqual(outcome, conflict);
  const renamed = 'ana.old@contoso.example';
  const again = await deletedAs(world, 'user');
  await store.write((tx) => restoreDeletedObject(tx, again, renamed));
  const found = await store.read((tx) => findUser(tx, tenantId, renamed));
  assert.equal(found?.objectId, user.objectId);

  await store.write((tx) => deleteObject(tx, restorableOf(world, 'application'), now));
  const rival = await store.write((tx) =>
    addApplication(tx, {
      tenantId,
      objectId: random.guid(),
      appId: random.guid(),
      displayName: 'Rival',
      identifierUris: world.application.identifierUris,
      createdAt: now,
    }),
  );
  assert(!isNameConflict(rival));
  const application = await deletedAs(world, 'application');
  const refused = await tried(application);
  assert.equal('conflict' in refused && refused.conflict, 'identifierUri');
  const absent = await store.read((tx) =>
    findApplication(tx, tenantId, world.application.objectId),
  );
  assert.equal(absent, undefined);
  assert.equal((await deletedAs(world, 'application')).kind, 'application');
});

/** Tries to restore and takes all of it back, as the fault of a refusal does. */
async function tried(deleted: DeletedObject): Promise<object> {
  let outcome: object = {};
  await store
    .write(async (tx) => {
      outcome = await restoreDeletedObject(tx, deleted);
      throw new Error('taken back');
    })
    .catch(() => undefined);
  return outcome;
}

test('a user is renamed unless another has the name, and her sign-ins are taken back', async () => {
  const { tenantId, user } = await openTenant();
  const other = { ...user, objectId: random.guid(), userPrincipalName: 'max@contoso.example' };
  await store.write((tx) => addUser(tx, other));
  const find = (name: string) => store.read((tx) => findUser(tx, tenantId, name));
  const taken = { ...user, userPrincipalName: 'MAX@contoso.example' };
  assert.deepEqual(await store.write((tx) => updateUser(tx, taken)), {
    conflict: 'userPrincipalName',
    value: 'MAX@contoso.example',
  });
  assert.deepEqual(await find('ana@contoso.example'), user);
  const renamed = { ...user, userPrincipalName: 'Ana.Lee@contoso.example' };
  await store.write((tx) => updateUser(tx, renamed));
  assert.equal(await find('ana@contoso.example'), undefined);
  assert.deepEqual(await find('ana.lee@contoso.example'), renamed);
  const revoke = (id: string) => store.write((tx) => revokeSignIns(tx, tenantId, id, now));
  assert.equal(await revoke(user.objectId.toUpperCase()), true);
  assert.equal((await find(user.objectId))?.signInSessionsValidFrom, now);
  assert.equal((await find(other.objectId))?.signInSessionsValidFrom, undefined);
  assert.equal(await revoke(random.guid()), false);
});
