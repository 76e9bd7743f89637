import { type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** A signing key at rest. */
export interface StoredSigningKey {
  /** Name of the cloud that signs with it. */
  readonly cloud: string;
  readonly keyId: string;
  /** The self-signed certificate: DER in base64. */
  readonly certificate: string;
  /** The private key in PKCS #8 PEM, sealed. */
  readonly sealedPrivateKey: string;
  /** Real time. */
  readonly createdAt: Instant;
  /** When it begins to sign, in civil time. */
  readonly signsFrom: Instant;
}

/** Stores a cloud's first key. False when the cloud has one by now: another server was faster. */
export async function addFirstSigningKey(
  tx: WriteTransaction,
  key: StoredSigningKey,
): Promise<boolean> {
  return insert(tx, key, instant(-1));
}

/**
 * Stores a further key. False when the cloud has one by now that begins after `newest`, the
 * beginning of the last key that the caller knew: another server was faster.
 */
export async function addSigningKey(
  tx: WriteTransaction,
  key: StoredSigningKey,
  newest: Instant,
): Promise<boolean> {
  return insert(tx, key, newest);
}

async function insert(tx: WriteTransaction, key: StoredSigningKey, newest: Instant) {
  const { cloud, keyId, certificate, sealedPrivateKey, createdAt, signsFrom } = key;
  const values = [cloud, keyId, certificate, sealedPrivateKey, createdAt, signsFrom] as const;
  const isAdded = (await tx.run(insertUnless, ...values, cloud, newest)) > 0;
  if (isAdded) await tx.run(advanceEpoch, cloud);
  return isAdded;
}

/** Lets a key begin at another time. */
export async function rescheduleSigningKey(
  tx: WriteTransaction,
  { cloud, keyId }: Pick<StoredSigningKey, 'cloud' | 'keyId'>,
  signsFrom: Instant,
): Promise<void> {
  await tx.run(updateStart, signsFrom, cloud, keyId);
  await tx.run(advanceEpoch, cloud);
}

/** Removes a key: no token that it signed is good from then on. */
export async function removeSigningKey(
  tx: WriteTransaction,
  { cloud, keyId }: Pick<StoredSigningKey, 'cloud' | 'keyId'>,
): Promise<void> {
  await tx.run(deleteOne, cloud, keyId);
  await tx.run(advanceEpoch, cloud);
}

/** Every signing key, in the order in which they begin to sign within a cloud. */
export async function listSigningKeys(tx: ReadTransaction): Promise<readonly StoredSigningKey[]> {
  const rows = await tx.all(selectAll);
  return rows.map((row) => ({
    cloud: row.cloud,
    keyId: row.key_id,
    certificate: row.certificate,
    sealedPrivateKey: row.sealed_private_key,
    createdAt: instant(row.created_at),
    signsFrom: instant(row.signs_from),
  }));
}

/** How often the keys of each cloud were changed; a cloud that never had one is not there. */
export async function signingKeyEpochs(tx: ReadTransaction): Promise<ReadonlyMap<string, number>> {
  const rows = await tx.all(selectEpochs);
  return new Map(rows.map((row) => [row.cloud, row.epoch]));
}

const insertUnless = statement(
  'signingKey.insertUnless',
  `INSERT INTO signing_key
     (cloud, key_id, certificate, sealed_private_key, created_at, signs_from)
   SELECT ?, ?, ?, ?, ?, ?
   WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE cloud = ? AND signs_from > ?)`,
);

const updateStart = statement(
  'signingKey.reschedule',
  'UPDATE signing_key SET signs_from = ? WHERE cloud = ? AND key_id = ?',
);

const deleteOne = statement(
  'signingKey.delete',
  'DELETE FROM signing_key WHERE cloud = ? AND key_id = ?',
);

const selectAll = statement<{
  cloud: string;
  key_id: string;
  certificate: string;
  sealed_private_key: string;
  created_at: number;
  signs_from: number;
}>(
  'signingKey.selectAll',
  `SELECT cloud, key_id, certificate, sealed_private_key, created_at, signs_from
   FROM signing_key ORDER BY cloud, signs_from, key_id`,
);

const selectEpochs = statement<{ cloud: string; epoch: number }>(
  'signingKey.selectEpochs',
  'SELECT cloud, epoch FROM signing_key_epoch ORDER BY cloud',
);

const advanceEpoch = statement(
  'signingKey.advanceEpoch',
  `INSERT INTO signing_key_epoch (cloud, epoch) VALUES (?, 1)
   ON CONFLICT (cloud) DO UPDATE SET epoch = signing_key_epoch.epoch + 1`,
);
