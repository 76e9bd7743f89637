import { readAccessToken, type TokenProblem, type VerifiedToken } from '#authority/access-token.ts';
import { isTakenBack } from '#authority/access-token-mark.ts';
import type { SigningKeys } from '#authority/keys.ts';
import { type CloudName, cloudNamed } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import type { Caller } from '#directory/caller.ts';
import { findServicePrincipal, type ServicePrincipal } from '#directory/service-principal.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import { findUser, type User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type OutsideParts, outsideCaller } from './outside-caller.ts';
import { callerOfPrincipal } from './principal-caller.ts';

/** What a surface expects of a bearer token. */
export interface BearerExpectation {
  /** The token's audience must be exactly one of them; a slash at the end matters. */
  readonly audiences: readonly string[];
  /** The cloud as reached: a token belongs to the cloud that issued it. */
  readonly cloud: CloudName;
}

/**
 * What is known of a token that was refused, for the words of the refusal. Nothing of it is proved.
 */
export interface RefusedToken {
  readonly kind: 'bearerProblem';
  readonly audience?: string;
  readonly issuer?: string;
  readonly tenantId?: string;
  /** The audiences that would have counted, when they are not those of the surface. */
  readonly allowedAudiences?: readonly string[];
  /** The claims as read; empty when the token could not be read. */
  readonly claims: JsonObject;
}

/** Why a request has no caller. */
export type BearerProblem = RefusedToken &
  (
    | {
        readonly problem:
          | 'missing'
          | 'malformed'
          | 'badSignature'
          | 'unknownIssuer'
          | 'wrongAudience'
          | 'wrongCloud'
          | 'unknownPrincipal'
          | 'disabled'
          | 'revoked';
      }
    | { readonly problem: 'expired'; readonly expiresAt: Instant; readonly now: Instant }
    | { readonly problem: 'notYetValid'; readonly notBefore: Instant; readonly now: Instant }
    /** A trusted issuer does not give its keys; the reason is for the operator. */
    | { readonly problem: 'issuerUnreachable'; readonly reason: string }
  );

/** What reading a bearer token takes. */
export interface BearerParts extends OutsideParts {
  readonly keys: SigningKeys;
  /** On the hardened side a user's tokens end when her sessions are revoked; as on Azure when absent. */
  readonly compat?: Compat;
}

/** Tells a problem from a caller. */
export function isBearerProblem(outcome: Caller | BearerProblem): outcome is BearerProblem {
  return 'kind' in outcome && outcome.kind === 'bearerProblem';
}

/**
 * Who sent the request, by its bearer token: signed by a key of the cloud as reached, issued for
 * one of the audiences, in its time (civil, since Batten issued it), for a tenant and a principal
 * that exist and are enabled; or signed by an outside issuer that a tenant trusts. Groups and
 * directory roles are read now, so a change counts from the next request on.
 */
export async function bearerCaller(
  parts: BearerParts,
  request: HttpRequest,
  expectation: BearerExpectation,
): Promise<Caller | BearerProblem> {
  const text = bearerTokenOf(request.headers['authorization']);
  if (text === undefined) return { kind: 'bearerProblem', problem: 'missing', claims: {} };
  if (text === 'malformed') return { kind: 'bearerProblem', problem: 'malformed', claims: {} };
  await parts.keys.refreshed();
  const token = readAccessToken(text, { keys: parts.keys, cloud: expectation.cloud });
  if (token.kind === 'problem') {
    // Batten signs with one algorithm; other issuers have others, and other keys.
    const mayBeOutside = token.problem === 'unknownKey' || token.problem === 'badAlgorithm';
    const outside = mayBeOutside ? await outsideCaller(parts, text, request) : undefined;
    return outside ?? unverified(token);
  }
  const problem = problemOf(token, expectation, request.receivedAt);
  if (problem !== undefined) return problem;
  return parts.store.read((transaction) => callerOf(transaction, token, parts.compat));
}

/**
 * The token of an Authorization header: `Bearer`, one blank, the token. Undefined when no bearer
 * token was meant.
 */
function bearerTokenOf(header: string | undefined): string | undefined {
  if (header === undefined || !/^bearer\b/i.test(header)) return undefined;
  return /^bearer ([\w.~+/=-]+)$/i.exec(header)?.[1] ?? 'malformed';
}

/** Judges what is written in a token whose signature holds. */
function problemOf(
  token: VerifiedToken,
  expectation: BearerExpectation,
  now: Instant,
): BearerProblem | undefined {
  const refused = refusedOf(token);
  if (!isIssuedBy(token, expectation.cloud)) return { ...refused, problem: 'unknownIssuer' };
  if (!expectation.audiences.includes(token.audience)) {
    return { ...refused, problem: 'wrongAudience' };
  }
  const { expiresAt, notBefore } = token;
  if (now >= expiresAt) return { ...refused, problem: 'expired', expiresAt, now };
  if (now < notBefore) return { ...refused, problem: 'notYetValid', notBefore, now };
  return undefined;
}

/**
 * The issuer must be the tenant's at the cloud's sts host: each resource behind the guard takes v1
 * tokens, as on Azure, and gets them from the v2 endpoints as well.
 */
function isIssuedBy(token: VerifiedToken, cloud: CloudName): boolean {
  return token.issuer === `https://${cloudNamed(cloud).stsHost}/${token.tenantId}/`;
}

async function callerOf(
  transaction: ReadTransaction,
  token: VerifiedToken,
  compat: Compat | undefined,
): Promise<Caller | BearerProblem> {
  const { tenantId, objectId } = token;
  const tenant = await findTenant(transaction, tenantId);
  if (tenant === undefined) return { ...refusedOf(token), problem: 'unknownIssuer' };
  const principal = token.isAppOnly
    ? await findServicePrincipal(transaction, tenantId, objectId)
    : await findUser(transaction, tenantId, objectId);
  if (principal === undefined) return { ...refusedOf(token), problem: 'unknownPrincipal' };
  if (!principal.accountEnabled) return { ...refusedOf(token), problem: 'disabled' };
  if (compat === 'hardened' && isRevoked(principal, token)) {
    return { ...refusedOf(token), problem: 'revoked' };
  }
  return callerOfPrincipal(transaction, principal, token);
}

/** True for a token that was issued before its user's sign-ins were taken back. */
function isRevoked(principal: User | ServicePrincipal, token: VerifiedToken): boolean {
  return 'userPrincipalName' in principal && isTakenBack(token.claims['aio'], principal);
}

function refusedOf(token: VerifiedToken): RefusedToken {
  const { audience, issuer, tenantId, claims } = token;
  return { kind: 'bearerProblem', audience, issuer, tenantId, claims };
}

function unverified(token: TokenProblem): BearerProblem {
  const { aud, iss, tid } = token.claimed;
  return {
    kind: 'bearerProblem',
    problem: nameOf(token.problem),
    ...(typeof aud === 'string' ? { audience: aud } : {}),
    ...(typeof iss === 'string' ? { issuer: iss } : {}),
    ...(typeof tid === 'string' ? { tenantId: tid } : {}),
    claims: token.claimed,
  };
}

function nameOf(
  problem: TokenProblem['problem'],
): 'malformed' | 'unknownIssuer' | 'badSignature' | 'wrongCloud' {
  switch (problem) {
    case 'malformed':
    case 'badAlgorithm':
    case 'missingClaim':
      return 'malformed';
    case 'unknownKey':
      return 'unknownIssuer';
    case 'badSignature':
      return 'badSignature';
    case 'wrongCloud':
      return 'wrongCloud';
  }
}
