import { createHash } from 'node:crypto';
import type { Cloud } from '#cloud/cloud.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { User } from '#directory/user.store.ts';
import type { Reach } from '#http/request.ts';
import { type Instant, secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import {
  contextClass,
  opaque,
  revalidationHint,
  rolesOf,
  timesOf,
  tokenIdOf,
} from './access-token-claims.ts';
import type { ClientProof } from './client-authentication.ts';
import { issuerV1, issuerV2 } from './issuer.ts';

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
  /** Roles of the user on the resource. */
  readonly appRoles: readonly string[];
  /** Sign-in scopes that were asked for: they open `profile` and `email` claims of the id token. */
  readonly signIn: readonly string[];
  readonly nonce?: string;
  readonly isChallengeCapable: boolean;
  readonly remoteAddress: string;
  readonly sessionId: string;
  readonly requestId: string;
  readonly issuedAt: Instant;
}

/**
 * The claims of a user's access token of version 1.0.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * UNVERIFIED: the order of the claims.
 */
export function userTokenClaimsV1(facts: UserTokenFacts, random: Random): JsonObject {
  const { cloud, tenant, user, client, resource } = facts;
  return {
    aud: facts.audience,
    iss: issuerV1(cloud, tenant.tenantId),
    ...timesOf(facts.issuedAt),
    acr: '1',
    aio: opaque(random),
    amr: ['pwd'],
    appid: client.appId,
    appidacr: contextClass(facts.provedBy),
    family_name: user.surname,
    given_name: user.givenName,
    idtyp: 'user',
    ipaddr: facts.remoteAddress,
    name: user.displayName,
    oid: user.objectId,
    rh: revalidationHint(facts),
    ...rolesOf(facts),
    scp: facts.oauthScopes.join(' '),
    sid: facts.sessionId,
    sub: pairwiseSubject(user.objectId, resource.appId),
    tid: tenant.tenantId,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
    uti: tokenIdOf(facts.requestId),
    ver: '1.0',
    ...capability(facts),
    xms_tcdt: secondsOf(tenant.createdAt),
  };
}

/**
 * The claims of a user's access token of version 2.0; the audience is the resource's appId.
 * UNVERIFIED: the order of the claims.
 */
export function userTokenClaimsV2(facts: UserTokenFacts, random: Random): JsonObject {
  const { cloud, reach, tenant, user, client, resource } = facts;
  return {
    aud: resource.appId,
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...timesOf(facts.issuedAt),
    aio: opaque(random),
    azp: client.appId,
    azpacr: contextClass(facts.provedBy),
    name: user.displayName,
    oid: user.objectId,
    preferred_username: user.userPrincipalName,
    rh: revalidationHint(facts),
    ...rolesOf(facts),
    scp: facts.oauthScopes.join(' '),
    sid: facts.sessionId,
    sub: pairwiseSubject(user.objectId, resource.appId),
    tid: tenant.tenantId,
    uti: tokenIdOf(facts.requestId),
    ver: '2.0',
    ...capability(facts),
  };
}

/**
 * The claims of an id token of the v2 endpoints, which says who signed in to the client.
 * Source: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
export function idTokenClaimsV2(facts: UserTokenFacts, random: Random): JsonObject {
  const { cloud, reach, tenant, user, client, signIn } = facts;
  const hasProfile = signIn.includes('profile');
  return {
    aud: client.appId,
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...timesOf(facts.issuedAt),
    aio: opaque(random),
    email: signIn.includes('email') ? user.mail : undefined,
    name: hasProfile ? user.displayName : undefined,
    nonce: facts.nonce,
    oid: user.objectId,
    preferred_username: hasProfile ? user.userPrincipalName : undefined,
    rh: revalidationHint({ ...facts, resource: client }),
    sid: facts.sessionId,
    sub: pairwiseSubject(user.objectId, client.appId),
    tid: tenant.tenantId,
    uti: tokenIdOf(facts.requestId),
    ver: '2.0',
  };
}

/**
 * The claims of an id token of the v1 endpoints. It is signed, as the v2 one is.
 * UNVERIFIED: the order of the claims.
 */
export function idTokenClaimsV1(facts: UserTokenFacts): JsonObject {
  const { cloud, tenant, user, client } = facts;
  return {
    aud: client.appId,
    iss: issuerV1(cloud, tenant.tenantId),
    ...timesOf(facts.issuedAt),
    amr: ['pwd'],
    family_name: user.surname,
    given_name: user.givenName,
    ipaddr: facts.remoteAddress,
    name: user.displayName,
    nonce: facts.nonce,
    oid: user.objectId,
    rh: revalidationHint({ ...facts, resource: client }),
    sub: pairwiseSubject(user.objectId, client.appId),
    tid: tenant.tenantId,
    unique_name: user.userPrincipalName,
    upn: user.userPrincipalName,
    uti: tokenIdOf(facts.requestId),
    ver: '1.0',
  };
}

/** `sub`: 43 characters that name the user to one application and to no other. */
export function pairwiseSubject(userId: string, appId: string): string {
  return createHash('sha256').update(`subject ${userId} ${appId}`).digest('base64url');
}

/** `client_info`: what clients make the id of an account of. */
export function clientInfoOf(userId: string, tenantId: string): string {
  return Buffer.from(JSON.stringify({ uid: userId, utid: tenantId })).toString('base64url');
}

function capability({ isChallengeCapable }: UserTokenFacts): JsonObject {
  return isChallengeCapable ? { xms_cc: ['CP1'] } : {};
}
