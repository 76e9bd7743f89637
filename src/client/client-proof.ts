import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { NodeAuthOptions } from '@azure/msal-node';
import {
  foreignPrivateKey,
  unreadableCertificate,
  unreadableFile,
  unsuitableKey,
} from './sign-in.faults.ts';

/**
 * How an application proves itself. A certificate comes with its private key (RSA) in PEM, both in one text or file, in any
 * order; it is sent as PS256 under its SHA-256 thumbprint. A federated token is asked for, or its file read, again for
 * every token request, since the platform renews it.
 * Source: https://learn.microsoft.com/entra/identity-platform/certificate-credentials
 * Source: https://learn.microsoft.com/entra/workload-id/workload-identity-federation
 */
export type ClientProof =
  | { readonly clientSecret: string }
  | (CertificateSource & { readonly certificatePassword?: string })
  | { readonly federatedToken: () => string | Promise<string> }
  | { readonly federatedTokenFile: string };

type CertificateSource = { readonly certificate: string } | { readonly certificateFile: string };

/** The proof as MSAL takes it. Throws when a certificate is not readable; nothing of a key stands in the error. */
export async function proofOf(
  proof: ClientProof,
): Promise<Pick<NodeAuthOptions, 'clientSecret' | 'clientCertificate' | 'clientAssertion'>> {
  if ('clientSecret' in proof) return { clientSecret: proof.clientSecret };
  if ('federatedToken' in proof) return { clientAssertion: async () => proof.federatedToken() };
  if ('federatedTokenFile' in proof) {
    return { clientAssertion: async () => (await textOf(proof.federatedTokenFile)).trim() };
  }
  const pem = 'certificate' in proof ? proof.certificate : await textOf(proof.certificateFile);
  return { clientCertificate: certificateOf(pem, proof.certificatePassword) };
}

function certificateOf(pem: string, password: string | undefined) {
  const certificate = certificateIn(pem);
  const key = keyIn(pem, password);
  if (key.asymmetricKeyType !== 'rsa') throw unsuitableKey();
  if (!certificate.checkPrivateKey(key)) throw foreignPrivateKey();
  return {
    thumbprintSha256: certificate.fingerprint256.replaceAll(':', ''),
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function certificateIn(pem: string): X509Certificate {
  const [text] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  try {
    return new X509Certificate(text ?? '');
  } catch {
    throw unreadableCertificate('certificate');
  }
}

function keyIn(pem: string, password: string | undefined): KeyObject {
  const found = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]+?-----END \1-----/.exec(pem);
  const passphrase = password === undefined ? {} : { passphrase: password };
  try {
    return createPrivateKey({ key: found?.[0] ?? '', ...passphrase });
  } catch {
    throw unreadableCertificate('private key');
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadableFile(path, error);
  }
}
