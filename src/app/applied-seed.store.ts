import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** The digest of the seed file that the data folder was filled from; undefined before that. */
export async function appliedSeed(tx: ReadTransaction): Promise<string | undefined> {
  return (await tx.one(select))?.digest;
}

/** Remembers that a seed was applied. Throws when one was before. */
export async function keepAppliedSeed(
  tx: WriteTransaction,
  digest: string,
  at: Instant,
): Promise<void> {
  await tx.run(insert, digest, at);
}

const select = statement<{ digest: string }>(
  'appliedSeed.select',
  'SELECT digest FROM applied_seed ORDER BY applied_at LIMIT 1',
);

const insert = statement(
  'appliedSeed.insert',
  'INSERT INTO applied_seed (digest, applied_at) VALUES (?, ?)',
);
