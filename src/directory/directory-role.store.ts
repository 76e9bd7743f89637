import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/**
 * Template ids of the Entra directory roles that Batten knows; they are the same in every tenant.
 * Source: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
 */
export const directoryRoleTemplates = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  applicationAdministrator: '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3',
  cloudApplicationAdministrator: '158c047a-c907-4556-b7ef-446551a6b5f7',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
} as const;

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
