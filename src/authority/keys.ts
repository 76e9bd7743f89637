import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { clouds } from '#cloud/cloud.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import { newSigningKey } from './new-signing-key.ts';
import { addFirstSigningKey, listSigningKeys, type StoredSigningKey } from './signing-key.store.ts';

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
  /** The key document of a cloud. */
  jwks(cloud: string): readonly SigningJwk[];
}

export interface SigningKeyParts {
  readonly store: Store;
  readonly seal: Seal;
  readonly random: Random;
  readonly clock: Clock;
}

/**
 * Opens the signing keys: one RSA key of 2048 bits per cloud, sealed at rest. A cloud that has none
 * yet gets one, so only the first start on a data folder waits for key generation.
 */
export async function openSigningKeys(parts: SigningKeyParts): Promise<SigningKeys> {
  const stored = await storedKeys(parts);
  const keys = stored.map((row) => keyOf(row, parts.seal));
  const byId = new Map(keys.map((key) => [`${key.cloud} ${key.keyId}`, key]));
  return {
    signingKey(cloud) {
      const newest = keys.findLast((key) => key.cloud === cloud);
      if (newest === undefined) throw new Error(`the cloud ${cloud} has no signing key`);
      return newest;
    },
    publicKey: (cloud, keyId) => byId.get(`${cloud} ${keyId}`),
    otherCloudOf: (cloud, keyId) =>
      keys.find((key) => key.keyId === keyId && key.cloud !== cloud)?.cloud,
    jwks: (cloud) => keys.filter((key) => key.cloud === cloud).map((key) => key.jwk),
  };
}

async function storedKeys(parts: SigningKeyParts): Promise<readonly StoredSigningKey[]> {
  const found = await parts.store.read(listSigningKeys);
  const names = clouds.map((cloud) => cloud.name);
  const missing = names.filter((name) => !found.some((key) => key.cloud === name));
  if (missing.length === 0) return found;
  const made = await Promise.all(missing.map((cloud) => newStoredKey(cloud, parts)));
  await Promise.all(made.map((key) => parts.store.write((tx) => addFirstSigningKey(tx, key))));
  return parts.store.read(listSigningKeys);
}

async function newStoredKey(cloud: string, parts: SigningKeyParts): Promise<StoredSigningKey> {
  const createdAt = parts.clock.real();
  const { certificate, privateKeyPem } = await newSigningKey(cloud, createdAt, parts.random);
  const keyId = keyIdOf(certificate);
  return {
    cloud,
    keyId,
    certificate: certificate.toString('base64'),
    sealedPrivateKey: parts.seal.close(privateKeyPem, sealContext(cloud, keyId)),
    createdAt,
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
    jwk: { kty: 'RSA', use: 'sig', kid: keyId, x5t: keyId, n, e, x5c: [row.certificate] },
  };
}

function keyIdOf(certificate: Uint8Array): string {
  return createHash('sha1').update(certificate).digest('base64url');
}

function sealContext(cloud: string, keyId: string): string {
  return `signing-key:${cloud}:${keyId}`;
}
