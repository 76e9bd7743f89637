import type { Fault } from '#kernel/fault.ts';
import type { Instant } from '#kernel/instant.ts';
import { jobBeingDeleted, jobBeingTerminated, jobCompleted } from './job.faults.ts';

/** The states of a job that Batten reaches. */
export type JobState = 'active' | 'terminating' | 'completed' | 'deleting';

/** What a job does when all its tasks are complete. */
export type OnAllTasksComplete = 'noaction' | 'terminatejob';

/** How many tasks, or task slots, of a job are in each state. */
export interface TaskTally {
  readonly active: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** A job. What the client wrote stands in `settings` as a run of JSON properties. */
export interface Job {
  readonly account: string;
  /** Folded name. */
  readonly job: string;
  readonly id: string;
  readonly displayName: string | undefined;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
  readonly state: JobState;
  readonly stateAt: Instant;
  readonly previousState: JobState | undefined;
  readonly previousStateAt: Instant | undefined;
  /** Pool that its tasks run in, as written; it need not exist. */
  readonly poolId: string;
  readonly startedAt: Instant;
  readonly endedAt: Instant | undefined;
  readonly terminateReason: string | undefined;
  readonly onAllTasksComplete: OnAllTasksComplete;
  readonly onTaskFailure: 'noaction';
  /**
   * When the sweep must look at it next: its wall clock is over, it is empty, or it is being
   * deleted.
   */
  readonly dueAt: Instant | undefined;
  /**
   * Address of the account as it was reached when the job was made; tasks see it in their
   * environment.
   */
  readonly urlBase: string;
  readonly settings: string;
  readonly tasks: TaskTally;
  readonly slots: TaskTally;
}

/**
 * How long an empty job with onAllTasksComplete=terminatejob stays active, in seconds: Azure's is
 * still active just after creation.
 */
export const emptyJobSeconds = 1;

/** Why no task may be added to a job, or undefined. */
export function whyClosed(job: Pick<Job, 'state'>): Fault | undefined {
  switch (job.state) {
    case 'active':
      return undefined;
    case 'terminating':
      return jobBeingTerminated();
    case 'completed':
      return jobCompleted();
    case 'deleting':
      return jobBeingDeleted();
  }
}

/** Why nothing of a job may be changed any more, its tasks included: it is on its way out. */
export function whyUnchangeable(job: Pick<Job, 'state'>): Fault | undefined {
  return job.state === 'deleting' ? jobBeingDeleted() : undefined;
}

/** True when all tasks of a job are complete. A job without tasks counts, as Azure documents. */
export function hasOnlyCompletedTasks(job: Pick<Job, 'tasks'>): boolean {
  return job.tasks.active === 0 && job.tasks.running === 0;
}

/** What the sweep does with a job that is due. */
export type DueWork =
  | { readonly kind: 'terminate'; readonly reason: 'MaxWallClockTimeExpiry' | 'AllTasksComplete' }
  | { readonly kind: 'delete' }
  /** Tasks of a job that is being deleted still run; look again later. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'nothing' };

/** Decides what is due. `deadlineAt` is when the job's maxWallClockTime is over. */
export function dueWork(job: Job, deadlineAt: Instant | undefined, now: Instant): DueWork {
  if (job.state === 'deleting') return { kind: job.tasks.running === 0 ? 'delete' : 'wait' };
  if (job.state !== 'active') return { kind: 'nothing' };
  if (deadlineAt !== undefined && now >= deadlineAt) {
    return { kind: 'terminate', reason: 'MaxWallClockTimeExpiry' };
  }
  if (job.onAllTasksComplete === 'terminatejob' && hasOnlyCompletedTasks(job)) {
    return { kind: 'terminate', reason: 'AllTasksComplete' };
  }
  return { kind: 'nothing' };
}
