import { findTenant, type Tenant } from '#directory/tenant.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { publicClient } from './client.faults.ts';
import {
  type AuthenticatedClient,
  authenticateClient,
  findClient,
  type PresentedClient,
} from './client-authentication.ts';
import {
  codeOfOtherTenant,
  credentialRequired,
  crossOriginRedemption,
  sameOriginRedemption,
  unknownGrant,
} from './grant.faults.ts';
import type { TokenRequest } from './grant.ts';
import type { AuthorityRoom } from './room.ts';
import type { RedirectKind, UserGrant } from './user-grant.ts';

/** The tenant in which a grant is redeemed: the one in the path, or that of the grant. */
export async function redemptionTenant(
  tx: ReadTransaction,
  { tenancy }: TokenRequest,
  grantTenantId: string | undefined,
): Promise<Tenant | Fault> {
  if (tenancy.kind === 'tenant') return tenancy.tenant;
  if (grantTenantId === undefined) return unknownGrant();
  if (tenancy.alias === 'consumers') return codeOfOtherTenant();
  return (await findTenant(tx, grantTenantId)) ?? unknownGrant();
}

/**
 * The kind of redirect address to which a grant went, for the client that it went to. Any other
 * client learns nothing of it, no more than of a grant that is not there: if it shows a credential it
 * must prove it, and a page of another origin can only be a single-page application.
 */
export function redeemedKind(
  grant: Pick<UserGrant, 'clientId' | 'redirectKind'> | undefined,
  { clientId, proof }: PresentedClient,
  { http }: TokenRequest,
): RedirectKind {
  if (grant !== undefined && sameName(grant.clientId, clientId)) return grant.redirectKind;
  if (proof.kind !== 'none') return 'web';
  return http.headers['origin'] === undefined ? 'publicClient' : 'spa';
}

/**
 * Proves the client that redeems a code or a refresh token, as the redirect address to which the
 * code went was registered: a web application by its credential, a public client by nothing, a
 * single-page application by coming from another origin. What comes from another origin and is none
 * is refused before its credential is looked at.
 * Source: https://github.com/SecureAuthCorp/oauth2c/issues/109 (a web application with a secret)
 */
export async function proveRedeemer(
  tx: ReadTransaction,
  request: TokenRequest,
  presented: PresentedClient,
  redirectKind: RedirectKind,
  tenant: Tenant,
  room: AuthorityRoom,
): Promise<AuthenticatedClient | Fault> {
  const { http, cloud } = request;
  const hasProof = presented.proof.kind !== 'none';
  const origin = http.headers['origin'];
  if (redirectKind !== 'spa' && origin !== undefined) return crossOriginRedemption(origin);
  if (hasProof && redirectKind === 'web') {
    return authenticateClient(tx, presented, {
      cloud,
      reach: http.reach,
      tenant,
      grantType: request.parameters.get('grant_type') ?? '',
      civilNow: room.clock.civil(),
      realNow: room.clock.real(),
    });
  }
  const servicePrincipal = await findClient(tx, presented.clientId, tenant);
  if (isFault(servicePrincipal)) return servicePrincipal;
  if (redirectKind === 'web') return credentialRequired();
  if (hasProof) return publicClient();
  if (redirectKind === 'spa' && origin === undefined) return sameOriginRedemption();
  return { servicePrincipal, provedBy: 'none' };
}
