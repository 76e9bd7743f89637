import { isoOf } from '#kernel/instant.ts';
import type { RoleDefinition } from './role-definition.ts';
import { subscriptionOf } from './scope.ts';

/** The first api-versions that show data actions. */
const dataActionsSince = '2018-01-01-preview';

/**
 * The id of a role as clients compare it: below the subscription that the request is about, or
 * below the root.
 */
export function roleDefinitionResourceId(id: string, scope: string): string {
  const subscriptionId = subscriptionOf(scope);
  const place = subscriptionId === undefined ? '' : `/subscriptions/${subscriptionId}`;
  return `${place}/providers/Microsoft.Authorization/roleDefinitions/${id}`;
}

/**
 * A role on the wire, in the order as recorded. The answer to its creation does not name its
 * creator, the ones after it do.
 */
export function roleDefinitionJson(
  role: RoleDefinition,
  scope: string,
  version: string,
  moment: 'created' | 'stored' = 'stored',
): object {
  const showsData = version >= dataActionsSince;
  return {
    properties: {
      roleName: role.roleName,
      type: role.roleType,
      description: role.description,
      assignableScopes: role.assignableScopes,
      permissions: role.permissionSets.map(
        ({ actions, notActions, dataActions, notDataActions }) => ({
          actions,
          notActions,
          ...(showsData ? { dataActions, notDataActions } : {}),
        }),
      ),
      createdOn: isoOf(role.createdAt),
      updatedOn: isoOf(role.updatedAt),
      createdBy: moment === 'created' ? null : (role.createdBy ?? null),
      updatedBy: role.updatedBy ?? null,
    },
    id: roleDefinitionResourceId(role.id, scope),
    type: 'Microsoft.Authorization/roleDefinitions',
    name: role.id,
  };
}
