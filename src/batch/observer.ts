import type { Engine, EngineObserver, NodeKey, RunEnd, RunKey, RunStart } from '#engine/engine.ts';
import type { Log } from '#kernel/log.ts';
import type { Seal } from '#kernel/seal.ts';
import type { WriteTransaction } from '#store/store.ts';
import { findAccount } from './account.store.ts';
import { commonEnvironmentOf } from './job.settings.ts';
import { findJob, tallyTasks } from './job.store.ts';
import type { Job } from './job.ts';
import { endIfAllComplete } from './job-end.ts';
import { findNode, saveNode } from './node.store.ts';
import { withWork } from './node.ts';
import { mustSave, nodeName, takeNodeChange } from './node-change.ts';
import { findPool } from './pool.store.ts';
import type { Pool } from './pool.ts';
import { type RunName, runNameOf, runSpecOf } from './run.ts';
import { settingsOf } from './task.settings.ts';
import { findTask, saveTask } from './task.store.ts';
import { afterRun, again, completed, inState, type Task, tallyChange, tallyOf } from './task.ts';

/**
 * What the observer works with. `engine` is asked for when it is needed, since the engine is opened
 * with its observer.
 */
export interface ObserverParts {
  readonly engine: () => Engine;
  readonly seal: Seal;
  readonly log: Log;
}

/**
 * Hears from the engine what happened to nodes and runs, and moves pools, nodes, jobs and tasks
 * accordingly, in the engine's own transaction. Such changes never move an ETag.
 */
export function batchObserver(parts: ObserverParts): EngineObserver {
  return {
    nodeChanged: (tx, node, change) => takeNodeChange(tx, parts.log, node, change),
    runStarted: (tx, run, start) => runStarted(parts, tx, run, start),
    runEnded: (tx, run, end) => runEnded(parts, tx, run, end),
  };
}

/** A task with its job, as long as both are those that the run was queued for. */
interface Subject {
  readonly job: Job;
  readonly task: Task;
}

async function subjectOf(
  parts: ObserverParts,
  tx: WriteTransaction,
  key: RunKey,
): Promise<Subject | undefined> {
  const name: RunName = runNameOf(key);
  const job = await findJob(tx, parts.seal, name.account, name.job);
  const task = await findTask(tx, name);
  const areTheSame = job?.createdAt === name.jobCreatedAt && task?.createdAt === name.taskCreatedAt;
  if (!areTheSame || job === undefined || task === undefined) return undefined;
  return task.attempt === key.attempt ? { job, task } : undefined;
}

async function runStarted(
  parts: ObserverParts,
  tx: WriteTransaction,
  key: RunKey,
  start: RunStart,
): Promise<void> {
  const subject = await subjectOf(parts, tx, key);
  if (subject?.task.state !== 'active') return;
  await begin(tx, subject, start);
}

async function begin(tx: WriteTransaction, { job, task }: Subject, start: RunStart): Promise<Task> {
  const pool = await findPool(tx, start.node.owner, start.node.pool);
  const running: Task = {
    ...inState(task, 'running', start.at),
    startedAt: start.at,
    ...placeOf(pool, job, start.node),
  };
  mustSave(await saveTask(tx, task, running));
  await count(tx, job, task, running);
  const node = await findNode(tx, nodeName(start.node));
  if (node !== undefined) {
    await saveNode(tx, {
      ...withWork(node, 1, task.slots, start.at),
      tasksRun: node.tasksRun + 1,
    });
  }
  return running;
}

async function runEnded(
  parts: ObserverParts,
  tx: WriteTransaction,
  key: RunKey,
  end: RunEnd,
): Promise<void> {
  const subject = await subjectOf(parts, tx, key);
  if (subject === undefined || subject.task.state === 'completed') return;
  const { job } = subject;
  // The start may never have been told, when both happened between two polls.
  const task =
    subject.task.state === 'active' && end.startedAt !== undefined
      ? await begin(tx, subject, { node: end.node, at: end.startedAt })
      : subject.task;
  const pool = await findPool(tx, end.node.owner, end.node.pool);
  const next = afterRun(task, end.outcome, {
    hasStarted: task.state === 'running',
    isJobOpen: job.state === 'active',
    endsOnRemoval: pool?.removal === 'terminate',
  });
  if (next.kind === 'stay') return;
  const after =
    next.kind === 'complete'
      ? completed({ ...task, ...placeOf(pool, job, end.node) }, next, end.at)
      : again(task, next.kind, end.at);
  mustSave(await saveTask(tx, task, after));
  await count(tx, job, task, after);
  if (task.state === 'running') await leaveNode(tx, end, task, after);
  if (next.kind === 'complete') {
    await endIfAllComplete(tx, { engine: parts.engine(), seal: parts.seal }, job, end.at);
  } else {
    await enqueueAgain(parts, tx, job, after);
  }
}

async function count(tx: WriteTransaction, job: Job, before: Task, after: Task): Promise<void> {
  const tasks = tallyChange(tallyOf(before, 1), tallyOf(after, 1));
  const slots = tallyChange(tallyOf(before, before.slots), tallyOf(after, after.slots));
  await tallyTasks(tx, job, tasks, slots);
}

async function leaveNode(
  tx: WriteTransaction,
  end: RunEnd,
  task: Task,
  after: Task,
): Promise<void> {
  const node = await findNode(tx, nodeName(end.node));
  if (node === undefined) return;
  const succeeded = after.result === 'success' ? 1 : 0;
  await saveNode(tx, {
    ...withWork(node, -1, -task.slots, end.at),
    tasksSucceeded: node.tasksSucceeded + succeeded,
  });
}

async function enqueueAgain(
  parts: ObserverParts,
  tx: WriteTransaction,
  job: Job,
  task: Task,
): Promise<void> {
  const account = await findAccount(tx, job.account);
  const name = account?.name ?? job.account;
  const run = runSpecOf(name, job, commonEnvironmentOf(job), task, settingsOf(parts.seal, task));
  await parts.engine().enqueue(tx, [run]);
}

/** Where a task ran; its pool may be gone already. */
function placeOf(
  pool: Pool | undefined,
  job: Job,
  node: NodeKey,
): { readonly poolId: string; readonly nodeId: string } {
  return { poolId: pool?.id ?? job.poolId, nodeId: node.node };
}
