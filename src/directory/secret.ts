import { hash, timingSafeEqual } from 'node:crypto';
import type { Random } from '#kernel/random.ts';

/** Length of a client secret in characters, as Entra makes them. */
export const secretTextLength = 40;

/** 64 characters, so that a random byte picks one without bias. */
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.';

/**
 * A new client secret in Entra's form: three characters, a digit, `Q~`, and 34 more. It is shown once and never stored.
 * Source: https://learn.microsoft.com/graph/api/application-addpassword
 */
export function newSecretText(random: Random): string {
  const picked = [...random.bytes(secretTextLength - 3)].map((byte) => alphabet[byte & 63] ?? '');
  const digit = (random.bytes(1)[0] ?? 0) & 7;
  return `${picked.slice(0, 3).join('')}${digit}Q~${picked.slice(3).join('')}`;
}

/** What is shown of a secret forever: its first three characters. */
export function hintOf(secretText: string): string {
  return secretText.slice(0, 3);
}

/** One SHA-256: enough for 40 random characters, which nobody can guess one by one. */
export function secretHashOf(secretText: string): Uint8Array {
  return hash('sha256', secretText, 'buffer');
}

/** Compares two hashes in a time that does not depend on where they differ. */
export function sameSecretHash(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
