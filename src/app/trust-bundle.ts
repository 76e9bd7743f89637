import { readFile } from 'node:fs/promises';

/** Where systems keep their roots as one PEM file, the most usual first. */
const systemBundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/**
 * The roots that this machine trusts already, in PEM, so that a bundle which replaces them for one program loses nothing. Where the
 * system has no such file, the roots that Node brings.
 */
export async function systemRoots(): Promise<string> {
  for (const path of systemBundles) {
    const found = await readFile(path, 'utf8').catch(() => undefined);
    if (found?.includes('-----BEGIN CERTIFICATE-----')) return found;
  }
  const { rootCertificates } = await import('node:tls');
  return rootCertificates.join('\n');
}
