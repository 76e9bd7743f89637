import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { X509CertificateGenerator } from '@peculiar/x509';

/** A self-signed certificate with its private key, as an administrator would make one for an application. */
export interface NewCertificate {
  /** Private key and certificate in one PEM text, the form that the official clients read. */
  readonly pem: string;
  /** The certificate alone, base64 of DER: the form of a `keyCredential`. */
  readonly certificateBase64: string;
}

/** Makes a certificate with a fresh RSA-2048 key. */
export async function newCertificate(): Promise<NewCertificate> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=batten-test',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date('2049-01-01T00:00:00Z'),
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
  return {
    pem: `${privateKey}${certificate.toString('pem')}\n`,
    certificateBase64: Buffer.from(certificate.rawData).toString('base64'),
  };
}
