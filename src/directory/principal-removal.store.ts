import { fold } from '#kernel/ids.ts';
import { statement, type WriteTransaction } from '#store/store.ts';
import { forgetNames } from './object-name.store.ts';
import { removeOwners } from './owner.store.ts';

/** Removes whatever names a principal that is being deleted: memberships, roles, grants, ownerships, the index of names. */
export async function removePrincipal(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  const [tenant, id] = [fold(tenantId), fold(objectId)];
  await tx.run(deleteMemberships, tenant, id, id);
  await tx.run(deleteDirectoryRoles, tenant, id);
  await tx.run(deleteAppRoles, tenant, id, id);
  await tx.run(deleteGrants, tenant, id, id, id);
  await removeOwners(tx, tenant, id);
  await forgetNames(tx, tenant, id);
}

const deleteMemberships = statement(
  'principal.deleteMemberships',
  'DELETE FROM group_member WHERE tenant_id = ? AND (member_id = ? OR group_id = ?)',
);

const deleteDirectoryRoles = statement(
  'principal.deleteDirectoryRoles',
  'DELETE FROM directory_role_assignment WHERE tenant_id = ? AND principal_id = ?',
);

const deleteAppRoles = statement(
  'principal.deleteAppRoles',
  'DELETE FROM app_role_assignment WHERE tenant_id = ? AND (principal_id = ? OR resource_id = ?)',
);

const deleteGrants = statement(
  'principal.deleteGrants',
  `DELETE FROM permission_grant
   WHERE tenant_id = ? AND (client_id = ? OR resource_id = ? OR principal_id = ?)`,
);
