import type {
  Application,
  AppRole,
  DelegatedPermission,
  OptionalClaim,
  OptionalClaims,
} from '#directory/application.ts';
import type { KeyCredential, PasswordCredential } from '#directory/credential.store.ts';
import { type Instant, isoOf } from '#kernel/instant.ts';
import type { Json, JsonObject } from '#kernel/json.ts';

/** The credentials of an application or service principal as lists of wire objects. */
export interface WireCredentials {
  readonly keyCredentials: readonly JsonObject[];
  readonly passwordCredentials: readonly JsonObject[];
}

/** Before the credentials were read. */
export const noCredentials: WireCredentials = { keyCredentials: [], passwordCredentials: [] };

/**
 * An application with every property and null that Graph writes, in its order. Recorded: azure-cli role tests, 2024-11-04.
 * `publisherDomain` is the default domain of the home tenant.
 */
export function applicationJson(
  application: Application,
  publisherDomain: string | undefined,
  credentials: WireCredentials = noCredentials,
): JsonObject {
  const { profile } = application;
  const claims = optionalClaimsJson(application.optionalClaims);
  const kept = (name: string): Json => profile[name] ?? null;
  return {
    id: application.objectId,
    deletedDateTime: null,
    appId: application.appId,
    applicationTemplateId: kept('applicationTemplateId'),
    disabledByMicrosoftStatus: null,
    createdDateTime: wholeSeconds(application.createdAt),
    displayName: application.displayName,
    description: kept('description'),
    groupMembershipClaims: application.groupMembershipClaims ?? null,
    identifierUris: application.identifierUris,
    isDeviceOnlyAuthSupported: kept('isDeviceOnlyAuthSupported'),
    isFallbackPublicClient: application.isFallbackPublicClient ?? null,
    nativeAuthenticationApisEnabled: kept('nativeAuthenticationApisEnabled'),
    notes: kept('notes'),
    publisherDomain: publisherDomain ?? null,
    serviceManagementReference: kept('serviceManagementReference'),
    signInAudience: application.signInAudience,
    tags: profile['tags'] ?? [],
    tokenEncryptionKeyId: null,
    uniqueName: kept('uniqueName'),
    samlMetadataUrl: kept('samlMetadataUrl'),
    defaultRedirectUri: kept('defaultRedirectUri'),
    certification: null,
    ...(claims === null ? { optionalClaims: null } : {}),
    servicePrincipalLockConfiguration: null,
    requestSignatureVerification: null,
    addIns: [],
    api: apiJson(application),
    appRoles: application.appRoles.map(appRoleJson),
    info: { ...emptyInfo, ...(profile['info'] as object | undefined) },
    keyCredentials: credentials.keyCredentials,
    // Recorded: what has parts stands where its name does, and what is absent before it.
    ...(claims === null ? {} : { optionalClaims: claims }),
    parentalControlSettings: profile['parentalControlSettings'] ?? {
      countriesBlockedForMinors: [],
      legalAgeGroupRule: 'Allow',
    },
    passwordCredentials: credentials.passwordCredentials,
    publicClient: { redirectUris: application.publicClientRedirectUris },
    requiredResourceAccess: application.requiredResourceAccess.map(
      ({ resourceAppId, resourceAccess }) => ({
        resourceAppId,
        resourceAccess: resourceAccess.map(({ id, type }) => ({ id, type })),
      }),
    ),
    verifiedPublisher,
    web: webJson(application),
    spa: { redirectUris: application.spaRedirectUris },
  };
}

/** An app role as both objects show it. */
export function appRoleJson(role: AppRole): JsonObject {
  return {
    allowedMemberTypes: role.allowedMemberTypes,
    description: role.description,
    displayName: role.displayName,
    id: role.id,
    isEnabled: role.isEnabled,
    origin: 'Application',
    value: role.value ?? null,
  };
}

/** A delegated permission as both objects show it. */
export function delegatedPermissionJson(permission: DelegatedPermission): JsonObject {
  return {
    adminConsentDescription: permission.adminConsentDescription ?? null,
    adminConsentDisplayName: permission.adminConsentDisplayName ?? null,
    id: permission.id,
    isEnabled: permission.isEnabled,
    type: permission.type,
    userConsentDescription: permission.userConsentDescription ?? null,
    userConsentDisplayName: permission.userConsentDisplayName ?? null,
    value: permission.value,
  };
}

/** A secret as it is shown ever after, or once with its text. Recorded: keys in the order of the alphabet. */
export function passwordJson(password: PasswordCredential, secretText?: string): JsonObject {
  return {
    customKeyIdentifier: null,
    displayName: password.displayName ?? null,
    endDateTime: isoOf(password.endAt),
    hint: password.hint === '' ? null : password.hint,
    keyId: password.keyId,
    secretText: secretText ?? null,
    startDateTime: isoOf(password.startAt),
  };
}

/**
 * A certificate, with its bytes only where those of one object were selected. Recorded: the identifier is the SHA-1 thumbprint in
 * upper-case hexadecimal.
 * Source: https://learn.microsoft.com/graph/api/resources/keycredential
 */
export function keyJson(key: KeyCredential, hasBytes = false): JsonObject {
  const thumbprint = Buffer.from(key.thumbprintSha1, 'base64url').toString('hex').toUpperCase();
  return {
    customKeyIdentifier: key.customKeyIdentifier ?? thumbprint,
    displayName: key.displayName ?? null,
    endDateTime: isoOf(key.endAt),
    key: hasBytes ? Buffer.from(key.certificateDer).toString('base64') : null,
    keyId: key.keyId,
    startDateTime: isoOf(key.startAt),
    type: key.type,
    usage: key.usage,
  };
}

/** Graph shows creation times in whole seconds, but for the answer to the creation itself. */
export function wholeSeconds(at: Instant): string {
  return `${isoOf(at).slice(0, 19)}Z`;
}

/** No publisher is ever verified here. */
export const verifiedPublisher: JsonObject = {
  displayName: null,
  verifiedPublisherId: null,
  addedDateTime: null,
};

/** The addresses that an application may show to people. */
export const emptyInfo: JsonObject = {
  logoUrl: null,
  marketingUrl: null,
  privacyStatementUrl: null,
  supportUrl: null,
  termsOfServiceUrl: null,
};

function optionalClaimsJson(claims: OptionalClaims | undefined): JsonObject | null {
  if (claims === undefined) return null;
  const { idToken, accessToken, saml2Token } = claims;
  return {
    accessToken: accessToken.map(optionalClaimJson),
    idToken: idToken.map(optionalClaimJson),
    saml2Token: saml2Token.map(optionalClaimJson),
  };
}

function optionalClaimJson(claim: OptionalClaim): JsonObject {
  const { name, source, essential, additionalProperties } = claim;
  return { additionalProperties, essential, name, source: source ?? null };
}

function apiJson(application: Application): JsonObject {
  return {
    acceptMappedClaims: null,
    knownClientApplications: application.profile['knownClientApplications'] ?? [],
    requestedAccessTokenVersion: application.requestedAccessTokenVersion ?? null,
    oauth2PermissionScopes: application.oauth2PermissionScopes.map(delegatedPermissionJson),
    preAuthorizedApplications: application.preAuthorizedApplications.map(
      ({ appId, delegatedPermissionIds }) => ({ appId, delegatedPermissionIds }),
    ),
  };
}

function webJson(application: Application): JsonObject {
  return {
    homePageUrl: application.profile['homePageUrl'] ?? null,
    logoutUrl: application.profile['logoutUrl'] ?? null,
    redirectUris: application.webRedirectUris,
    implicitGrantSettings: {
      enableAccessTokenIssuance: application.enableAccessTokenIssuance,
      enableIdTokenIssuance: application.enableIdTokenIssuance,
    },
    redirectUriSettings: application.webRedirectUris.map((uri) => ({ uri, index: null })),
  };
}
