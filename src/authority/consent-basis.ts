import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { type PermissionGrant, permissionGrantsOf } from '#directory/permission-grant.store.ts';
import {
  findServicePrincipalByAppId,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type ConsentBasis, preAuthorizedScopes, type ResourcePermissions } from './consent.ts';
import { registeredPermissions } from './registered-permissions.ts';
import { graphAppId } from './requested-resource.ts';
import { isMicrosofts } from './wanted-claims.ts';

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
    hasAnyGrant: forUser.length > 0 || before.length > 0 || isMicrosofts(client),
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

/** What Microsoft gave all of its own clients on Microsoft Graph. */
const givenToAll = ['email', 'offline_access', 'openid', 'profile'];
const givenToBoth = [
  ...givenToAll,
  ...['Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All', 'AuditLog.Read.All'],
  ...['DelegatedPermissionGrant.ReadWrite.All', 'Directory.AccessAsUser.All'],
  ...['Group.ReadWrite.All', 'User.Read.All'],
];

/**
 * What it gave the clients of its command lines there.
 * Source: the scopes of their tokens in public repositories, of 2025 and 2026.
 */
const givenOnGraph: ReadonlyMap<string, readonly string[]> = new Map([
  [firstPartyAppIds.azureCli, [...givenToBoth, 'User.ReadWrite.All']],
  [firstPartyAppIds.azurePowerShell, givenToBoth],
]);

/**
 * What a client may without anybody's consent: what a registration says, and Microsoft's own clients
 * on Microsoft's own resources all that these have, but for Graph.
 */
function grantedBefore(
  resource: ServicePrincipal,
  registration: Application | undefined,
  client: ServicePrincipal,
): readonly string[] {
  if (!isMicrosofts(client) || !isMicrosofts(resource)) {
    return preAuthorizedScopes(resource, registration, client.appId);
  }
  const enabled = resource.oauth2PermissionScopes.filter((one) => one.isEnabled);
  const all = enabled.map((one) => one.value);
  if (resource.appId !== graphAppId) return all;
  const given = givenOnGraph.get(client.appId) ?? givenToAll;
  return all.filter((one) => given.includes(one));
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
