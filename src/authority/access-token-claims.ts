import { hash } from 'node:crypto';
import type { Cloud } from '#cloud/cloud.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import { type Instant, secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import type { AccessTokenFormat } from './access-token.ts';
import type { ClientProof } from './client-authentication.ts';
import { issuerV1, issuerV2 } from './issuer.ts';
import { microsoftsAppClaims } from './microsoft-claims.ts';
import { depthMarkOf } from './on-behalf-of-depth.ts';
import { membershipClaims, wantsClaim } from './optional-claims.ts';
import type { TokenTerms } from './token-terms.ts';
import type { WantedClaims } from './wanted-claims.ts';

/** How far tokens are dated back, in seconds: `exp - iat` is 3900 in every recorded token. */
export const backdateSeconds = 300;

/** What every token of an application acting alone for a resource says. */
export interface AppTokenParties extends TokenTerms {
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
}

/** What is of one token alone. */
export interface TokenOccasion {
  readonly requestId: string;
  readonly issuedAt: Instant;
  readonly lifetimeSeconds: number;
}

/** The claims of an app-only token of a version. */
export function appTokenClaims(
  format: AccessTokenFormat,
  facts: AppTokenParties & TokenOccasion,
  random: Random,
): JsonObject {
  return fillClaims(appTokenFrame(format, facts), facts, random);
}

/** The claims of one token: what all of its kind say, and what it says alone in its place. */
export function fillClaims(frame: JsonObject, occasion: TokenOccasion, random: Random): JsonObject {
  const { iat, nbf, exp } = timesOf(occasion);
  const uti = tokenIdOf(occasion.requestId);
  return { ...frame, iat, nbf, exp, aio: opaque(random), uti };
}

/** What stands for what `fillClaims` fills in. */
const placeholders = { iat: 0, nbf: 0, exp: 0, aio: '', uti: '' };

/** The claims that all app-only tokens of a kind share, in their order. */
export function appTokenFrame(format: AccessTokenFormat, parties: AppTokenParties): JsonObject {
  return format === 1 ? frameV1(parties) : frameV2(parties);
}

/**
 * Source: https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference,
 * recorded ARM tokens of 2022.
 */
function frameV1(parties: AppTokenParties): JsonObject {
  const { cloud, tenant, client } = parties;
  const issuer = issuerV1(cloud, tenant.tenantId);
  return claimsInOrder({
    ...placeholders,
    aud: audienceV1(parties),
    iss: issuer,
    ...claimsOfEvery(parties),
    ...microsoftsAppClaims(parties),
    appid: client.appId,
    appidacr: contextClass(parties.provedBy),
    idp: issuer,
    ver: '1.0',
  });
}

/** For resources that ask for version 2.0; the audience is the resource's appId. */
function frameV2(parties: AppTokenParties): JsonObject {
  const { cloud, reach, tenant, client } = parties;
  return claimsInOrder({
    ...placeholders,
    aud: parties.resource.appId,
    iss: issuerV2(cloud, reach, tenant.tenantId),
    ...claimsOfEvery(parties),
    azp: client.appId,
    azpacr: contextClass(parties.provedBy),
    ver: '2.0',
  });
}

/** What both versions say. */
function claimsOfEvery(parties: AppTokenParties): JsonObject {
  const { cloud, tenant, client, wanted } = parties;
  const { tenantId } = tenant;
  return {
    idtyp: wantsClaim(wanted, 'idtyp') ? 'app' : undefined,
    oid: client.objectId,
    rh: revalidationHint(parties),
    ...membershipClaims(wanted, parties.appRoles, { cloud, tenantId, objectId: client.objectId }),
    sub: client.objectId,
    tid: tenantId,
    ...resourceClaims(parties),
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
}: Pick<AppTokenParties, 'audience' | 'resource'> & { readonly wanted: WantedClaims }): string {
  return wantsClaim(wanted, 'aud', 'use_guid') ? resource.appId : audience;
}

/** What a resource decides to hear about the client and the tenant. */
export function resourceClaims({
  wanted,
  challengeCapability,
  tenant,
}: Pick<AppTokenParties, 'challengeCapability' | 'tenant'> & {
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
}: Pick<AppTokenParties, 'tenant' | 'client' | 'resource'>): string {
  const words = [tenant.tenantId, client.appId, resource.appId].join(' ');
  return `0.A${hash('sha512', words, 'base64url').slice(0, 50)}.`;
}
