import { webcrypto } from 'node:crypto';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';

const keyBits = 2048;
/** Life of the certificate around the key, in seconds (five years); nothing expires with it. */
const certificateSeconds = 5 * 365 * 24 * 3600;
const serialBytes = 16;

const algorithm = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: keyBits,
};

export interface NewSigningKey {
  /** The self-signed certificate in DER, which key documents show as `x5c`. */
  readonly certificate: Buffer;
  readonly privateKeyPem: string;
}

/** Makes an RSA key with a self-signed certificate, off the event loop. */
export async function newSigningKey(
  cloud: string,
  at: Instant,
  random: Random,
): Promise<NewSigningKey> {
  // Loaded only here: a start that finds its keys does not pay for the certificate library.
  await import('reflect-metadata');
  const { X509CertificateGenerator } = await import('@peculiar/x509');
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(random),
    name: `CN=Batten signing key (${cloud})`,
    notBefore: dateOf(at),
    notAfter: dateOf(addSeconds(at, certificateSeconds)),
    signingAlgorithm: algorithm,
    keys,
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const body = pkcs8.toString('base64').replace(/.{1,64}/g, '$&\n');
  return {
    certificate: Buffer.from(certificate.rawData),
    privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${body}-----END PRIVATE KEY-----\n`,
  };
}

/** A positive serial number: the first bit of DER's integer is its sign. */
function serialNumber(random: Random): string {
  const bytes = random.bytes(serialBytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function dateOf(at: Instant): Date {
  return new Date(Math.floor(at / 1000));
}
