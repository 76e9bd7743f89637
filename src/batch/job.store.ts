import { type Instant, instant, optionalInstant } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import {
  type ReadTransaction,
  type SqlRow,
  statement,
  type WriteTransaction,
} from '#store/store.ts';
import type { Job, JobState, OnAllTasksComplete, TaskTally } from './job.ts';
import { readSettings, storeSettings } from './stored-settings.ts';

interface JobRow extends SqlRow {
  readonly account: string;
  readonly job: string;
  readonly id: string;
  readonly display_name: string | null;
  readonly created_at: number;
  readonly modified_at: number;
  readonly state: string;
  readonly state_at: number;
  readonly previous_state: string | null;
  readonly previous_state_at: number | null;
  readonly pool_id: string;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly terminate_reason: string | null;
  readonly on_all_complete: string;
  readonly due_at: number | null;
  readonly url_base: string;
  readonly settings: string;
  readonly active: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly active_slots: number;
  readonly running_slots: number;
  readonly succeeded_slots: number;
  readonly failed_slots: number;
}

const insertJob = statement(
  'job.insert',
  `INSERT INTO job (account, job, id, display_name, created_at, modified_at, state, state_at, pool_id, started_at,
    on_all_complete, on_failure, due_at, url_base, settings, active, running, succeeded, failed,
    active_slots, running_slots, succeeded_slots, failed_slots)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0, 0) ON CONFLICT DO NOTHING`,
);
const selectJob = statement<JobRow>('job.find', 'SELECT * FROM job WHERE account = ? AND job = ?');
const selectJobs = statement<JobRow>(
  'job.list',
  'SELECT * FROM job WHERE account = ? AND job > ? ORDER BY job LIMIT ?',
);
const selectJobsInState = statement<JobRow>(
  'job.listInState',
  'SELECT * FROM job WHERE account = ? AND state = ? AND job > ? ORDER BY job LIMIT ?',
);
const selectDueJobs = statement<JobRow>(
  'job.due',
  'SELECT * FROM job WHERE due_at <= ? ORDER BY due_at LIMIT ?',
);
const countOpenJobs = statement<{ readonly jobs: number }>(
  'job.countOpen',
  "SELECT COUNT(*) AS jobs FROM job WHERE account = ? AND state IN ('active', 'terminating', 'deleting')",
);
const updateJob = statement(
  'job.update',
  `UPDATE job SET modified_at = ?, state = ?, state_at = ?, previous_state = ?, previous_state_at = ?, pool_id = ?,
    ended_at = ?, terminate_reason = ?, on_all_complete = ?, due_at = ?, settings = ?
   WHERE account = ? AND job = ? AND modified_at = ?`,
);
const tallyJob = statement(
  'job.tally',
  `UPDATE job SET active = active + ?, running = running + ?, succeeded = succeeded + ?, failed = failed + ?,
    active_slots = active_slots + ?, running_slots = running_slots + ?, succeeded_slots = succeeded_slots + ?,
    failed_slots = failed_slots + ? WHERE account = ? AND job = ?`,
);
const postponeJob = statement(
  'job.postpone',
  'UPDATE job SET due_at = ? WHERE account = ? AND job = ?',
);
const deleteJob = statement('job.delete', 'DELETE FROM job WHERE account = ? AND job = ?');

/** Adds a job without tasks. False when the account has one of that name. */
export async function addJob(tx: WriteTransaction, seal: Seal, job: Job): Promise<boolean> {
  const changed = await tx.run(
    insertJob,
    job.account,
    job.job,
    job.id,
    job.displayName ?? null,
    job.createdAt,
    job.modifiedAt,
    job.state,
    job.stateAt,
    job.poolId,
    job.startedAt,
    job.onAllTasksComplete,
    job.onTaskFailure,
    job.dueAt ?? null,
    job.urlBase,
    storeSettings(seal, job.settings, contextOf(job)),
  );
  return changed === 1;
}

/** The job of a folded name. */
export async function findJob(
  tx: ReadTransaction,
  seal: Seal,
  account: string,
  job: string,
): Promise<Job | undefined> {
  const row = await tx.one(selectJob, account, job);
  return row === undefined ? undefined : jobOf(seal, row);
}

/** The next jobs after a name, in the order of folded names; `state` narrows by index. */
export async function listJobs(
  tx: ReadTransaction,
  seal: Seal,
  range: { account: string; state: string | undefined; after: string; rowsMax: number },
): Promise<readonly Job[]> {
  const rows =
    range.state === undefined
      ? await tx.all(selectJobs, range.account, range.after, range.rowsMax)
      : await tx.all(selectJobsInState, range.account, range.state, range.after, range.rowsMax);
  return rows.map((row) => jobOf(seal, row));
}

/** Jobs that the sweep must look at, of every account, the longest due first. */
export async function listDueJobs(
  tx: ReadTransaction,
  seal: Seal,
  now: Instant,
  rowsMax: number,
): Promise<readonly Job[]> {
  return (await tx.all(selectDueJobs, now, rowsMax)).map((row) => jobOf(seal, row));
}

/** How many jobs count against the account's quota: those not completed. */
export async function openJobCount(tx: ReadTransaction, account: string): Promise<number> {
  return (await tx.one(countOpenJobs, account))?.jobs ?? 0;
}

/** Writes a job back if it is still as `seen`; false when another change came first. */
export async function saveJob(
  tx: WriteTransaction,
  seal: Seal,
  seen: Job,
  job: Job,
): Promise<boolean> {
  const changed = await tx.run(
    updateJob,
    job.modifiedAt,
    job.state,
    job.stateAt,
    job.previousState ?? null,
    job.previousStateAt ?? null,
    job.poolId,
    job.endedAt ?? null,
    job.terminateReason ?? null,
    job.onAllTasksComplete,
    job.dueAt ?? null,
    storeSettings(seal, job.settings, contextOf(job)),
    job.account,
    job.job,
    seen.modifiedAt,
  );
  return changed === 1;
}

/** Adds to the counters of a job's tasks and of their slots. */
export async function tallyTasks(
  tx: WriteTransaction,
  job: Pick<Job, 'account' | 'job'>,
  tasks: TaskTally,
  slots: TaskTally,
): Promise<void> {
  await tx.run(
    tallyJob,
    tasks.active,
    tasks.running,
    tasks.succeeded,
    tasks.failed,
    slots.active,
    slots.running,
    slots.succeeded,
    slots.failed,
    job.account,
    job.job,
  );
}

/** Sets when the sweep looks at a job next; undefined means never. */
export async function postpone(
  tx: WriteTransaction,
  job: Pick<Job, 'account' | 'job'>,
  dueAt: Instant | undefined,
): Promise<void> {
  await tx.run(postponeJob, dueAt ?? null, job.account, job.job);
}

/** Removes a job; its tasks are gone before it. */
export async function removeJob(
  tx: WriteTransaction,
  job: Pick<Job, 'account' | 'job'>,
): Promise<void> {
  await tx.run(deleteJob, job.account, job.job);
}

function jobOf(seal: Seal, row: JobRow): Job {
  return {
    account: row.account,
    job: row.job,
    id: row.id,
    displayName: row.display_name ?? undefined,
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
    state: row.state as JobState,
    stateAt: instant(row.state_at),
    previousState: (row.previous_state ?? undefined) as JobState | undefined,
    previousStateAt: optionalInstant(row.previous_state_at),
    poolId: row.pool_id,
    startedAt: instant(row.started_at),
    endedAt: optionalInstant(row.ended_at),
    terminateReason: row.terminate_reason ?? undefined,
    onAllTasksComplete: row.on_all_complete as OnAllTasksComplete,
    onTaskFailure: 'noaction',
    dueAt: optionalInstant(row.due_at),
    urlBase: row.url_base,
    settings: readSettings(seal, row.settings, contextOf(row)),
    tasks: {
      active: row.active,
      running: row.running,
      succeeded: row.succeeded,
      failed: row.failed,
    },
    slots: {
      active: row.active_slots,
      running: row.running_slots,
      succeeded: row.succeeded_slots,
      failed: row.failed_slots,
    },
  };
}

function contextOf({ account, job }: { readonly account: string; readonly job: string }): string {
  return `job:${account}:${job}`;
}
