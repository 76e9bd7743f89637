import type {
  Application,
  AppRole,
  DelegatedPermission,
  OptionalClaim,
  OptionalClaims,
} from '#directory/application.ts';
import { fold, sameName } from '#kernel/ids.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { type ApplicationChangeBody, profileNames } from './application-body.ts';

/** Why a change is not taken: a value that the property cannot have. */
export interface ChangeProblem {
  readonly problem: 'value' | 'unverifiedDomain' | 'enabledPermission';
  readonly property: string;
  readonly value: string;
}

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

/**
 * The first value of a changed application that Entra would not take. `domains` are the verified domains of its tenant.
 * Source: https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions,
 * https://learn.microsoft.com/entra/identity-platform/reply-url
 */
export function problemOfChange(
  before: Application | undefined,
  after: Application,
  domains: readonly string[],
): ChangeProblem | undefined {
  const newUris = after.identifierUris.filter((uri) => !before?.identifierUris.includes(uri));
  for (const uri of newUris) {
    const problem = identifierUriProblem(uri, domains);
    if (problem !== undefined) return { problem, property: 'identifierUris', value: uri };
  }
  const redirects = [...after.webRedirectUris, ...after.spaRedirectUris];
  const badRedirect =
    redirects.find((uri) => !isWebRedirect(uri)) ??
    after.publicClientRedirectUris.find((uri) => !URL.canParse(uri));
  if (badRedirect !== undefined) return valueProblem('redirectUris', badRedirect);
  const groups = after.groupMembershipClaims;
  if (groups !== undefined && !isGroupClaims(groups)) {
    return valueProblem('groupMembershipClaims', groups);
  }
  return permissionProblem(before, after);
}

function identifierUriProblem(
  uri: string,
  domains: readonly string[],
): 'value' | 'unverifiedDomain' | undefined {
  if (!URL.canParse(uri) || uri.includes('#') || uri.includes('*')) return 'value';
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  const isVerified = domains.some(
    (domain) => sameName(hostname, domain) || fold(hostname).endsWith(`.${fold(domain)}`),
  );
  return isVerified ? undefined : 'unverifiedDomain';
}

const groupClaims: readonly string[] = [
  'All',
  'ApplicationGroup',
  'DirectoryRole',
  'None',
  'SecurityGroup',
];

/** One of the names, or several with commas between them. */
function isGroupClaims(text: string): boolean {
  return text.split(',').every((one) => groupClaims.includes(one.trim()));
}

const loopbackHosts: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** An address that a browser may be sent to: https, or http on the machine itself; no fragment, no wildcard. */
function isWebRedirect(uri: string): boolean {
  if (!URL.canParse(uri) || uri.includes('#') || uri.includes('*')) return false;
  const { protocol, hostname } = new URL(uri);
  return protocol === 'https:' || (protocol === 'http:' && loopbackHosts.includes(hostname));
}

/** Ids and values are unique, and an enabled permission is disabled before it goes. */
function permissionProblem(
  before: Application | undefined,
  after: Application,
): ChangeProblem | undefined {
  const now = [...after.appRoles, ...after.oauth2PermissionScopes];
  const twin =
    firstTwin(now.map((one) => one.id)) ??
    firstTwin(after.appRoles.flatMap((one) => one.value ?? [])) ??
    firstTwin(after.oauth2PermissionScopes.map((one) => one.value));
  if (twin !== undefined) return valueProblem('appRoles', twin);
  const old = [...(before?.appRoles ?? []), ...(before?.oauth2PermissionScopes ?? [])];
  const lost = old.find((one) => one.isEnabled && !now.some(({ id }) => sameName(id, one.id)));
  return lost === undefined
    ? undefined
    : { problem: 'enabledPermission', property: 'appRoles', value: lost.id };
}

function firstTwin(values: readonly string[]): string | undefined {
  const folded = values.map(fold);
  return values.find((_, index) => folded.indexOf(folded[index] ?? '') !== index);
}

function valueProblem(property: string, value: string): ChangeProblem {
  return { problem: 'value', property, value };
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
