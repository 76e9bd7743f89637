import { createHash } from 'node:crypto';
import type { Revocable } from './access-token-mark.ts';

/**
 * A mark of what a sign-in stands under: equal as long as the password is the same and nobody took
 * the user's sign-ins back.
 */
export function signInMarkOf(passwordHash: string | undefined, user: Revocable): string {
  const { signInSessionsValidFrom: at } = user;
  const hash = createHash('sha256').update(passwordHash ?? '');
  return (at === undefined ? hash : hash.update(` ${at}`)).digest('base64url').slice(0, 16);
}
