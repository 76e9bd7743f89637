import { scryptSync } from 'node:crypto';

/** The least that scrypt does. A hash tells its own cost, so checking it is as quick as making it. */
const cost = { N: 2, r: 1, p: 1 } as const;

/**
 * The hash of a password in tests that are not about hashing: it takes no time. Whoever does not exist, and whoever changes her password,
 * still costs what it does in use.
 */
export function quickPasswordHash(password: string): string {
  const salt = Buffer.from('salt of the test');
  const hash = scryptSync(password, salt, 32, cost);
  const { N, r, p } = cost;
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}
