import { instant, optionalInstant } from '#kernel/instant.ts';
import {
  type ReadTransaction,
  type SqlRow,
  statement,
  type WriteTransaction,
} from '#store/store.ts';
import type { FailureInfo } from './task.faults.ts';
import type { Task, TaskState } from './task.ts';

interface TaskRow extends SqlRow {
  readonly account: string;
  readonly job: string;
  readonly task: string;
  readonly id: string;
  readonly display_name: string | null;
  readonly created_at: number;
  readonly modified_at: number;
  readonly state: string;
  readonly state_at: number;
  readonly previous_state: string | null;
  readonly previous_state_at: number | null;
  readonly slots: number;
  readonly retries_max: number;
  readonly attempt: number;
  readonly is_ending: number;
  readonly settings: string;
  readonly started_at: number | null;
  readonly ended_at: number | null;
  readonly exit_code: number | null;
  readonly result: string | null;
  readonly failure: string | null;
  readonly retry_count: number;
  readonly retried_at: number | null;
  readonly requeue_count: number;
  readonly requeued_at: number | null;
  readonly pool_id: string | null;
  readonly node_id: string | null;
}

const insertTask = statement(
  'task.insert',
  `INSERT INTO task (account, job, task, id, display_name, created_at, modified_at, state, state_at, slots, retries_max,
    attempt, is_ending, settings, retry_count, requeue_count)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0) ON CONFLICT DO NOTHING`,
);
const selectTask = statement<TaskRow>(
  'task.find',
  'SELECT * FROM task WHERE account = ? AND job = ? AND task = ?',
);
const selectTasks = statement<TaskRow>(
  'task.list',
  'SELECT * FROM task WHERE account = ? AND job = ? AND task > ? ORDER BY task LIMIT ?',
);
const selectTasksInState = statement<TaskRow>(
  'task.listInState',
  'SELECT * FROM task WHERE account = ? AND job = ? AND state = ? AND task > ? ORDER BY task LIMIT ?',
);
const updateTask = statement(
  'task.update',
  `UPDATE task SET modified_at = ?, state = ?, state_at = ?, previous_state = ?, previous_state_at = ?,
    retries_max = ?, attempt = ?, is_ending = ?, started_at = ?, ended_at = ?, exit_code = ?,
    result = ?, failure = ?, retry_count = ?, retried_at = ?, requeue_count = ?, requeued_at = ?, pool_id = ?, node_id = ?
   WHERE account = ? AND job = ? AND task = ? AND modified_at = ?`,
);
const rewriteTask = statement(
  'task.rewrite',
  'UPDATE task SET settings = ? WHERE account = ? AND job = ? AND task = ?',
);
const deleteTask = statement(
  'task.delete',
  'DELETE FROM task WHERE account = ? AND job = ? AND task = ?',
);
const deleteTasksThrough = statement(
  'task.deleteThrough',
  'DELETE FROM task WHERE account = ? AND job = ? AND task <= ?',
);

/** Adds a task. False when the job has one of that name. */
export async function addTask(tx: WriteTransaction, task: Task): Promise<boolean> {
  const changed = await tx.run(
    insertTask,
    task.account,
    task.job,
    task.task,
    task.id,
    task.displayName ?? null,
    task.createdAt,
    task.modifiedAt,
    task.state,
    task.stateAt,
    task.slots,
    task.retriesMax,
    task.attempt,
    task.settings,
  );
  return changed === 1;
}

/** The task of folded names. */
export async function findTask(
  tx: ReadTransaction,
  name: { readonly account: string; readonly job: string; readonly task: string },
): Promise<Task | undefined> {
  const row = await tx.one(selectTask, name.account, name.job, name.task);
  return row === undefined ? undefined : taskOf(row);
}

/** The next tasks of a job after a name, in the order of folded names; `state` narrows by index. */
export async function listTasks(
  tx: ReadTransaction,
  range: {
    readonly account: string;
    readonly job: string;
    readonly state: string | undefined;
    readonly after: string;
    readonly rowsMax: number;
  },
): Promise<readonly Task[]> {
  const { account, job, state, after, rowsMax } = range;
  const rows =
    state === undefined
      ? await tx.all(selectTasks, account, job, after, rowsMax)
      : await tx.all(selectTasksInState, account, job, state, after, rowsMax);
  return rows.map(taskOf);
}

/**
 * Writes back what happened to a task, if its client has not changed it since it was `seen`; false
 * when another change came first. What the client wrote is left as it is.
 */
export async function saveTask(tx: WriteTransaction, seen: Task, task: Task): Promise<boolean> {
  const changed = await tx.run(
    updateTask,
    task.modifiedAt,
    task.state,
    task.stateAt,
    task.previousState ?? null,
    task.previousStateAt ?? null,
    task.retriesMax,
    task.attempt,
    task.isEnding ? 1 : 0,
    task.startedAt ?? null,
    task.endedAt ?? null,
    task.exitCode ?? null,
    task.result ?? null,
    task.failure === undefined ? null : JSON.stringify(task.failure),
    task.retryCount,
    task.retriedAt ?? null,
    task.requeueCount,
    task.requeuedAt ?? null,
    task.poolId ?? null,
    task.nodeId ?? null,
    task.account,
    task.job,
    task.task,
    seen.modifiedAt,
  );
  return changed === 1;
}

/** Writes anew what the client wrote. */
export async function rewriteTaskSettings(tx: WriteTransaction, task: Task): Promise<void> {
  await tx.run(rewriteTask, task.settings, task.account, task.job, task.task);
}

/** Removes a task. */
export async function removeTask(
  tx: WriteTransaction,
  task: Pick<Task, 'account' | 'job' | 'task'>,
): Promise<void> {
  await tx.run(deleteTask, task.account, task.job, task.task);
}

/** Removes the tasks of a job up to a name. */
export async function removeTasksThrough(
  tx: WriteTransaction,
  last: Pick<Task, 'account' | 'job' | 'task'>,
): Promise<void> {
  await tx.run(deleteTasksThrough, last.account, last.job, last.task);
}

function taskOf(row: TaskRow): Task {
  return {
    account: row.account,
    job: row.job,
    task: row.task,
    id: row.id,
    displayName: row.display_name ?? undefined,
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
    state: row.state as TaskState,
    stateAt: instant(row.state_at),
    previousState: (row.previous_state ?? undefined) as TaskState | undefined,
    previousStateAt: optionalInstant(row.previous_state_at),
    slots: row.slots,
    retriesMax: row.retries_max,
    attempt: row.attempt,
    isEnding: row.is_ending === 1,
    settings: row.settings,
    startedAt: optionalInstant(row.started_at),
    endedAt: optionalInstant(row.ended_at),
    exitCode: row.exit_code ?? undefined,
    result: (row.result ?? undefined) as Task['result'],
    failure: row.failure === null ? undefined : (JSON.parse(row.failure) as FailureInfo),
    retryCount: row.retry_count,
    retriedAt: optionalInstant(row.retried_at),
    requeueCount: row.requeue_count,
    requeuedAt: optionalInstant(row.requeued_at),
    poolId: row.pool_id ?? undefined,
    nodeId: row.node_id ?? undefined,
  };
}
