import { type Fault, isFault } from '#kernel/fault.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import { type PresentedClient, presentClient } from './client-authentication.ts';
import { missingParameter } from './faults.ts';
import {
  grantOfOtherClient,
  malformedGrant,
  notOfFamily,
  refreshTokenInactive,
  spaSessionOver,
  unknownGrant,
} from './grant.faults.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { isGrantText, opaqueHashOf } from './opaque-text.ts';
import { proveRedeemer, redeemedKind, redemptionTenant } from './redeem.ts';
import {
  findRefreshToken,
  type RefreshToken,
  refreshLifetimeSeconds,
  removeRefreshTokensOf,
  spendRefreshToken,
} from './refresh-token.store.ts';
import type { AuthorityRoom } from './room.ts';
import { signUserTokens } from './sign-user-tokens.ts';
import { findSpentGrant } from './spent-grant.store.ts';
import { isOfFamily, type JudgedTokens, judgeUserTokens } from './user-tokens.ts';

/**
 * A client renews what a user's sign-in gave it, for any resource that was consented to. It always
 * gets a new refresh token; the old one stays good, but for single-page applications, where a
 * second use revokes what came of the first.
 * Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens
 */
export const refreshToken: Grant = {
  grantType: 'refresh_token',
  parameters: ['refresh_token', 'scope', 'resource', 'client_info'],
  handler: async (request, room) => {
    const presented = await presentClient(request, room);
    if (isFault(presented)) return presented;
    const token = request.parameters.get('refresh_token');
    if (token === undefined || token === '') return missingParameter('refresh_token');
    if (!isGrantText(token)) return malformedGrant();
    const judged = await room.store.write((tx) => redeem(tx, token, presented, request, room));
    if (judged === 'spentBefore') return unknownGrant();
    return isFault(judged) ? judged : signUserTokens(judged, request, room);
  },
};

async function redeem(
  tx: WriteTransaction,
  token: string,
  presented: PresentedClient,
  request: TokenRequest,
  room: AuthorityRoom,
): Promise<JudgedTokens | 'spentBefore' | Fault> {
  const facts = await findRefreshToken(tx, token);
  const tenant = await redemptionTenant(tx, request, facts?.tenantId);
  if (isFault(tenant)) return tenant;
  const redirectKind = redeemedKind(facts, presented, request);
  const client = await proveRedeemer(tx, request, presented, redirectKind, tenant, room);
  if (isFault(client)) return client;
  if (facts === undefined) return judgeAbsent(tx, token);
  const { appId } = client.servicePrincipal;
  const refused =
    judgeToken(facts, appId, room.clock.civil()) ??
    (facts.tenantId === tenant.tenantId ? undefined : unknownGrant());
  if (refused !== undefined) return refused;
  if (facts.redirectKind === 'spa' && !(await spendRefreshToken(tx, token, facts))) {
    return judgeAbsent(tx, token);
  }
  return judgeUserTokens(
    tx,
    { request, tenant, client, grant: { ...facts, clientId: appId }, renewed: facts },
    room,
  );
}

/** A token that was spent and comes again was stolen once: all of its sign-in ends. */
async function judgeAbsent(tx: WriteTransaction, token: string): Promise<'spentBefore' | Fault> {
  const grantId = await findSpentGrant(tx, opaqueHashOf(token));
  if (grantId === undefined) return unknownGrant();
  await removeRefreshTokensOf(tx, grantId);
  return 'spentBefore';
}

function judgeToken(facts: RefreshToken, appId: string, now: Instant): Fault | undefined {
  if (facts.clientId !== appId) {
    if (!isOfFamily(facts.clientId)) return grantOfOtherClient();
    if (!isOfFamily(appId)) return notOfFamily();
  }
  if (now < facts.expiresAt) return undefined;
  const { redirectKind, expiresAt } = facts;
  const issuedAt = addSeconds(expiresAt, -refreshLifetimeSeconds[redirectKind]);
  return redirectKind === 'spa' ? spaSessionOver(issuedAt) : refreshTokenInactive(issuedAt);
}
