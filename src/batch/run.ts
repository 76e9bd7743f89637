import type {
  EnvironmentVariable,
  GroupKey,
  ResourceFile,
  RunKey,
  RunSpec,
} from '#engine/engine.ts';
import { fold } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { parseDuration } from './duration.ts';
import type { Job } from './job.ts';
import type { Task } from './task.ts';

/** An environment variable as a client wrote it. */
export interface EnvironmentSetting {
  readonly name: string;
  readonly value?: string;
}

/** What of a task's settings decides how it runs. */
export interface TaskSettings {
  readonly commandLine: string;
  readonly resourceFiles?: readonly ResourceFile[];
  readonly environmentSettings?: readonly EnvironmentSetting[];
  readonly constraints: {
    readonly maxWallClockTime: string;
    readonly retentionTime: string;
    readonly maxTaskRetryCount: number;
  };
}

/**
 * The engine's group of a job. It holds when the job was made, since a later job may have its name.
 */
export function groupKeyOf(job: Pick<Job, 'account' | 'job' | 'createdAt'>): GroupKey {
  return { owner: job.account, group: `${job.job}:${job.createdAt.toString(36)}` };
}

/**
 * The engine's key of a task's current attempt. It holds when job and task were made, since later
 * ones may have their names.
 */
export function runKeyOf(job: Pick<Job, 'account' | 'job' | 'createdAt'>, task: Task): RunKey {
  const name = `${task.task}:${task.createdAt.toString(36)}`;
  return { ...groupKeyOf(job), task: name, attempt: task.attempt };
}

/** What a run key says: names of job and task, and when the two were made. */
export interface RunName {
  readonly account: string;
  readonly job: string;
  readonly jobCreatedAt: Instant;
  readonly task: string;
  readonly taskCreatedAt: Instant;
}

/** Reads a key that `runKeyOf` made. */
export function runNameOf(key: RunKey): RunName {
  const [job, jobCreatedAt] = split(key.group);
  const [task, taskCreatedAt] = split(key.task);
  return { account: key.owner, job, jobCreatedAt, task, taskCreatedAt };
}

/** The directory of a task below its node's root, as recorded: `workitems/<job>/job-1/<task>`. */
export function taskDirectory(jobId: string, taskId: string): string {
  return `${jobDirectory(jobId)}/job-1/${taskId}`;
}

/** The directory of all tasks of a job below a node's root. */
export function jobDirectory(jobId: string): string {
  return `workitems/${jobId}`;
}

/**
 * Everything that the engine needs to run a task's current attempt. `common` is the job's
 * environment.
 */
export function runSpecOf(
  accountName: string,
  job: Job,
  common: readonly EnvironmentSetting[],
  task: Task,
  settings: TaskSettings,
): RunSpec {
  const wallClock = parseDuration(settings.constraints.maxWallClockTime);
  return {
    ...runKeyOf(job, task),
    slots: task.slots,
    commandLine: settings.commandLine,
    environment: environmentOf(accountName, job, task, [
      ...common,
      ...(settings.environmentSettings ?? []),
    ]),
    resourceFiles: settings.resourceFiles ?? [],
    directory: taskDirectory(job.id, task.id),
    ...(typeof wallClock === 'number' ? { wallClockMilliseconds: wallClock } : {}),
  };
}

/**
 * The environment of a task: the client's variables, the task's over the job's, and Batch's own
 * over both (UNVERIFIED: whether Azure lets a client replace an AZ_BATCH_ variable).
 * Source: https://learn.microsoft.com/azure/batch/batch-compute-node-environment-variables
 */
function environmentOf(
  accountName: string,
  job: Job,
  task: Task,
  written: readonly EnvironmentSetting[],
): readonly EnvironmentVariable[] {
  const variables = new Map<string, EnvironmentVariable>();
  for (const { name, value } of written) variables.set(name, { name, value: value ?? '' });
  const own = [
    { name: 'AZ_BATCH_ACCOUNT_NAME', value: accountName },
    { name: 'AZ_BATCH_ACCOUNT_URL', value: `${job.urlBase}/` },
    { name: 'AZ_BATCH_POOL_ID', value: job.poolId },
    { name: 'AZ_BATCH_JOB_ID', value: job.id },
    { name: 'AZ_BATCH_TASK_ID', value: task.id },
    { name: 'AZ_BATCH_NODE_IS_DEDICATED', value: 'true' },
    onNode('AZ_BATCH_NODE_ID', 'node'),
    onNode('AZ_BATCH_NODE_ROOT_DIR', 'nodeRoot'),
    onNode('AZ_BATCH_NODE_SHARED_DIR', 'nodeRoot', '/shared'),
    onNode('AZ_BATCH_NODE_STARTUP_DIR', 'nodeRoot', '/startup'),
    onNode('AZ_BATCH_NODE_MOUNTS_DIR', 'nodeRoot', '/fsmounts'),
    onNode('AZ_BATCH_TASK_DIR', 'taskDirectory'),
    onNode('AZ_BATCH_TASK_WORKING_DIR', 'taskDirectory', '/wd'),
  ];
  for (const variable of own) variables.set(variable.name, variable);
  return [...variables.values()];
}

/** A variable whose value only the node knows; the engine fills `${what}` in. */
function onNode(
  name: string,
  what: 'node' | 'nodeRoot' | 'taskDirectory',
  below = '',
): EnvironmentVariable {
  return { name, value: `\${${what}}${below}`, expand: true };
}

function split(text: string): readonly [name: string, createdAt: Instant] {
  const colon = text.lastIndexOf(':');
  return [fold(text.slice(0, colon)), instant(Number.parseInt(text.slice(colon + 1), 36))];
}
