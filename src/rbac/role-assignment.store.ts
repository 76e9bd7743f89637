import type { PrincipalType } from '#directory/caller.ts';
import { fold } from '#kernel/ids.ts';
import { instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { advancePolicyEpoch } from './epoch.store.ts';
import type { RoleAssignment } from './role-assignment.ts';
import { type ResourceScope, resourceScope } from './scope.ts';

type AssignmentRow = {
  readonly id: string;
  readonly scope: string;
  readonly principal_id: string;
  readonly principal_type: string;
  readonly role_definition_id: string;
  readonly description: string | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly created_by: string | null;
  readonly updated_by: string | null;
};

const columns = `id, scope, principal_id, principal_type, role_definition_id, description,
  created_at, updated_at, created_by, updated_by`;

const insert = statement(
  'roleAssignment.insert',
  `INSERT INTO role_assignment
     (tenant_id, id, scope, scope_folded, principal_id, principal_type, role_definition_id,
      description, created_at, updated_at, created_by, updated_by)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

const updateDescription = statement(
  'roleAssignment.updateDescription',
  `UPDATE role_assignment SET description = ?, updated_at = ?, updated_by = ?
   WHERE tenant_id = ? AND id = ?`,
);

const byId = statement<AssignmentRow>(
  'roleAssignment.byId',
  `SELECT ${columns} FROM role_assignment WHERE tenant_id = ? AND id = ?`,
);

const byContent = statement<AssignmentRow>(
  'roleAssignment.byContent',
  `SELECT ${columns} FROM role_assignment
   WHERE tenant_id = ? AND scope_folded = ? AND principal_id = ? AND role_definition_id = ?`,
);

const byRole = statement<AssignmentRow>(
  'roleAssignment.byRole',
  `SELECT ${columns} FROM role_assignment WHERE tenant_id = ? AND role_definition_id = ? LIMIT 1`,
);

const all = statement<AssignmentRow>(
  'roleAssignment.all',
  `SELECT ${columns} FROM role_assignment WHERE tenant_id = ? ORDER BY created_at, id`,
);

const countAtAndBelow = statement<{ readonly many: number }>(
  'roleAssignment.countAtAndBelow',
  `SELECT count(*) AS many FROM role_assignment
   WHERE tenant_id = ? AND (scope_folded = ? OR (scope_folded >= ? AND scope_folded < ?))`,
);

const removeOne = statement(
  'roleAssignment.delete',
  'DELETE FROM role_assignment WHERE tenant_id = ? AND id = ?',
);

const removeAtAndBelow = statement(
  'roleAssignment.deleteAtAndBelow',
  `DELETE FROM role_assignment
   WHERE tenant_id = ? AND (scope_folded = ? OR (scope_folded >= ? AND scope_folded < ?))`,
);

/**
 * Adds an assignment; the policy that readers see next contains it. Throws when its content or id
 * is taken.
 */
export async function addRoleAssignment(
  transaction: WriteTransaction,
  tenantId: string,
  assignment: RoleAssignment,
): Promise<void> {
  await transaction.run(
    insert,
    tenantId,
    fold(assignment.id),
    assignment.scope,
    resourceScope(assignment.scope),
    fold(assignment.principalId),
    assignment.principalType,
    fold(assignment.roleDefinitionId),
    assignment.description ?? null,
    assignment.createdAt,
    assignment.updatedAt,
    assignment.createdBy ?? null,
    assignment.updatedBy ?? null,
  );
  await advancePolicyEpoch(transaction, tenantId);
}

/** Replaces what may change of an assignment: its description. */
export async function describeRoleAssignment(
  transaction: WriteTransaction,
  tenantId: string,
  assignment: RoleAssignment,
): Promise<void> {
  await transaction.run(
    updateDescription,
    assignment.description ?? null,
    assignment.updatedAt,
    assignment.updatedBy ?? null,
    tenantId,
    assignment.id,
  );
}

/** The assignment of an id in any case. */
export async function findRoleAssignment(
  transaction: ReadTransaction,
  tenantId: string,
  id: string,
): Promise<RoleAssignment | undefined> {
  const row = await transaction.one(byId, tenantId, fold(id));
  return row === undefined ? undefined : assignmentOf(row);
}

/** The assignment that gives a role to a principal at exactly a scope. */
export async function findSameAssignment(
  transaction: ReadTransaction,
  tenantId: string,
  content: Pick<RoleAssignment, 'scope' | 'principalId' | 'roleDefinitionId'>,
): Promise<RoleAssignment | undefined> {
  const row = await transaction.one(
    byContent,
    tenantId,
    resourceScope(content.scope),
    fold(content.principalId),
    fold(content.roleDefinitionId),
  );
  return row === undefined ? undefined : assignmentOf(row);
}

/** True while any assignment gives the role. */
export async function isRoleAssigned(
  transaction: ReadTransaction,
  tenantId: string,
  roleDefinitionId: string,
): Promise<boolean> {
  return (await transaction.one(byRole, tenantId, fold(roleDefinitionId))) !== undefined;
}

/**
 * Every assignment of the tenant, oldest first. At most the limits of section 1.5 many per
 * subscription.
 */
export async function listRoleAssignments(
  transaction: ReadTransaction,
  tenantId: string,
): Promise<readonly RoleAssignment[]> {
  return (await transaction.all(all, tenantId)).map(assignmentOf);
}

/** How many assignments stand at a scope and below it. */
export async function countRoleAssignments(
  transaction: ReadTransaction,
  tenantId: string,
  scope: ResourceScope,
): Promise<number> {
  const found = await transaction.one(countAtAndBelow, tenantId, scope, ...rangeBelow(scope));
  return found?.many ?? 0;
}

/** Removes one assignment. */
export async function deleteRoleAssignment(
  transaction: WriteTransaction,
  tenantId: string,
  id: string,
): Promise<void> {
  await transaction.run(removeOne, tenantId, fold(id));
  await advancePolicyEpoch(transaction, tenantId);
}

/** Removes the assignments of a resource that is gone, with those of everything in it. */
export async function deleteRoleAssignmentsAt(
  transaction: WriteTransaction,
  tenantId: string,
  scope: ResourceScope,
): Promise<void> {
  const many = await transaction.run(removeAtAndBelow, tenantId, scope, ...rangeBelow(scope));
  if (many > 0) await advancePolicyEpoch(transaction, tenantId);
}

/** The range of folded scopes that begin with `{scope}/`: `0` is the character after the slash. */
function rangeBelow(scope: ResourceScope): readonly [string, string] {
  return scope === '/' ? ['/', '0'] : [`${scope}/`, `${scope}0`];
}

function assignmentOf(row: AssignmentRow): RoleAssignment {
  return {
    id: row.id,
    scope: row.scope,
    principalId: row.principal_id,
    principalType: row.principal_type as PrincipalType,
    roleDefinitionId: row.role_definition_id,
    ...(row.description === null ? {} : { description: row.description }),
    createdAt: instant(row.created_at),
    updatedAt: instant(row.updated_at),
    ...(row.created_by === null ? {} : { createdBy: row.created_by }),
    ...(row.updated_by === null ? {} : { updatedBy: row.updated_by }),
  };
}
