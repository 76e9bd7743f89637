import { constants, verify, X509Certificate } from 'node:crypto';
import type { KeyCredential } from '#directory/credential.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { sameName } from '#kernel/ids.ts';
import { type Instant, secondsOf } from '#kernel/instant.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';

/** Whom a proof of possession is addressed to: the directory service before Graph. */
export const proofAudience = firstPartyAppIds.directoryGraph;

/** Longest proof in characters, and longest life of one in seconds. */
export const proofCharactersMax = 16_384;
const proofLifetimeSecondsMax = 600;
/** How far the clocks of client and server may differ, in seconds. */
const skewSeconds = 300;

/** Who proves what to whom, and when that is judged. */
export interface ProofExpectation {
  /** Object id of the application or service principal that changes its own keys. */
  readonly issuer: string;
  /** Its certificates. */
  readonly keys: readonly KeyCredential[];
  /** Judges the certificates, which the directory dated. */
  readonly civil: Instant;
  /** Judges the proof, which the client dated. */
  readonly real: Instant;
}

/**
 * Whether a proof was signed, not more than ten minutes ago, with the private key of a certificate that the object has and that is valid.
 * Source: https://learn.microsoft.com/graph/application-rollkey-prooftoken
 */
export function isProven(proof: string, expected: ProofExpectation): boolean {
  const parts = proof.split('.');
  const [head = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3 || proof.length > proofCharactersMax) return false;
  const [header, claims] = [parsedPart(head), parsedPart(payload)];
  if (header === undefined || claims === undefined) return false;
  const { alg } = header;
  if ((alg !== 'RS256' && alg !== 'PS256') || header['crit'] !== undefined) return false;
  if (!areClaimsRight(claims, expected)) return false;
  const signed = Buffer.from(`${head}.${payload}`, 'ascii');
  const bytes = Buffer.from(signature, 'base64url');
  return expected.keys.some(
    (key) => isValid(key, expected.civil) && isSignedBy(key, alg, signed, bytes),
  );
}

function areClaimsRight(claims: JsonObject, { issuer, real }: ProofExpectation): boolean {
  const { aud, iss, nbf, exp } = claims;
  if (aud !== proofAudience || typeof iss !== 'string' || !sameName(iss, issuer)) return false;
  if (typeof nbf !== 'number' || typeof exp !== 'number') return false;
  const now = secondsOf(real);
  const isNow = nbf - skewSeconds <= now && now < exp + skewSeconds;
  return isNow && exp - nbf <= proofLifetimeSecondsMax;
}

function isValid({ startAt, endAt }: KeyCredential, now: Instant): boolean {
  return startAt <= now && now < endAt;
}

function isSignedBy(
  key: KeyCredential,
  algorithm: 'RS256' | 'PS256',
  signed: Buffer,
  signature: Buffer,
): boolean {
  const { publicKey } = new X509Certificate(key.certificateDer);
  if (publicKey.asymmetricKeyType !== 'rsa') return false;
  const scheme =
    algorithm === 'RS256'
      ? publicKey
      : {
          key: publicKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        };
  return verify('RSA-SHA256', signed, scheme, signature);
}

function parsedPart(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
