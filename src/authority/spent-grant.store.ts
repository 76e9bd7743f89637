import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** Remembers that a code or a single-use refresh token was redeemed, until it would have expired. */
export async function addSpentGrant(
  tx: WriteTransaction,
  textHash: string,
  grantId: string,
  expiresAt: Instant,
): Promise<void> {
  await tx.run(insertOne, textHash, grantId, expiresAt);
}

/** The grant of a text that was redeemed before; undefined when it never was. */
export async function findSpentGrant(
  tx: ReadTransaction,
  textHash: string,
): Promise<string | undefined> {
  return (await tx.one(selectOne, textHash))?.grant_id;
}

/** Forgets what would have expired by now. */
export async function removeExpiredSpentGrants(tx: WriteTransaction, now: Instant): Promise<void> {
  await tx.run(deleteExpired, now);
}

const insertOne = statement(
  'spentGrant.insert',
  'INSERT INTO spent_grant (text_hash, grant_id, expires_at) VALUES (?, ?, ?)',
);

const selectOne = statement<{ grant_id: string }>(
  'spentGrant.select',
  'SELECT grant_id FROM spent_grant WHERE text_hash = ?',
);

const deleteExpired = statement(
  'spentGrant.deleteExpired',
  'DELETE FROM spent_grant WHERE expires_at <= ?',
);
