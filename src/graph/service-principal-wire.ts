import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import {
  appRoleJson,
  delegatedPermissionJson,
  emptyInfo,
  noCredentials,
  verifiedPublisher,
  type WireCredentials,
  wholeSeconds,
} from './application-wire.ts';

/** A service principal with every property and null that Graph writes, in its order. Recorded: azure-cli role tests, 2023-12-20. */
export function servicePrincipalJson(
  principal: ServicePrincipal,
  credentials: WireCredentials = noCredentials,
  version = 'v1.0',
): JsonObject {
  const { profile } = principal;
  const kept = (name: string): Json => profile[name] ?? null;
  return {
    id: principal.objectId,
    deletedDateTime: null,
    accountEnabled: principal.accountEnabled,
    alternativeNames: profile['alternativeNames'] ?? [],
    appDisplayName: principal.appDisplayName,
    appDescription: null,
    appId: principal.appId,
    applicationTemplateId: null,
    appOwnerOrganizationId: principal.appOwnerTenantId,
    appRoleAssignmentRequired: principal.appRoleAssignmentRequired,
    createdDateTime: wholeSeconds(principal.createdAt),
    description: kept('description'),
    disabledByMicrosoftStatus: null,
    displayName: principal.displayName,
    homepage: kept('homepage'),
    loginUrl: kept('loginUrl'),
    logoutUrl: kept('logoutUrl'),
    notes: kept('notes'),
    notificationEmailAddresses: profile['notificationEmailAddresses'] ?? [],
    preferredSingleSignOnMode: null,
    preferredTokenSigningKeyThumbprint: null,
    replyUrls: principal.replyUrls,
    servicePrincipalNames: principal.servicePrincipalNames,
    servicePrincipalType: principal.servicePrincipalType,
    signInAudience: principal.signInAudience ?? null,
    tags: profile['tags'] ?? [],
    tokenEncryptionKeyId: null,
    samlSingleSignOnSettings: null,
    addIns: [],
    appRoles: principal.appRoles.map(appRoleJson),
    info: emptyInfo,
    keyCredentials: credentials.keyCredentials,
    [permissionsName(version)]: principal.oauth2PermissionScopes.map(delegatedPermissionJson),
    passwordCredentials: credentials.passwordCredentials,
    resourceSpecificApplicationPermissions: [],
    verifiedPublisher,
  };
}

/** What the delegated permissions of a service principal are called. Source: https://learn.microsoft.com/graph/api/resources/serviceprincipal?view=graph-rest-beta */
function permissionsName(version: string): string {
  return version === 'beta' ? 'publishedPermissionScopes' : 'oauth2PermissionScopes';
}
