import { appRoleValuesOf } from '#directory/app-role-assignment.store.ts';
import { findApplicationByAppId } from '#directory/application.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { policyLifetimeOf } from '#directory/token-lifetime-policy.store.ts';
import type { ReadTransaction } from '#store/store.ts';
import { readWantedClaims, type TokenHolder, type WantedClaims } from './wanted-claims.ts';

/**
 * How long a token lives from when it is asked for, in seconds, unless a policy says otherwise.
 * Recorded answers say one second less.
 */
export const tokenLifetimeSeconds = 3600;

/** What one application makes of the tokens for it. */
export interface TokenTerms {
  readonly wanted: WantedClaims;
  /** The holder's roles on the application. */
  readonly appRoles: readonly string[];
  readonly lifetimeSeconds: number;
}

/**
 * Reads the terms of tokens of a kind for an application, as its registration, its assignments and
 * the lifetime policies of the tenant have them now.
 */
export async function readTokenTerms(
  tx: ReadTransaction,
  principal: ServicePrincipal,
  kind: 'accessToken' | 'idToken',
  holder: TokenHolder,
): Promise<TokenTerms> {
  const application = await findApplicationByAppId(tx, principal.appId);
  const lifetime = await policyLifetimeOf(tx, principal, application);
  return {
    wanted: await readWantedClaims(tx, principal, application, kind, holder),
    appRoles: await appRoleValuesOf(tx, holder.tenantId, holder.objectId, principal.objectId),
    lifetimeSeconds: lifetime ?? tokenLifetimeSeconds,
  };
}
