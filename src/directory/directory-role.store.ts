import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { directoryRoleTemplates } from './directory-role.ts';

/** Gives a principal a directory role. False when it already has it. */
export async function assignDirectoryRole(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  templateId: string,
): Promise<boolean> {
  return (await tx.run(insertOne, fold(tenantId), fold(objectId), fold(templateId))) > 0;
}

/** Takes a directory role away. False when it was not held. */
export async function removeDirectoryRole(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  templateId: string,
): Promise<boolean> {
  return (await tx.run(deleteOne, fold(tenantId), fold(objectId), fold(templateId))) > 0;
}

/** Template ids of the directory roles that any of these principals hold, each once. */
export async function directoryRoleIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  principalIds: readonly string[],
): Promise<readonly string[]> {
  const held = new Set<string>();
  for (const id of principalIds) {
    const rows = await tx.all(selectHeld, fold(tenantId), fold(id));
    for (const row of rows) held.add(row.template_id);
  }
  return [...held];
}

/** Object ids of the principals that hold a directory role themselves. */
export async function directoryRoleMemberIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  templateId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectMembers, fold(tenantId), fold(templateId));
  return rows.map((row) => row.principal_id);
}

/** Makes a directory role an object of a tenant. False when it already is one. */
export async function activateDirectoryRole(
  tx: WriteTransaction,
  tenantId: string,
  templateId: string,
): Promise<boolean> {
  const active = await activeDirectoryRoleIds(tx, tenantId);
  if (active.includes(fold(templateId))) return false;
  return (await tx.run(insertActive, fold(tenantId), fold(templateId))) > 0;
}

/**
 * Template ids of the directory roles that are objects of a tenant: Global Administrator always, the others once someone has activated
 * them or holds them.
 */
export async function activeDirectoryRoleIds(
  tx: ReadTransaction,
  tenantId: string,
): Promise<readonly string[]> {
  const rows = await tx.all(selectActive, fold(tenantId), fold(tenantId));
  const ids = rows.map((row) => row.template_id);
  return [...new Set([directoryRoleTemplates.globalAdministrator, ...ids])].sort();
}

const insertOne = statement(
  'directoryRole.insert',
  `INSERT INTO directory_role_assignment (tenant_id, principal_id, template_id) VALUES (?, ?, ?)
   ON CONFLICT DO NOTHING`,
);

const deleteOne = statement(
  'directoryRole.delete',
  `DELETE FROM directory_role_assignment
   WHERE tenant_id = ? AND principal_id = ? AND template_id = ?`,
);

const selectHeld = statement<{ template_id: string }>(
  'directoryRole.select',
  `SELECT template_id FROM directory_role_assignment WHERE tenant_id = ? AND principal_id = ?
   ORDER BY template_id`,
);

const selectMembers = statement<{ principal_id: string }>(
  'directoryRole.selectMembers',
  `SELECT principal_id FROM directory_role_assignment WHERE tenant_id = ? AND template_id = ?
   ORDER BY principal_id`,
);

const insertActive = statement(
  'directoryRole.insertActive',
  'INSERT INTO directory_role (tenant_id, template_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
);

const selectActive = statement<{ template_id: string }>(
  'directoryRole.selectActive',
  `SELECT template_id FROM directory_role WHERE tenant_id = ?
   UNION SELECT template_id FROM directory_role_assignment WHERE tenant_id = ?`,
);
