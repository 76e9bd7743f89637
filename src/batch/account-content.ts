import type { Engine } from '#engine/engine.ts';
import type { Clock } from '#kernel/clock.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { AccountDeletion } from './account-room.ts';
import { settlePool, takeAway } from './allocation.ts';
import { listJobs } from './job.store.ts';
import { beginJobDeletion } from './job-end.ts';
import { nodesOf } from './node.store.ts';
import { listPools, savePool } from './pool.store.ts';

export interface AccountContentParts {
  readonly engine: Engine;
  readonly seal: Seal;
  readonly clock: Clock;
}

/** Jobs or pools that are read at once. */
const pageRows = 200;

/**
 * What goes with a Batch account: its jobs begin to be deleted, which kills their running tasks, and its pools lose their nodes. The
 * sweep and the engine finish it after the account is gone.
 */
export function accountContentDeletion(parts: AccountContentParts): AccountDeletion {
  return async (tx, { name }) => {
    const account = fold(name);
    const at = parts.clock.civil();
    await deleteJobs(tx, parts, account, at);
    await deletePools(tx, parts, account, at);
  };
}

async function deleteJobs(
  tx: WriteTransaction,
  parts: AccountContentParts,
  account: string,
  at: Instant,
): Promise<void> {
  for (let after = ''; ; ) {
    const range = { account, state: undefined, after, rowsMax: pageRows };
    const jobs = await listJobs(tx, parts.seal, range);
    for (const job of jobs) {
      if (job.state !== 'deleting') await beginJobDeletion(tx, parts, job, at);
      after = job.job;
    }
    if (jobs.length < pageRows) return;
  }
}

async function deletePools(
  tx: WriteTransaction,
  parts: AccountContentParts,
  account: string,
  at: Instant,
): Promise<void> {
  for (let after = ''; ; ) {
    const pools = await listPools(tx, { account, state: undefined, after, rowsMax: pageRows });
    for (const pool of pools) {
      after = pool.pool;
      if (pool.state === 'deleting') continue;
      await savePool(tx, pool, { ...pool, state: 'deleting', stateAt: at, removal: 'requeue' });
      await takeAway(tx, parts, await nodesOf(tx, pool), at);
      await settlePool(tx, pool, at);
    }
    if (pools.length < pageRows) return;
  }
}
