import { signAccessToken } from '#authority/access-token.ts';
import {
  type AppTokenParties,
  appTokenClaims,
  type TokenOccasion,
} from '#authority/access-token-claims.ts';
import { findResource } from '#authority/find-resource.ts';
import type { SigningKeys } from '#authority/keys.ts';
import { graphNonce } from '#authority/microsoft-claims.ts';
import { readTokenTerms } from '#authority/token-terms.ts';
import type { Cloud } from '#cloud/cloud.ts';
import { isAssignedTo } from '#directory/app-role-assignment.store.ts';
import { microsoftTenantId } from '#directory/first-party.ts';
import { findServicePrincipal } from '#directory/service-principal.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { Reach } from '#http/request.ts';
import type { Clock } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Random } from '#kernel/random.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { findManagedIdentity, type ManagedIdentity } from './managed-identity.ts';
import { tokenFaults } from './token.faults.ts';

/** How long a token of a managed identity lives from when it is asked for, in seconds: a day. */
export const identityTokenSeconds = 86_400;

/** What tokens of managed identities are made with. */
export interface IdentityTokenParts {
  readonly store: Pick<Store, 'read'>;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a token is asked for. */
export interface IdentityTokenQuestion {
  /** ARM id of a user-assigned identity, or of the resource whose own identity is meant. */
  readonly identity: string;
  /** The resource, exactly as it was asked for. */
  readonly resource: string;
  readonly cloud: Cloud;
  readonly reach: Reach;
  readonly requestId: string;
  /** Judges the identity, for example whether it is the one that was asked for. */
  readonly accepts: (identity: ManagedIdentity) => boolean;
}

/** A token of a managed identity. */
export interface IdentityToken {
  readonly accessToken: string;
  readonly clientId: string;
  /** Seconds since 1970. */
  readonly notBefore: number;
  /** Seconds since 1970. */
  readonly expiresOn: number;
}

/**
 * Signs a token for a managed identity as it is now. Refused when the identity or its service
 * principal is gone, disabled or not accepted, and when its tenant does not know the resource; what
 * it may do there is decided by roles.
 * Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 */
export async function identityToken(
  parts: IdentityTokenParts,
  question: IdentityTokenQuestion,
): Promise<IdentityToken | Fault> {
  const found = await parts.store.read((tx) => judge(tx, parts, question));
  if (isFault(found)) return found;
  const { facts } = found;
  const format = facts.resource.requestedAccessTokenVersion ?? 1;
  const claims = claimsOf(format, found, parts.random);
  await parts.keys.refreshed();
  const key = parts.keys.signingKey(facts.cloud.name);
  const nonce = graphNonce(facts.resource, parts.random);
  return {
    accessToken: await signAccessToken(claims, format, key, nonce),
    clientId: facts.client.appId,
    notBefore: Number(claims['nbf']),
    expiresOn: Number(claims['exp']),
  };
}

/** An identity with what its token says. */
interface Judged {
  readonly identity: ManagedIdentity;
  readonly facts: AppTokenParties & TokenOccasion;
}

async function judge(
  tx: ReadTransaction,
  { clock }: IdentityTokenParts,
  {
    identity: resourceId,
    resource: audience,
    cloud,
    reach,
    requestId,
    accepts,
  }: IdentityTokenQuestion,
): Promise<Judged | Fault> {
  const identity = await findManagedIdentity(tx, resourceId);
  if (identity === undefined || !accepts(identity)) return tokenFaults.identityNotFound();
  const { tenantId, principalId } = identity;
  const tenant = await findTenant(tx, tenantId);
  const client = await findServicePrincipal(tx, tenantId, principalId);
  if (tenant === undefined || !client?.accountEnabled) return tokenFaults.identityNotFound();
  const resource = await findResource(tx, audience, tenant, { cloud, reach });
  if (isFault(resource)) {
    return tokenFaults.invalidResource(`${resource.code}: ${resource.message}`, audience);
  }
  const held = [tenantId, principalId, resource.objectId] as const;
  if (resource.appRoleAssignmentRequired && !(await isAssignedTo(tx, ...held))) {
    return tokenFaults.notAssigned(client.appId, audience);
  }
  const facts: Judged['facts'] = {
    ...{ cloud, tenant, client, resource, audience, requestId },
    // The address of this endpoint is no authority: tokens of version 2 name the cloud's own.
    reach: { ...reach, explicit: false },
    // A managed identity proves itself by a certificate that its host keeps.
    provedBy: 'certificate',
    ...(await readTokenTerms(tx, resource, 'accessToken', { ...client, isUser: false })),
    lifetimeSeconds: identityTokenSeconds,
    issuedAt: clock.civil(),
  };
  return { identity, facts };
}

/**
 * An application's claims, for a day, with the ARM id of the identity for Microsoft's own resources.
 * Source: a recorded ARM token of a managed identity of 2022, where `xms_tcdt` is text.
 */
function claimsOf(format: 1 | 2, { identity, facts }: Judged, random: Random): JsonObject {
  const claims = appTokenClaims(format, facts, random);
  const { xms_tcdt: createdAt, ...rest } = claims;
  const isMicrosofts = facts.resource.appOwnerTenantId === microsoftTenantId;
  return {
    ...rest,
    ...(isMicrosofts ? { xms_mirid: identity.resourceId } : {}),
    ...(createdAt === undefined ? {} : { xms_tcdt: String(createdAt) }),
  };
}
