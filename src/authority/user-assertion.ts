import type { ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Tenant } from '#directory/tenant.store.ts';
import type { Fault } from '#kernel/fault.ts';
import type { Instant } from '#kernel/instant.ts';
import { readAccessToken, type TokenProblem, type VerifiedToken } from './access-token.ts';
import { malformedAssertion } from './assertion.faults.ts';
import { parseToken } from './json-web-signature.ts';
import type { SigningKeys } from './keys.ts';
import {
  appTokenAsUserAssertion,
  idTokenAsUserAssertion,
  onBehalfOfTooDeep,
  unsignedUserAssertion,
  userAssertionForOtherClient,
  userAssertionOfOtherTenant,
  userAssertionOutsideTime,
} from './on-behalf-of.faults.ts';
import { depthOfClaim, onBehalfOfDepthMax } from './on-behalf-of-depth.ts';

/**
 * Reads the token that a client wants to exchange: signed by this cloud, and an access token. Nothing
 * else about it is judged here.
 */
export function readUserAssertion(
  text: string,
  place: { readonly keys: SigningKeys; readonly cloud: string },
  grantType: string,
): VerifiedToken | Fault {
  const read = readAccessToken(text, place);
  return read.kind === 'token' ? read : faultOf(read.problem, text, grantType);
}

/** Only the tokens of a sign-in name no application that they were issued to. */
function faultOf(problem: TokenProblem['problem'], text: string, grantType: string): Fault {
  const thumbprint = thumbprintShown(parseToken(text)?.header['kid']);
  switch (problem) {
    case 'malformed':
      return malformedAssertion();
    case 'badAlgorithm':
      return unsignedUserAssertion({ why: 'wrongAlgorithm', thumbprint });
    case 'unknownKey':
    case 'wrongCloud':
      return unsignedUserAssertion({ why: 'unknownKey', thumbprint });
    case 'badSignature':
      return unsignedUserAssertion({ why: 'wrongSignature', thumbprint });
    case 'missingClaim':
      return idTokenAsUserAssertion(grantType);
  }
}

/** The thumbprint by which a token names its key, in hexadecimal; empty when it names none. */
function thumbprintShown(keyId: unknown): string {
  if (typeof keyId !== 'string') return '';
  return Buffer.from(keyId, 'base64url').toString('hex').toUpperCase();
}

/** What a user's token is judged against before it is exchanged. */
export interface UserAssertionBasis {
  readonly tenant: Tenant;
  readonly client: ServicePrincipal;
  /** What the tenant knows under the token's audience. */
  readonly audience: ServicePrincipal | undefined;
  /** Civil time, since Batten issued the token. */
  readonly now: Instant;
}

/**
 * Judges a user's token that its resource exchanges for another one: time, tenant, audience, a user
 * behind it, and how many applications did the same before. Undefined when it may be exchanged.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow
 */
export function judgeUserAssertion(
  token: VerifiedToken,
  { tenant, client, audience, now }: UserAssertionBasis,
): Fault | undefined {
  if (now < token.notBefore || now >= token.expiresAt) {
    return userAssertionOutsideTime(now, token.expiresAt);
  }
  if (token.tenantId !== tenant.tenantId) return userAssertionOfOtherTenant(token.issuer);
  if (audience?.objectId !== client.objectId) {
    return userAssertionForOtherClient(token.audience, client.appId, client.displayName);
  }
  if (token.isAppOnly) return appTokenAsUserAssertion(client.appId);
  return depthOfClaim(token.claims['aio']) < onBehalfOfDepthMax
    ? undefined
    : onBehalfOfTooDeep(onBehalfOfDepthMax);
}
