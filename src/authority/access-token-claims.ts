import { hash } from 'node:crypto';
import type { Cloud } from '#cloud/cloud.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import { type Instant, secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import type { ClientProof } from './client-authentication.ts';
import { issuerV1, issuerV2 } from './issuer.ts';
import { microsoftsAppClaims } from './microsoft-claims.ts';
import { depthMarkOf } from './on-behalf-of-depth.ts';
import { membershipClaims, wantsClaim } from './optional-claims.ts';
import type { TokenTerms } from './token-terms.ts';
import type { WantedClaims } from './wanted-claims.ts';

/** How far tokens are dated back, in seconds: `exp - iat` is 3900 in every recorded token. */
export const backdateSeconds = 300;

/** What a token for an application acting alone says. */
export interface AppTokenFacts extends TokenTerms {
  readonly cloud: Cloud;
  readonly reach: Reach;
  readonly tenant: Tenant;
  readonly client: ServicePrincipal;
  readonly provedBy: ClientProof;
  readonly resource: ServicePrincipal;
  /** The resource exactly as it was asked for. */
  readonly audience: string;
  /** `cp1` as the client spelt it, when it said that it understands claims challenges. */
  readonly challengeCapability?: string;
  readonly requestId: string;
  readonly issuedAt: Instant;
}

/**
 * The claims of an app-only token of version 1.0.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference,
 * recorded ARM tokens of 2022.
 */
export function appTokenClaimsV1(facts: AppTokenFacts, random: Random): JsonObject {
  const { cloud, tenant, client } = facts;
  const issuer = issuerV1(cloud, tenant.tenantId);
  return claimsInOrder({
    aud: audienceV1(facts),
    iss: issuer,
    ...timesOf(facts),
    ...claimsOfEvery(facts, random),
    ...microsoftsAppClaims(facts),
    appid: client.appId,
    appidacr: contextClass(facts.provedBy),
    idp: issuer,
    ver: '1.0',
  });
}

/**
 * The claims of an app-only token of version 2.0, for resources that ask for it; the audience is
 * the resource's appId.
 */
export function appTokenClaimsV2(facts: AppTokenFacts, random: Random): JsonObject {
  const { cloud, reach, tenant, client } = facts;
  return claimsInOrder({
    aud: facts.resource.appId,
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...timesOf(facts),
    ...claimsOfEvery(facts, random),
    azp: client.appId,
    azpacr: contextClass(facts.provedBy),
    ver: '2.0',
  });
}

/** What both versions say. */
function claimsOfEvery(facts: AppTokenFacts, random: Random): JsonObject {
  const { cloud, tenant, client, wanted } = facts;
  const { tenantId } = tenant;
  return {
    aio: opaque(random),
    idtyp: wantsClaim(wanted, 'idtyp') ? 'app' : undefined,
    oid: client.objectId,
    rh: revalidationHint(facts),
    ...membershipClaims(wanted, facts.appRoles, { cloud, tenantId, objectId: client.objectId }),
    sub: client.objectId,
    tid: tenantId,
    uti: tokenIdOf(facts.requestId),
    ...resourceClaims(facts),
  };
}

/**
 * The claims in the order of Entra's tokens: whom it is for, who issued it, its times, then the rest
 * by name. What is undefined is not there.
 */
export function claimsInOrder(claims: JsonObject): JsonObject {
  const { aud, iss, iat, nbf, exp, ...rest } = claims;
  const ordered: Record<string, JsonObject[string]> = { aud, iss, iat, nbf, exp };
  for (const name of Object.keys(rest).sort()) {
    if (rest[name] !== undefined) ordered[name] = rest[name];
  }
  return ordered;
}

/** `aud` of version 1.0: the resource as it was asked for, or its appId if it wants that. */
export function audienceV1({
  audience,
  resource,
  wanted,
}: Pick<AppTokenFacts, 'audience' | 'resource'> & { readonly wanted: WantedClaims }): string {
  return wantsClaim(wanted, 'aud', 'use_guid') ? resource.appId : audience;
}

/** What a resource decides to hear about the client and the tenant. */
export function resourceClaims({
  wanted,
  challengeCapability,
  tenant,
}: Pick<AppTokenFacts, 'challengeCapability' | 'tenant'> & {
  readonly wanted: WantedClaims;
}): JsonObject {
  const hearsOfClient = challengeCapability !== undefined && wantsClaim(wanted, 'xms_cc');
  return {
    xms_cc: hearsOfClient ? [challengeCapability] : undefined,
    xms_tcdt: wantsClaim(wanted, 'xms_tcdt') ? secondsOf(tenant.createdAt) : undefined,
  };
}

/** `uti`: the request id in 22 characters, by which a sign-in is found again. */
export function tokenIdOf(requestId: string): string {
  return Buffer.from(requestId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** `iat`, `nbf` and `exp` of a token asked for at this instant. */
export function timesOf(facts: { readonly issuedAt: Instant; readonly lifetimeSeconds: number }) {
  const askedAt = secondsOf(facts.issuedAt);
  const iat = askedAt - backdateSeconds;
  return { iat, nbf: iat, exp: askedAt + facts.lifetimeSeconds };
}

/** `appidacr` and `azpacr`. */
export function contextClass(provedBy: ClientProof): '0' | '1' | '2' {
  switch (provedBy) {
    case 'none':
      return '0';
    case 'secret':
      return '1';
    case 'certificate':
      return '2';
  }
}

/**
 * `aio` means something to Entra alone; ours is as long and says only how many applications asked on
 * behalf of the user before, and when her sign-ins were taken back last.
 */
export function opaque(random: Random, onBehalfOfDepth = 0, revocationMark = ''): string {
  const says = `E2${depthMarkOf(onBehalfOfDepth)}${revocationMark}`;
  return `${says}${random.bytes(22).toString('base64url')}`.slice(0, 32);
}

/** `rh` is the same for the same client and resource; 54 characters as recorded. */
export function revalidationHint({
  tenant,
  client,
  resource,
}: Pick<AppTokenFacts, 'tenant' | 'client' | 'resource'>): string {
  const words = [tenant.tenantId, client.appId, resource.appId].join(' ');
  return `0.A${hash('sha512', words, 'base64url').slice(0, 50)}.`;
}
