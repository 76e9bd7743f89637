import { createHash } from 'node:crypto';
import type { User } from '#directory/user.store.ts';

/** When a user's sign-ins were taken back last: by herself, by an administrator, by a new password. */
export type Revocable = Pick<User, 'signInSessionsValidFrom'>;

/** Where the mark stands in `aio`: behind the letter of the depth. */
const place = { from: 3, to: 9 } as const;

/**
 * A short mark of when a user's sign-ins were taken back last; each time it is another one. Marks are
 * compared and times are not: civil time may stand still or go back, and tokens are dated by seconds.
 */
export function revocationMarkOf({ signInSessionsValidFrom: at }: Revocable): string {
  const hash = createHash('sha256').update(`${at ?? ''}`);
  return hash.digest('base64url').slice(0, place.to - place.from);
}

/** True for a token, by its `aio`, that was issued before the user's sign-ins were taken back. */
export function isTakenBack(aio: unknown, user: Revocable): boolean {
  if (user.signInSessionsValidFrom === undefined) return false;
  return typeof aio !== 'string' || aio.slice(place.from, place.to) !== revocationMarkOf(user);
}
