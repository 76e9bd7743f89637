import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement } from '#store/store.ts';
import type { PrincipalType } from './caller.ts';
import { transitiveGroupIdsOf } from './group.store.ts';

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

const selectPrincipal = statement<{ principal_type: PrincipalType; document: string }>(
  'principal.select',
  `SELECT 'ServicePrincipal' AS principal_type, document FROM service_principal
     WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 'User', document FROM user_account WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 'Group', document FROM directory_group WHERE tenant_id = ? AND object_id = ?`,
);
