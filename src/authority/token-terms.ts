import { appRoleValuesOf } from '#directory/app-role-assignment.store.ts';
import { findApplicationByAppId } from '#directory/application.store.ts';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import { policyLifetimeOf } from '#directory/token-lifetime-policy.store.ts';
import type { ReadTransaction } from '#store/store.ts';
import {
  isMicrosofts,
  readWantedClaims,
  type TokenHolder,
  type WantedClaims,
} from './wanted-claims.ts';

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
export function readTokenTerms(
  tx: ReadTransaction,
  principal: ServicePrincipal,
  kind: 'accessToken' | 'idToken',
  holder: TokenHolder,
): Promise<TokenTerms> {
  const { tenantId, objectId } = principal;
  const held = [holder.isUser ? 'user' : 'application', holder.tenantId, holder.objectId];
  return tx.remembered(['tokenTerms', kind, tenantId, objectId, ...held], async () => {
    const application = isMicrosofts(principal)
      ? undefined
      : await findApplicationByAppId(tx, principal.appId);
    const lifetime = await policyLifetimeOf(tx, principal, application);
    return {
      wanted: await readWantedClaims(tx, principal, application, kind, holder),
      appRoles: await rolesOn(tx, principal, holder),
      lifetimeSeconds: lifetime ?? tokenLifetimeSeconds,
    };
  });
}

/** Most resources declare no role, and then nobody holds one. */
async function rolesOn(
  tx: ReadTransaction,
  { appRoles, objectId }: ServicePrincipal,
  holder: TokenHolder,
): Promise<readonly string[]> {
  if (appRoles.length === 0) return [];
  return appRoleValuesOf(tx, holder.tenantId, holder.objectId, objectId);
}
