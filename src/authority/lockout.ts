import { createHash } from 'node:crypto';
import { addSeconds, type Instant } from '#kernel/instant.ts';

/**
 * Different wrong passwords in a row until the account is locked, and how long the first lock
 * lasts, in seconds; each further wrong password locks for twice as long, up to the longest.
 * Source: https://learn.microsoft.com/entra/identity/authentication/howto-password-smart-lockout
 */
export const failuresMax = 10;
export const firstLockSeconds = 60;
const longestLockSeconds = 3600;

/** Wrong passwords that are known again: repeating one does not count. */
const marksKept = 3;

/** What is remembered of the wrong passwords of a user since the last right one. */
export interface SignInFailures {
  readonly count: number;
  /** Marks of the last different ones. */
  readonly marks: readonly string[];
  readonly lockedUntil?: Instant;
}

/** Nothing went wrong yet. */
export const noFailures: SignInFailures = { count: 0, marks: [] };

/** True while nobody may try. */
export function isLocked({ lockedUntil }: SignInFailures, now: Instant): boolean {
  return lockedUntil !== undefined && now < lockedUntil;
}

/** What is remembered after one more wrong password. */
export function afterFailure(failures: SignInFailures, mark: string, now: Instant): SignInFailures {
  if (failures.marks.includes(mark)) return failures;
  const count = failures.count + 1;
  const marks = [...failures.marks, mark].slice(-marksKept);
  if (count < failuresMax) return { count, marks };
  const seconds = Math.min(firstLockSeconds * 2 ** (count - failuresMax), longestLockSeconds);
  return { count, marks, lockedUntil: addSeconds(now, seconds) };
}

/**
 * Sixteen bits of a wrong password: enough to know it again, too few to find it, or the right one
 * that is often near it. They depend on the stored hash, which nobody outside knows: else a guesser
 * would choose the guesses that look like one that was counted.
 */
export function failureMarkOf(passwordHash: string | undefined, password: string): string {
  const text = JSON.stringify([passwordHash ?? '', password]);
  return createHash('sha256').update(text).digest('hex').slice(0, 4);
}
