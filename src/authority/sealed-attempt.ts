import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import { opaqueHashOf } from './opaque-text.ts';
import {
  type AttemptKey,
  attemptLifetimeSeconds,
  type KeyedAttempt,
  type SignInAttempt,
} from './sign-in-attempt.store.ts';

/** Before what is sealed; the token of a row has no such character. */
const prefix = 's.';

/** The key of an attempt that begins now in a browser. */
export function newAttemptKey(cookie: string, now: Instant): AttemptKey {
  return { cookie, expiresAt: addSeconds(now, attemptLifetimeSeconds) };
}

/**
 * An attempt as a page carries it while nobody proved anything: a stranger who asks for pages makes
 * the server keep nothing. Only the same browser can send it back, and in time; each browser has a
 * key of its own, so what one collects says nothing about another's.
 */
export function sealAttempt(
  seal: Seal,
  { cookie, expiresAt }: AttemptKey,
  attempt: SignInAttempt,
): string {
  const sealed: SealedAttempt = { expiresAt, attempt };
  return prefix + sealOf(seal, cookie).close(JSON.stringify(sealed), prefix);
}

/** True for what `sealAttempt` wrote, as far as can be seen. */
export function isSealedAttempt(text: string): boolean {
  return text.startsWith(prefix);
}

/** Opens an attempt that this browser was given; undefined when it is another's, was changed or is over. */
export function openAttempt(
  seal: Seal,
  cookie: string,
  text: string,
  now: Instant,
): KeyedAttempt | undefined {
  try {
    const json = sealOf(seal, cookie).open(text.slice(prefix.length), prefix);
    const { expiresAt, attempt } = JSON.parse(json) as SealedAttempt;
    return now < expiresAt ? { key: { cookie, expiresAt }, attempt } : undefined;
  } catch {
    return undefined;
  }
}

interface SealedAttempt {
  readonly expiresAt: Instant;
  readonly attempt: SignInAttempt;
}

function sealOf(seal: Seal, cookie: string): Seal {
  return seal.derive(`sign-in-attempt:${opaqueHashOf(cookie)}`);
}
