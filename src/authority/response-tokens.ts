import { createHash } from 'node:crypto';
import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { Fields } from './authorize-answer.ts';
import { type AuthorizeRequest, wantsAuthTime } from './authorize-request.ts';
import { type AuthorityRoom, cloudOf } from './room.ts';
import { grantedText, signIdToken, signUserAccessToken } from './sign-user-tokens.ts';
import type { UserGrant } from './user-grant.ts';
import { type JudgedTokens, judgeUserTokens } from './user-tokens.ts';

/** Who signed in, to what. */
export interface SignedIn {
  readonly tenant: Tenant;
  readonly client: ServicePrincipal;
  readonly grant: UserGrant;
}

/**
 * Judges the tokens that the authorization endpoint hands out itself, as the token endpoint would
 * for a client that proved nothing; there is never a refresh token among them.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-implicit-grant-flow
 */
export async function judgeResponseTokens(
  tx: WriteTransaction,
  http: HttpRequest,
  request: AuthorizeRequest,
  { tenant, client, grant }: SignedIn,
  room: AuthorityRoom,
): Promise<JudgedTokens | Fault> {
  const { endpoint, claims, nonce, responseMode } = request;
  const cloud = cloudOf(room.clouds, http.reach);
  const parameters = new Map(claims === undefined ? [] : [['claims', claims]]);
  const tenancy = { kind: 'tenant', tenant } as const;
  return judgeUserTokens(
    tx,
    {
      request: { http, endpoint, cloud, tenancy, parameters },
      tenant,
      client: { servicePrincipal: client, provedBy: 'none' },
      grant,
      ...(nonce === undefined ? {} : { nonce }),
      ...(wantsAuthTime(request) ? { wantsAuthTime: true } : {}),
      isWithoutRefresh: true,
      ...(responseMode === 'fragment' ? { inFragment: true } : {}),
    },
    room,
  );
}

/**
 * Signs those tokens. An id token names by its hashes what stands beside it.
 * Source: https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken
 */
export async function signResponseTokens(
  { facts, asked }: JudgedTokens,
  { endpoint, responseTypes }: AuthorizeRequest,
  code: string | undefined,
  room: AuthorityRoom,
): Promise<Fields> {
  const access = responseTypes.includes('token')
    ? (await signUserAccessToken(facts, room)).text
    : undefined;
  const hashes = {
    ...(code === undefined ? {} : { c_hash: halfHashOf(code) }),
    ...(access === undefined ? {} : { at_hash: halfHashOf(access) }),
  };
  const idToken = responseTypes.includes('id_token')
    ? await signIdToken(facts, endpoint, hashes, room)
    : undefined;
  const { lifetimeSeconds } = facts.accessTerms;
  const accessFields: Fields =
    access === undefined
      ? []
      : [
          ['access_token', access],
          ['token_type', 'Bearer'],
          ['expires_in', String(lifetimeSeconds - 1)],
          ['scope', grantedText(asked, facts)],
        ];
  return idToken === undefined ? accessFields : [...accessFields, ['id_token', idToken]];
}

/** The left half of a SHA-256, in base64url. */
function halfHashOf(text: string): string {
  const digest = createHash('sha256').update(text, 'ascii').digest();
  return digest.subarray(0, digest.length / 2).toString('base64url');
}
