import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** Makes a principal an owner of an application, service principal or group. False when it already was. */
export async function addOwner(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  ownerId: string,
): Promise<boolean> {
  return (await tx.run(insertOwner, fold(tenantId), fold(objectId), fold(ownerId))) > 0;
}

/** Ends an ownership. False when there was none. */
export async function removeOwner(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  ownerId: string,
): Promise<boolean> {
  return (await tx.run(deleteOwner, fold(tenantId), fold(objectId), fold(ownerId))) > 0;
}

/** Object ids of the owners of an object. */
export async function ownerIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectOwners, fold(tenantId), fold(objectId));
  return rows.map((row) => row.owner_id);
}

/** Object ids of what a principal owns. */
export async function ownedIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  ownerId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectOwned, fold(tenantId), fold(ownerId));
  return rows.map((row) => row.object_id);
}

/** Ends every ownership in which an object stands on either side: it is being deleted. */
export async function removeOwners(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  const id = fold(objectId);
  await tx.run(deleteOwners, fold(tenantId), id, id);
}

const insertOwner = statement(
  'owner.insert',
  `INSERT INTO object_owner (tenant_id, object_id, owner_id) VALUES (?, ?, ?)
   ON CONFLICT DO NOTHING`,
);

const deleteOwner = statement(
  'owner.delete',
  'DELETE FROM object_owner WHERE tenant_id = ? AND object_id = ? AND owner_id = ?',
);

const deleteOwners = statement(
  'owner.deleteAll',
  'DELETE FROM object_owner WHERE tenant_id = ? AND (object_id = ? OR owner_id = ?)',
);

const selectOwners = statement<{ owner_id: string }>(
  'owner.select',
  'SELECT owner_id FROM object_owner WHERE tenant_id = ? AND object_id = ? ORDER BY owner_id',
);

const selectOwned = statement<{ object_id: string }>(
  'owner.selectOwned',
  'SELECT object_id FROM object_owner WHERE tenant_id = ? AND owner_id = ? ORDER BY object_id',
);
