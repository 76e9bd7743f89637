import type { Cloud } from '#cloud/cloud.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { pairwiseSubject } from '#directory/subject.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { User } from '#directory/user.store.ts';
import type { Reach } from '#http/request.ts';
import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import {
  audienceV1,
  claimsInOrder,
  contextClass,
  opaque,
  resourceClaims,
  revalidationHint,
  timesOf,
  tokenIdOf,
} from './access-token-claims.ts';
import { revocationMarkOf } from './access-token-mark.ts';
import type { ClientProof } from './client-authentication.ts';
import { issuerV1, issuerV2 } from './issuer.ts';
import { microsoftsUserClaims } from './microsoft-claims.ts';
import { membershipClaims, optionalUserClaims, wantsClaim } from './optional-claims.ts';
import type { TokenTerms } from './token-terms.ts';

/** What the tokens of a user say. */
export interface UserTokenFacts {
  readonly cloud: Cloud;
  readonly reach: Reach;
  readonly tenant: Tenant;
  readonly user: User;
  readonly client: ServicePrincipal;
  readonly provedBy: ClientProof;
  readonly resource: ServicePrincipal;
  /** The resource exactly as it was asked for. */
  readonly audience: string;
  /** `scp`; never empty, since a token without it is an application's own. */
  readonly oauthScopes: readonly string[];
  /** What the resource makes of the access token. */
  readonly accessTerms: TokenTerms;
  /** What the client makes of the id token. */
  readonly idTerms: TokenTerms;
  /** Sign-in scopes that were asked for: they open `profile` and `email` claims of the id token. */
  readonly signIn: readonly string[];
  /** Claims of the id token that the request itself asked for. */
  readonly askedIdClaims: readonly string[];
  readonly nonce?: string;
  /** `cp1` as the client spelt it, when it said that it understands claims challenges. */
  readonly challengeCapability?: string;
  readonly authenticatedAt: Instant;
  readonly remoteAddress: string;
  readonly sessionId: string;
  readonly staysSignedIn?: boolean;
  /** How many applications asked on her behalf before; it stands in `aio`. */
  readonly onBehalfOfDepth?: number;
  readonly requestId: string;
  readonly issuedAt: Instant;
  /** The access token is for the user info endpoint of v1 alone. */
  readonly isForUserInfo?: true;
  /** The tokens travel in a fragment, which holds few groups. */
  readonly inFragment?: boolean;
}

/**
 * How every user signs in here, and that it met what `acr` is about.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
const authentication = { acr: '1', amr: ['pwd'] };

/**
 * The claims of a user's access token of version 1.0.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 */
export function userTokenClaimsV1(facts: UserTokenFacts, random: Random): JsonObject {
  const { cloud, tenant, user, client, audience, resource } = facts;
  const { wanted } = facts.accessTerms;
  return claimsInOrder({
    ...optionalUserClaims(wanted.optional, facts),
    aud: audienceV1({ audience, resource, wanted }),
    iss: issuerV1(cloud, tenant.tenantId),
    ...claimsOfAccess(facts, random),
    ...microsoftsUserClaims(facts),
    ...authentication,
    appid: client.appId,
    appidacr: contextClass(facts.provedBy),
    family_name: user.surname,
    given_name: user.givenName,
    ipaddr: facts.remoteAddress,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
    ver: '1.0',
  });
}

/** The claims of a user's access token of version 2.0; the audience is the resource's appId. */
export function userTokenClaimsV2(facts: UserTokenFacts, random: Random): JsonObject {
  const { cloud, reach, tenant, user, client, resource } = facts;
  return claimsInOrder({
    ...optionalUserClaims(facts.accessTerms.wanted.optional, facts),
    aud: resource.appId,
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...claimsOfAccess(facts, random),
    azp: client.appId,
    azpacr: contextClass(facts.provedBy),
    preferred_username: user.userPrincipalName,
    ver: '2.0',
  });
}

/** What access tokens of both versions say. */
function claimsOfAccess(facts: UserTokenFacts, random: Random): JsonObject {
  const { tenant, user, resource, accessTerms } = facts;
  const { wanted, lifetimeSeconds } = accessTerms;
  const { challengeCapability, issuedAt } = facts;
  return {
    ...timesOf({ issuedAt, lifetimeSeconds }),
    ...membershipsOf(facts, accessTerms),
    aio: opaque(random, facts.onBehalfOfDepth, revocationMarkOf(user)),
    idtyp: wantsClaim(wanted, 'idtyp', 'include_user_token') ? 'user' : undefined,
    name: user.displayName,
    oid: user.objectId,
    rh: revalidationHint(facts),
    scp: facts.oauthScopes.join(' '),
    sid: facts.sessionId,
    sub: pairwiseSubject(user.objectId, resource.appId),
    tid: tenant.tenantId,
    uti: tokenIdOf(facts.requestId),
    ...resourceClaims({
      wanted,
      tenant,
      ...(challengeCapability === undefined ? {} : { challengeCapability }),
    }),
  };
}

/**
 * The claims of an id token of the v2 endpoints, which says who signed in to the client.
 * Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
export function idTokenClaimsV2(facts: UserTokenFacts, random: Random): JsonObject {
  const { cloud, reach, tenant, user, signIn } = facts;
  const hasProfile = signIn.includes('profile');
  return claimsInOrder({
    ...optionalUserClaims(idClaimsOf(facts), facts, hasProfile),
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...claimsOfId(facts),
    aio: opaque(random),
    ...(signIn.includes('email') && user.mail !== undefined ? { email: user.mail } : {}),
    name: hasProfile ? user.displayName : undefined,
    oid: hasProfile ? user.objectId : undefined,
    preferred_username: hasProfile ? user.userPrincipalName : undefined,
    sid: facts.sessionId,
    ver: '2.0',
  });
}

/** The claims of an id token of the v1 endpoints. It is signed, as the v2 one is. */
export function idTokenClaimsV1(facts: UserTokenFacts): JsonObject {
  const { cloud, tenant, user } = facts;
  return claimsInOrder({
    ...optionalUserClaims(idClaimsOf(facts), facts),
    iss: issuerV1(cloud, tenant.tenantId),
    ...claimsOfId(facts),
    amr: authentication.amr,
    family_name: user.surname,
    given_name: user.givenName,
    ipaddr: facts.remoteAddress,
    name: user.displayName,
    oid: user.objectId,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
    ver: '1.0',
  });
}

/** What id tokens of both versions say. */
function claimsOfId(facts: UserTokenFacts): JsonObject {
  const { tenant, user, client, idTerms, issuedAt } = facts;
  return {
    aud: client.appId,
    ...timesOf({ issuedAt, lifetimeSeconds: idTerms.lifetimeSeconds }),
    ...membershipsOf(facts, idTerms),
    nonce: facts.nonce,
    rh: revalidationHint({ ...facts, resource: client }),
    sub: pairwiseSubject(user.objectId, client.appId),
    tid: tenant.tenantId,
    uti: tokenIdOf(facts.requestId),
  };
}

/**
 * Claims of an id token that a request may ask for itself.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-js/pull/8656, of 2026
 * UNVERIFIED: that Entra gives no others on request; answers to requests for them would settle it.
 */
const givenOnRequest = ['auth_time', 'login_hint', 'signin_state'];

/** What the registration or the request asks for. */
function idClaimsOf({ idTerms, askedIdClaims }: UserTokenFacts) {
  const asked = askedIdClaims.filter((name) => givenOnRequest.includes(name));
  return [...idTerms.wanted.optional, ...asked.map((name) => ({ name }))];
}

function membershipsOf(facts: UserTokenFacts, { wanted, appRoles }: TokenTerms): JsonObject {
  const { cloud, user, inFragment } = facts;
  const { tenantId, objectId } = user;
  const place = { cloud, tenantId, objectId, ...(inFragment === true ? { inFragment } : {}) };
  return membershipClaims(wanted, appRoles, place);
}

/** `client_info`: what clients make the id of an account of. */
export function clientInfoOf(userId: string, tenantId: string): string {
  return Buffer.from(JSON.stringify({ uid: userId, utid: tenantId })).toString('base64url');
}
