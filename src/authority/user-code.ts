import type { Random } from '#kernel/random.ts';

/**
 * The characters of a user code: 32, so that each byte of chance gives one without favour, and none
 * that looks like another. Source: codes that Entra gave, such as `BL6XB575V`. UNVERIFIED: whether
 * Entra leaves out the same ones.
 */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Length of a user code, in characters: 45 bits, which nobody guesses in fifteen minutes. */
const userCodeCharacters = 9;

/** A code that a person copies from a device to a browser. */
export function newUserCode(random: Random): string {
  const chance = [...random.bytes(userCodeCharacters)];
  return chance.map((byte) => alphabet.charAt(byte % alphabet.length)).join('');
}

/** A code as a person typed it: in any case, with spaces and dashes. Undefined when it is none. */
export function readUserCode(typed: string): string | undefined {
  const code = typed.replace(/[\s-]/g, '').toUpperCase();
  const isCode =
    code.length === userCodeCharacters && [...code].every((one) => alphabet.includes(one));
  return isCode ? code : undefined;
}
