import { createHash } from 'node:crypto';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { pairwiseSubject } from '#directory/subject.ts';
import type { User } from '#directory/user.store.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import { tenantRegion } from './metadata.ts';
import { graphAppId } from './requested-resource.ts';
import { isMicrosofts } from './wanted-claims.ts';

/** Whom a token is for, and who asked for it. */
interface Parties {
  readonly resource: ServicePrincipal;
  readonly client: ServicePrincipal;
}

/**
 * What Microsoft's own resources hear of a user beside the usual claims of version 1.0, and Microsoft
 * Graph more than the others: `xms_st` is who she is to the client.
 * Source: tokens that people pasted in public repositories, of 2020 to 2026. UNVERIFIED: that Azure
 * Batch hears `puid` as Resource Manager does; one of its tokens would settle it.
 */
export function microsoftsUserClaims({ resource, client, user }: UserParties): JsonObject {
  if (!isMicrosofts(resource)) return {};
  const puid = puidOf(user);
  if (resource.appId !== graphAppId) return { puid };
  return {
    ...graphClaims(client),
    acct: user.profile?.['userType'] === 'Guest' ? 1 : 0,
    puid,
    xms_st: { sub: pairwiseSubject(user.objectId, client.appId) },
  };
}

interface UserParties extends Parties {
  readonly user: User;
}

/** What Microsoft Graph hears of an application that acts alone. */
export function microsoftsAppClaims({ resource, client }: Parties): JsonObject {
  return resource.appId === graphAppId ? graphClaims(client) : {};
}

const nonceBytes = 32;

/** The `nonce` in the header of Microsoft Graph's tokens; others have none. */
export function graphNonce({ appId }: ServicePrincipal, random: Random): string | undefined {
  return appId === graphAppId ? random.bytes(nonceBytes).toString('base64url') : undefined;
}

function graphClaims({ displayName }: ServicePrincipal): JsonObject {
  return { app_displayname: displayName, tenant_region_scope: tenantRegion };
}

/** `puid`: another name of a user, 16 hexadecimal digits, always the same. */
function puidOf({ objectId }: User): string {
  const digest = createHash('sha256').update(`puid ${objectId}`).digest('hex');
  return `1003${digest.slice(0, 12).toUpperCase()}`;
}
