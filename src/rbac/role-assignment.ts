import type { PrincipalType } from '#directory/caller.ts';
import type { Instant } from '#kernel/instant.ts';

/** A role given to a principal at a scope. */
export interface RoleAssignment {
  /** GUID, folded: the name of the resource. */
  readonly id: string;
  /** As written, without a slash at its end; `/` is the root. */
  readonly scope: string;
  /** Object id, folded. */
  readonly principalId: string;
  readonly principalType: PrincipalType;
  /** GUID of the role, folded. */
  readonly roleDefinitionId: string;
  readonly description?: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Object ids; absent for seeded assignments. */
  readonly createdBy?: string;
  readonly updatedBy?: string;
}

/** The ARM id of an assignment: its scope, not the subscription, stands in front. */
export function assignmentResourceId(assignment: Pick<RoleAssignment, 'id' | 'scope'>): string {
  const scope = assignment.scope === '/' ? '' : assignment.scope;
  return `${scope}/providers/Microsoft.Authorization/roleAssignments/${assignment.id}`;
}
