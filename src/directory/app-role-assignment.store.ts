import { fold } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { groupIdsOf } from './group.store.ts';
import { findServicePrincipal } from './service-principal.store.ts';

/** The role id that means "assigned, without a particular role". */
export const defaultAppRoleId = '00000000-0000-0000-0000-000000000000';

/**
 * An application's role given to a principal.
 * Source: https://learn.microsoft.com/graph/api/resources/approleassignment
 */
export interface AppRoleAssignment {
  readonly tenantId: string;
  readonly assignmentId: string;
  readonly principalId: string;
  /** Object id of the resource's service principal. */
  readonly resourceId: string;
  readonly appRoleId: string;
  readonly createdAt: Instant;
}

/** Stores an assignment. False when the principal already has the role on the resource. */
export async function addAppRoleAssignment(
  tx: WriteTransaction,
  assignment: AppRoleAssignment,
): Promise<boolean> {
  const { tenantId, principalId, resourceId, appRoleId, assignmentId, createdAt } = assignment;
  const keys = [tenantId, principalId, resourceId, appRoleId].map(fold);
  return (await tx.run(insertOne, ...keys, assignmentId, createdAt)) > 0;
}

/** Removes an assignment by its id. False when there is none. */
export async function removeAppRoleAssignment(
  tx: WriteTransaction,
  tenantId: string,
  assignmentId: string,
): Promise<boolean> {
  return (await tx.run(deleteOne, fold(tenantId), assignmentId)) > 0;
}

/** The assignments of a principal itself, without those of its groups. */
export async function appRoleAssignmentsOf(
  tx: ReadTransaction,
  tenantId: string,
  principalId: string,
): Promise<readonly AppRoleAssignment[]> {
  return (await tx.all(selectOfPrincipal, fold(tenantId), fold(principalId))).map(assignmentOf);
}

/** The assignments of a principal and of the groups that it is a direct member of. */
export async function appRoleAssignmentsWithGroups(
  tx: ReadTransaction,
  tenantId: string,
  principalId: string,
): Promise<readonly AppRoleAssignment[]> {
  const found = [...(await appRoleAssignmentsOf(tx, tenantId, principalId))];
  for (const groupId of await groupIdsOf(tx, tenantId, principalId)) {
    found.push(...(await appRoleAssignmentsOf(tx, tenantId, groupId)));
  }
  return found;
}

/** The assignments of every principal to a resource. */
export async function appRoleAssignmentsTo(
  tx: ReadTransaction,
  tenantId: string,
  resourceId: string,
): Promise<readonly AppRoleAssignment[]> {
  return (await tx.all(selectOfResource, fold(tenantId), fold(resourceId))).map(assignmentOf);
}

/**
 * True when the principal, or a group that it is a direct member of, is assigned to the resource with any role. Groups in groups do
 * not count.
 * Source: https://learn.microsoft.com/entra/identity/enterprise-apps/assign-user-or-group-access-portal
 */
export async function isAssignedTo(
  tx: ReadTransaction,
  tenantId: string,
  principalObjectId: string,
  resourceServicePrincipalObjectId: string,
): Promise<boolean> {
  const ids = await heldRoleIds(tx, tenantId, principalObjectId, resourceServicePrincipalObjectId);
  return ids.size > 0;
}

/**
 * The values of the enabled app roles that a principal, or a group that it is a direct member of, holds on a resource, in the order
 * in which the resource declares them: the `roles` claim.
 */
export async function appRoleValuesOf(
  tx: ReadTransaction,
  tenantId: string,
  principalObjectId: string,
  resourceServicePrincipalObjectId: string,
): Promise<readonly string[]> {
  const resource = await findServicePrincipal(tx, tenantId, resourceServicePrincipalObjectId);
  if (resource === undefined) return [];
  const held = await heldRoleIds(tx, tenantId, principalObjectId, resource.objectId);
  return resource.appRoles.flatMap((role) =>
    role.isEnabled && role.value !== undefined && held.has(fold(role.id)) ? [role.value] : [],
  );
}

async function heldRoleIds(
  tx: ReadTransaction,
  tenantId: string,
  principalId: string,
  resourceId: string,
): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const own = [fold(principalId), ...(await groupIdsOf(tx, tenantId, principalId))];
  for (const id of own) {
    const rows = await tx.all(selectRoleIds, fold(tenantId), id, fold(resourceId));
    for (const row of rows) held.add(row.app_role_id);
  }
  return held;
}

type AssignmentRow = {
  tenant_id: string;
  assignment_id: string;
  principal_id: string;
  resource_id: string;
  app_role_id: string;
  created_at: number;
};

function assignmentOf(row: AssignmentRow): AppRoleAssignment {
  return {
    tenantId: row.tenant_id,
    assignmentId: row.assignment_id,
    principalId: row.principal_id,
    resourceId: row.resource_id,
    appRoleId: row.app_role_id,
    createdAt: instant(row.created_at),
  };
}

const insertOne = statement(
  'appRoleAssignment.insert',
  `INSERT INTO app_role_assignment
     (tenant_id, principal_id, resource_id, app_role_id, assignment_id, created_at)
   VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);

const deleteOne = statement(
  'appRoleAssignment.delete',
  'DELETE FROM app_role_assignment WHERE tenant_id = ? AND assignment_id = ?',
);

const selectOfPrincipal = statement<AssignmentRow>(
  'appRoleAssignment.selectOfPrincipal',
  `SELECT * FROM app_role_assignment WHERE tenant_id = ? AND principal_id = ?
   ORDER BY created_at, assignment_id`,
);

const selectOfResource = statement<AssignmentRow>(
  'appRoleAssignment.selectOfResource',
  `SELECT * FROM app_role_assignment WHERE tenant_id = ? AND resource_id = ?
   ORDER BY created_at, assignment_id`,
);

const selectRoleIds = statement<{ app_role_id: string }>(
  'appRoleAssignment.selectRoleIds',
  `SELECT app_role_id FROM app_role_assignment
   WHERE tenant_id = ? AND principal_id = ? AND resource_id = ?`,
);
