import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import { type AuthorizationCode, takeAuthorizationCode } from './authorization-code.store.ts';
import { type PresentedClient, presentClient } from './client-authentication.ts';
import { judgeVerifier } from './code-verifier.ts';
import { missingParameter } from './faults.ts';
import {
  codeExpired,
  codeOfOtherTenant,
  codeRedeemed,
  grantOfOtherClient,
  malformedGrant,
  otherReplyAddress,
  scopeOfCodeMissing,
  unknownGrant,
} from './grant.faults.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { isGrantText, opaqueHashOf } from './opaque-text.ts';
import { proveRedeemer, redeemedKind, redemptionTenant } from './redeem.ts';
import { removeRefreshTokensOf } from './refresh-token.store.ts';
import { asksOpenId } from './requested-resource.ts';
import { resourceNotProvided } from './resource.faults.ts';
import type { AuthorityRoom } from './room.ts';
import { signUserTokens } from './sign-user-tokens.ts';
import { findSpentGrant } from './spent-grant.store.ts';
import { type JudgedTokens, judgeUserTokens } from './user-tokens.ts';

/**
 * A client redeems the code that a user's sign-in gave it. A refused redemption leaves the code as
 * it was; a second one revokes what the first one gave.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
 */
export const authorizationCode: Grant = {
  grantType: 'authorization_code',
  parameters: ['code', 'redirect_uri', 'code_verifier', 'scope', 'resource', 'client_info'],
  handler: async (request, room) => {
    const presented = await presentClient(request, room);
    if (isFault(presented)) return presented;
    const code = request.parameters.get('code');
    if (code === undefined || code === '') return missingParameter('code');
    if (!isGrantText(code)) return malformedGrant();
    const judged = await room.store.write((tx) => redeem(tx, code, presented, request, room));
    if (judged === 'redeemedBefore') return codeRedeemed();
    return isFault(judged) ? judged : signUserTokens(judged, request, room);
  },
};

async function redeem(
  tx: WriteTransaction,
  code: string,
  presented: PresentedClient,
  request: TokenRequest,
  room: AuthorityRoom,
): Promise<JudgedTokens | 'redeemedBefore' | Fault> {
  const facts = await takeAuthorizationCode(tx, code);
  const tenant = await redemptionTenant(tx, request, facts?.tenantId);
  if (isFault(tenant)) return tenant;
  const redirectKind = redeemedKind(facts, presented, request);
  const client = await proveRedeemer(tx, request, presented, redirectKind, tenant, room);
  if (isFault(client)) return client;
  if (facts === undefined) {
    const grantId = await findSpentGrant(tx, opaqueHashOf(code));
    if (grantId === undefined) return unknownGrant();
    await removeRefreshTokensOf(tx, grantId);
    return 'redeemedBefore';
  }
  if (!sameName(facts.clientId, client.servicePrincipal.appId)) return grantOfOtherClient();
  if (facts.tenantId !== tenant.tenantId) return codeOfOtherTenant();
  const refused =
    judgeCode(facts, request.parameters, room.clock.civil()) ?? judgeResource(facts, request);
  if (refused !== undefined) return refused;
  const { nonce, wantsAuthTime } = facts;
  const redemption = {
    ...{ request, tenant, client, grant: facts },
    ...(nonce === undefined ? {} : { nonce }),
    ...(wantsAuthTime === true ? { wantsAuthTime } : {}),
  };
  return judgeUserTokens(tx, redemption, room);
}

/** On v1 the sign-in or its redemption names a resource, unless it is about the person alone. */
function judgeResource(
  { resource, scope }: AuthorizationCode,
  { endpoint, parameters }: TokenRequest,
): Fault | undefined {
  const named = parameters.get('resource') ?? resource ?? '';
  const isNamed = endpoint !== 'v1' || named !== '' || asksOpenId(parameters.get('scope') ?? scope);
  return isNamed ? undefined : resourceNotProvided();
}

/** Time, redirect address, PKCE, and the one resource of several. */
function judgeCode(
  facts: AuthorizationCode,
  parameters: ReadonlyMap<string, string>,
  now: Instant,
): Fault | undefined {
  if (now >= facts.expiresAt) return codeExpired();
  const redirectUri = parameters.get('redirect_uri') ?? '';
  const isLeftOut = redirectUri === '' && facts.isDefaultRedirectUri === true;
  if (redirectUri !== facts.redirectUri && !isLeftOut) {
    return otherReplyAddress(redirectUri, facts.redirectUri);
  }
  const unverified = judgeVerifier(facts.codeChallenge, parameters.get('code_verifier'));
  if (unverified !== undefined) return unverified;
  const namesNone = (parameters.get('scope') ?? '') === '';
  return facts.isOfSeveralResources === true && namesNone ? scopeOfCodeMissing() : undefined;
}
