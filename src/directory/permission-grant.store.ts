import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/**
 * Consent: a client may act on a resource with these delegated permissions for one user or for all.
 * Source: https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant
 */
export interface PermissionGrant {
  readonly tenantId: string;
  readonly grantId: string;
  /** Object id of the client's service principal. */
  readonly clientId: string;
  /** Object id of the resource's service principal. */
  readonly resourceId: string;
  /** The user who consented; absent when an administrator consented for everybody. */
  readonly principalId?: string;
  readonly oauthScopes: readonly string[];
}

/** Stores a grant. False when there already is one of this client, resource and principal. */
export async function addPermissionGrant(
  tx: WriteTransaction,
  grant: PermissionGrant,
): Promise<boolean> {
  const changed = await tx.run(
    insertOne,
    fold(grant.tenantId),
    grant.grantId,
    fold(grant.clientId),
    fold(grant.resourceId),
    grant.principalId === undefined ? 'AllPrincipals' : 'Principal',
    fold(grant.principalId ?? ''),
    grant.oauthScopes.join(' '),
  );
  return changed > 0;
}

/** Removes a grant by its id. False when there is none. */
export async function removePermissionGrant(
  tx: WriteTransaction,
  tenantId: string,
  grantId: string,
): Promise<boolean> {
  return (await tx.run(deleteOne, fold(tenantId), grantId)) > 0;
}

/** Replaces the delegated permissions of a grant. False when there is none of that id. */
export async function updatePermissionGrant(
  tx: WriteTransaction,
  tenantId: string,
  grantId: string,
  oauthScopes: readonly string[],
): Promise<boolean> {
  return (await tx.run(updateScopes, oauthScopes.join(' '), fold(tenantId), grantId)) > 0;
}

/** Grants of a tenant in the order of their ids, behind an id, at most `limit`. */
export async function pageOfPermissionGrants(
  tx: ReadTransaction,
  tenantId: string,
  after: string,
  limit: number,
): Promise<readonly PermissionGrant[]> {
  return (await tx.all(selectPage, fold(tenantId), after, limit)).map(grantOf);
}

/** The grant of a tenant with this id; ids are compared with regard to case. */
export async function findPermissionGrant(
  tx: ReadTransaction,
  tenantId: string,
  grantId: string,
): Promise<PermissionGrant | undefined> {
  const row = await tx.one(selectOne, fold(tenantId), grantId);
  return row === undefined ? undefined : grantOf(row);
}

/** How many grants a tenant has. */
export async function countPermissionGrants(
  tx: ReadTransaction,
  tenantId: string,
): Promise<number> {
  return (await tx.one(countAll, fold(tenantId)))?.count ?? 0;
}

/** Every grant of a client: for all users and for single ones. */
export async function permissionGrantsOf(
  tx: ReadTransaction,
  tenantId: string,
  clientId: string,
): Promise<readonly PermissionGrant[]> {
  return (await tx.all(selectOfClient, fold(tenantId), fold(clientId))).map(grantOf);
}

type GrantRow = {
  tenant_id: string;
  grant_id: string;
  client_id: string;
  resource_id: string;
  principal_id: string;
  oauth_scopes: string;
};

function grantOf(row: GrantRow): PermissionGrant {
  return {
    tenantId: row.tenant_id,
    grantId: row.grant_id,
    clientId: row.client_id,
    resourceId: row.resource_id,
    ...(row.principal_id === '' ? {} : { principalId: row.principal_id }),
    oauthScopes: row.oauth_scopes.split(' ').filter((one) => one !== ''),
  };
}

const insertOne = statement(
  'permissionGrant.insert',
  `INSERT INTO permission_grant
     (tenant_id, grant_id, client_id, resource_id, consent_type, principal_id, oauth_scopes)
   VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);

const deleteOne = statement(
  'permissionGrant.delete',
  'DELETE FROM permission_grant WHERE tenant_id = ? AND grant_id = ?',
);

const selectOfClient = statement<GrantRow>(
  'permissionGrant.selectOfClient',
  'SELECT * FROM permission_grant WHERE tenant_id = ? AND client_id = ? ORDER BY grant_id',
);

const selectPage = statement<GrantRow>(
  'permissionGrant.selectPage',
  `SELECT * FROM permission_grant WHERE tenant_id = ? AND grant_id > ?
   ORDER BY grant_id LIMIT ?`,
);

const selectOne = statement<GrantRow>(
  'permissionGrant.select',
  'SELECT * FROM permission_grant WHERE tenant_id = ? AND grant_id = ?',
);

const countAll = statement<{ count: number }>(
  'permissionGrant.count',
  'SELECT count(*) AS count FROM permission_grant WHERE tenant_id = ?',
);

const updateScopes = statement(
  'permissionGrant.update',
  'UPDATE permission_grant SET oauth_scopes = ? WHERE tenant_id = ? AND grant_id = ?',
);
