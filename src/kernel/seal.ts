import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import type { Random } from './random.ts';

/**
 * Encryption at rest: what must be readable again is sealed with AES-256-GCM before it reaches the database. What is in a stranger's hands
 * meanwhile goes under a key of its own.
 */
export interface Seal {
  /** Seals text for one place. `context` (for example `account-key:contoso`) must be the same when it is opened. */
  close(plain: string, context: string): string;
  /** Opens what `close` made. Throws when the text, the key or the context is another. */
  open(sealed: string, context: string): string;
  /**
   * A seal for one purpose, whose key follows from this one's. However much strangers make it close, which in the end repeats a nonce, the
   * seals of other purposes are as good as before.
   */
  derive(purpose: string): Seal;
  /** A text that stands for another: always the same one, which nobody without the key can work out. SHA-256 in base64url. */
  markOf(text: string): string;
}

/** Length of the sealing key in bytes (AES-256). */
export const sealKeyBytes = 32;

const nonceBytes = 12;
const tagBytes = 16;

/** A seal over a 32-byte key, which never enters the database. */
export function sealWith(key: Uint8Array, random: Random): Seal {
  if (key.length !== sealKeyBytes) throw new Error(`a sealing key has ${sealKeyBytes} bytes`);
  const derived = (purpose: string) =>
    new Uint8Array(hkdfSync('sha256', key, '', purpose, sealKeyBytes));
  return {
    close(plain, context) {
      const nonce = random.bytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(Buffer.from(context, 'utf8'));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed, 'base64url');
      const nonce = bytes.subarray(0, nonceBytes);
      // A shorter tag would be accepted otherwise, and guessed.
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(Buffer.from(context, 'utf8'));
      decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
      const body = decipher.update(bytes.subarray(nonceBytes + tagBytes));
      return Buffer.concat([body, decipher.final()]).toString('utf8');
    },
    derive: (purpose) => sealWith(derived(`seal:${purpose}`), random),
    markOf: (text) =>
      createHmac('sha256', derived('mark')).update(text, 'utf8').digest('base64url'),
  };
}
