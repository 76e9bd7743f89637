import type { Engine } from '#engine/engine.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import type { WriteTransaction } from '#store/store.ts';
import { conditionNotMet } from './faults.ts';
import { findJob, saveJob } from './job.store.ts';
import { hasOnlyCompletedTasks, type Job, type JobState } from './job.ts';
import { groupKeyOf } from './run.ts';

/** What ending a job takes. */
export interface JobEndParts {
  readonly engine: Pick<Engine, 'removeGroup'>;
  readonly seal: Seal;
}

/**
 * Terminates an active job: its running tasks are killed, the others stay active for ever. It is
 * completed as soon as nothing of it runs. `by` says whether a client asked, which moves the ETag,
 * or the service decided, which does not (recorded).
 */
export async function terminateJob(
  tx: WriteTransaction,
  parts: JobEndParts,
  job: Job,
  end: { readonly reason: string; readonly by: 'client' | 'service'; readonly at: Instant },
): Promise<Job | Fault> {
  await parts.engine.removeGroup(tx, groupKeyOf(job));
  const modifiedAt = end.by === 'client' ? strictlyAfter(job.modifiedAt, end.at) : job.modifiedAt;
  const terminating: Job = {
    ...inJobState(job, 'terminating', end.at),
    modifiedAt,
    terminateReason: end.reason,
    dueAt: undefined,
  };
  const next = job.tasks.running === 0 ? completedJob(terminating, end.at) : terminating;
  return (await saveJob(tx, parts.seal, job, next)) ? next : conditionNotMet();
}

/**
 * Called when a task has left active or running: a terminating job of which nothing runs is
 * completed, and one that ends with its last task is terminated.
 */
export async function endIfAllComplete(
  tx: WriteTransaction,
  parts: JobEndParts,
  seen: Pick<Job, 'account' | 'job'>,
  at: Instant,
): Promise<void> {
  const job = await findJob(tx, parts.seal, seen.account, seen.job);
  if (job === undefined) return;
  if (job.state === 'terminating' && job.tasks.running === 0) {
    await saveJob(tx, parts.seal, job, completedJob(job, at));
  }
  if (job.state !== 'active' || job.onAllTasksComplete !== 'terminatejob') return;
  if (!hasOnlyCompletedTasks(job)) return;
  await terminateJob(tx, parts, job, { reason: 'AllTasksComplete', by: 'service', at });
}

/**
 * Begins to delete a job: its running tasks are killed, and the sweep removes it with its tasks.
 */
export async function beginJobDeletion(
  tx: WriteTransaction,
  parts: JobEndParts,
  job: Job,
  at: Instant,
): Promise<Fault | undefined> {
  await parts.engine.removeGroup(tx, groupKeyOf(job));
  const next: Job = { ...inJobState(job, 'deleting', at), dueAt: at };
  return (await saveJob(tx, parts.seal, job, next)) ? undefined : conditionNotMet();
}

/** A job in another state, its previous one remembered. */
function inJobState(job: Job, state: JobState, at: Instant): Job {
  return {
    ...job,
    state,
    stateAt: at,
    previousState: job.state,
    previousStateAt: job.stateAt,
  };
}

function completedJob(job: Job, at: Instant): Job {
  return { ...inJobState(job, 'completed', at), endedAt: at };
}
