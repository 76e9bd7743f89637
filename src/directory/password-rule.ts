/** Lengths of a password that Entra takes, in characters. */
export const passwordCharactersMin = 8;
export const passwordCharactersMax = 256;

/** How many of the four kinds of characters a password must have. */
const kindsMin = 3;

const kinds: readonly RegExp[] = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/];

/**
 * Whether Entra takes a new password of a cloud account: 8 to 256 ASCII characters of at least three kinds out of small and capital
 * letters, digits and others. Microsoft's list of forbidden words is not public, and is not applied.
 * Source: https://learn.microsoft.com/entra/identity/authentication/concept-sspr-policy#microsoft-entra-password-policies
 */
export function isStrongPassword(password: string): boolean {
  const { length } = password;
  if (length < passwordCharactersMin || length > passwordCharactersMax) return false;
  if (!/^[\x20-\x7e]+$/.test(password)) return false;
  return kinds.filter((kind) => kind.test(password)).length >= kindsMin;
}
