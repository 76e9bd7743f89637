import { addServicePrincipal } from '#directory/service-principal.store.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';

/** The service principal of a managed identity, before it is stored. */
export interface IdentityPrincipal {
  readonly tenantId: string;
  readonly clientId: string;
  readonly principalId: string;
  readonly displayName: string;
  /** The identity itself when it is user-assigned, else the resource that has it. */
  readonly resourceId: string;
  readonly isUserAssigned: boolean;
  readonly createdAt: Instant;
}

/** Adds the service principal that a managed identity signs in as. Throws when its appId is taken. */
export async function addIdentityPrincipal(
  transaction: WriteTransaction,
  identity: IdentityPrincipal,
): Promise<void> {
  const { clientId, principalId, displayName, resourceId, isUserAssigned, createdAt } = identity;
  const tenantId = fold(identity.tenantId);
  const added = await addServicePrincipal(transaction, {
    tenantId,
    objectId: principalId,
    appId: clientId,
    displayName,
    appDisplayName: displayName,
    accountEnabled: true,
    appRoleAssignmentRequired: false,
    servicePrincipalNames: [clientId],
    appOwnerTenantId: tenantId,
    servicePrincipalType: 'ManagedIdentity',
    appRoles: [],
    oauth2PermissionScopes: [],
    replyUrls: [],
    createdAt,
    profile: { alternativeNames: [`isExplicit=${isUserAssigned ? 'True' : 'False'}`, resourceId] },
  });
  if (added === undefined) throw new Error(`a service principal has the appId ${clientId} already`);
}
