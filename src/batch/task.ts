import type { RunOutcome } from '#engine/engine.ts';
import type { Instant } from '#kernel/instant.ts';
import type { TaskTally } from './job.ts';
import type { StoredSettings } from './stored-settings.ts';
import {
  endedByUserFailure,
  exitCodeFailure,
  type FailureInfo,
  launchFailure,
  programNotFoundFailure,
  resourceFailure,
  vanishedFailure,
  wallClockFailure,
} from './task.faults.ts';

/** The states of a task that Batten reaches; nothing prepares a node for a job yet. */
export type TaskState = 'active' | 'running' | 'completed';

/** A task. */
export interface Task {
  readonly account: string;
  /** Folded name of its job. */
  readonly job: string;
  /** Folded name. */
  readonly task: string;
  readonly id: string;
  readonly displayName: string | undefined;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
  readonly state: TaskState;
  readonly stateAt: Instant;
  readonly previousState: TaskState | undefined;
  readonly previousStateAt: Instant | undefined;
  readonly slots: number;
  /** Retries after nonzero exit codes: its own, else its job's; -1 means without end. */
  readonly retriesMax: number;
  /** Number of the current attempt over retries and requeues, from 1. */
  readonly attempt: number;
  /** Its client asked for its end; the engine is killing it. */
  readonly isEnding: boolean;
  /**
   * What the client wrote; `taskSettingsText` reads it, so that a list opens only what it shows.
   */
  readonly settings: StoredSettings;
  readonly startedAt: Instant | undefined;
  readonly endedAt: Instant | undefined;
  readonly exitCode: number | undefined;
  readonly result: 'success' | 'failure' | undefined;
  readonly failure: FailureInfo | undefined;
  readonly retryCount: number;
  readonly retriedAt: Instant | undefined;
  readonly requeueCount: number;
  readonly requeuedAt: Instant | undefined;
  /** Where it runs or ran last. */
  readonly poolId: string | undefined;
  readonly nodeId: string | undefined;
}

/** What a run's end means for its task. */
export type AfterRun =
  | { readonly kind: 'complete'; readonly exitCode?: number; readonly failure?: FailureInfo }
  /** The command ran and failed, and may run again. */
  | { readonly kind: 'retry' }
  /** The node went away under it. */
  | { readonly kind: 'requeue' }
  /** The node went away before it began: it waits as before. */
  | { readonly kind: 'waitOn' }
  /** It never ran and its job is over: it stays active for ever, as Azure leaves it. */
  | { readonly kind: 'stay' };

/** What matters of a run's surroundings when it ends. */
export interface RunContext {
  readonly hasStarted: boolean;
  readonly isJobOpen: boolean;
  /** The resize that takes its node away ends tasks rather than requeueing them. */
  readonly endsOnRemoval: boolean;
}

/**
 * Decides what becomes of a task whose attempt has ended. Only nonzero exit codes are retried; a
 * run whose end was not seen is a failed attempt like them, since the command may have run.
 */
export function afterRun(
  task: Pick<Task, 'retriesMax' | 'retryCount' | 'isEnding'>,
  outcome: RunOutcome,
  context: RunContext,
): AfterRun {
  if (task.isEnding && outcome.kind !== 'exited')
    return { kind: 'complete', failure: endedByUserFailure };
  const mayRetry = context.isJobOpen && !task.isEnding && hasRetries(task);
  switch (outcome.kind) {
    case 'exited':
      if (outcome.exitCode === 0) return { kind: 'complete', exitCode: 0 };
      if (mayRetry) return { kind: 'retry' };
      return { kind: 'complete', exitCode: outcome.exitCode, failure: exitCodeFailure };
    case 'notStarted':
      return outcome.problem === 'programNotFound'
        ? { kind: 'complete', failure: programNotFoundFailure }
        : { kind: 'complete', failure: launchFailure(outcome.text) };
    case 'resourceFailed':
      return {
        kind: 'complete',
        failure: resourceFailure(outcome.url, outcome.filePath, outcome.text),
      };
    case 'wallClock':
      return { kind: 'complete', failure: wallClockFailure };
    case 'cancelled':
      if (!context.hasStarted && !context.isJobOpen) return { kind: 'stay' };
      return { kind: 'complete', failure: endedByUserFailure };
    case 'vanished':
      return mayRetry
        ? { kind: 'retry' }
        : { kind: 'complete', failure: vanishedFailure(outcome.text) };
    case 'nodeRemoved':
      return whenRequeued(context);
  }
}

function whenRequeued(context: RunContext): AfterRun {
  if (!context.hasStarted) return { kind: context.isJobOpen ? 'waitOn' : 'stay' };
  return context.isJobOpen && !context.endsOnRemoval
    ? { kind: 'requeue' }
    : { kind: 'complete', failure: endedByUserFailure };
}

function hasRetries(task: Pick<Task, 'retriesMax' | 'retryCount'>): boolean {
  return task.retriesMax < 0 || task.retryCount < task.retriesMax;
}

/** Which counter of its job a task stands in. */
export function tallyOf(task: Pick<Task, 'state' | 'result'>, weight: number): TaskTally {
  const isCompleted = task.state === 'completed';
  return {
    active: task.state === 'active' ? weight : 0,
    running: task.state === 'running' ? weight : 0,
    succeeded: isCompleted && task.result === 'success' ? weight : 0,
    failed: isCompleted && task.result !== 'success' ? weight : 0,
  };
}

/** The difference that a change of state makes to its job's counters. */
export function tallyChange(before: TaskTally, after: TaskTally): TaskTally {
  return {
    active: after.active - before.active,
    running: after.running - before.running,
    succeeded: after.succeeded - before.succeeded,
    failed: after.failed - before.failed,
  };
}

/** A task in another state, its previous one remembered. */
export function inState(task: Task, state: TaskState, at: Instant): Task {
  return {
    ...task,
    state,
    stateAt: at,
    previousState: task.state,
    previousStateAt: task.stateAt,
  };
}

/** A task that is over. */
export function completed(
  task: Task,
  end: { readonly exitCode?: number; readonly failure?: FailureInfo },
  at: Instant,
): Task {
  return {
    ...inState(task, 'completed', at),
    isEnding: false,
    endedAt: at,
    exitCode: end.exitCode,
    failure: end.failure,
    result: end.failure === undefined ? 'success' : 'failure',
  };
}

/** A task that waits for its next attempt. */
export function again(task: Task, why: 'retry' | 'requeue' | 'waitOn', at: Instant): Task {
  if (why === 'waitOn') return { ...task, attempt: task.attempt + 1 };
  const counted =
    why === 'retry'
      ? { retryCount: task.retryCount + 1, retriedAt: at }
      : { requeueCount: task.requeueCount + 1, requeuedAt: at };
  return {
    ...inState(task, 'active', at),
    ...counted,
    attempt: task.attempt + 1,
    startedAt: undefined,
    endedAt: undefined,
    poolId: undefined,
    nodeId: undefined,
  };
}
