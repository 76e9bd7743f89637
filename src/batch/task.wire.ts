import { etagOf } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import { dated, objectText, quoted } from './entity.http.ts';
import type { FilterValue } from './odata-filter.ts';
import { taskDirectory } from './run.ts';
import { taskSettingsText } from './task.settings.ts';
import type { Task } from './task.ts';

/**
 * What writing a task takes: the address of the account, the job's id as written, and what opens
 * sealed settings.
 */
export interface TaskPlace {
  readonly base: string;
  readonly jobId: string;
  readonly seal: Seal;
}

/** The path of a task below its account's address. */
export function taskPath(jobId: string, taskId: string): string {
  return `/jobs/${jobId}/tasks/${taskId}`;
}

/** A task on the wire, in Azure's order. */
export function taskText(
  task: Task,
  place: TaskPlace,
  select: ReadonlySet<string> | undefined,
): string {
  return objectText(
    [
      ['id', quoted(task.id)],
      ['displayName', task.displayName === undefined ? undefined : quoted(task.displayName)],
      ['url', quoted(`${place.base}${taskPath(place.jobId, task.id)}`)],
      ['eTag', quoted(etagOf(task.modifiedAt))],
      ['creationTime', dated(task.createdAt)],
      ['lastModified', dated(task.modifiedAt)],
      ['state', quoted(task.state)],
      ['stateTransitionTime', dated(task.stateAt)],
      ['previousState', task.previousState === undefined ? undefined : quoted(task.previousState)],
      ['previousStateTransitionTime', dated(task.previousStateAt)],
      ['', showsSettings(select) ? taskSettingsText(place.seal, task) : undefined],
      ['executionInfo', executionText(task)],
      ['nodeInfo', nodeText(task, place)],
    ],
    select,
  );
}

const ownNames = new Set(
  [
    'id',
    'displayName',
    'url',
    'eTag',
    'creationTime',
    'lastModified',
    'state',
    'stateTransitionTime',
  ].concat(['previousState', 'previousStateTransitionTime', 'executionInfo', 'nodeInfo']),
);

/**
 * False when a select names only what the service itself writes, so that nothing need be unsealed.
 */
function showsSettings(select: ReadonlySet<string> | undefined): boolean {
  return select === undefined || [...select].some((name) => !ownNames.has(name));
}

/** What a property of a task is to a filter. */
export function taskFilterValue(task: Task, property: string): FilterValue {
  switch (property) {
    case 'id':
      return task.id;
    case 'state':
      return task.state;
    case 'stateTransitionTime':
      return task.stateAt;
    case 'creationTime':
      return task.createdAt;
    case 'lastModifiedTime':
      return task.modifiedAt;
    case 'executionInfo/result':
      return task.result;
    case 'executionInfo/startTime':
      return task.startedAt;
    case 'executionInfo/endTime':
      return task.endedAt;
    case 'executionInfo/exitCode':
      return task.exitCode;
    default:
      throw new Error(`the filter of tasks has no ${property}`);
  }
}

function executionText(task: Task): string {
  return objectText([
    ['startTime', dated(task.startedAt)],
    ['endTime', dated(task.endedAt)],
    ['exitCode', task.exitCode === undefined ? undefined : String(task.exitCode)],
    ['failureInfo', task.failure === undefined ? undefined : JSON.stringify(task.failure)],
    ['result', task.result === undefined ? undefined : quoted(task.result)],
    ['retryCount', String(task.retryCount)],
    ['lastRetryTime', dated(task.retriedAt)],
    ['requeueCount', String(task.requeueCount)],
    ['lastRequeueTime', dated(task.requeuedAt)],
  ]);
}

/** Absent before a task runs; empty, as recorded, when it ended without ever running. */
function nodeText(task: Task, { base, jobId }: TaskPlace): string | undefined {
  const { poolId, nodeId } = task;
  if (poolId === undefined || nodeId === undefined) {
    return task.state === 'completed' ? '{}' : undefined;
  }
  const nodeUrl = `${base}/pools/${poolId}/nodes/${nodeId}`;
  const directory = taskDirectory(jobId, task.id);
  return quoted({
    affinityId: `TVM:${nodeId}`,
    nodeUrl,
    poolId,
    nodeId,
    taskRootDirectory: directory,
    taskRootDirectoryUrl: `${nodeUrl}/files/${directory}`,
  });
}
