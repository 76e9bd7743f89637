import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clouds, knownHost } from '#cloud/cloud.ts';
import type { CertificatePair } from '#http/listen.ts';
import type { Clock } from '#kernel/clock.ts';
import { fold } from '#kernel/ids.ts';
import { addSeconds, type Instant, instantOfMilliseconds } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import {
  type CertificateAuthority,
  leafSeconds,
  newCertificateAuthority,
  newLeaf,
} from './certificate-authority.ts';
import type { NameConstraints } from './name-constraints.ts';
import { systemRoots } from './trust-bundle.ts';

/** The certificates of a data folder. */
export interface Certificates {
  /**
   * The certificate for a server name: this machine's names under the local root, names of the cloud table under the Azure
   * root; undefined for every other. Without a name (clients that connect to an address) the one for localhost.
   */
  certificateFor(serverName: string | undefined): Promise<CertificatePair | undefined>;
  /** File with our two roots alone. */
  readonly rootsFile: string;
  /** File with the system's roots and ours. */
  readonly bundleFile: string;
  /** Our two roots in PEM. */
  readonly roots: string;
}

export interface CertificateParts {
  /** Folder of the certificates; made with mode 0700. */
  readonly folder: string;
  /** Names of this machine, folded; `localhost` first. */
  readonly machineNames: readonly string[];
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
}

/** Leaves that are kept in memory; the oldest is forgotten and signed again when it is asked for. */
const leavesMax = 500;
/** Root and issuing certificate are made anew when they have less than this left, in seconds (a year). */
const authorityRenewSeconds = 365 * 24 * 3600;
/** A leaf is signed again when it has less than this left. */
const leafRenewSeconds = leafSeconds / 3;

type AuthorityName = 'local' | 'azure';

/**
 * Opens the certificates: two roots, each with one name-constrained issuing certificate; made when they are missing or near their
 * end. The roots' keys exist nowhere, the issuing keys are sealed.
 */
export async function openCertificates(parts: CertificateParts): Promise<Certificates> {
  await mkdir(parts.folder, { recursive: true, mode: 0o700 });
  const local = await openAuthority('local', localConstraints(parts.machineNames), parts);
  const azure = await openAuthority('azure', azureConstraints(), parts);
  const roots = `${local.root}${azure.root}`;
  const { rootsFile, bundleFile } = trustFilesIn(parts.folder);
  await writeWhenNew(rootsFile, roots);
  await writeWhenNew(bundleFile, `${(await systemRoots()).trimEnd()}\n${roots}`);

  const leaves = new Map<string, CertificatePair>();
  const leafFor = async (
    key: string,
    authority: CertificateAuthority,
    names: readonly string[],
  ) => {
    const known = leaves.get(key) ?? (await readLeaf(key, authority, parts));
    const leaf = isFresh(known, parts.clock.real())
      ? known
      : await newLeaf(authority, names, parts.clock.real(), parts.random);
    if (leaf !== leaves.get(key)) {
      const oldest = leaves.keys().next().value;
      if (leaves.size >= leavesMax && oldest !== undefined) leaves.delete(oldest);
      leaves.set(key, leaf);
      if (leaf !== known) await keepLeaf(key, leaf, parts);
    }
    return leaf;
  };

  return {
    rootsFile,
    bundleFile,
    roots,
    async certificateFor(serverName) {
      const name = fold(serverName ?? localLeaf);
      if (name === localLeaf) return leafFor(name, local, [localLeaf, '127.0.0.1', '::1']);
      if (parts.machineNames.includes(name)) return leafFor(name, local, [name]);
      return knownHost(name) === undefined ? undefined : leafFor(name, azure, [name]);
    },
  };
}

/** Where the files lie that clients are pointed to. */
export function trustFilesIn(folder: string) {
  return { rootsFile: join(folder, 'roots.pem'), bundleFile: join(folder, 'bundle.pem') } as const;
}

/** Name of the one leaf that is kept on disk, so that a warm start signs nothing. */
const localLeaf = 'localhost';

function localConstraints(machineNames: readonly string[]): NameConstraints {
  return {
    permittedDomains: machineNames,
    permittedAddresses: [
      { address: '127.0.0.0', prefix: 8 },
      { address: '::1', prefix: 128 },
    ],
  };
}

/** Every name of the cloud table, and nothing beside them. */
function azureConstraints(): NameConstraints {
  const permittedDomains = clouds.flatMap((cloud) => [
    ...cloud.loginHosts,
    ...cloud.armHosts,
    ...cloud.graphHosts,
    ...cloud.registrationHosts,
    ...cloud.portalHosts,
    ...cloud.regionalLoginSuffixes.map((suffix) => suffix.slice(1)),
    cloud.batchSuffix.slice(1),
    cloud.blobSuffix.slice(1),
    cloud.inferenceSuffix.slice(1),
  ]);
  return { permittedDomains: [...new Set(permittedDomains)], permittedAddresses: [] };
}

interface StoredAuthority {
  readonly root: string;
  readonly issuing: string;
  readonly sealedIssuingKey: string;
  readonly permittedDomains: readonly string[];
}

async function openAuthority(
  name: AuthorityName,
  constraints: NameConstraints,
  parts: CertificateParts,
): Promise<CertificateAuthority> {
  const path = join(parts.folder, `${name}-authority.json`);
  const stored = await readJson<StoredAuthority>(path);
  const fits =
    stored !== undefined &&
    constraints.permittedDomains.every((domain) => stored.permittedDomains.includes(domain)) &&
    lastsUntil(stored.issuing) > addSeconds(parts.clock.real(), authorityRenewSeconds);
  if (fits) {
    const issuingKey = parts.seal.open(stored.sealedIssuingKey, sealContext(name));
    return { root: stored.root, issuing: stored.issuing, issuingKey };
  }
  const label = name === 'local' ? 'Batten local' : 'Batten Azure names';
  const made = await newCertificateAuthority(label, constraints, parts.clock.real(), parts.random);
  const { permittedDomains } = constraints;
  const sealedIssuingKey = parts.seal.close(made.issuingKey, sealContext(name));
  const text = { root: made.root, issuing: made.issuing, sealedIssuingKey, permittedDomains };
  await replaceFile(path, `${JSON.stringify(text, null, 2)}\n`, 0o600);
  return made;
}

interface StoredLeaf {
  readonly certificate: string;
  readonly sealedPrivateKey: string;
}

async function readLeaf(
  key: string,
  authority: CertificateAuthority,
  parts: CertificateParts,
): Promise<CertificatePair | undefined> {
  if (key !== localLeaf) return undefined;
  const stored = await readJson<StoredLeaf>(join(parts.folder, 'localhost-leaf.json'));
  if (stored === undefined || !stored.certificate.endsWith(authority.issuing)) return undefined;
  const privateKey = parts.seal.open(stored.sealedPrivateKey, sealContext(key));
  return { certificate: stored.certificate, privateKey };
}

async function keepLeaf(
  key: string,
  leaf: CertificatePair,
  parts: CertificateParts,
): Promise<void> {
  if (key !== localLeaf) return;
  const sealedPrivateKey = parts.seal.close(leaf.privateKey, sealContext(key));
  const text = `${JSON.stringify({ certificate: leaf.certificate, sealedPrivateKey }, null, 2)}\n`;
  await replaceFile(join(parts.folder, 'localhost-leaf.json'), text, 0o600);
}

function isFresh(leaf: CertificatePair | undefined, now: Instant): leaf is CertificatePair {
  return leaf !== undefined && lastsUntil(leaf.certificate) > addSeconds(now, leafRenewSeconds);
}

function lastsUntil(pem: string): Instant {
  return instantOfMilliseconds(new X509Certificate(pem).validToDate.getTime());
}

function sealContext(name: string): string {
  return `certificate-key:${name}`;
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeWhenNew(path: string, text: string): Promise<void> {
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== text) await replaceFile(path, text, 0o644);
}

/** Writes beside and renames, so that a reader sees the old text or the new one. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, text, { mode });
  await chmod(beside, mode);
  await rename(beside, path);
}
