import type { JsonObject } from '#kernel/json.ts';
import { signAccessToken } from './access-token.ts';
import { tokenIdOf } from './access-token-claims.ts';
import type { GrantedTokens, TokenRequest } from './grant.ts';
import { graphNonce } from './microsoft-claims.ts';
import type { RequestedPermissions } from './requested-permissions.ts';
import { graphAppId, isSignInScope } from './requested-resource.ts';
import type { AuthorityRoom } from './room.ts';
import { newUserInfoToken } from './user-info-token.ts';
import {
  clientInfoOf,
  idTokenClaimsV1,
  idTokenClaimsV2,
  type UserTokenFacts,
  userTokenClaimsV1,
  userTokenClaimsV2,
} from './user-token-claims.ts';
import { isOfFamily, type JudgedTokens } from './user-tokens.ts';

/** Signs the tokens and says with them what the client may do. */
export async function signUserTokens(
  { facts, asked, refreshToken }: JudgedTokens,
  request: TokenRequest,
  room: AuthorityRoom,
): Promise<GrantedTokens> {
  const { user, tenant, client, resource } = facts;
  const [access, idToken] = await Promise.all([
    signUserAccessToken(facts, room),
    asked.signIn.includes('openid') ? signIdToken(facts, request.endpoint, {}, room) : undefined,
  ]);
  const wantsClientInfo = request.parameters.get('client_info') === '1';
  return {
    accessToken: access.text,
    resource: facts.audience,
    tenantId: tenant.tenantId,
    principalId: user.objectId,
    lifetimeSeconds: facts.accessTerms.lifetimeSeconds,
    expiresOn: access.expiresOn,
    notBefore: access.notBefore,
    user: {
      scope: grantedText(asked, facts),
      refreshToken: refreshToken?.text,
      refreshTokenSecondsLeft: refreshToken?.secondsLeft,
      idToken,
      familyId: isOfFamily(client.appId) && refreshToken !== undefined ? '1' : undefined,
      clientInfo: wantsClientInfo ? clientInfoOf(user.objectId, tenant.tenantId) : undefined,
    },
    facts: {
      tokenId: tokenIdOf(facts.requestId),
      userPrincipalName: user.userPrincipalName,
      appDisplayName: client.displayName,
      provedBy: facts.provedBy,
      resourceAppId: resource.appId,
      oauthScopes: facts.oauthScopes,
    },
  };
}

/**
 * Signs the access token of a judged grant, in the form that its resource wants; that for the user
 * info endpoint has no form that anybody else could read.
 */
export async function signUserAccessToken(
  facts: UserTokenFacts,
  room: AuthorityRoom,
): Promise<{ readonly text: string; readonly expiresOn: number; readonly notBefore: number }> {
  const format = facts.resource.requestedAccessTokenVersion ?? 1;
  const claims = (format === 1 ? userTokenClaimsV1 : userTokenClaimsV2)(facts, room.random);
  const key = room.keys.signingKey(facts.cloud.name);
  const nonce = graphNonce(facts.resource, room.random);
  const text =
    facts.isForUserInfo === true
      ? newUserInfoToken(facts, room.seal)
      : await signAccessToken(claims, format, key, nonce);
  return { text, expiresOn: Number(claims['exp']), notBefore: Number(claims['nbf']) };
}

/** Signs the id token of a judged grant; `hashes` tie it to what is handed out beside it. */
export async function signIdToken(
  facts: UserTokenFacts,
  endpoint: TokenRequest['endpoint'],
  hashes: JsonObject,
  room: AuthorityRoom,
): Promise<string> {
  const isV1 = endpoint === 'v1';
  const claims = isV1 ? idTokenClaimsV1(facts) : idTokenClaimsV2(facts, room.random);
  const key = room.keys.signingKey(facts.cloud.name);
  return signAccessToken({ ...claims, ...hashes }, isV1 ? 1 : 2, key);
}

/**
 * `scope` of an answer: on Graph the sign-in scopes, then what was granted, written as it was asked
 * for, and `.default` where that was asked. Clients look tokens up by it, and MSAL Go wants all that
 * it asked for in it.
 * Source: recorded answers for Graph and Key Vault in the Azure SDKs for JavaScript and Go.
 */
export function grantedText(
  asked: RequestedPermissions,
  { resource, oauthScopes }: Pick<UserTokenFacts, 'resource' | 'oauthScopes'>,
): string {
  const isBare = (name: string) => resource.appId === graphAppId && isSignInScope(name);
  const named = oauthScopes.filter((name) => !isBare(name));
  const all = asked.isDefault && asked.prefix !== '' ? [...named, '.default'] : named;
  return [...oauthScopes.filter(isBare), ...all.map((name) => `${asked.prefix}${name}`)].join(' ');
}
