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
  readonly createdAt: Instant;
}

/** Stores a cloud's first key. False when the cloud has one by now: another server was faster. */
export async function addFirstSigningKey(
  tx: WriteTransaction,
  key: StoredSigningKey,
): Promise<boolean> {
  const { cloud, keyId, certificate, sealedPrivateKey, createdAt } = key;
  return (
    (await tx.run(insertFirst, cloud, keyId, certificate, sealedPrivateKey, createdAt, cloud)) > 0
  );
}

/** Every signing key, the oldest first within a cloud. */
export async function listSigningKeys(tx: ReadTransaction): Promise<readonly StoredSigningKey[]> {
  const rows = await tx.all(selectAll);
  return rows.map((row) => ({
    cloud: row.cloud,
    keyId: row.key_id,
    certificate: row.certificate,
    sealedPrivateKey: row.sealed_private_key,
    createdAt: instant(row.created_at),
  }));
}

const insertFirst = statement(
  'signingKey.insertFirst',
  `INSERT INTO signing_key (cloud, key_id, certificate, sealed_private_key, created_at)
   SELECT ?, ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM signing_key WHERE cloud = ?)`,
);

const selectAll = statement<{
  cloud: string;
  key_id: string;
  certificate: string;
  sealed_private_key: string;
  created_at: number;
}>(
  'signingKey.selectAll',
  `SELECT cloud, key_id, certificate, sealed_private_key, created_at
   FROM signing_key ORDER BY cloud, created_at, key_id`,
);
