import type { Operation, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
} from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { entityReply, listReply, objectText, quoted } from './entity.http.ts';
import { jobNotFound } from './job.faults.ts';
import { findJob, listJobs } from './job.store.ts';
import type { Job, TaskTally } from './job.ts';
import { jobFilterValue, jobText } from './job.wire.ts';
import { matches, requiredState } from './odata-filter.ts';
import { listQueryOf, pageOf, selectOf } from './odata-query.ts';
import { batchPermission } from './permission.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/job';

/** The operations that read jobs. */
export const jobReadOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Job_List',
    method: 'GET',
    path: '/jobs',
    permission: batchPermission('jobs/read', 'read'),
    query: ['$filter', '$select', '$expand', 'maxresults'],
    reply: { 200: 'json' },
    source: `${source}/list`,
    handler: jobPage,
  }),
  batchOperation({
    id: 'Job_Get',
    method: 'GET',
    path: '/jobs/{jobId}',
    permission: batchPermission('jobs/read', 'read'),
    query: ['$select', '$expand'],
    reply: { 200: 'json' },
    source: `${source}/get`,
    handler: getJob,
  }),
  batchOperation({
    id: 'Job_GetTaskCounts',
    method: 'GET',
    path: '/jobs/{jobId}/taskcounts',
    permission: batchPermission('jobs/read', 'read'),
    reply: { 200: 'json' },
    source: `${source}/get-task-counts`,
    handler: taskCounts,
  }),
];

async function jobPage(call: BatchCall, room: BatchRoom): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'jobs');
  if (isFault(query)) return query;
  const { filter, select } = query;
  const account = fold(accountOf(call.caller).name);
  const state = requiredState(filter);
  const page = await room.store.read((tx) =>
    pageOf(query, {
      fetch: (after, rowsMax) => listJobs(tx, room.seal, { account, state, after, rowsMax }),
      nameOf: (job) => job.job,
      ...(filter && { fits: (job: Job) => matches(filter, (name) => jobFilterValue(job, name)) }),
    }),
  );
  const base = linkBase(call.request.reach);
  return listReply(
    call.request,
    'jobs',
    page.rows.map((job) => jobText(job, base, select)),
    page.next,
  );
}

async function getJob(call: BatchCall<'jobId'>, room: BatchRoom): Promise<Reply | Fault> {
  const select = selectOf(call.request);
  if (isFault(select)) return select;
  const job = await room.store.read((tx) => jobOfCall(tx, call, room));
  if (isFault(job)) return job;
  const refused = unmetCondition(call.request.headers, job.modifiedAt, 'read');
  if (refused !== undefined) return refused;
  const entity = jobText(job, linkBase(call.request.reach), select);
  return entityReply(call.request, 'jobs', entity, job.modifiedAt);
}

async function taskCounts(call: BatchCall<'jobId'>, room: BatchRoom): Promise<Reply | Fault> {
  const job = await room.store.read((tx) => jobOfCall(tx, call, room));
  if (isFault(job)) return job;
  const entity = objectText([
    ['taskCounts', quoted(countsOf(job.tasks))],
    ['taskSlotCounts', quoted(countsOf(job.slots))],
  ]);
  return entityReply(call.request, 'taskcountsresult', entity);
}

function countsOf({ active, running, succeeded, failed }: TaskTally) {
  return { active, running, completed: succeeded + failed, succeeded, failed };
}

/** The job that a call names, or that there is none. */
export async function jobOfCall(
  tx: Parameters<typeof findJob>[0],
  call: BatchCall<'jobId'>,
  room: Pick<BatchRoom, 'seal'>,
): Promise<Job | Fault> {
  const account = fold(accountOf(call.caller).name);
  const job = await findJob(tx, room.seal, account, fold(call.params.jobId));
  return job ?? jobNotFound();
}
