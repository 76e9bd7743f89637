import { fold } from '#kernel/ids.ts';
import { instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { advancePolicyEpoch } from './epoch.store.ts';
import { builtInRole, type PermissionSet, type RoleDefinition } from './role-definition.ts';

type DefinitionRow = {
  readonly id: string;
  readonly role_name: string;
  readonly description: string;
  readonly assignable_scopes: string;
  readonly permission_sets: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly created_by: string | null;
  readonly updated_by: string | null;
};

const columns = `id, role_name, description, assignable_scopes, permission_sets,
  created_at, updated_at, created_by, updated_by`;

const upsert = statement(
  'roleDefinition.upsert',
  `INSERT INTO role_definition
     (tenant_id, id, role_name, role_name_folded, description, assignable_scopes, permission_sets,
      created_at, updated_at, created_by, updated_by)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT (tenant_id, id) DO UPDATE SET
     role_name = excluded.role_name, role_name_folded = excluded.role_name_folded,
     description = excluded.description, assignable_scopes = excluded.assignable_scopes,
     permission_sets = excluded.permission_sets, updated_at = excluded.updated_at,
     updated_by = excluded.updated_by`,
);

const byId = statement<DefinitionRow>(
  'roleDefinition.byId',
  `SELECT ${columns} FROM role_definition WHERE tenant_id = ? AND id = ?`,
);

const byName = statement<DefinitionRow>(
  'roleDefinition.byName',
  `SELECT ${columns} FROM role_definition WHERE tenant_id = ? AND role_name_folded = ?`,
);

const all = statement<DefinitionRow>(
  'roleDefinition.all',
  `SELECT ${columns} FROM role_definition WHERE tenant_id = ? ORDER BY role_name_folded`,
);

const count = statement<{ readonly many: number }>(
  'roleDefinition.count',
  'SELECT count(*) AS many FROM role_definition WHERE tenant_id = ?',
);

const remove = statement(
  'roleDefinition.delete',
  'DELETE FROM role_definition WHERE tenant_id = ? AND id = ?',
);

/** Adds a custom role, or replaces the one of that id (its creation stays). */
export async function putRoleDefinition(
  transaction: WriteTransaction,
  tenantId: string,
  role: RoleDefinition,
): Promise<void> {
  await transaction.run(
    upsert,
    tenantId,
    fold(role.id),
    role.roleName,
    fold(role.roleName),
    role.description,
    JSON.stringify(role.assignableScopes),
    JSON.stringify(role.permissionSets),
    role.createdAt,
    role.updatedAt,
    role.createdBy ?? null,
    role.updatedBy ?? null,
  );
  await advancePolicyEpoch(transaction, tenantId);
}

/** The role of an id in any case: built in, or the tenant's own. */
export async function findRoleDefinition(
  transaction: ReadTransaction,
  tenantId: string,
  id: string,
): Promise<RoleDefinition | undefined> {
  const found = builtInRole(id);
  if (found !== undefined) return found;
  const row = await transaction.one(byId, tenantId, fold(id));
  return row === undefined ? undefined : definitionOf(row);
}

/** The tenant's own role of a name, compared without regard to case. */
export async function findCustomRoleByName(
  transaction: ReadTransaction,
  tenantId: string,
  roleName: string,
): Promise<RoleDefinition | undefined> {
  const row = await transaction.one(byName, tenantId, fold(roleName));
  return row === undefined ? undefined : definitionOf(row);
}

/** The tenant's own roles by name. */
export async function listCustomRoles(
  transaction: ReadTransaction,
  tenantId: string,
): Promise<readonly RoleDefinition[]> {
  return (await transaction.all(all, tenantId)).map(definitionOf);
}

/** How many roles the tenant has made. */
export async function countCustomRoles(
  transaction: ReadTransaction,
  tenantId: string,
): Promise<number> {
  return (await transaction.one(count, tenantId))?.many ?? 0;
}

/** Removes a custom role. */
export async function deleteRoleDefinition(
  transaction: WriteTransaction,
  tenantId: string,
  id: string,
): Promise<void> {
  await transaction.run(remove, tenantId, fold(id));
  await advancePolicyEpoch(transaction, tenantId);
}

function definitionOf(row: DefinitionRow): RoleDefinition {
  return {
    id: row.id,
    roleName: row.role_name,
    roleType: 'CustomRole',
    description: row.description,
    assignableScopes: JSON.parse(row.assignable_scopes) as readonly string[],
    permissionSets: JSON.parse(row.permission_sets) as readonly PermissionSet[],
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
    ...(row.created_by === null ? {} : { createdBy: row.created_by }),
    ...(row.updated_by === null ? {} : { updatedBy: row.updated_by }),
  };
}
