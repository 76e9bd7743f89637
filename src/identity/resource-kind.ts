import type { ResourceKind } from '#arm/resource-kind.ts';
import { deleteRoleAssignmentsAt } from '#rbac/role-assignment.store.ts';
import { resourceScope } from '#rbac/scope.ts';
import type { WriteTransaction } from '#store/store.ts';
import { deleteIdentity, listIdentities } from './user-assigned-identity.store.ts';
import {
  identityResourceId,
  identityType,
  type UserAssignedIdentity,
} from './user-assigned-identity.ts';

/** Managed identities among the other resources: listed with them, and removed with their group. */
export const identityKind: ResourceKind = {
  type: identityType,
  async list(transaction, subscriptionId) {
    const identities = await listIdentities(transaction, subscriptionId);
    return identities.map((identity) => ({
      id: identityResourceId(identity),
      name: identity.name,
      type: identityType,
      location: identity.location,
      tags: identity.tags,
      provisioningState: 'Succeeded',
      createdAt: identity.createdAt,
      changedAt: identity.changedAt,
    }));
  },
  async removeOf(transaction, group) {
    for (const one of await listIdentities(transaction, group.subscriptionId, group.name)) {
      await removeIdentity(transaction, one);
    }
  },
};

/**
 * Removes an identity, its service principal and the roles that were given at it. The roles that
 * were given to it stay, as in Azure, for a principal that is no more.
 */
export async function removeIdentity(
  transaction: WriteTransaction,
  identity: UserAssignedIdentity,
): Promise<void> {
  const scope = resourceScope(identityResourceId(identity));
  await deleteRoleAssignmentsAt(transaction, identity.tenantId, scope);
  await deleteIdentity(transaction, identity);
}
