import { createHash } from 'node:crypto';
import type { Random } from '#kernel/random.ts';

/** Chance in a code, a refresh token or a cookie, in bytes. */
const opaqueBytes = 48;

/**
 * A text that says nothing and cannot be guessed, after a prefix that tells people what it is:
 * `1.` before codes and refresh tokens, as Entra writes them.
 */
export function newOpaqueText(random: Random, prefix = ''): string {
  return `${prefix}${random.bytes(opaqueBytes).toString('base64url')}`;
}

/** False for what is written as no code and no refresh token, which is then not looked for. */
export function isGrantText(text: string): boolean {
  return grantPattern.test(text);
}

const grantPattern = /^1\.[\w-]+$/;

/** What is stored of such a text: one SHA-256, which is enough for 48 random bytes. */
export function opaqueHashOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('base64url');
}
