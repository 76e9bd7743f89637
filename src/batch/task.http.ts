import type { Operation, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
} from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { entityReply, listReply } from './entity.http.ts';
import { jobOfCall } from './job.http.ts';
import type { Job } from './job.ts';
import { matches, requiredState } from './odata-filter.ts';
import { listQueryOf, pageOf, selectOf } from './odata-query.ts';
import { batchPermission } from './permission.ts';
import { taskNotFound } from './task.faults.ts';
import { findTask, listTasks } from './task.store.ts';
import type { Task } from './task.ts';
import { taskFilterValue, taskText } from './task.wire.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/task';

/** The operations that read tasks. */
export const taskReadOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Task_List',
    method: 'GET',
    path: '/jobs/{jobId}/tasks',
    permission: batchPermission('jobs/read', 'read'),
    query: ['$filter', '$select', '$expand', 'maxresults'],
    reply: { 200: 'json' },
    source: `${source}/list`,
    handler: taskPage,
  }),
  batchOperation({
    id: 'Task_Get',
    method: 'GET',
    path: '/jobs/{jobId}/tasks/{taskId}',
    permission: batchPermission('jobs/read', 'read'),
    query: ['$select', '$expand'],
    reply: { 200: 'json' },
    source: `${source}/get`,
    handler: getTask,
  }),
];

async function taskPage(call: BatchCall<'jobId'>, room: BatchRoom): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'tasks');
  if (isFault(query)) return query;
  const { filter, select } = query;
  const state = requiredState(filter);
  const found = await room.store.read(async (tx) => {
    const job = await jobOfCall(tx, call, room);
    if (isFault(job)) return job;
    const page = await pageOf(query, {
      fetch: (after, rowsMax) =>
        listTasks(tx, { account: job.account, job: job.job, state, after, rowsMax }),
      nameOf: (task) => task.task,
      ...(filter && {
        fits: (task: Task) => matches(filter, (name) => taskFilterValue(task, name)),
      }),
    });
    return { job, page };
  });
  if (isFault(found)) return found;
  const place = { base: linkBase(call.request.reach), jobId: found.job.id, seal: room.seal };
  const texts = found.page.rows.map((task) => taskText(task, place, select));
  return listReply(call.request, 'tasks', texts, found.page.next);
}

async function getTask(
  call: BatchCall<'jobId' | 'taskId'>,
  room: BatchRoom,
): Promise<Reply | Fault> {
  const select = selectOf(call.request);
  if (isFault(select)) return select;
  const found = await room.store.read((tx) => taskOfCall(tx, call, room));
  if (isFault(found)) return found;
  const { job, task } = found;
  const refused = unmetCondition(call.request.headers, task.modifiedAt, 'read');
  if (refused !== undefined) return refused;
  const place = { base: linkBase(call.request.reach), jobId: job.id, seal: room.seal };
  return entityReply(call.request, 'tasks', taskText(task, place, select), task.modifiedAt);
}

/** The job and the task that a call names, or which of them there is not. */
export async function taskOfCall(
  tx: ReadTransaction,
  call: BatchCall<'jobId' | 'taskId'>,
  room: Pick<BatchRoom, 'seal'>,
): Promise<{ readonly job: Job; readonly task: Task } | Fault> {
  const job = await jobOfCall(tx, call, room);
  if (isFault(job)) return job;
  const account = fold(accountOf(call.caller).name);
  const name = { account, job: job.job, task: fold(call.params.taskId) };
  const task = await findTask(tx, name);
  return task === undefined ? taskNotFound() : { job, task };
}
