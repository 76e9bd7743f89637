import { type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { Random } from '#kernel/random.ts';

/** Cost of one password hash: 32 MiB of memory, about a tenth of a second. Source: https://cheatsheetseries.owasp.org (scrypt) */
const cost = { N: 2 ** 15, r: 8, p: 3 } as const;
const saltBytes = 16;
const hashBytes = 32;
const memoryBytesMax = 64 * 1024 * 1024;

/** Hashes a user's password with scrypt on the thread pool. Never called within a transaction. */
export async function passwordHashOf(password: string, random: Random): Promise<string> {
  const salt = random.bytes(saltBytes);
  const hash = await derive(password, salt, cost);
  const { N, r, p } = cost;
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/**
 * True when the password is the one that was hashed. An absent hash (unknown user) costs the same time as a wrong password, so that
 * nobody learns from the clock who exists.
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = (stored ?? absentHash).split('$');
  if (scheme !== 'scrypt' || salt === undefined || hash === undefined) return false;
  const parameters = { N: Number(N), r: Number(r), p: Number(p) };
  const expected = Buffer.from(hash, 'base64url');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), parameters);
  return timingSafeEqual(derived, expected) && stored !== undefined;
}

/** The right shape and nobody's password. */
const absentHash = [
  'scrypt',
  cost.N,
  cost.r,
  cost.p,
  Buffer.alloc(saltBytes).toString('base64url'),
  Buffer.alloc(hashBytes).toString('base64url'),
].join('$');

/**
 * Hashes that are made at once. The pool has four threads unless the operator says otherwise, and tokens are signed on it, too: many
 * passwords at once must not keep them waiting.
 */
const hashesAtOnce = 2;

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, parameters: ScryptOptions): Promise<Buffer> {
  if (running >= hashesAtOnce) await new Promise<void>((begin) => waiting.push(begin));
  else running += 1;
  try {
    return await hashOnPool(password, salt, parameters);
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

function hashOnPool(password: string, salt: Buffer, parameters: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { ...parameters, maxmem: memoryBytesMax };
    scrypt(password, salt, hashBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
