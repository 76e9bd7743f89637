import { createHash } from 'node:crypto';
import type { Fault } from '#kernel/fault.ts';
import type { CodeChallenge } from './authorization-code.store.ts';
import { malformedVerifier, verifierMismatch } from './grant.faults.ts';

/** The verifier and the plain challenge of RFC 7636: 43 to 128 unreserved characters. */
const verifierShape = /^[A-Za-z0-9\-._~]{43,128}$/;

/** True for a text that may be a verifier. */
export function isVerifierShaped(text: string): boolean {
  return verifierShape.test(text);
}

/**
 * Judges PKCE: who redeems a code knows what its challenge was made of. Without a challenge there
 * is no verifier either, but for the empty one that MSAL Go sends.
 */
export function judgeVerifier(
  challenge: CodeChallenge | undefined,
  verifier: string | undefined,
): Fault | undefined {
  if (challenge === undefined) {
    return verifier === undefined || verifier === '' ? undefined : verifierMismatch();
  }
  if (verifier === undefined || verifier === '') return verifierMismatch();
  if (!isVerifierShaped(verifier)) return malformedVerifier();
  const made =
    challenge.method === 'plain'
      ? verifier
      : createHash('sha256').update(verifier).digest('base64url');
  return made === challenge.value ? undefined : verifierMismatch();
}
