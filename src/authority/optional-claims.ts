import type { Cloud } from '#cloud/cloud.ts';
import type { OptionalClaim } from '#directory/application.ts';
import type { User } from '#directory/user.store.ts';
import { type Instant, secondsOf } from '#kernel/instant.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { loginHintOf } from './login-hint.ts';
import { oldGraphHost } from './metadata.ts';
import type { WantedClaims } from './wanted-claims.ts';

/** What optional claims about a user are told from. */
export interface UserClaimFacts {
  readonly user: User;
  readonly authenticatedAt: Instant;
  readonly remoteAddress: string;
  readonly sessionId: string;
  readonly staysSignedIn?: boolean;
}

type Teller = (facts: UserClaimFacts) => Json | undefined;

/**
 * The claims of Entra's optional set that Batten has something to say about, by name. What it knows
 * nothing of (`onprem_sid`, `vnet`, directory extensions) is absent, as on Azure.
 * Source: https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
 */
const tellers: ReadonlyMap<string, Teller> = new Map<string, Teller>([
  ['acct', ({ user }) => (user.profile?.['userType'] === 'Guest' ? 1 : 0)],
  ['auth_time', ({ authenticatedAt }) => secondsOf(authenticatedAt)],
  ['ctry', ({ user }) => matching(user.profile?.['country'], /^[A-Z]{2}$/)],
  ['email', ({ user }) => user.mail],
  ['family_name', ({ user }) => user.surname],
  ['given_name', ({ user }) => user.givenName],
  ['ipaddr', ({ remoteAddress }) => remoteAddress],
  ['login_hint', ({ user }) => loginHintOf(user.userPrincipalName)],
  ['preferred_username', ({ user }) => user.userPrincipalName],
  ['sid', ({ sessionId }) => sessionId],
  ['signin_state', ({ staysSignedIn }) => (staysSignedIn === true ? ['kmsi'] : undefined)],
  ['upn', ({ user }) => user.userPrincipalName],
  ['xms_pl', ({ user }) => matching(user.profile?.['preferredLanguage'], /^[A-Za-z]{2}(-\w+)?$/)],
]);

/** What `profile` opens on the v2 endpoints. */
const needProfile: readonly string[] = ['family_name', 'given_name', 'upn', 'preferred_username'];

/** The optional claims about a user. Without the `profile` scope an id token keeps her names. */
export function optionalUserClaims(
  wanted: readonly Pick<OptionalClaim, 'name' | 'source'>[],
  facts: UserClaimFacts,
  hasProfile = true,
): JsonObject {
  const told: Record<string, Json> = {};
  for (const { name, source } of wanted) {
    if (source !== undefined || (!hasProfile && needProfile.includes(name))) continue;
    const value = tellers.get(name)?.(facts);
    if (value !== undefined) told[name] = value;
  }
  return told;
}

/** True when an application wants a claim, in a variant of it if one is named. */
export function wantsClaim({ optional }: WantedClaims, name: string, variant?: string): boolean {
  return optional.some(
    (one) =>
      one.name === name && (variant === undefined || one.additionalProperties.includes(variant)),
  );
}

/**
 * Most groups in a token, and in one that travels in a fragment; beyond them it says where to ask.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export const groupsMax = { token: 200, fragment: 5 } as const;

/**
 * `groups`, `wids` and `roles`. Groups may come as roles, and then the user's own roles do not.
 * The address where all groups are found is that of the old directory service, as on Azure.
 */
export function membershipClaims(
  wanted: WantedClaims,
  appRoles: readonly string[],
  place: {
    readonly cloud: Cloud;
    readonly tenantId: string;
    readonly objectId: string;
    readonly inFragment?: boolean;
  },
): JsonObject {
  const { groups = [], directoryRoleIds } = wanted;
  const asRoles = groups.length > 0 && wantsClaim(wanted, 'groups', 'emit_as_roles');
  const wids = directoryRoleIds === undefined || place.inFragment ? {} : { wids: directoryRoleIds };
  const roles = appRoles.length === 0 || asRoles ? {} : { roles: appRoles };
  const rest = { ...wids, ...roles };
  if (groups.length === 0 || namesOfOldDirectory(wanted)) return rest;
  if (place.inFragment && groups.length > groupsMax.fragment) return { ...rest, hasgroups: true };
  if (groups.length <= groupsMax.token) return { ...rest, [asRoles ? 'roles' : 'groups']: groups };
  const { cloud, tenantId, objectId } = place;
  const path = `${tenantId}/users/${objectId}/getMemberObjects`;
  return {
    ...rest,
    _claim_names: { groups: 'src1' },
    _claim_sources: { src1: { endpoint: `https://${oldGraphHost(cloud)}/${path}` } },
  };
}

/** Names that only groups from an Active Directory on premises have, and no group here is one. */
function namesOfOldDirectory(wanted: WantedClaims): boolean {
  return (
    !wantsClaim(wanted, 'groups', 'cloud_displayname') &&
    wanted.optional.some(
      ({ name, additionalProperties }) =>
        name === 'groups' && additionalProperties.some((one) => one.endsWith('sam_account_name')),
    )
  );
}

function matching(value: Json | undefined, pattern: RegExp): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}
