import type {
  Application,
  AppRole,
  DelegatedPermission,
  OptionalClaim,
  OptionalClaims,
} from '#directory/application.ts';
import { fold } from '#kernel/ids.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { type ApplicationChangeBody, profileNames } from './application-body.ts';

/**
 * The application after a change; properties that are not mentioned stay. Pure: what only the database knows (names that others have,
 * certificates) is for the caller.
 */
export function changedApplication(
  application: Application,
  body: ApplicationChangeBody,
): Application {
  const {
    requestedAccessTokenVersion,
    isFallbackPublicClient,
    optionalClaims,
    groupMembershipClaims,
    ...rest
  } = application;
  const api = body.api ?? undefined;
  const version = api?.requestedAccessTokenVersion;
  const isPublic = body.isFallbackPublicClient;
  const publicClient = isPublic === undefined ? isFallbackPublicClient : (isPublic ?? undefined);
  const tokenVersion = version === undefined ? requestedAccessTokenVersion : (version ?? undefined);
  const claims =
    body.optionalClaims === undefined ? optionalClaims : optionalClaimsOf(body.optionalClaims);
  const groups =
    body.groupMembershipClaims === undefined
      ? groupMembershipClaims
      : (body.groupMembershipClaims ?? undefined);
  const implicit = body.web?.implicitGrantSettings;
  return {
    ...rest,
    displayName: body.displayName ?? rest.displayName,
    signInAudience: body.signInAudience ?? rest.signInAudience,
    identifierUris: body.identifierUris ?? rest.identifierUris,
    ...(publicClient === undefined ? {} : { isFallbackPublicClient: publicClient }),
    ...(tokenVersion === undefined ? {} : { requestedAccessTokenVersion: tokenVersion }),
    ...(claims === undefined ? {} : { optionalClaims: claims }),
    ...(groups === undefined ? {} : { groupMembershipClaims: groups }),
    oauth2PermissionScopes:
      api?.oauth2PermissionScopes?.map(delegatedPermissionOf) ?? rest.oauth2PermissionScopes,
    appRoles: body.appRoles?.map(appRoleOf) ?? rest.appRoles,
    requiredResourceAccess: body.requiredResourceAccess ?? rest.requiredResourceAccess,
    preAuthorizedApplications: api?.preAuthorizedApplications ?? rest.preAuthorizedApplications,
    webRedirectUris: body.web?.redirectUris ?? rest.webRedirectUris,
    publicClientRedirectUris: body.publicClient?.redirectUris ?? rest.publicClientRedirectUris,
    spaRedirectUris: body.spa?.redirectUris ?? rest.spaRedirectUris,
    enableIdTokenIssuance: implicit?.enableIdTokenIssuance ?? rest.enableIdTokenIssuance,
    enableAccessTokenIssuance:
      implicit?.enableAccessTokenIssuance ?? rest.enableAccessTokenIssuance,
    profile: changedProfile(rest.profile, body),
  };
}

function appRoleOf(body: NonNullable<ApplicationChangeBody['appRoles']>[number]): AppRole {
  const { id, displayName, description, allowedMemberTypes } = body;
  const value = body.value ?? undefined;
  return {
    id: fold(id),
    ...(value === undefined ? {} : { value }),
    displayName,
    description,
    allowedMemberTypes,
    isEnabled: body.isEnabled ?? true,
  };
}

type DelegatedBody = NonNullable<
  NonNullable<ApplicationChangeBody['api']>['oauth2PermissionScopes']
>[number];

function delegatedPermissionOf(body: DelegatedBody): DelegatedPermission {
  const texts = {
    adminConsentDisplayName: body.adminConsentDisplayName ?? undefined,
    adminConsentDescription: body.adminConsentDescription ?? undefined,
    userConsentDisplayName: body.userConsentDisplayName ?? undefined,
    userConsentDescription: body.userConsentDescription ?? undefined,
  };
  const written = Object.entries(texts).filter(([, value]) => value !== undefined);
  return {
    id: fold(body.id),
    value: body.value ?? '',
    type: body.type,
    isEnabled: body.isEnabled ?? true,
    ...(Object.fromEntries(written) as Partial<DelegatedPermission>),
  };
}

type OptionalClaimsBody = ApplicationChangeBody['optionalClaims'];

function optionalClaimsOf(body: OptionalClaimsBody): OptionalClaims | undefined {
  if (body === null || body === undefined) return undefined;
  return {
    idToken: (body.idToken ?? []).map(optionalClaimOf),
    accessToken: (body.accessToken ?? []).map(optionalClaimOf),
    saml2Token: (body.saml2Token ?? []).map(optionalClaimOf),
  };
}

function optionalClaimOf(
  body: NonNullable<NonNullable<OptionalClaimsBody>['idToken']>[number],
): OptionalClaim {
  return {
    name: body.name,
    ...(body.source ? { source: body.source } : {}),
    essential: body.essential ?? false,
    additionalProperties: body.additionalProperties ?? [],
  };
}

/** Graph merges complex properties: what is not mentioned within `info` or `web` stays too. */
function changedProfile(profile: JsonObject, body: ApplicationChangeBody): JsonObject {
  const changed: Record<string, Json | undefined> = { ...profile };
  for (const name of profileNames) {
    const value = body[name as keyof ApplicationChangeBody] as Json | undefined;
    if (value !== undefined) changed[name] = value;
  }
  if (body.info !== undefined) changed['info'] = { ...(profile['info'] as object), ...body.info };
  const { homePageUrl, logoutUrl } = body.web ?? {};
  if (homePageUrl !== undefined) changed['homePageUrl'] = homePageUrl;
  if (logoutUrl !== undefined) changed['logoutUrl'] = logoutUrl;
  const clients = body.api?.knownClientApplications;
  if (clients !== undefined) changed['knownClientApplications'] = clients;
  return changed;
}
