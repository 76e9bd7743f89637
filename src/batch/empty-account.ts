import type { Engine } from '#engine/engine.ts';
import type { Clock } from '#kernel/clock.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { BatchAccount } from './account.ts';
import { settlePool, takeAway } from './allocation.ts';
import { listJobs } from './job.store.ts';
import { beginJobDeletion } from './job-end.ts';
import { nodesOf } from './node.store.ts';
import { pageMax } from './odata-query.ts';
import { listPools, savePool } from './pool.store.ts';

/** What emptying an account takes. */
export interface EmptyAccountParts {
  readonly engine: Pick<Engine, 'removeGroup' | 'removeNode'>;
  readonly seal: Seal;
  readonly clock: Clock;
}

/**
 * Makes the function that empties an account, in the transaction that removes it: everything that runs is ended, jobs and pools are
 * marked as being deleted, and the sweep and the engine remove them bit by bit.
 */
export function accountEmptier(
  parts: EmptyAccountParts,
): (tx: WriteTransaction, account: Pick<BatchAccount, 'name'>) => Promise<void> {
  return async (tx, { name }) => {
    const account = fold(name);
    const at = parts.clock.civil();
    await deleteJobs(tx, parts, account, at);
    await deletePools(tx, parts, account, at);
  };
}

async function deleteJobs(
  tx: WriteTransaction,
  parts: EmptyAccountParts,
  account: string,
  at: Instant,
): Promise<void> {
  let after = '';
  for (;;) {
    const range = { account, state: undefined, after, rowsMax: pageMax };
    const jobs = await listJobs(tx, parts.seal, range);
    for (const job of jobs) {
      if (job.state !== 'deleting') await beginJobDeletion(tx, parts, job, at);
      after = job.job;
    }
    if (jobs.length < pageMax) return;
  }
}

async function deletePools(
  tx: WriteTransaction,
  parts: EmptyAccountParts,
  account: string,
  at: Instant,
): Promise<void> {
  let after = '';
  for (;;) {
    const pools = await listPools(tx, { account, state: undefined, after, rowsMax: pageMax });
    for (const pool of pools) {
      await savePool(tx, pool, { ...pool, state: 'deleting', stateAt: at, removal: 'terminate' });
      await takeAway(tx, parts, await nodesOf(tx, pool), at);
      await settlePool(tx, pool, at);
      after = pool.pool;
    }
    if (pools.length < pageMax) return;
  }
}
