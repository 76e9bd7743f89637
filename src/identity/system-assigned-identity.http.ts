import { needs } from '#http/operation.ts';
import { findManagedIdentity } from './managed-identity.ts';
import { identityFaults } from './resource.faults.ts';
import { identityOperation } from './resource-room.ts';

/** The identity that a resource itself has, below that resource. */
const getByScope = identityOperation({
  id: 'SystemAssignedIdentities_GetByScope',
  method: 'GET',
  path: '/{+scope}/providers/Microsoft.ManagedIdentity/identities/default',
  permission: needs({ action: 'Microsoft.ManagedIdentity/identities/read', plane: 'control' }),
  reply: { 200: 'json' },
  source:
    'https://learn.microsoft.com/rest/api/managedidentity/system-assigned-identities/get-by-scope',
  handler: async ({ params, caller }, room) => {
    const scope = `/${params.scope.replace(/^\/+/, '')}`;
    const found = await room.store.read((tx) => findManagedIdentity(tx, scope));
    if (found === undefined || found.tenantId !== caller.tenantId) {
      return identityFaults.noSystemIdentity(scope);
    }
    const { tenantId, principalId, clientId, resourceId } = found;
    const json = {
      id: `${resourceId}/providers/Microsoft.ManagedIdentity/identities/default`,
      name: 'default',
      type: 'Microsoft.ManagedIdentity/identities',
      properties: { tenantId, principalId, clientId },
    };
    return { status: 200, json };
  },
});

/** System-assigned identities as ARM resources below the resource that has them. */
export const systemAssignedIdentityOperations = [getByScope];
