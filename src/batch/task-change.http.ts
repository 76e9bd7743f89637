import type { Operation, Reply } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import {
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
  bodyOf,
} from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { bareReply, changedReply } from './entity.http.ts';
import { conditionNotMet } from './faults.ts';
import { jobSettingsOf } from './job.settings.ts';
import { tallyTasks } from './job.store.ts';
import { type Job, whyUnchangeable } from './job.ts';
import { endIfAllComplete } from './job-end.ts';
import { findNode, saveNode } from './node.store.ts';
import { withWork } from './node.ts';
import { batchPermission } from './permission.ts';
import { runKeyOf, taskDirectory } from './run.ts';
import { endedByUserFailure, taskCompleted } from './task.faults.ts';
import { taskOfCall } from './task.http.ts';
import { constraintsOf, taskUpdateShape, withConstraints } from './task.settings.ts';
import { removeTask, rewriteTaskSettings, saveTask } from './task.store.ts';
import { completed, type Task, tallyChange, tallyOf } from './task.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/task';

type TaskCall = BatchCall<'jobId' | 'taskId'>;

/** The operations that change, end or remove a task. */
export const taskChangeOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Task_Update',
    method: 'PUT',
    path: '/jobs/{jobId}/tasks/{taskId}',
    permission: batchPermission('jobs/write', 'write'),
    bodyKind: 'json',
    reply: { 200: 'empty' },
    source: `${source}/update`,
    handler: updateTask,
  }),
  batchOperation({
    id: 'Task_Terminate',
    method: 'POST',
    path: '/jobs/{jobId}/tasks/{taskId}/terminate',
    permission: batchPermission('jobs/write', 'write'),
    reply: { 204: 'empty' },
    source: `${source}/terminate`,
    handler: terminateTask,
  }),
  batchOperation({
    id: 'Task_Delete',
    method: 'DELETE',
    path: '/jobs/{jobId}/tasks/{taskId}',
    permission: batchPermission('jobs/write', 'write'),
    reply: { 200: 'empty' },
    source: `${source}/delete`,
    handler: deleteTask,
  }),
];

/** Replaces a task's constraints. An attempt that runs keeps the time it was started with. */
async function updateTask(call: TaskCall, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, taskUpdateShape);
  if (isFault(body)) return body;
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const found = await changeableTask(tx, call, room);
    if (isFault(found)) return found;
    const { job, task } = found;
    if (task.state === 'completed') return taskCompleted();
    const retries = jobSettingsOf(job).constraints.maxTaskRetryCount;
    const constraints = constraintsOf(body.constraints, retries);
    const next: Task = {
      ...touched(task, at),
      retriesMax: constraints.maxTaskRetryCount,
      settings: withConstraints(room.seal, task, constraints),
    };
    if (!(await saveTask(tx, task, next))) return conditionNotMet();
    await rewriteTaskSettings(tx, next);
    return changedReply(call.request, 200, next.modifiedAt);
  });
}

/**
 * Ends a task: one that waits is completed at once, one that runs as soon as its processes are
 * killed.
 */
async function terminateTask(call: TaskCall, room: BatchRoom): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const found = await changeableTask(tx, call, room);
    if (isFault(found)) return found;
    const { job, task } = found;
    if (task.state === 'completed') return taskCompleted();
    const fate = await room.engine.cancel(tx, runKeyOf(job, task));
    const next =
      fate === 'killing'
        ? { ...touched(task, at), isEnding: true }
        : completed(touched(task, at), { failure: endedByUserFailure }, at);
    if (!(await saveTask(tx, task, next))) return conditionNotMet();
    await tallyTasks(
      tx,
      job,
      tallyChange(tallyOf(task, 1), tallyOf(next, 1)),
      tallyChange(tallyOf(task, task.slots), tallyOf(next, next.slots)),
    );
    await endIfAllComplete(tx, room, job, at);
    return changedReply(call.request, 204, next.modifiedAt);
  });
}

/** Removes a task with its files; one that runs is killed. */
async function deleteTask(call: TaskCall, room: BatchRoom): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const found = await changeableTask(tx, call, room);
    if (isFault(found)) return found;
    const { job, task } = found;
    if (task.state !== 'completed') await room.engine.cancel(tx, runKeyOf(job, task));
    if (task.state === 'running') await leaveNode(tx, task, at);
    await forgetFiles(tx, room, job, task);
    await removeTask(tx, task);
    const nothing = tallyOf(task, 0);
    await tallyTasks(
      tx,
      job,
      tallyChange(tallyOf(task, 1), nothing),
      tallyChange(tallyOf(task, task.slots), nothing),
    );
    await endIfAllComplete(tx, room, job, at);
    return bareReply(200);
  });
}

async function changeableTask(
  tx: WriteTransaction,
  call: TaskCall,
  room: BatchRoom,
): Promise<{ readonly job: Job; readonly task: Task } | Fault> {
  const found = await taskOfCall(tx, call, room);
  if (isFault(found)) return found;
  const refused = unmetCondition(call.request.headers, found.task.modifiedAt, 'write');
  if (refused !== undefined) return refused;
  return whyUnchangeable(found.job) ?? found;
}

function touched(task: Task, at: Instant): Task {
  return { ...task, modifiedAt: strictlyAfter(task.modifiedAt, at) };
}

async function leaveNode(tx: WriteTransaction, task: Task, at: Instant): Promise<void> {
  if (task.poolId === undefined || task.nodeId === undefined) return;
  const name = { account: task.account, pool: fold(task.poolId), node: task.nodeId };
  const node = await findNode(tx, name);
  if (node !== undefined) await saveNode(tx, withWork(node, -1, -task.slots, at));
}

async function forgetFiles(
  tx: WriteTransaction,
  room: BatchRoom,
  job: Job,
  task: Task,
): Promise<void> {
  if (task.poolId === undefined || task.nodeId === undefined) return;
  await room.engine.forgetFiles(tx, {
    owner: task.account,
    pool: fold(task.poolId),
    node: task.nodeId,
    path: taskDirectory(job.id, task.id),
  });
}
