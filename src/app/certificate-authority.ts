import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { CertificatePair } from '#http/listen.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import {
  encodeNameConstraints,
  type NameConstraints,
  nameConstraintsId,
} from './name-constraints.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Life of root and issuing certificate in seconds (ten years). */
const authoritySeconds = 3650 * 24 * 3600;
/** Life of a leaf in seconds (90 days); Apple's limit is 398 days. */
export const leafSeconds = 90 * 24 * 3600;
/** How far back a certificate begins, for clients whose clock is behind, in seconds. */
const backdateSeconds = 24 * 3600;
const serialBytes = 16;

/** A root and the one issuing certificate that it ever signed. PEM texts. */
export interface CertificateAuthority {
  readonly root: string;
  readonly issuing: string;
  readonly issuingKey: string;
}

/**
 * Makes a root, lets it sign one issuing certificate that may sign only the permitted names, and forgets the root's key: nobody can ever
 * sign anything else with a root that a user chose to trust.
 */
export async function newCertificateAuthority(
  name: string,
  constraints: NameConstraints,
  at: Instant,
  random: Random,
): Promise<CertificateAuthority> {
  const x509 = await certificateLibrary();
  const rootKeys = await generateKeys(false);
  const validity = validityFrom(at, authoritySeconds);
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(random),
    name: `CN=${name} root, O=Batten`,
    signingAlgorithm: algorithm,
    keys: rootKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  const issuingKeys = await generateKeys(true);
  const issuing = await x509.X509CertificateGenerator.create({
    ...validity,
    serialNumber: serialNumber(random),
    subject: `CN=${name} issuing, O=Batten`,
    issuer: root.subject,
    signingAlgorithm: algorithm,
    signingKey: rootKeys.privateKey,
    publicKey: issuingKeys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(nameConstraintsId, true, encodeNameConstraints(constraints)),
      await x509.SubjectKeyIdentifierExtension.create(issuingKeys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(rootKeys.publicKey),
    ],
  });
  return {
    root: pemOf('CERTIFICATE', root.rawData),
    issuing: pemOf('CERTIFICATE', issuing.rawData),
    issuingKey: await privateKeyPem(issuingKeys.privateKey),
  };
}

/** Signs a leaf for exactly these host names and addresses. */
export async function newLeaf(
  authority: CertificateAuthority,
  names: readonly string[],
  at: Instant,
  random: Random,
): Promise<CertificatePair> {
  const x509 = await certificateLibrary();
  const issuer = new x509.X509Certificate(authority.issuing);
  const keys = await generateKeys(true);
  const leaf = await x509.X509CertificateGenerator.create({
    ...validityFrom(at, leafSeconds),
    serialNumber: serialNumber(random),
    // The names stand in the alternative names alone: an account's host can be longer than a common name may be.
    subject: 'CN=Batten, O=Batten',
    issuer: issuer.subject,
    signingAlgorithm: algorithm,
    signingKey: await readPrivateKey(authority.issuingKey),
    publicKey: keys.publicKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(await issuer.publicKey.export()),
    ],
  });
  return {
    certificate: pemOf('CERTIFICATE', leaf.rawData) + authority.issuing,
    privateKey: await privateKeyPem(keys.privateKey),
  };
}

/** Loaded only when something is signed: a start that finds its certificates does not pay for it. */
async function certificateLibrary() {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as webcrypto.Crypto);
  return x509;
}

async function generateKeys(isKept: boolean): Promise<webcrypto.CryptoKeyPair> {
  const usages = ['sign', 'verify'] as const;
  return (await webcrypto.subtle.generateKey(algorithm, isKept, usages)) as webcrypto.CryptoKeyPair;
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return pemOf('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', key));
}

function readPrivateKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

function pemOf(label: string, der: ArrayBuffer): string {
  const body = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${body}-----END ${label}-----\n`;
}

function validityFrom(at: Instant, seconds: number): { notBefore: Date; notAfter: Date } {
  return {
    notBefore: new Date(addSeconds(at, -backdateSeconds) / 1000),
    notAfter: new Date(addSeconds(at, seconds) / 1000),
  };
}

/** A positive serial number: the first bit of DER's integer is its sign. */
function serialNumber(random: Random): string {
  const bytes = random.bytes(serialBytes);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}
