import { needs } from '#http/operation.ts';
import { sameName } from '#kernel/ids.ts';
import { assignmentsAbove } from './decide.ts';
import { rbacFaults } from './faults.ts';
import { type OperationProvider, operationProviders } from './provider-operation.ts';
import { authorizationAction, rbacOperation } from './room.ts';
import { resourceScope } from './scope.ts';

/** What the caller may do at a scope: the permission entries of her roles there and above. */
const listPermissions = rbacOperation({
  id: 'Permissions_ListForResource',
  method: 'GET',
  path: '/{+scope}/providers/Microsoft.Authorization/permissions',
  permission: needs(authorizationAction('permissions/read')),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/rest/api/authorization/permissions',
  handler: async ({ params, caller, version }, room) => {
    const policy = await room.policies.policyFor(caller.tenantId);
    const scope = resourceScope(params.scope);
    const roles = assignmentsAbove(policy, caller.principalIds, scope).map(({ role }) => role);
    const value = [...new Set(roles)].flatMap((role) =>
      role.permissionSets.map(({ actions, notActions, dataActions, notDataActions }) => ({
        actions,
        notActions,
        ...(version < '2018-01-01-preview' ? {} : { dataActions, notDataActions }),
      })),
    );
    return { status: 200, json: { value } };
  },
});

/** Only Azure itself makes deny assignments, and nothing in Batten does: there are none. */
const listDenyAssignments = rbacOperation({
  id: 'DenyAssignments_ListForScope',
  method: 'GET',
  path: '/{+scope}/providers/Microsoft.Authorization/denyAssignments',
  permission: needs(authorizationAction('denyAssignments/read')),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/rest/api/authorization/deny-assignments',
  handler: async () => ({ status: 200, json: { value: [] } }),
});

const listProviderOperations = rbacOperation({
  id: 'ProviderOperationsMetadata_List',
  method: 'GET',
  path: '/providers/Microsoft.Authorization/providerOperations',
  permission: needs(),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata',
  handler: async () => ({ status: 200, json: { value: operationProviders.map(providerJson) } }),
});

const getProviderOperations = rbacOperation({
  id: 'ProviderOperationsMetadata_Get',
  method: 'GET',
  path: '/providers/Microsoft.Authorization/providerOperations/{resourceProviderNamespace}',
  permission: needs(),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/rest/api/authorization/provider-operations-metadata',
  handler: async ({ params }) => {
    const { resourceProviderNamespace: namespace } = params;
    const found = operationProviders.find((one) => sameName(one.namespace, namespace));
    return found === undefined
      ? rbacFaults.providerNotFound(namespace)
      : { status: 200, json: providerJson(found) };
  },
});

/** What may be granted, and what the caller was granted. */
export const permissionOperations = [
  listPermissions,
  listDenyAssignments,
  listProviderOperations,
  getProviderOperations,
];

/**
 * Operations grouped by the type in their names: `batchAccounts/pools` of
 * `Microsoft.Batch/batchAccounts/pools/read`.
 */
function providerJson(provider: OperationProvider): object {
  const byType = new Map<string, object[]>();
  for (const { name, isDataAction } of provider.operations) {
    const segments = name.split('/').slice(1);
    const tail = segments.at(-1) === 'action' ? 2 : 1;
    const type = segments.slice(0, -tail).join('/');
    const operations = byType.get(type) ?? [];
    byType.set(type, operations);
    operations.push({
      name,
      displayName: name,
      isDataAction,
      origin: 'user,system',
      properties: null,
    });
  }
  const id = `/providers/Microsoft.Authorization/providerOperations/${provider.namespace}`;
  return {
    displayName: provider.displayName,
    operations: byType.get('') ?? [],
    resourceTypes: [...byType]
      .filter(([name]) => name !== '')
      .map(([name, operations]) => ({ name, displayName: name, operations })),
    id,
    type: 'Microsoft.Authorization/providerOperations',
    name: provider.namespace,
  };
}
