import { X509Certificate } from 'node:crypto';
import type { KeyCredential } from '#directory/credential.store.ts';
import type { Fault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { addSeconds, type Instant, instantOfSeconds } from '#kernel/instant.ts';
import type { Json } from '#kernel/json.ts';
import {
  assertionForOtherAudience,
  assertionOfOtherClient,
  assertionOfOtherSubject,
  assertionOutsideTime,
  assertionWithoutKey,
  malformedAssertion,
  type UnprovedSignature,
  unprovedAssertion,
  unsupportedAssertionAlgorithm,
} from './assertion.faults.ts';
import { missingField } from './faults.ts';
import { acceptedAlgorithms, algorithmNamed, isSignedWith } from './foreign-signature.ts';
import { parseToken, type UnverifiedToken } from './json-web-signature.ts';

/** How far the clock of a client may be off, in seconds. */
const skewSeconds = 300;

/**
 * The latest instant that a claim is taken for, in seconds; some clients date assertions to the
 * year 9999.
 */
const latestSeconds = 9_000_000_000;

/** What an assertion is judged against. */
export interface AssertionBasis {
  readonly clientId: string;
  /** Certificates of the application. */
  readonly keys: readonly KeyCredential[];
  /** Real time, since the client dated the assertion. */
  readonly realNow: Instant;
  /** Civil time, which judges the certificates. */
  readonly civilNow: Instant;
  readonly isOwnAudience: (audience: string) => boolean;
}

/**
 * Judges a client assertion: an RSA signature, its key named by thumbprint, in every form that Microsoft's
 * clients send (padded or standard base64 thumbprints, the thumbprint in `kid`, times as text or
 * with a fraction). Undefined when it proves the client.
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 */
export function judgeAssertion(text: string, basis: AssertionBasis): Fault | undefined {
  const assertion = parseToken(text);
  if (assertion === undefined) return malformedAssertion();
  const { iss, sub, aud, exp, nbf } = assertion.claims;
  const expiresAt = instantOfClaim(exp);
  const validFrom = instantOfClaim(nbf);
  if (iss === undefined) return missingField('iss');
  if (aud === undefined) return missingField('aud');
  if (typeof iss !== 'string' || typeof aud !== 'string') return malformedAssertion();
  if (expiresAt === undefined || (nbf !== undefined && validFrom === undefined)) {
    return malformedAssertion();
  }
  if (!sameName(iss, basis.clientId)) return assertionOfOtherClient();
  if (typeof sub !== 'string' || !sameName(sub, iss)) return assertionOfOtherSubject();
  return (
    judgeSignature(assertion, basis) ??
    judgeTime(validFrom, expiresAt, basis.realNow) ??
    (basis.isOwnAudience(aud) ? undefined : assertionForOtherAudience())
  );
}

function judgeSignature(assertion: UnverifiedToken, basis: AssertionBasis): Fault | undefined {
  const { clientId, civilNow } = basis;
  const thumbprint = thumbprintOf(assertion);
  const shown = Buffer.from(thumbprint, 'base64url').toString('hex').toUpperCase();
  const refused = (why: UnprovedSignature['why'], key?: KeyCredential): Fault =>
    unprovedAssertion(clientId, { why, thumbprint: shown, ...(key === undefined ? {} : { key }) });
  const { alg, crit } = assertion.header;
  const algorithm = algorithmNamed(alg, 'clientCertificate');
  if (algorithm === undefined) {
    const { clientCertificate } = acceptedAlgorithms;
    return unsupportedAssertionAlgorithm(String(alg ?? ''), clientCertificate);
  }
  if (crit !== undefined) return refused('unknownExtension');
  if (thumbprint === '') return assertionWithoutKey();
  const key = basis.keys.find(
    (one) => one.thumbprintSha1 === thumbprint || one.thumbprintSha256 === thumbprint,
  );
  if (key === undefined) return refused('unknownKey');
  const { publicKey } = new X509Certificate(key.certificateDer);
  const isProved =
    publicKey.asymmetricKeyType === 'rsa' && isSignedWith(assertion, algorithm, publicKey);
  if (!isProved) return refused('wrongSignature', key);
  const isCurrent = key.startAt <= civilNow && civilNow < key.endAt;
  return isCurrent ? undefined : refused('expiredKey', key);
}

/**
 * The thumbprint that the header names, as base64url without padding; terraform puts it in `kid`.
 */
function thumbprintOf({ header }: UnverifiedToken): string {
  const named = header['x5t#S256'] ?? header['x5t'] ?? header['kid'];
  if (typeof named !== 'string') return '';
  return named.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function judgeTime(
  validFrom: Instant | undefined,
  expiresAt: Instant,
  now: Instant,
): Fault | undefined {
  const isEarly = validFrom !== undefined && now < addSeconds(validFrom, -skewSeconds);
  const isLate = now >= addSeconds(expiresAt, skewSeconds);
  return isEarly || isLate ? assertionOutsideTime(now, validFrom, expiresAt) : undefined;
}

/** A NumericDate: a number, perhaps with a fraction, or the text of one. */
function instantOfClaim(claim: Json | undefined): Instant | undefined {
  const isText = typeof claim === 'string' && claim.trim() !== '';
  if (typeof claim !== 'number' && !isText) return undefined;
  const seconds = Number(claim);
  if (!Number.isFinite(seconds)) return undefined;
  return instantOfSeconds(Math.min(Math.max(seconds, 0), latestSeconds));
}
