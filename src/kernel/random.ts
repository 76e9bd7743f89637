import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Instant } from './instant.ts';

/** The source of chance, passed in wherever chance is needed. */
export interface Random {
  bytes(count: number): Buffer;
  /** A version 4 GUID in lower case. */
  guid(): string;
}

/** Bytes that are drawn from the machine at once; each draw costs about as much as a hundred of them. */
const poolBytes = 2048;
const pooledBytesMax = 64;

/** The machine's cryptographic randomness. Small draws share a larger one, of which nothing is kept once it was handed out. */
export function machineRandom(): Random {
  let pool = Buffer.alloc(0);
  const pooled = (count: number): Buffer => {
    if (pool.length < count) pool = randomBytes(poolBytes);
    const handed = Buffer.from(pool.subarray(0, count));
    pool.fill(0, 0, count);
    pool = pool.subarray(count);
    return handed;
  };
  return {
    bytes: (count) => (count <= pooledBytesMax ? pooled(count) : randomBytes(count)),
    guid: () => randomUUID(),
  };
}

/** Randomness for tests: the same seed gives the same sequence. Never used outside tests. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  const bytes = (count: number): Buffer => {
    const parts: Buffer[] = [];
    for (let have = 0; have < count; have += 32) {
      parts.push(createHash('sha256').update(`${seed}:${counter++}`).digest());
    }
    return Buffer.concat(parts).subarray(0, count);
  };
  return { bytes, guid: () => guidOfBytes(bytes(16)) };
}

/** The GUID that always belongs to these words: deterministic ids of seed files. */
export function guidOfText(...words: readonly string[]): string {
  return guidOfBytes(createHash('sha256').update(words.join('\u0000')).digest().subarray(0, 16));
}

/**
 * A version 4 GUID whose first 48 bits are a real instant in milliseconds, in place of chance: 74 bits of chance remain. What is kept by
 * such ids grows at the end of its index; among random ids each new row writes a page of its own.
 */
export function guidInTime(guid: string, at: Instant): string {
  const milliseconds = Math.floor(at / 1000);
  const high = Math.floor(milliseconds / 65_536);
  return `${hexOf(high, 8)}-${hexOf(milliseconds - high * 65_536, 4)}${guid.slice(13)}`;
}

function hexOf(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function guidOfBytes(source: Uint8Array): string {
  const bytes = Buffer.from(source);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
