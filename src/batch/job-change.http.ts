import type { Operation, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import { addSeconds, type Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
  bodyOf,
} from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { bareReply, changedReply, createdReply } from './entity.http.ts';
import { conditionNotMet } from './faults.ts';
import { jobBeingDeleted, jobExists, jobQuotaReached, operationInvalid } from './job.faults.ts';
import { jobOfCall } from './job.http.ts';
import {
  deadlineOf,
  type JobSettings,
  jobPatchShape,
  jobSettingsOf,
  jobSettingsText,
  jobShape,
  jobTerminateShape,
  jobUpdateShape,
} from './job.settings.ts';
import { addJob, findJob, openJobCount, saveJob } from './job.store.ts';
import {
  emptyJobSeconds,
  hasOnlyCompletedTasks,
  type Job,
  type TaskTally,
  whyClosed,
} from './job.ts';
import { beginJobDeletion, terminateJob } from './job-end.ts';
import { batchPermission, jobWritePermission } from './permission.ts';
import { groupKeyOf } from './run.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/job';

type JobCall = BatchCall<'jobId'>;

/** The operations that make, change, end and remove jobs. */
export const jobChangeOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Job_Add',
    method: 'POST',
    path: '/jobs',
    permission: jobWritePermission('jobs/write'),
    bodyKind: 'json',
    reply: { 201: 'empty' },
    source: `${source}/add`,
    handler: createJob,
  }),
  batchOperation({
    id: 'Job_Update',
    method: 'PUT',
    path: '/jobs/{jobId}',
    permission: jobWritePermission('jobs/write'),
    bodyKind: 'json',
    reply: { 200: 'empty' },
    source: `${source}/update`,
    handler: replaceJob,
  }),
  batchOperation({
    id: 'Job_Patch',
    method: 'PATCH',
    path: '/jobs/{jobId}',
    permission: jobWritePermission('jobs/write'),
    bodyKind: 'json',
    reply: { 200: 'empty' },
    source: `${source}/patch`,
    handler: patchJob,
  }),
  batchOperation({
    id: 'Job_Delete',
    method: 'DELETE',
    path: '/jobs/{jobId}',
    permission: batchPermission('jobs/delete', 'write'),
    query: ['force'],
    reply: { 202: 'empty' },
    source: `${source}/delete`,
    handler: deleteJob,
  }),
  batchOperation({
    id: 'Job_Terminate',
    method: 'POST',
    path: '/jobs/{jobId}/terminate',
    permission: batchPermission('jobs/write', 'write'),
    query: ['force'],
    bodyKind: 'json',
    reply: { 202: 'empty' },
    source: `${source}/terminate`,
    handler: terminate,
  }),
];

/** Why a client ends a job, when it does not say. */
const terminateReasonDefault = 'UserTerminate';

async function createJob(call: BatchCall, room: BatchRoom): Promise<Reply | Fault> {
  const account = accountOf(call.caller);
  const body = bodyOf(call, jobShape);
  if (isFault(body)) return body;
  const at = room.clock.civil();
  const settings = jobSettingsText(body);
  const job: Job = {
    account: fold(account.name),
    job: fold(body.id),
    id: body.id,
    displayName: body.displayName,
    createdAt: at,
    modifiedAt: at,
    state: 'active',
    stateAt: at,
    previousState: undefined,
    previousStateAt: undefined,
    poolId: body.poolInfo.poolId,
    startedAt: at,
    endedAt: undefined,
    terminateReason: undefined,
    onAllTasksComplete: body.onAllTasksComplete,
    onTaskFailure: body.onTaskFailure,
    dueAt: dueAfter(body, at, at, body.onAllTasksComplete === 'terminatejob'),
    urlBase: linkBase(call.request.reach),
    settings,
    tasks: none,
    slots: none,
  };
  return room.store.write(async (tx) => {
    const open = await openJobCount(tx, job.account);
    if (open >= account.activeJobAndJobScheduleQuota) return jobQuotaReached();
    if (!(await addJob(tx, room.seal, job))) return whyTaken(tx, room, job);
    await declareGroup(tx, room, job, body);
    // Recorded: whatever the id, the answer names job-1.
    return createdReply(call.request, '/jobs/job-1', job.modifiedAt);
  });
}

const none: TaskTally = { active: 0, running: 0, succeeded: 0, failed: 0 };

async function whyTaken(tx: WriteTransaction, room: BatchRoom, job: Job): Promise<Fault> {
  const other = await findJob(tx, room.seal, job.account, job.job);
  return other?.state === 'deleting' ? jobBeingDeleted() : jobExists();
}

async function replaceJob(call: JobCall, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, jobUpdateShape);
  if (isFault(body)) return body;
  return changeJob(
    call,
    room,
    (settings) => {
      const { metadata: _metadata, ...kept } = settings;
      return { ...kept, ...body };
    },
    body.onAllTasksComplete,
  );
}

async function patchJob(call: JobCall, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, jobPatchShape);
  if (isFault(body)) return body;
  return changeJob(call, room, (settings) => ({ ...settings, ...body }), body.onAllTasksComplete);
}

/** Changes what a client wrote of a job; nothing of a completed or disappearing one. */
async function changeJob(
  call: JobCall,
  room: BatchRoom,
  change: (settings: JobSettings) => JobSettings,
  onAllTasksComplete: Job['onAllTasksComplete'] | undefined,
): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const job = await changeableJob(tx, call, room);
    if (isFault(job)) return job;
    const closed = whyClosed(job);
    if (closed !== undefined) return closed;
    const settings = change(jobSettingsOf(job));
    if (!sameName(settings.poolInfo.poolId, job.poolId)) return operationInvalid();
    const onComplete = onAllTasksComplete ?? job.onAllTasksComplete;
    const settles = onComplete === 'terminatejob' && hasOnlyCompletedTasks(job);
    const next: Job = {
      ...job,
      modifiedAt: strictlyAfter(job.modifiedAt, at),
      onAllTasksComplete: onComplete,
      dueAt: dueAfter(settings, job.createdAt, at, settles),
      settings: jobSettingsText(settings),
    };
    if (!(await saveJob(tx, room.seal, job, next))) return conditionNotMet();
    await declareGroup(tx, room, next, settings);
    tx.afterCommit(room.wakeSweep);
    return changedReply(call.request, 200, next.modifiedAt);
  });
}

async function deleteJob(call: JobCall, room: BatchRoom): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const job = await changeableJob(tx, call, room);
    if (isFault(job)) return job;
    if (job.state === 'deleting') return jobBeingDeleted();
    const refused = await beginJobDeletion(tx, room, job, at);
    if (refused !== undefined) return refused;
    tx.afterCommit(room.wakeSweep);
    return bareReply(202);
  });
}

async function terminate(call: JobCall, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, jobTerminateShape);
  if (isFault(body)) return body;
  const reason = body.terminateReason ?? terminateReasonDefault;
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const job = await changeableJob(tx, call, room);
    if (isFault(job)) return job;
    const closed = whyClosed(job);
    if (closed !== undefined) return closed;
    const ended = await terminateJob(tx, room, job, { reason, by: 'client', at });
    return isFault(ended) ? ended : changedReply(call.request, 202, ended.modifiedAt);
  });
}

async function changeableJob(
  tx: WriteTransaction,
  call: JobCall,
  room: BatchRoom,
): Promise<Job | Fault> {
  const job = await jobOfCall(tx, call, room);
  if (isFault(job)) return job;
  return unmetCondition(call.request.headers, job.modifiedAt, 'write') ?? job;
}

/** Tells the engine what it needs to know of a job. */
async function declareGroup(
  tx: WriteTransaction,
  room: BatchRoom,
  job: Job,
  settings: Pick<JobSettings, 'priority' | 'maxParallelTasks'>,
): Promise<void> {
  await room.engine.setGroup(tx, {
    ...groupKeyOf(job),
    pool: fold(job.poolId),
    priority: settings.priority,
    ...(settings.maxParallelTasks > 0 ? { parallelMax: settings.maxParallelTasks } : {}),
  });
}

/**
 * When the sweep must look at an active job: at the end of its wall clock, and soon if all its
 * tasks are complete.
 */
function dueAfter(
  settings: Pick<JobSettings, 'constraints'>,
  createdAt: Instant,
  now: Instant,
  settles: boolean,
): Instant | undefined {
  const deadline = deadlineOf(settings, createdAt);
  const settling = settles ? addSeconds(now, emptyJobSeconds) : undefined;
  if (deadline === undefined || settling === undefined) return deadline ?? settling;
  return deadline < settling ? deadline : settling;
}
