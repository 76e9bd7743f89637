import type { RunSpec } from '#engine/engine.ts';
import type { Operation, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { etagOf, isoSevenDigits } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
  bodyOf,
} from './caller.ts';
import { createdReply, dated, errorText, listReply, objectText, quoted } from './entity.http.ts';
import { jobOfCall } from './job.http.ts';
import { deadlineOf, type JobSettings, jobSettingsOf } from './job.settings.ts';
import { postpone, tallyTasks } from './job.store.ts';
import { type Job, type TaskTally, whyClosed } from './job.ts';
import { batchPermission } from './permission.ts';
import { runSpecOf } from './run.ts';
import { taskExists } from './task.faults.ts';
import {
  type TaskBody,
  taskCollectionShape,
  taskSettings,
  taskSettingsStored,
  taskShape,
} from './task.settings.ts';
import { addTask } from './task.store.ts';
import type { Task } from './task.ts';
import { taskPath } from './task.wire.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/task';

/** The operations that add tasks. */
export const taskAddOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Task_Add',
    method: 'POST',
    path: '/jobs/{jobId}/tasks',
    permission: batchPermission('jobs/write', 'write'),
    bodyKind: 'json',
    reply: { 201: 'empty' },
    source: `${source}/add`,
    handler: createTask,
  }),
  batchOperation({
    id: 'Task_AddCollection',
    method: 'POST',
    path: '/jobs/{jobId}/addtaskcollection',
    permission: batchPermission('jobs/write', 'write'),
    bodyKind: 'json',
    reply: { 200: 'json' },
    source: `${source}/add-collection`,
    handler: createTasks,
  }),
];

async function createTask(call: BatchCall<'jobId'>, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, taskShape);
  if (isFault(body)) return body;
  return room.store.write(async (tx) => {
    const job = await openJob(tx, call, room);
    if (isFault(job)) return job;
    const [added] = await addTasks(tx, call, room, job, [body]);
    if (added === undefined) throw new Error('no task was added');
    if (isFault(added.outcome)) return added.outcome;
    const { id, modifiedAt } = added.outcome;
    return createdReply(call.request, taskPath(job.id, id), modifiedAt);
  });
}

/**
 * Adds up to a hundred tasks in one transaction; each succeeds or fails by itself, but a malformed
 * one refuses all.
 */
async function createTasks(call: BatchCall<'jobId'>, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, taskCollectionShape);
  if (isFault(body)) return body;
  return room.store.write(async (tx) => {
    const job = await openJob(tx, call, room);
    if (isFault(job)) return job;
    const results = await addTasks(tx, call, room, job, body.value);
    const base = linkBase(call.request.reach);
    const timeText = isoSevenDigits(room.clock.civil());
    return listReply(
      call.request,
      'taskaddresult',
      results.map((result) =>
        resultText(result, `${base}/jobs/${job.id}`, call.request.requestId, timeText),
      ),
    );
  });
}

/** What became of one task that was to be added. */
interface AddResult {
  readonly id: string;
  readonly outcome: Task | Fault;
}

/** Adds tasks to an open job: rows, runs and counters together. */
async function addTasks(
  tx: WriteTransaction,
  call: BatchCall<'jobId'>,
  room: BatchRoom,
  job: Job,
  bodies: readonly TaskBody[],
): Promise<readonly AddResult[]> {
  const settings = jobSettingsOf(job);
  const accountName = accountOf(call.caller).name;
  const results: AddResult[] = [];
  const runs: RunSpec[] = [];
  let slots = 0;
  for (const body of bodies) {
    const added = await addOne(tx, room, job, settings, accountName, body);
    results.push({ id: body.id, outcome: isFault(added) ? added : added.task });
    if (isFault(added)) continue;
    runs.push(added.run);
    slots += added.task.slots;
  }
  if (runs.length === 0) return results;
  await room.engine.enqueue(tx, runs);
  await tallyTasks(tx, job, { ...noTasks, active: runs.length }, { ...noTasks, active: slots });
  // The job is not empty any more; only its wall clock is left to watch.
  if (job.dueAt !== undefined) await postpone(tx, job, deadlineOf(settings, job.createdAt));
  return results;
}

const noTasks: TaskTally = { active: 0, running: 0, succeeded: 0, failed: 0 };

async function addOne(
  tx: WriteTransaction,
  room: BatchRoom,
  job: Job,
  jobSettings: JobSettings,
  accountName: string,
  body: TaskBody,
): Promise<{ readonly task: Task; readonly run: RunSpec } | Fault> {
  const written = taskSettings(body, jobSettings.constraints.maxTaskRetryCount);
  if (isFault(written)) return written;
  const at = room.clock.civil();
  const name = { account: job.account, job: job.job, task: fold(body.id) };
  const task: Task = {
    ...name,
    id: body.id,
    displayName: body.displayName,
    createdAt: at,
    modifiedAt: at,
    state: 'active',
    stateAt: at,
    previousState: undefined,
    previousStateAt: undefined,
    slots: body.requiredSlots,
    retriesMax: written.settings.constraints.maxTaskRetryCount,
    attempt: 1,
    isEnding: false,
    settings: taskSettingsStored(room.seal, name, written.text),
    ...neverRun,
  };
  if (!(await addTask(tx, task))) return taskExists();
  const common = jobSettings.commonEnvironmentSettings ?? [];
  return { task, run: runSpecOf(accountName, job, common, task, written.settings) };
}

const neverRun = {
  startedAt: undefined,
  endedAt: undefined,
  exitCode: undefined,
  result: undefined,
  failure: undefined,
  retryCount: 0,
  retriedAt: undefined,
  requeueCount: 0,
  requeuedAt: undefined,
  poolId: undefined,
  nodeId: undefined,
} as const;

async function openJob(
  tx: WriteTransaction,
  call: BatchCall<'jobId'>,
  room: BatchRoom,
): Promise<Job | Fault> {
  const job = await jobOfCall(tx, call, room);
  return isFault(job) ? job : (whyClosed(job) ?? job);
}

/**
 * One line of a collection's answer, in Azure's order. Only the documented sample shows how a
 * refused one looks.
 */
function resultText(
  { id, outcome }: AddResult,
  jobUrl: string,
  requestId: string,
  timeText: string,
): string {
  if (isFault(outcome)) {
    return objectText([
      ['status', quoted('ClientError')],
      ['taskId', quoted(id)],
      ['error', errorText(outcome, requestId, timeText)],
    ]);
  }
  return objectText([
    ['status', quoted('Success')],
    ['taskId', quoted(id)],
    ['eTag', quoted(etagOf(outcome.modifiedAt))],
    ['lastModified', dated(outcome.modifiedAt)],
    ['location', quoted(`${jobUrl}/tasks/${id}`)],
  ]);
}
