import type { Fault } from '#kernel/fault.ts';
import { refusal } from './faults.ts';

/**
 * 9002325 of every application, which Entra says to single-page ones alone: the hardened side wants
 * each code bound to whoever asked for it.
 */
export function everyChallengeRequired(): Fault {
  return refusal(
    400,
    9002325,
    'invalid_request',
    'Proof Key for Code Exchange with the method S256 is required for authorization code redemption.',
    'unverified',
  );
}
