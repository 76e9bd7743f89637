import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { clouds } from '#cloud/cloud.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import { newSigningKey } from './new-signing-key.ts';
import {
  addFirstSigningKey,
  listSigningKeys,
  type StoredSigningKey,
  signingKeyEpochs,
} from './signing-key.store.ts';
import { currentKey } from './signing-key-schedule.ts';

/** The half of a signing key that everyone may know. */
export interface PublicSigningKey {
  readonly cloud: string;
  /** `kid` and `x5t` of the tokens: SHA-1 of the certificate in base64url. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  readonly jwk: SigningJwk;
}

/** A key that tokens of one cloud are signed with. */
export interface SigningKey extends PublicSigningKey {
  readonly privateKey: KeyObject;
  /** When it begins to sign, in civil time. */
  readonly signsFrom: Instant;
}

/** A signing key in the key document, before the surface adds whose it is. */
export interface SigningJwk {
  readonly kty: 'RSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
  /** The self-signed certificate: DER in base64. */
  readonly x5c: readonly [string];
}

/** The signing keys of every cloud. A token belongs to the cloud whose key signed it. */
export interface SigningKeys {
  /** The key that new tokens of a cloud are signed with. Throws for a cloud that does not exist. */
  signingKey(cloud: string): SigningKey;
  /** A key of the cloud by its id; undefined when the cloud has no such key. */
  publicKey(cloud: string, keyId: string): PublicSigningKey | undefined;
  /** The cloud, other than this one, whose key this is. */
  otherCloudOf(cloud: string, keyId: string): string | undefined;
  /** The key document of a cloud: the key that signs, the next one, those whose tokens still live. */
  jwks(cloud: string): readonly SigningJwk[];
  /** Sees what another process changed, at most half a second late. */
  refreshed(): Promise<void>;
  /** Sees at once what this process changed. */
  reload(): Promise<void>;
}

/** How often the store is asked whether another process changed the keys, in milliseconds. */
const refreshMilliseconds = 500;

export interface SigningKeyParts {
  readonly store: Store;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
}

/**
 * Opens the signing keys: RSA keys of 2048 bits for each cloud, sealed at rest. A cloud that never
 * had one gets its first, so only the first start on a data folder waits for key generation. Throws
 * when a cloud had keys and they are gone: a new one would break every token that is out.
 */
export async function openSigningKeys(parts: SigningKeyParts): Promise<SigningKeys> {
  await addFirstKeys(parts);
  let ring = await readRing(parts);
  let readAt = parts.clock.steadyMilliseconds();
  const reload = async () => {
    readAt = parts.clock.steadyMilliseconds();
    const read = await readRing(parts);
    // Keys that vanish below a running server stay in its memory, so that it goes on.
    if (clouds.every(({ name }) => read.keysOf(name).length > 0)) ring = read;
  };
  return {
    signingKey(cloud) {
      const key = currentKey(ring.keysOf(cloud), parts.clock.civil());
      if (key === undefined) throw new Error(`the cloud ${cloud} has no signing key`);
      return key;
    },
    publicKey: (cloud, keyId) => ring.keysOf(cloud).find((key) => key.keyId === keyId),
    otherCloudOf: (cloud, keyId) =>
      ring.keys.find((key) => key.keyId === keyId && key.cloud !== cloud)?.cloud,
    jwks: (cloud) => ring.keysOf(cloud).map((key) => key.jwk),
    reload,
    async refreshed() {
      const now = parts.clock.steadyMilliseconds();
      if (now - readAt < refreshMilliseconds) return;
      readAt = now;
      const epochs = await parts.store.read(signingKeyEpochs);
      if (textOf(epochs) !== ring.epochs) await reload();
    },
  };
}

/** The keys as they were read together. */
interface KeyRing {
  readonly keys: readonly SigningKey[];
  keysOf(cloud: string): readonly SigningKey[];
  readonly epochs: string;
}

async function readRing({ store, seal }: SigningKeyParts): Promise<KeyRing> {
  const [stored, epochs] = await store.read(
    async (tx) => [await listSigningKeys(tx), await signingKeyEpochs(tx)] as const,
  );
  const keys = stored.map((row) => keyOf(row, seal));
  const byCloud = Map.groupBy(keys, ({ cloud }) => cloud);
  return { keys, keysOf: (cloud) => byCloud.get(cloud) ?? [], epochs: textOf(epochs) };
}

function textOf(epochs: ReadonlyMap<string, number>): string {
  return JSON.stringify([...epochs]);
}

async function addFirstKeys(parts: SigningKeyParts): Promise<void> {
  const [found, epochs] = await parts.store.read(
    async (tx) => [await listSigningKeys(tx), await signingKeyEpochs(tx)] as const,
  );
  const names = clouds.map((cloud) => cloud.name);
  const missing = names.filter((name) => !found.some((key) => key.cloud === name));
  const lost = missing.find((name) => epochs.has(name));
  if (lost !== undefined) {
    throw new Error(
      `the signing keys of the cloud ${lost} are gone from the database; bring them back from a backup`,
    );
  }
  const signsFrom = parts.clock.civil();
  const made = await Promise.all(missing.map((cloud) => newStoredKey(cloud, signsFrom, parts)));
  await Promise.all(made.map((key) => parts.store.write((tx) => addFirstSigningKey(tx, key))));
}

/** Makes a key for a cloud that begins to sign at a time, and seals it; it is not stored yet. */
export async function newStoredKey(
  cloud: string,
  signsFrom: Instant,
  parts: Omit<SigningKeyParts, 'store'>,
): Promise<StoredSigningKey> {
  const createdAt = parts.clock.real();
  const { certificate, privateKeyPem } = await newSigningKey(cloud, createdAt, parts.random);
  const keyId = keyIdOf(certificate);
  return {
    cloud,
    keyId,
    certificate: certificate.toString('base64'),
    sealedPrivateKey: parts.seal.close(privateKeyPem, sealContext(cloud, keyId)),
    createdAt,
    signsFrom,
  };
}

function keyOf(row: StoredSigningKey, seal: Seal): SigningKey {
  const pem = seal.open(row.sealedPrivateKey, sealContext(row.cloud, row.keyId));
  const { publicKey } = new X509Certificate(Buffer.from(row.certificate, 'base64'));
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const { cloud, keyId } = row;
  return {
    cloud,
    keyId,
    publicKey,
    privateKey: createPrivateKey(pem),
    signsFrom: row.signsFrom,
    jwk: { kty: 'RSA', use: 'sig', kid: keyId, x5t: keyId, n, e, x5c: [row.certificate] },
  };
}

function keyIdOf(certificate: Uint8Array): string {
  return createHash('sha1').update(certificate).digest('base64url');
}

function sealContext(cloud: string, keyId: string): string {
  return `signing-key:${cloud}:${keyId}`;
}
