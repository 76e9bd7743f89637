import { type Connection, segment } from './connection.ts';
import type { GetOptions, ListOptions, WriteOptions } from './options.ts';
import type {
  Job,
  JobDisabling,
  JobPatch,
  JobTermination,
  JobToAdd,
  TaskCountsResult,
} from './wire.gen.ts';

/** Jobs of an account. Source: https://learn.microsoft.com/rest/api/batchservice/jobs */
export interface JobOperations {
  add(job: JobToAdd, options?: WriteOptions): Promise<void>;
  get<const Name extends keyof Job = keyof Job>(
    jobId: string,
    options?: GetOptions<Name>,
  ): Promise<Pick<Job, Name>>;
  list<const Name extends keyof Job = keyof Job>(
    options?: ListOptions<Name>,
  ): AsyncIterable<Pick<Job, Name>>;
  /** Changes only the properties given. */
  update(jobId: string, patch: JobPatch, options?: WriteOptions): Promise<void>;
  enable(jobId: string, options?: WriteOptions): Promise<void>;
  disable(jobId: string, how: JobDisabling, options?: WriteOptions): Promise<void>;
  /** Ends the job and its tasks; it is `terminating` until they have ended. */
  terminate(jobId: string, termination?: JobTermination, options?: WriteOptions): Promise<void>;
  /** Deletes the job with its tasks; it is `deleting` until they are gone. */
  delete(jobId: string, options?: WriteOptions): Promise<void>;
  taskCounts(jobId: string): Promise<TaskCountsResult>;
}

/** The job operations over a connection. */
export function jobOperations(connection: Connection): JobOperations {
  const at = (jobId: string): string => `/jobs/${segment(jobId)}`;
  return {
    add: (job, options = {}) => connection.change('POST', '/jobs', options, job),
    get: (jobId, options = {}) => connection.get(at(jobId), options),
    list: (options = {}) => connection.list('/jobs', options),
    update: (jobId, patch, options = {}) => connection.change('PATCH', at(jobId), options, patch),
    enable: (jobId, options = {}) => connection.change('POST', `${at(jobId)}/enable`, options),
    disable: (jobId, how, options = {}) =>
      connection.change('POST', `${at(jobId)}/disable`, options, how),
    terminate: (jobId, termination, options = {}) =>
      connection.change('POST', `${at(jobId)}/terminate`, options, termination),
    delete: (jobId, options = {}) => connection.change('DELETE', at(jobId), options),
    taskCounts: (jobId) => connection.get(`${at(jobId)}/taskcounts`, {}),
  };
}
