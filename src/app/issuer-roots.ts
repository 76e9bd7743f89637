import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { reasonOf } from './data-folder.ts';
import { badIssuerCertificates } from './faults.ts';

/**
 * The certificates, in PEM, that outside issuers are trusted by beside those of the machine. Undefined
 * when no file is named. Throws a `StartRefusal` when the file holds none: Node would trust nothing
 * more and say nothing.
 */
export async function readIssuerRoots(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    const text = await readFile(path, 'utf8');
    new X509Certificate(text);
    return text;
  } catch (error) {
    throw badIssuerCertificates(path, reasonOf(error));
  }
}
