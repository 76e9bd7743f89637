import { createHash, X509Certificate } from 'node:crypto';
import { type Instant, instantOfMilliseconds } from '#kernel/instant.ts';

/** What a key credential needs to know of a certificate. */
export interface CertificateFacts {
  readonly certificateDer: Uint8Array;
  /** Distinguished name as Entra shows it, the most particular part first: `CN=a, O=b, S=c`. */
  readonly subject: string;
  /** SHA-1 of the DER form, unpadded base64url: the `x5t` of an assertion. */
  readonly thumbprintSha1: string;
  /** SHA-256 of the DER form, unpadded base64url: the `x5t#S256` of an assertion. */
  readonly thumbprintSha256: string;
  readonly validFrom: Instant;
  readonly validTo: Instant;
}

/** Largest certificate that is read, in bytes. */
export const certificateBytesMax = 16_384;

/** Reads a certificate in DER or PEM. Undefined when it is none. */
export function readCertificate(bytes: Uint8Array): CertificateFacts | undefined {
  if (bytes.length === 0 || bytes.length > certificateBytesMax) return undefined;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(bytes);
  } catch {
    return undefined;
  }
  const der = certificate.raw;
  return {
    certificateDer: der,
    subject: certificate.subject.split('\n').toReversed().join(', ').replace(/\bST=/, 'S='),
    thumbprintSha1: createHash('sha1').update(der).digest('base64url'),
    thumbprintSha256: createHash('sha256').update(der).digest('base64url'),
    validFrom: instantOfMilliseconds(certificate.validFromDate.getTime()),
    validTo: instantOfMilliseconds(certificate.validToDate.getTime()),
  };
}
