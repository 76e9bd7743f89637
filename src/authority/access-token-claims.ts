import { createHash } from 'node:crypto';
import type { Cloud } from '#cloud/cloud.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import { type Instant, secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import type { ClientProof } from './client-authentication.ts';
import { issuerV1, issuerV2 } from './issuer.ts';

/**
 * How long a token lives from when it is asked for, in seconds. Recorded answers say one second
 * less.
 */
export const tokenLifetimeSeconds = 3600;

/** How far tokens are dated back, in seconds: `exp - iat` is 3900 in every recorded token. */
export const backdateSeconds = 300;

/** What a token for an application acting alone says. */
export interface AppTokenFacts {
  readonly cloud: Cloud;
  readonly reach: Reach;
  readonly tenant: Tenant;
  readonly client: ServicePrincipal;
  readonly provedBy: ClientProof;
  readonly resource: ServicePrincipal;
  /** The resource exactly as it was asked for. */
  readonly audience: string;
  readonly appRoles: readonly string[];
  /** True when the client said that it understands claims challenges (`cp1`). */
  readonly isChallengeCapable: boolean;
  readonly requestId: string;
  readonly issuedAt: Instant;
}

/**
 * The claims of an app-only token of version 1.0, in the recorded order.
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference,
 * recorded ARM tokens of 2022.
 */
export function appTokenClaimsV1(facts: AppTokenFacts, random: Random): JsonObject {
  const { cloud, tenant, client } = facts;
  const issuer = issuerV1(cloud, tenant.tenantId);
  return {
    aud: facts.audience,
    iss: issuer,
    ...timesOf(facts.issuedAt),
    aio: opaque(random),
    appid: client.appId,
    appidacr: contextClass(facts.provedBy),
    idp: issuer,
    idtyp: 'app',
    oid: client.objectId,
    rh: revalidationHint(facts),
    ...rolesOf(facts),
    sub: client.objectId,
    tid: tenant.tenantId,
    uti: tokenIdOf(facts.requestId),
    ver: '1.0',
    ...(facts.isChallengeCapable ? { xms_cc: ['CP1'] } : {}),
    xms_tcdt: secondsOf(tenant.createdAt),
  };
}

/**
 * The claims of an app-only token of version 2.0, for resources that ask for it; the audience is
 * the resource's appId.
 * UNVERIFIED: the order of the claims.
 */
export function appTokenClaimsV2(facts: AppTokenFacts, random: Random): JsonObject {
  const { cloud, reach, tenant, client } = facts;
  return {
    aud: facts.resource.appId,
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...timesOf(facts.issuedAt),
    aio: opaque(random),
    azp: client.appId,
    azpacr: contextClass(facts.provedBy),
    idtyp: 'app',
    oid: client.objectId,
    rh: revalidationHint(facts),
    ...rolesOf(facts),
    sub: client.objectId,
    tid: tenant.tenantId,
    uti: tokenIdOf(facts.requestId),
    ver: '2.0',
    ...(facts.isChallengeCapable ? { xms_cc: ['CP1'] } : {}),
  };
}

/** `uti`: the request id in 22 characters, by which a sign-in is found again. */
export function tokenIdOf(requestId: string): string {
  return Buffer.from(requestId.replaceAll('-', ''), 'hex').toString('base64url');
}

/** `iat`, `nbf` and `exp` of a token asked for at this instant. */
export function timesOf(issuedAt: Instant) {
  const iat = secondsOf(issuedAt) - backdateSeconds;
  return { iat, nbf: iat, exp: iat + backdateSeconds + tokenLifetimeSeconds };
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

/** `roles`; absent when there are none. */
export function rolesOf({ appRoles }: Pick<AppTokenFacts, 'appRoles'>): JsonObject {
  return appRoles.length === 0 ? {} : { roles: appRoles };
}

/** `aio` means something to Entra alone; ours is as long and means nothing. */
export function opaque(random: Random): string {
  return `E2Z${random.bytes(22).toString('base64url').slice(0, 29)}`;
}

/** `rh` is the same for the same client and resource; 54 characters as recorded. */
export function revalidationHint({
  tenant,
  client,
  resource,
}: Pick<AppTokenFacts, 'tenant' | 'client' | 'resource'>): string {
  const words = [tenant.tenantId, client.appId, resource.appId].join(' ');
  return `0.A${createHash('sha512').update(words).digest('base64url').slice(0, 50)}.`;
}
