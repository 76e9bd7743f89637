import { isoOf } from '#kernel/instant.ts';
import { assignmentResourceId, type RoleAssignment } from './role-assignment.ts';
import { roleDefinitionResourceId } from './role-definition-shape.ts';
import { subscriptionOf } from './scope.ts';

/**
 * An assignment on the wire, in the order as recorded: nulls are written. Its role stands below the
 * subscription of the request, so that clients can compare it with the roles they listed there. The
 * answer to its creation does not name its creator.
 */
export function roleAssignmentJson(
  assignment: RoleAssignment,
  scope: string,
  version: string,
  moment: 'created' | 'stored' = 'stored',
): object {
  const place = subscriptionOf(scope) === undefined ? assignment.scope : scope;
  return {
    properties: {
      roleDefinitionId: roleDefinitionResourceId(assignment.roleDefinitionId, place),
      principalId: assignment.principalId,
      ...(version < '2018-09-01' ? {} : { principalType: assignment.principalType }),
      scope: assignment.scope,
      ...(version < '2020-03-01' ? {} : { condition: null, conditionVersion: null }),
      createdOn: isoOf(assignment.createdAt),
      updatedOn: isoOf(assignment.updatedAt),
      createdBy: moment === 'created' ? null : (assignment.createdBy ?? null),
      updatedBy: assignment.updatedBy ?? null,
      ...(version < '2020-03-01'
        ? {}
        : {
            delegatedManagedIdentityResourceId: null,
            description: assignment.description ?? null,
          }),
    },
    id: assignmentResourceId(assignment),
    type: 'Microsoft.Authorization/roleAssignments',
    name: assignment.id,
  };
}
