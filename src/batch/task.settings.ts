import { type Fault, isFault } from '#kernel/fault.ts';
import type { Seal } from '#kernel/seal.ts';
import { unboundedDuration } from './duration.ts';
import { invalidProperty, missingProperty } from './faults.ts';
import { displayNameCharactersMax, environmentList, retriesMax } from './job.settings.ts';
import type { TaskSettings } from './run.ts';
import {
  duration,
  entityId,
  fallback,
  list,
  matching,
  notYet,
  notYetList,
  object,
  onlyYet,
  optional,
  required,
  type Shaped,
  text,
  whole,
} from './shape.ts';
import { readSettings, runOf, type StoredSettings, storeSettings } from './stored-settings.ts';
import type { Task } from './task.ts';

/** Most tasks of one addtaskcollection. */
export const tasksAddedMax = 100;

const retentionDefault = 'P7D';
const slotsMax = 256;

const resourceFile = object({
  autoStorageContainerName: notYet(),
  storageContainerUrl: notYet(),
  httpUrl: optional(text()),
  blobPrefix: notYet(),
  filePath: optional(text(4096)),
  fileMode: optional(matching(/^0?[0-7]{3,4}$/)),
  identityReference: notYet(),
});

const constraints = object({
  maxWallClockTime: fallback(duration(), unboundedDuration),
  retentionTime: fallback(duration(), retentionDefault),
  maxTaskRetryCount: optional(whole(-1, retriesMax)),
});

/** Tasks run as the pool's own user without rights; another user is not made yet. */
const autoUser = object({
  scope: fallback(onlyYet('pool', 'task'), 'pool'),
  elevationLevel: fallback(onlyYet('nonadmin', 'admin'), 'nonadmin'),
});
const poolUser = { scope: 'pool', elevationLevel: 'nonadmin' } as const;

/** Body of POST /jobs/{jobId}/tasks, in the order in which a task is written back. */
export const taskShape = {
  id: required(entityId),
  displayName: optional(text(displayNameCharactersMax)),
  commandLine: required(text(1_048_576, 1)),
  containerSettings: notYet(),
  exitConditions: notYet(),
  resourceFiles: optional(list(resourceFile)),
  outputFiles: notYetList(),
  environmentSettings: optional(environmentList),
  affinityInfo: optional(object({ affinityId: required(text(256)) })),
  userIdentity: fallback(object({ username: notYet(), autoUser: fallback(autoUser, poolUser) }), {
    autoUser: poolUser,
  }),
  constraints: optional(constraints),
  requiredSlots: fallback(whole(1, slotsMax), 1),
  multiInstanceSettings: notYet(),
  dependsOn: notYet(),
  applicationPackageReferences: notYetList(),
  authenticationTokenSettings: notYet(),
};

/** Body of POST /jobs/{jobId}/addtaskcollection. */
export const taskCollectionShape = { value: required(list(object(taskShape), tasksAddedMax)) };

/** Body of PUT /jobs/{jobId}/tasks/{taskId}. */
export const taskUpdateShape = { constraints: optional(constraints) };

/** A task as its client wrote it. */
export type TaskBody = Shaped<typeof taskShape>;

/** The constraints of a task: its own, with the job's retries where it has none. */
export function constraintsOf(
  written: Shaped<typeof taskUpdateShape>['constraints'],
  jobRetries: number,
): TaskSettings['constraints'] {
  return {
    maxWallClockTime: written?.maxWallClockTime ?? unboundedDuration,
    retentionTime: written?.retentionTime ?? retentionDefault,
    maxTaskRetryCount: written?.maxTaskRetryCount ?? jobRetries,
  };
}

/**
 * What a task stores, as a run of JSON properties, and what runs of it; refuses resource files that
 * name no place.
 */
export function taskSettings(
  body: TaskBody,
  jobRetries: number,
): { readonly settings: TaskSettings; readonly text: string } | Fault {
  for (const file of body.resourceFiles ?? []) {
    const refused = fileRefusal(file);
    if (isFault(refused)) return refused;
  }
  const { id: _id, displayName: _name, commandLine, ...rest } = body;
  const written = {
    commandLine,
    ...rest,
    constraints: constraintsOf(body.constraints, jobRetries),
    // Written last, so that the order is Azure's whether or not constraints were sent.
    requiredSlots: body.requiredSlots,
  };
  const settings = reordered(written);
  return {
    settings: settings as unknown as TaskSettings,
    text: runOf(settings),
  };
}

type TaskName = Pick<Task, 'account' | 'job' | 'task'>;

/** What a task's row keeps of a run of JSON properties. */
export function taskSettingsStored(seal: Seal, name: TaskName, run: string): StoredSettings {
  return storeSettings(seal, run, contextOf(name));
}

/** The run of JSON properties that a task's row keeps. */
export function taskSettingsText(seal: Seal, task: Task): string {
  return readSettings(seal, task.settings, contextOf(task));
}

/** What a task's row keeps, read. */
export function settingsOf(seal: Seal, task: Task): TaskSettings {
  return JSON.parse(`{${taskSettingsText(seal, task)}}`) as TaskSettings;
}

const writtenOrder = [
  'commandLine',
  'resourceFiles',
  'environmentSettings',
  'affinityInfo',
  'userIdentity',
  'constraints',
  'requiredSlots',
];

function reordered(written: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const names = writtenOrder.filter((name) => written[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, written[name]]));
}

/** What a task's row keeps once its constraints are others. */
export function withConstraints(
  seal: Seal,
  task: Task,
  constraints: TaskSettings['constraints'],
): StoredSettings {
  const changed = { ...settingsOf(seal, task), constraints };
  return taskSettingsStored(seal, task, runOf(changed));
}

function fileRefusal(file: {
  readonly httpUrl?: string;
  readonly filePath?: string;
}): Fault | undefined {
  if (file.httpUrl === undefined) return missingProperty('httpUrl');
  if (!/^https?:\/\/[^/]/i.test(file.httpUrl)) return invalidProperty('httpUrl', file.httpUrl);
  if (file.filePath === undefined) return missingProperty('filePath');
  const parts = file.filePath.split(/[\\/]/);
  const escapes = parts.includes('..') || file.filePath.startsWith('/');
  return escapes || file.filePath === '' ? invalidProperty('filePath', file.filePath) : undefined;
}

function contextOf({ account, job, task }: TaskName): string {
  return `task:${account}:${job}:${task}`;
}
