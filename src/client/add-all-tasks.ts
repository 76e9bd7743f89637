import { fold } from '#kernel/ids.ts';
import { type Connection, segment } from './connection.ts';
import { AddTasksError, ServiceError } from './faults.ts';
import type { AddAllOptions } from './tasks.ts';
import type { TaskAddResult, TaskAddResults, TaskToAdd } from './wire.gen.ts';

/** Most tasks of one request. Source: https://learn.microsoft.com/rest/api/batchservice/tasks/create-task-collection */
const tasksPerChunk = 100;
/** How often a task that failed on the service's side is sent again. */
const taskRetriesMax = 4;

interface Pending {
  readonly task: TaskToAdd;
  /** Place in the caller's order. */
  readonly index: number;
  readonly retried: number;
}

/**
 * Adds tasks in chunks. A chunk that is too large for one request is halved; a task that failed on the service's side goes into
 * a later chunk.
 */
export async function addAllTasks(
  connection: Connection,
  jobId: string,
  tasks: readonly TaskToAdd[],
  options: AddAllOptions,
): Promise<readonly TaskAddResult[]> {
  const chunks = chunksOf(tasks.map((task, index) => ({ task, index, retried: 0 })));
  const results = new Map<number, TaskAddResult>();
  const work = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      const answered = await addChunk(connection, jobId, chunk, options.signal);
      if (answered === 'tooLarge') {
        const middle = Math.ceil(chunk.length / 2);
        chunks.unshift(chunk.slice(0, middle), chunk.slice(middle));
      } else {
        const again = settle(chunk, answered, results);
        if (again.length > 0) chunks.push(again);
      }
    }
  };
  const stop = (error: unknown): never => {
    chunks.length = 0;
    throw error;
  };
  await Promise.all(Array.from({ length: options.parallelMax ?? 1 }, () => work().catch(stop)));
  const ordered = tasks.flatMap((_, index) => results.get(index) ?? []);
  const failed = ordered.filter((result) => !isAdded(result));
  if (failed.length > 0) throw new AddTasksError(failed, ordered.filter(isAdded));
  return ordered;
}

/** True for a task that is there now, whoever added it. */
export function isAdded(result: TaskAddResult): boolean {
  return result.status.toLowerCase() === 'success' || result.error?.code === 'TaskExists';
}

function chunksOf(pending: readonly Pending[]): (readonly Pending[])[] {
  const count = Math.ceil(pending.length / tasksPerChunk);
  return Array.from({ length: count }, (_, at) =>
    pending.slice(at * tasksPerChunk, (at + 1) * tasksPerChunk),
  );
}

async function addChunk(
  connection: Connection,
  jobId: string,
  chunk: readonly Pending[],
  signal: AbortSignal | undefined,
): Promise<readonly TaskAddResult[] | 'tooLarge'> {
  try {
    const { value = [] } = await connection.json<TaskAddResults>({
      method: 'POST',
      path: `/jobs/${segment(jobId)}/addtaskcollection`,
      body: { value: chunk.map(({ task }) => task) },
      repeatable: true,
      signal,
    });
    return value;
  } catch (error) {
    const tooLarge = error instanceof ServiceError && error.code === 'RequestBodyTooLarge';
    if (tooLarge && chunk.length > 1) return 'tooLarge';
    throw error;
  }
}

/** Keeps what is final and returns what is to be sent again: a task that the service failed at, or did not answer for. */
function settle(
  chunk: readonly Pending[],
  answered: readonly TaskAddResult[],
  results: Map<number, TaskAddResult>,
): readonly Pending[] {
  const byId = new Map<string, TaskAddResult[]>();
  for (const result of answered) {
    const id = fold(result.taskId);
    byId.set(id, [...(byId.get(id) ?? []), result]);
  }
  const again: Pending[] = [];
  for (const pending of chunk) {
    const { task, index, retried } = pending;
    const missing = { taskId: task.id, status: 'ServerError' };
    const result = byId.get(fold(task.id))?.shift() ?? missing;
    if (result.status.toLowerCase() === 'servererror' && retried < taskRetriesMax) {
      again.push({ ...pending, retried: retried + 1 });
    } else {
      results.set(index, result);
    }
  }
  return again;
}
