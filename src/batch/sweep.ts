import type { Engine } from '#engine/engine.ts';
import type { Clock } from '#kernel/clock.ts';
import { isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { Log } from '#kernel/log.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store, WriteTransaction } from '#store/store.ts';
import { endTimedOutResize } from './allocation.ts';
import { deadlineOf, jobSettingsOf } from './job.settings.ts';
import { findJob, listDueJobs, postpone, removeJob } from './job.store.ts';
import { dueWork, type Job } from './job.ts';
import { terminateJob } from './job-end.ts';
import { listDuePools } from './pool.store.ts';
import { jobDirectory } from './run.ts';
import { listTasks, removeTasksThrough } from './task.store.ts';
import type { Task } from './task.ts';

/**
 * The work that no request does: ends jobs and resizes whose time is over, and removes jobs that
 * are being deleted.
 */
export interface Sweep {
  /** Looks for due work soon, rather than at the next beat. */
  wake(): void;
  /** Stops; resolves when nothing is under way. */
  close(): Promise<void>;
}

/** What the sweep works with. */
export interface SweepParts {
  readonly store: Store;
  readonly engine: Engine;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly log: Log;
}

/** How often the sweep looks, in milliseconds; one indexed query each time. */
export const sweepMilliseconds = 500;

/** Most pools of one look. */
export const duePoolsMax = 20;

/** Most jobs of one look. */
export const dueJobsMax = 100;
/** Most tasks that one transaction removes. */
export const tasksRemovedMax = 500;

/** How long a job that is being deleted is left to its last running tasks, in seconds. */
const waitSeconds = 1;

/** Opens the sweep. Its timer never keeps the process alive. */
export function openSweep(parts: SweepParts): Sweep {
  let closed = false;
  let wasWoken = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  const lookIn = (milliseconds: number): void => {
    if (closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      running = look();
    }, milliseconds);
    timer.unref();
  };
  const look = async (): Promise<void> => {
    wasWoken = false;
    const isBusy = await sweepSafely(parts);
    running = undefined;
    lookIn(isBusy || wasWoken ? 0 : sweepMilliseconds);
  };
  lookIn(sweepMilliseconds);
  return {
    wake() {
      wasWoken = true;
      if (running === undefined) lookIn(0);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}

async function sweepSafely(parts: SweepParts): Promise<boolean> {
  try {
    return await sweepOnce(parts);
  } catch (error) {
    parts.log.error({ error: String(error) }, 'the sweep of due jobs failed');
    return false;
  }
}

/** Does a bounded part of what is due; true when more may be due at once. */
export async function sweepOnce(parts: SweepParts): Promise<boolean> {
  const now = parts.clock.civil();
  const due = await parts.store.read((tx) => listDueJobs(tx, parts.seal, now, dueJobsMax));
  await sweepPools(parts, now);
  let isBusy = due.length === dueJobsMax;
  for (const job of due) {
    if (await parts.store.write((tx) => sweepJob(parts, tx, job, now))) isBusy = true;
  }
  return isBusy;
}

/** Ends the resizes that took too long. */
async function sweepPools(parts: SweepParts, now: Instant): Promise<void> {
  const due = await parts.store.read((tx) => listDuePools(tx, now, duePoolsMax));
  if (due.length === 0) return;
  await parts.store.write(async (tx) => {
    for (const pool of await listDuePools(tx, now, duePoolsMax)) {
      await endTimedOutResize(tx, parts, pool, now);
    }
  });
}

/** Does what is due of one job; true when more of the same is. */
async function sweepJob(
  parts: SweepParts,
  tx: WriteTransaction,
  seen: Pick<Job, 'account' | 'job'>,
  now: Instant,
): Promise<boolean> {
  const job = await findJob(tx, parts.seal, seen.account, seen.job);
  if (job === undefined) return false;
  const deadlineAt = deadlineOf(jobSettingsOf(job), job.createdAt);
  const work = dueWork(job, deadlineAt, now);
  switch (work.kind) {
    case 'terminate': {
      const end = { reason: work.reason, by: 'service', at: now } as const;
      const ended = await terminateJob(tx, parts, job, end);
      if (isFault(ended)) await postpone(tx, job, now);
      return false;
    }
    case 'delete':
      return removeSome(parts, tx, job);
    case 'wait':
      await postpone(tx, job, addSeconds(now, waitSeconds));
      return false;
    case 'nothing':
      await postpone(tx, job, job.state === 'active' ? deadlineAt : undefined);
      return false;
  }
}

/** Removes the next tasks of a job that is being deleted, and the job after the last of them. */
async function removeSome(parts: SweepParts, tx: WriteTransaction, job: Job): Promise<boolean> {
  const { account, job: name } = job;
  const range = { account, job: name, state: undefined, after: '', rowsMax: tasksRemovedMax };
  const tasks = await listTasks(tx, range);
  const last = tasks.at(-1);
  if (last !== undefined) {
    await forgetDirectories(parts, tx, job, tasks);
    await removeTasksThrough(tx, last);
  }
  if (tasks.length === tasksRemovedMax) return true;
  await removeJob(tx, job);
  return false;
}

/** The job's directory goes from every node that one of these tasks ran on. */
async function forgetDirectories(
  parts: SweepParts,
  tx: WriteTransaction,
  job: Job,
  tasks: readonly Task[],
): Promise<void> {
  const seen = new Set<string>();
  for (const { poolId, nodeId } of tasks) {
    if (poolId === undefined || nodeId === undefined || seen.has(nodeId)) continue;
    seen.add(nodeId);
    await parts.engine.forgetFiles(tx, {
      owner: job.account,
      pool: fold(poolId),
      node: nodeId,
      path: jobDirectory(job.id),
    });
  }
}
