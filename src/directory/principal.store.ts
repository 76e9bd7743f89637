import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { PrincipalType } from './caller.ts';
import { transitiveGroupIdsOf } from './group.store.ts';
import { removeOwners } from './owner.store.ts';

/** What may hold a role: enough of it to name it. */
export interface Principal {
  readonly objectId: string;
  readonly principalType: PrincipalType;
  readonly displayName: string;
  /** Of a service principal. */
  readonly appId?: string;
}

/** The user, group or service principal of a tenant with this object id. */
export async function findPrincipal(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<Principal | undefined> {
  const keys = [fold(tenantId), fold(objectId)];
  const row = await tx.one(selectPrincipal, ...keys, ...keys, ...keys);
  if (row === undefined) return undefined;
  const { displayName, appId } = JSON.parse(row.document) as Principal;
  return {
    objectId: fold(objectId),
    principalType: row.principal_type,
    displayName,
    ...(appId === undefined ? {} : { appId }),
  };
}

/** The principal's own object id and those of all groups it is in, directly or through groups; cycles end. */
export async function principalIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<readonly string[]> {
  return [fold(objectId), ...(await transitiveGroupIdsOf(tx, tenantId, objectId))];
}

/** Removes whatever names a principal that is being deleted: memberships, roles, grants, ownerships. */
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
}

const selectPrincipal = statement<{ principal_type: PrincipalType; document: string }>(
  'principal.select',
  `SELECT 'ServicePrincipal' AS principal_type, document FROM service_principal
     WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 'User', document FROM user_account WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 'Group', document FROM directory_group WHERE tenant_id = ? AND object_id = ?`,
);

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
