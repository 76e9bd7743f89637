import { fold } from '#kernel/ids.ts';
import { addSeconds, type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import {
  addApplication,
  deleteApplication,
  findApplicationByAppId,
  isNameConflict,
  type NameConflict,
} from './application.store.ts';
import type { Application } from './application.ts';
import { forgetReferences, restoreReferences, takeReferences } from './deleted-reference.store.ts';
import { addGroup, deleteGroup, type Group } from './group.store.ts';
import {
  addServicePrincipal,
  deleteServicePrincipal,
  reflectApplication,
  type ServicePrincipal,
} from './service-principal.store.ts';
import { addUser, deleteUser, passwordHashOfUser, type User } from './user.store.ts';

/**
 * How long a deleted object can be restored, in seconds: 30 days.
 * Source: https://learn.microsoft.com/graph/api/resources/directory
 */
export const restorableSeconds = 30 * 24 * 3600;

/** A directory object that can be deleted and restored. */
export type Restorable =
  | { readonly kind: 'application'; readonly object: Application }
  | { readonly kind: 'group'; readonly object: Group }
  | { readonly kind: 'servicePrincipal'; readonly object: ServicePrincipal }
  | { readonly kind: 'user'; readonly object: User };

/** A deleted object as it was, and when it was deleted. */
export type DeletedObject = Restorable & { readonly deletedAt: Instant };

/**
 * Deletes an object of the directory: it has no name, signs in no more and is in no group, and for 30 days all of that can be put
 * back. The service principal of an application is an object of its own and is deleted apart.
 */
export async function deleteObject(
  tx: WriteTransaction,
  restorable: Restorable,
  at: Instant,
): Promise<void> {
  const { kind, object } = restorable;
  const keys = [object.tenantId, object.objectId] as const;
  await tx.run(deleteExpiredReferences, expiryAt(at));
  await tx.run(deleteExpired, expiryAt(at));
  const hash = kind === 'user' ? await passwordHashOfUser(tx, ...keys) : undefined;
  await takeReferences(tx, ...keys);
  await tx.run(insertOne, ...keys, kind, at, hash ?? null, JSON.stringify(object));
  await removers[kind](tx, ...keys);
}

/** The deleted objects of one kind that can still be restored, in the order of their object ids. */
export async function listDeletedObjects(
  tx: ReadTransaction,
  tenantId: string,
  kind: DeletedObject['kind'],
  now: Instant,
): Promise<readonly DeletedObject[]> {
  const rows = await tx.all(selectOfKind, fold(tenantId), kind, expiryAt(now));
  return rows.map(deletedObjectOf);
}

/** The deleted object of this id that can still be restored. */
export async function findDeletedObject(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
  now: Instant,
): Promise<DeletedObject | undefined> {
  const row = await tx.one(selectOne, fold(tenantId), fold(objectId), expiryAt(now));
  return row === undefined ? undefined : deletedObjectOf(row);
}

/** Forgets a deleted object for good. */
export async function purgeDeletedObject(
  tx: WriteTransaction,
  { object }: DeletedObject,
): Promise<void> {
  await tx.run(deleteOne, object.tenantId, object.objectId);
  await forgetReferences(tx, object.tenantId, object.objectId);
}

/**
 * Puts a deleted object back with all that hung on it. A name that another object has taken meanwhile is a conflict, and nothing is
 * stored; the caller must return a fault then. `userPrincipalName` gives a restored user another name.
 */
export async function restoreDeletedObject(
  tx: WriteTransaction,
  deleted: DeletedObject,
  userPrincipalName?: string,
): Promise<Restorable | NameConflict> {
  const { tenantId, objectId } = deleted.object;
  const row = await tx.one(selectHash, tenantId, objectId);
  await tx.run(deleteOne, tenantId, objectId);
  const hash = row?.password_hash ?? undefined;
  const restored = await putBack(tx, deleted, hash, userPrincipalName);
  if (!('conflict' in restored)) await restoreReferences(tx, tenantId, objectId);
  return restored;
}

async function putBack(
  tx: WriteTransaction,
  deleted: DeletedObject,
  passwordHash: string | undefined,
  userPrincipalName: string | undefined,
): Promise<Restorable | NameConflict> {
  switch (deleted.kind) {
    case 'application': {
      const object = await addApplication(tx, deleted.object);
      return isNameConflict(object) ? object : { kind: 'application', object };
    }
    case 'group':
      return { kind: 'group', object: await addGroup(tx, deleted.object) };
    case 'servicePrincipal': {
      const object = await addServicePrincipal(tx, deleted.object);
      if (object === undefined) {
        return { conflict: 'servicePrincipalName', value: deleted.object.appId };
      }
      const application = await findApplicationByAppId(tx, object.appId);
      if (application !== undefined) await reflectApplication(tx, application);
      return { kind: 'servicePrincipal', object };
    }
    case 'user': {
      const name = userPrincipalName ?? deleted.object.userPrincipalName;
      const user = { ...deleted.object, userPrincipalName: name };
      const object = await addUser(tx, user, passwordHash);
      return isNameConflict(object) ? object : { kind: 'user', object };
    }
  }
}

const removers = {
  application: deleteApplication,
  group: deleteGroup,
  servicePrincipal: deleteServicePrincipal,
  user: deleteUser,
} as const;

/** What was deleted at this instant or before can be restored no more. */
function expiryAt(now: Instant): Instant {
  return addSeconds(now, -restorableSeconds);
}

type DeletedRow = { kind: DeletedObject['kind']; deleted_at: number; document: string };

function deletedObjectOf(row: DeletedRow): DeletedObject {
  const object = JSON.parse(row.document) as unknown;
  return { kind: row.kind, object, deletedAt: instant(row.deleted_at) } as DeletedObject;
}

const insertOne = statement(
  'deletedObject.insert',
  `INSERT INTO deleted_object (tenant_id, object_id, kind, deleted_at, password_hash, document)
   VALUES (?, ?, ?, ?, ?, ?)`,
);

const selectOfKind = statement<DeletedRow>(
  'deletedObject.selectOfKind',
  `SELECT kind, deleted_at, document FROM deleted_object
   WHERE tenant_id = ? AND kind = ? AND deleted_at > ? ORDER BY object_id`,
);

const selectOne = statement<DeletedRow>(
  'deletedObject.select',
  `SELECT kind, deleted_at, document FROM deleted_object
   WHERE tenant_id = ? AND object_id = ? AND deleted_at > ?`,
);

const selectHash = statement<{ password_hash: string | null }>(
  'deletedObject.selectHash',
  'SELECT password_hash FROM deleted_object WHERE tenant_id = ? AND object_id = ?',
);

const deleteOne = statement(
  'deletedObject.delete',
  'DELETE FROM deleted_object WHERE tenant_id = ? AND object_id = ?',
);

const deleteExpired = statement(
  'deletedObject.deleteExpired',
  'DELETE FROM deleted_object WHERE deleted_at <= ?',
);

const deleteExpiredReferences = statement(
  'deletedObject.deleteExpiredReferences',
  `DELETE FROM deleted_reference WHERE (tenant_id, object_id) IN
     (SELECT tenant_id, object_id FROM deleted_object WHERE deleted_at <= ?)`,
);
