import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';

/** Who may sign in to an application. */
export type SignInAudience =
  | 'AzureADMyOrg'
  | 'AzureADMultipleOrgs'
  | 'AzureADandPersonalMicrosoftAccount';

/** A permission that an application publishes for use on behalf of a user (`scp`). */
export interface DelegatedPermission {
  readonly id: string;
  readonly value: string;
  /** `User`: a user may consent for herself. `Admin`: only an administrator may consent. */
  readonly type: 'User' | 'Admin';
  readonly isEnabled: boolean;
  readonly adminConsentDisplayName?: string;
  readonly adminConsentDescription?: string;
  readonly userConsentDisplayName?: string;
  readonly userConsentDescription?: string;
}

/** A role that an application publishes (`roles`). */
export interface AppRole {
  readonly id: string;
  readonly value?: string;
  readonly displayName: string;
  readonly description: string;
  readonly allowedMemberTypes: readonly ('User' | 'Application')[];
  readonly isEnabled: boolean;
}

/** What an application asks of one resource; asking grants nothing. */
export interface RequiredResourceAccess {
  readonly resourceAppId: string;
  readonly resourceAccess: readonly { readonly id: string; readonly type: 'Scope' | 'Role' }[];
}

/** Clients that need no consent for some delegated permissions of an application. */
export interface PreAuthorizedApplication {
  readonly appId: string;
  readonly delegatedPermissionIds: readonly string[];
}

/** One claim that an application wants in a kind of token. */
export interface OptionalClaim {
  readonly name: string;
  /** `user` for a property of the user object; absent for a claim of Entra's own set. */
  readonly source?: string;
  /** Whether the application says that it cannot do without; decides nothing. */
  readonly essential: boolean;
  /** Variants of the claim: `include_externally_authenticated_upn`, `emit_as_roles`. */
  readonly additionalProperties: readonly string[];
}

/**
 * The claims that an application wants beside the usual ones, by kind of token.
 * Source: https://learn.microsoft.com/graph/api/resources/optionalclaims
 */
export interface OptionalClaims {
  readonly idToken: readonly OptionalClaim[];
  readonly accessToken: readonly OptionalClaim[];
  readonly saml2Token: readonly OptionalClaim[];
}

/**
 * A registered application, which lives in its home tenant. It can do nothing there or elsewhere until a service principal stands for it.
 * Source: https://learn.microsoft.com/graph/api/resources/application
 */
export interface Application {
  /** Home tenant, in lower case as all ids here. */
  readonly tenantId: string;
  readonly objectId: string;
  readonly appId: string;
  readonly displayName: string;
  readonly signInAudience: SignInAudience;
  readonly identifierUris: readonly string[];
  /** Absent: nobody has said; the application then counts as confidential. */
  readonly isFallbackPublicClient?: boolean;
  /** Form of the access tokens for this application as a resource; absent counts as 1. */
  readonly requestedAccessTokenVersion?: 1 | 2;
  readonly oauth2PermissionScopes: readonly DelegatedPermission[];
  readonly appRoles: readonly AppRole[];
  readonly requiredResourceAccess: readonly RequiredResourceAccess[];
  readonly preAuthorizedApplications: readonly PreAuthorizedApplication[];
  readonly webRedirectUris: readonly string[];
  readonly publicClientRedirectUris: readonly string[];
  readonly spaRedirectUris: readonly string[];
  readonly enableIdTokenIssuance: boolean;
  readonly enableAccessTokenIssuance: boolean;
  /** Absent: nobody asked for any. */
  readonly optionalClaims?: OptionalClaims;
  /** Which groups its tokens name: `None`, `SecurityGroup`, `DirectoryRole`, `ApplicationGroup`, `All`, or several with commas. */
  readonly groupMembershipClaims?: string;
  readonly createdAt: Instant;
  /** Graph properties that are kept and read back and decide nothing, by their wire names (`notes`, `tags`, `info`). */
  readonly profile: JsonObject;
}

/** What a new application must say; all else has Entra's default. */
export type NewApplication = Pick<
  Application,
  'tenantId' | 'objectId' | 'appId' | 'displayName' | 'createdAt'
> &
  Partial<Application>;

/** Fills the defaults of Entra in: single tenant, no names, no permissions, no redirect URIs. */
export function applicationOf(basis: NewApplication): Application {
  return {
    signInAudience: 'AzureADMyOrg',
    identifierUris: [],
    oauth2PermissionScopes: [],
    appRoles: [],
    requiredResourceAccess: [],
    preAuthorizedApplications: [],
    webRedirectUris: [],
    publicClientRedirectUris: [],
    spaRedirectUris: [],
    enableIdTokenIssuance: false,
    enableAccessTokenIssuance: false,
    profile: {},
    ...basis,
    tenantId: fold(basis.tenantId),
    objectId: fold(basis.objectId),
    appId: fold(basis.appId),
  };
}
