import { type Instant, instant } from '#kernel/instant.ts';
import { parseDuration, unboundedDuration } from './duration.ts';
import { emptyMetadataKey, invalidProperty } from './faults.ts';
import type { Job } from './job.ts';
import type { EnvironmentSetting } from './run.ts';
import {
  duration,
  entityId,
  fallback,
  flag,
  list,
  matching,
  notYet,
  object,
  onlyYet,
  optional,
  type Reader,
  required,
  text,
  whole,
  word,
} from './shape.ts';
import { runOf } from './stored-settings.ts';

/** Longest display name, in characters. */
export const displayNameCharactersMax = 1024;

/** Most retries that may be asked for; -1 is without end. */
export const retriesMax = 2_147_483_647;

const metadataName: Reader<string> = (value, name, version) =>
  value === '' ? emptyMetadataKey() : text()(value, name, version);

/** Name and value that the service stores for its client and does not look at. */
export const metadataList = list(object({ name: required(metadataName), value: required(text()) }));

/** Environment variables. */
export const environmentList = list(
  object({ name: required(matching(/^[^=\0]{1,32768}$/)), value: optional(text()) }),
);

const parallelMax: Reader<number> = (value, name, version) => {
  const number = whole(-1, 2_147_483_647)(value, name, version);
  return number === 0 ? invalidProperty(name, '0') : number;
};

const priority = whole(-1000, 1000);
const allTasksComplete = word('noaction', 'terminatejob');

const constraints = object({
  maxWallClockTime: fallback(duration(), unboundedDuration),
  maxTaskRetryCount: fallback(whole(-1, retriesMax), 0),
});
const defaultConstraints = { maxWallClockTime: unboundedDuration, maxTaskRetryCount: 0 };

/** A job's pool is named; one that a job brings itself is not made yet. */
const poolInfo = object({ autoPoolSpecification: notYet(), poolId: required(entityId) });

/** Body of POST /jobs, in the order in which a job is written back. */
export const jobShape = {
  id: required(entityId),
  displayName: optional(text(displayNameCharactersMax)),
  priority: fallback(priority, 0),
  maxParallelTasks: fallback(parallelMax, -1),
  usesTaskDependencies: fallback(flag, false),
  allowTaskPreemption: fallback(flag, false),
  constraints: fallback(constraints, defaultConstraints),
  jobManagerTask: notYet(),
  jobPreparationTask: notYet(),
  jobReleaseTask: notYet(),
  commonEnvironmentSettings: optional(environmentList),
  poolInfo: required(poolInfo),
  metadata: optional(metadataList),
  onAllTasksComplete: fallback(allTasksComplete, 'noaction'),
  onTaskFailure: fallback(onlyYet('noaction', 'performexitoptionsjobaction'), 'noaction'),
  networkConfiguration: notYet(),
};

/** Body of PUT /jobs/{jobId}: what is left out gets its default. */
export const jobUpdateShape = {
  priority: fallback(priority, 0),
  maxParallelTasks: fallback(parallelMax, -1),
  allowTaskPreemption: fallback(flag, false),
  constraints: fallback(constraints, defaultConstraints),
  poolInfo: required(poolInfo),
  metadata: optional(metadataList),
  onAllTasksComplete: fallback(allTasksComplete, 'noaction'),
  networkConfiguration: notYet(),
};

/** Body of PATCH /jobs/{jobId}: what is left out stays. */
export const jobPatchShape = {
  priority: optional(priority),
  maxParallelTasks: optional(parallelMax),
  allowTaskPreemption: optional(flag),
  constraints: optional(constraints),
  poolInfo: optional(poolInfo),
  metadata: optional(metadataList),
  onAllTasksComplete: optional(allTasksComplete),
  networkConfiguration: notYet(),
};

/** Body of POST /jobs/{jobId}/terminate. */
export const jobTerminateShape = { terminateReason: optional(text(1024)) };

/** What of a job is stored as the client wrote it, with its defaults. */
export interface JobSettings {
  readonly priority: number;
  readonly maxParallelTasks: number;
  readonly usesTaskDependencies: boolean;
  readonly allowTaskPreemption: boolean;
  readonly constraints: { readonly maxWallClockTime: string; readonly maxTaskRetryCount: number };
  readonly commonEnvironmentSettings?: readonly EnvironmentSetting[];
  readonly poolInfo: { readonly poolId: string };
  readonly metadata?: readonly { readonly name: string; readonly value: string }[];
}

/** Reads what a job stores. */
export function jobSettingsOf(job: Pick<Job, 'settings'>): JobSettings {
  return JSON.parse(`{${job.settings}}`) as JobSettings;
}

/** The environment that every task of a job gets. */
export function commonEnvironmentOf(job: Pick<Job, 'settings'>): readonly EnvironmentSetting[] {
  return jobSettingsOf(job).commonEnvironmentSettings ?? [];
}

/** The run of JSON properties that a job stores, in the order in which Azure writes them. */
export function jobSettingsText(settings: JobSettings): string {
  const ordered: JobSettings = {
    priority: settings.priority,
    maxParallelTasks: settings.maxParallelTasks,
    usesTaskDependencies: settings.usesTaskDependencies,
    allowTaskPreemption: settings.allowTaskPreemption,
    constraints: settings.constraints,
    ...(settings.commonEnvironmentSettings && {
      commonEnvironmentSettings: settings.commonEnvironmentSettings,
    }),
    poolInfo: settings.poolInfo,
    ...(settings.metadata && { metadata: settings.metadata }),
  };
  return runOf(ordered);
}

/**
 * When a job's maxWallClockTime, counted from its creation, is over; undefined when it never is.
 */
export function deadlineOf(
  settings: Pick<JobSettings, 'constraints'>,
  createdAt: Instant,
): Instant | undefined {
  const wallClock = parseDuration(settings.constraints.maxWallClockTime);
  return typeof wallClock === 'number' ? instant(createdAt + wallClock * 1000) : undefined;
}
