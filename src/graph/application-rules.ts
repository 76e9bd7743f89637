import type { Application, SignInAudience } from '#directory/application.ts';
import {
  isRegistrableRedirectUri,
  type RedirectPlatform,
  redirectUrisMax,
} from '#directory/redirect-uri.ts';
import { fold, isGuid, sameName } from '#kernel/ids.ts';

/** Why a change is not taken. */
export type ChangeProblem =
  | {
      readonly problem: 'value' | 'unverifiedDomain' | 'endsWithSlash' | 'duplicate';
      readonly property: string;
      readonly value: string;
    }
  | { readonly problem: 'tooMany'; readonly property: string; readonly max: number }
  | { readonly problem: 'enabledPermission' | 'tokenVersion' };

/** What the rules know of the tenant in which an application is registered. */
export interface TenantFacts {
  /** Its verified domains. */
  readonly domains: readonly string[];
  /** It allows `http` redirect addresses beyond this machine. */
  readonly isClassic: boolean;
}

/**
 * How much an application may have, by whom it signs in.
 * Source: https://learn.microsoft.com/entra/identity-platform/supported-accounts-validation
 */
const limits: Readonly<Record<SignInAudience, ApplicationLimits>> = {
  AzureADMyOrg: { identifierUriCharacters: 255, resources: 50, permissions: 400 },
  AzureADMultipleOrgs: { identifierUriCharacters: 255, resources: 50, permissions: 400 },
  AzureADandPersonalMicrosoftAccount: {
    identifierUriCharacters: 120,
    resources: 50,
    permissions: 200,
    identifierUris: 50,
    delegatedPermissions: 100,
    preAuthorizedApplications: 100,
  },
};

interface ApplicationLimits {
  readonly identifierUriCharacters: number;
  readonly resources: number;
  readonly permissions: number;
  readonly identifierUris?: number;
  readonly delegatedPermissions?: number;
  readonly preAuthorizedApplications?: number;
}

/** The first thing about a new or changed application that Entra would not take; what it had before may stay as it is. */
export function problemOfChange(
  before: Application | undefined,
  after: Application,
  tenant: TenantFacts,
): ChangeProblem | undefined {
  return (
    identifierProblem(before, after, tenant.domains) ??
    redirectProblem(before, after, tenant.isClassic) ??
    claimsProblem(after) ??
    amountProblem(after) ??
    audienceProblem(after) ??
    permissionProblem(before, after)
  );
}

function identifierProblem(
  before: Application | undefined,
  after: Application,
  domains: readonly string[],
): ChangeProblem | undefined {
  const property = 'identifierUris';
  const twin = firstTwin(after.identifierUris);
  if (twin !== undefined) return { problem: 'duplicate', property, value: twin };
  const added = after.identifierUris.filter((uri) => !before?.identifierUris.includes(uri));
  const charactersMax = limits[after.signInAudience].identifierUriCharacters;
  for (const value of added) {
    const isLong = value.length > charactersMax;
    const problem = isLong ? 'value' : identifierUriProblem(value, after, domains);
    if (problem !== undefined) return { problem, property, value };
  }
  return undefined;
}

/**
 * A host is a verified domain of the tenant, and where an id stands for it in `api://`, it is the application's own or its tenant's:
 * nobody takes the name that another application has by default.
 * Sources: https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions,
 * https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes (October 2021; the code),
 * https://github.com/hashicorp/terraform-provider-azuread/issues/1728 (a slash at the end)
 */
function identifierUriProblem(
  uri: string,
  { appId, tenantId }: Application,
  domains: readonly string[],
): 'value' | 'unverifiedDomain' | 'endsWithSlash' | undefined {
  if (!URL.canParse(uri) || uri.includes('*') || /\s/.test(uri)) return 'value';
  const [, named = ''] = /^api:\/\/([^/]*)/i.exec(uri) ?? [];
  const isOwn = sameName(named, appId) || sameName(named, tenantId);
  if (isGuid(named) && !isOwn) return 'unverifiedDomain';
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  const isVerified = domains.some(
    (domain) => sameName(hostname, domain) || fold(hostname).endsWith(`.${fold(domain)}`),
  );
  if (!isVerified) return 'unverifiedDomain';
  return uri.endsWith('/') ? 'endsWithSlash' : undefined;
}

const redirectLists = {
  web: 'webRedirectUris',
  spa: 'spaRedirectUris',
  publicClient: 'publicClientRedirectUris',
} as const satisfies Readonly<Record<RedirectPlatform, keyof Application>>;

/** What a tenant once allowed stays; what is new follows the rule, and all of them count. */
function redirectProblem(
  before: Application | undefined,
  after: Application,
  isClassic: boolean,
): ChangeProblem | undefined {
  const { signInAudience } = after;
  let count = 0;
  for (const [name, list] of Object.entries(redirectLists)) {
    const platform = name as RedirectPlatform;
    const uris = after[list];
    count += uris.length;
    const value = uris.find(
      (uri) =>
        !before?.[list].includes(uri) &&
        !isRegistrableRedirectUri(uri, { platform, signInAudience, isClassic }),
    );
    if (value !== undefined) return { problem: 'value', property: platform, value };
    const twin = uris.find((uri, index) => uris.indexOf(uri) !== index);
    if (twin !== undefined) return { problem: 'duplicate', property: platform, value: twin };
  }
  const max = redirectUrisMax[signInAudience];
  return count > max ? { problem: 'tooMany', property: 'redirectUris', max } : undefined;
}

const groupClaims: readonly string[] = [
  'All',
  'ApplicationGroup',
  'DirectoryRole',
  'None',
  'SecurityGroup',
];

/** Which groups a token names: one of the names, or several with commas between them. */
function claimsProblem({ groupMembershipClaims: value }: Application): ChangeProblem | undefined {
  const isKnown = value?.split(',').every((one) => groupClaims.includes(one.trim())) ?? true;
  return isKnown || value === undefined
    ? undefined
    : { problem: 'value', property: 'groupMembershipClaims', value };
}

function amountProblem(after: Application): ChangeProblem | undefined {
  const limit = limits[after.signInAudience];
  const { requiredResourceAccess } = after;
  const twin = firstTwin(requiredResourceAccess.map((one) => one.resourceAppId));
  if (twin !== undefined) {
    return { problem: 'duplicate', property: 'requiredResourceAccess', value: twin };
  }
  const asked = requiredResourceAccess.flatMap((one) => one.resourceAccess).length;
  const amounts: readonly (readonly [string, number, number | undefined])[] = [
    ['identifierUris', after.identifierUris.length, limit.identifierUris],
    ['requiredResourceAccess', requiredResourceAccess.length, limit.resources],
    ['requiredResourceAccess', asked, limit.permissions],
    ['oauth2PermissionScopes', after.oauth2PermissionScopes.length, limit.delegatedPermissions],
    [
      'preAuthorizedApplications',
      after.preAuthorizedApplications.length,
      limit.preAuthorizedApplications,
    ],
  ];
  for (const [property, amount, max] of amounts) {
    if (max !== undefined && amount > max) return { problem: 'tooMany', property, max };
  }
  return undefined;
}

/** Personal accounts get tokens of the second form only. Source: https://learn.microsoft.com/graph/api/resources/apiapplication */
function audienceProblem(after: Application): ChangeProblem | undefined {
  const isPersonal = after.signInAudience === 'AzureADandPersonalMicrosoftAccount';
  return isPersonal && after.requestedAccessTokenVersion !== 2
    ? { problem: 'tokenVersion' }
    : undefined;
}

/** Ids and values are unique and well formed, an enabled permission is disabled before it goes, and what is pre-authorized exists. */
function permissionProblem(
  before: Application | undefined,
  after: Application,
): ChangeProblem | undefined {
  const { appRoles, oauth2PermissionScopes } = after;
  const now = [...appRoles, ...oauth2PermissionScopes];
  const twin =
    firstTwin(now.map((one) => one.id)) ??
    firstTwin(appRoles.flatMap((one) => one.value ?? [])) ??
    firstTwin(oauth2PermissionScopes.map((one) => one.value));
  if (twin !== undefined) return { problem: 'value', property: 'appRoles', value: twin };
  const role = appRoles.find(({ value }) => value !== undefined && !isPermissionValue(value));
  if (role !== undefined) {
    return { problem: 'value', property: 'appRoles', value: role.value ?? '' };
  }
  const scope = oauth2PermissionScopes.find(({ value }) => !isPermissionValue(value));
  if (scope !== undefined) return { problem: 'value', property: 'api', value: scope.value };
  const old = [...(before?.appRoles ?? []), ...(before?.oauth2PermissionScopes ?? [])];
  const isLost = old.some((one) => one.isEnabled && !now.some(({ id }) => sameName(id, one.id)));
  if (isLost) return { problem: 'enabledPermission' };
  const ids = oauth2PermissionScopes.map((one) => fold(one.id));
  const unknown = after.preAuthorizedApplications
    .flatMap((one) => one.delegatedPermissionIds)
    .find((id) => !ids.includes(fold(id)));
  return unknown === undefined ? undefined : { problem: 'value', property: 'api', value: unknown };
}

/**
 * At most 120 characters without spaces, and no dot in front. Empty stands for a permission without a value.
 * Source: https://learn.microsoft.com/graph/api/resources/approle
 */
function isPermissionValue(value: string): boolean {
  return value === '' || (/^[!#-[\]^-~]{1,120}$/.test(value) && !value.startsWith('.'));
}

function firstTwin(values: readonly string[]): string | undefined {
  const folded = values.map(fold);
  return values.find((_, index) => folded.indexOf(folded[index] ?? '') !== index);
}
