import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import { microsoftTenantId } from '#directory/first-party.ts';
import { type PermissionGrant, permissionGrantsOf } from '#directory/permission-grant.store.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type ConsentBasis, preAuthorizedScopes, type ResourcePermissions } from './consent.ts';
import { registeredPermissions } from './registered-permissions.ts';
import { graphAppId } from './requested-resource.ts';

/** Who wants what on whose behalf. */
export interface ConsentParties {
  readonly tenantId: string;
  readonly userId: string;
  readonly client: ServicePrincipal;
  readonly resource: ServicePrincipal;
}

/** Reads what consent is decided on. */
export async function readConsentBasis(
  tx: ReadTransaction,
  parties: ConsentParties,
): Promise<ConsentBasis> {
  const { tenantId, userId, client, resource } = parties;
  const [own, resourceOwn] = [
    await findApplicationByAppId(tx, client.appId),
    await findApplicationByAppId(tx, resource.appId),
  ];
  const before = grantedBefore(resource, resourceOwn, client);
  const grants = await permissionGrantsOf(tx, tenantId, client.objectId);
  const forUser = grants.filter((one) => (one.principalId ?? userId) === userId);
  const consented = scopesByResource(forUser);
  return {
    client,
    resource,
    graph: await findServicePrincipalByAppId(tx, tenantId, graphAppId),
    granted: [...new Set([...(consented.get(resource.objectId) ?? []), ...before])],
    consented,
    hasAnyGrant: forUser.length > 0 || before.length > 0 || isMicrosoftsOwn(client),
    required: own === undefined ? [] : await requiredPermissions(tx, tenantId, own),
  };
}

function scopesByResource(
  grants: readonly PermissionGrant[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { resourceId, oauthScopes } of grants) {
    const all = [...(found.get(resourceId) ?? []), ...oauthScopes];
    found.set(resourceId, [...new Set(all)]);
  }
  return found;
}

/**
 * Microsoft's own clients have every delegated permission of Microsoft's own resources.
 * UNVERIFIED: which ones exactly; the tokens of a real `az login` would settle it.
 */
function grantedBefore(
  resource: ServicePrincipal,
  registration: Application | undefined,
  client: ServicePrincipal,
): readonly string[] {
  if (!isMicrosoftsOwn(client) || !isMicrosoftsOwn(resource)) {
    return preAuthorizedScopes(resource, registration, client.appId);
  }
  return resource.oauth2PermissionScopes.filter((one) => one.isEnabled).map((one) => one.value);
}

function isMicrosoftsOwn({ appOwnerTenantId }: ServicePrincipal): boolean {
  return sameName(appOwnerTenantId, microsoftTenantId);
}

/** `requiredResourceAccess` in terms of the tenant; what the tenant does not have is left out. */
async function requiredPermissions(
  tx: ReadTransaction,
  tenantId: string,
  application: Application,
): Promise<readonly ResourcePermissions[]> {
  const all = await registeredPermissions(tx, tenantId, application);
  const delegated = all.map(({ resource, permissions }) => ({ resource, permissions }));
  return delegated.filter(({ permissions }) => permissions.length > 0);
}
