import { addSeconds, type Instant, instantOfSeconds } from '#kernel/instant.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import type { ForeignKeys } from './foreign-key.ts';
import { algorithmNamed, type ForeignTrust, isSignedWith } from './foreign-signature.ts';
import { parseToken, type UnverifiedToken } from './json-web-signature.ts';

/** How far the clock of another issuer may be off, in seconds. */
const skewSeconds = 300;
/** Audiences of one token that are looked at. */
const audiencesMax = 20;
/** The latest instant that a claim is taken for, in seconds. */
const latestSeconds = 9_000_000_000;

/** What a token of another issuer claims; nothing of it is proved. */
export interface ClaimedToken {
  readonly issuer: string;
  readonly subject: string;
  /** A token may be for several. */
  readonly audiences: readonly string[];
  readonly notBefore: Instant | undefined;
  readonly expiresAt: Instant;
  readonly claims: JsonObject;
  readonly unverified: UnverifiedToken;
}

/** Reads a token without believing it; undefined when it is none, or lacks what every token has. */
export function readClaimedToken(text: string): ClaimedToken | undefined {
  const unverified = parseToken(text);
  if (unverified === undefined) return undefined;
  const { claims } = unverified;
  const { iss, sub, aud, nbf, exp } = claims;
  const audiences = typeof aud === 'string' ? [aud] : textsOf(aud);
  const expiresAt = instantOf(exp);
  const notBefore = nbf === undefined ? undefined : instantOf(nbf);
  if (typeof iss !== 'string' || typeof sub !== 'string' || audiences === undefined)
    return undefined;
  if (expiresAt === undefined || (nbf !== undefined && notBefore === undefined)) return undefined;
  return { issuer: iss, subject: sub, audiences, notBefore, expiresAt, claims, unverified };
}

/** Why a token is not its issuer's. */
export type ForeignTokenProblem =
  | { readonly problem: 'badAlgorithm' | 'unknownKey' | 'unfitKey' | 'badSignature' }
  | { readonly problem: 'unreachable'; readonly reason: string };

/**
 * Proves that its issuer signed a token: with an algorithm that is accepted, and a key that the
 * issuer publishes for it; what the header brings along (`jwk`, `jku`, `x5c`, `x5u`) is not looked at.
 * Undefined when it is proved. May wait for the network.
 */
export async function proveForeignToken(
  { issuer, unverified }: ClaimedToken,
  keys: ForeignKeys,
  trust: ForeignTrust,
): Promise<ForeignTokenProblem | undefined> {
  const { alg, crit, kid } = unverified.header;
  const algorithm = algorithmNamed(alg, trust);
  if (algorithm === undefined || crit !== undefined) return { problem: 'badAlgorithm' };
  if (kid !== undefined && typeof kid !== 'string') return { problem: 'unknownKey' };
  const key = await keys.find(issuer, kid, algorithm);
  if ('problem' in key) return key;
  return isSignedWith(unverified, algorithm, key) ? undefined : { problem: 'badSignature' };
}

/** Judges the time of a token with five minutes of grace for the clock of its issuer. */
export function judgeTokenTime(
  { notBefore, expiresAt }: Pick<ClaimedToken, 'notBefore' | 'expiresAt'>,
  now: Instant,
): 'early' | 'late' | undefined {
  if (notBefore !== undefined && now < addSeconds(notBefore, -skewSeconds)) return 'early';
  return now >= addSeconds(expiresAt, skewSeconds) ? 'late' : undefined;
}

function textsOf(claim: Json | undefined): readonly string[] | undefined {
  if (!Array.isArray(claim) || claim.length === 0 || claim.length > audiencesMax) return undefined;
  const texts = claim.filter((one) => typeof one === 'string');
  return texts.length === claim.length ? texts : undefined;
}

function instantOf(claim: Json | undefined): Instant | undefined {
  if (typeof claim !== 'number' || !Number.isFinite(claim) || claim < 0) return undefined;
  return instantOfSeconds(Math.min(claim, latestSeconds));
}
