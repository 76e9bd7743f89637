import { addAllTasks } from './add-all-tasks.ts';
import { type Connection, segment } from './connection.ts';
import type { GetOptions, ListOptions, WriteOptions } from './options.ts';
import { type WaitOptions, waitUntil } from './wait.ts';
import type { Task, TaskAddResult, TaskConstraints, TaskToAdd } from './wire.gen.ts';

export interface AddAllOptions {
  /** Chunks in flight at once, 1 when absent. */
  readonly parallelMax?: number;
  readonly signal?: AbortSignal;
}

/** Tasks of a job. Source: https://learn.microsoft.com/rest/api/batchservice/tasks */
export interface TaskOperations {
  add(jobId: string, task: TaskToAdd, options?: WriteOptions): Promise<void>;
  /**
   * Adds any number of tasks in chunks of 100 and returns one result per task, in the order given. A task that exists already
   * counts as added, as in the official clients, since a repeated chunk finds its own tasks. Throws `AddTasksError` when tasks
   * were refused.
   */
  addAll(
    jobId: string,
    tasks: readonly TaskToAdd[],
    options?: AddAllOptions,
  ): Promise<readonly TaskAddResult[]>;
  get<const Name extends keyof Task = keyof Task>(
    jobId: string,
    taskId: string,
    options?: GetOptions<Name>,
  ): Promise<Pick<Task, Name>>;
  list<const Name extends keyof Task = keyof Task>(
    jobId: string,
    options?: ListOptions<Name>,
  ): AsyncIterable<Pick<Task, Name>>;
  /** Replaces the constraints. */
  update(
    jobId: string,
    taskId: string,
    change: { readonly constraints: TaskConstraints },
    options?: WriteOptions,
  ): Promise<void>;
  terminate(jobId: string, taskId: string, options?: WriteOptions): Promise<void>;
  reactivate(jobId: string, taskId: string, options?: WriteOptions): Promise<void>;
  delete(jobId: string, taskId: string, options?: WriteOptions): Promise<void>;
  /** Waits until every task of the job is `completed`, and returns them. Throws `DeadlineError`. */
  waitForAll(jobId: string, options: WaitOptions): Promise<readonly Task[]>;
}

/** The task operations over a connection. */
export function taskOperations(connection: Connection): TaskOperations {
  const all = (jobId: string): string => `/jobs/${segment(jobId)}/tasks`;
  const at = (jobId: string, taskId: string): string => `${all(jobId)}/${segment(taskId)}`;
  return {
    add: (jobId, task, options = {}) => connection.change('POST', all(jobId), options, task),
    addAll: (jobId, tasks, options = {}) => addAllTasks(connection, jobId, tasks, options),
    get: (jobId, taskId, options = {}) => connection.get(at(jobId, taskId), options),
    list: (jobId, options = {}) => connection.list(all(jobId), options),
    update: (jobId, taskId, change, options = {}) =>
      connection.change('PUT', at(jobId, taskId), options, change),
    terminate: (jobId, taskId, options = {}) =>
      connection.change('POST', `${at(jobId, taskId)}/terminate`, options),
    reactivate: (jobId, taskId, options = {}) =>
      connection.change('POST', `${at(jobId, taskId)}/reactivate`, options),
    delete: (jobId, taskId, options = {}) =>
      connection.change('DELETE', at(jobId, taskId), options),
    waitForAll: (jobId, options) => waitForAllTasks(connection, all(jobId), options),
  };
}

async function waitForAllTasks(
  connection: Connection,
  path: string,
  options: WaitOptions,
): Promise<readonly Task[]> {
  const read = async (): Promise<readonly Task[]> => {
    const tasks: Task[] = [];
    const { signal } = options;
    const list = connection.list<Task>(path, signal === undefined ? {} : { signal });
    for await (const task of list) tasks.push(task);
    return tasks;
  };
  const done = (tasks: readonly Task[]): boolean =>
    tasks.every(({ state }) => state === 'completed');
  return waitUntil('the end of all tasks', read, done, options);
}
