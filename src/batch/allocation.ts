import type { Engine } from '#engine/engine.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { BatchAccount } from './account.ts';
import { parseDuration } from './duration.ts';
import { addNode, coresUsed, nodesOf, saveNode } from './node.store.ts';
import { type ComputeNode, isInTransit, leastMissed, newNodeId } from './node.ts';
import { resizeTimedOutError } from './pool.faults.ts';
import { findPool, removePool, savePool } from './pool.store.ts';
import { type Pool, resizePlan } from './pool.ts';

/** What changing the nodes of a pool takes. */
export interface AllocationParts {
  readonly engine: Pick<Engine, 'addNodes' | 'removeNode'>;
  readonly random: Random;
}

/** What taking nodes away takes. */
export interface RemovalParts {
  readonly engine: Pick<Engine, 'removeNode'>;
}

/**
 * Begins to bring a pool to its target: declares the missing nodes to the engine, or takes the
 * superfluous away, and returns the pool as it then is: resizing, or already steady when there is
 * nothing to wait for. The caller saves it.
 */
export async function beginResize(
  tx: WriteTransaction,
  parts: AllocationParts,
  account: Pick<BatchAccount, 'dedicatedCoreQuota'>,
  pool: Pool,
  at: Instant,
): Promise<Pool> {
  const nodes = (await nodesOf(tx, pool)).filter((node) => node.state !== 'leavingpool');
  const quota = {
    limit: account.dedicatedCoreQuota,
    coresUsed: await coresUsed(tx, pool.account),
  };
  const plan = resizePlan(pool, nodes.length, pool.targetDedicated, quota);
  await addNodes(tx, parts, pool, plan.add, at);
  await takeAway(tx, parts, leastMissed(nodes, plan.remove), at);
  const isSteady = plan.add === 0 && plan.remove === 0;
  return {
    ...pool,
    allocationState: isSteady ? 'steady' : 'resizing',
    allocationAt: at,
    resizeErrors: plan.errors,
    resizeDueAt: isSteady ? undefined : timeoutOf(pool, at),
  };
}

/** Takes nodes away from their pool; their tasks end first. */
export async function takeAway(
  tx: WriteTransaction,
  parts: RemovalParts,
  nodes: readonly ComputeNode[],
  at: Instant,
): Promise<void> {
  for (const node of nodes) {
    if (node.state === 'leavingpool') continue;
    await saveNode(tx, { ...node, state: 'leavingpool', stateAt: at });
    const { account: owner, pool, node: name } = node;
    await parts.engine.removeNode(tx, { owner, pool, node: name });
  }
}

/**
 * Called when a node of a pool has come or gone: a pool with no node on its way is steady, a
 * deleted one without nodes is gone.
 */
export async function settlePool(
  tx: WriteTransaction,
  name: Pick<Pool, 'account' | 'pool'>,
  at: Instant,
): Promise<void> {
  const pool = await findPool(tx, name.account, name.pool);
  if (pool === undefined) return;
  const nodes = await nodesOf(tx, pool);
  if (pool.state === 'deleting') {
    if (nodes.length === 0) await removePool(tx, pool);
    return;
  }
  if (pool.allocationState === 'steady' || nodes.some(isInTransit)) return;
  const steady = { allocationState: 'steady', allocationAt: at, resizeDueAt: undefined } as const;
  await savePool(tx, pool, { ...pool, ...steady });
}

/** Gives up the nodes that a resize has not brought in its time; the pool is steady without them. */
export async function endTimedOutResize(
  tx: WriteTransaction,
  parts: RemovalParts,
  pool: Pool,
  at: Instant,
): Promise<void> {
  const late = (await nodesOf(tx, pool)).filter((node) => node.state === 'creating');
  const error = late.length === 0 ? [] : [resizeTimedOutError];
  const resizeErrors = [...pool.resizeErrors, ...error];
  await savePool(tx, pool, { ...pool, resizeErrors, resizeDueAt: undefined });
  await takeAway(tx, parts, late, at);
}

function timeoutOf(pool: Pool, at: Instant): Instant | undefined {
  const timeout = parseDuration(pool.resizeTimeout);
  return typeof timeout === 'number' ? instant(at + timeout * 1000) : undefined;
}

async function addNodes(
  tx: WriteTransaction,
  parts: AllocationParts,
  pool: Pool,
  count: number,
  at: Instant,
): Promise<void> {
  const names = Array.from({ length: count }, () => newNodeId(parts.random));
  for (const node of names) await addNode(tx, newNode(pool, node, at));
  if (count === 0) return;
  const key = { owner: pool.account, pool: pool.pool, slots: pool.taskSlots };
  await parts.engine.addNodes(
    tx,
    names.map((node) => ({ ...key, node })),
  );
}

function newNode(pool: Pool, node: string, at: Instant): ComputeNode {
  return {
    account: pool.account,
    pool: pool.pool,
    node,
    cores: pool.cores,
    state: 'creating',
    stateAt: at,
    allocatedAt: at,
    bootedAt: undefined,
    agentAt: undefined,
    agentVersion: undefined,
    address: undefined,
    tasksRun: 0,
    tasksSucceeded: 0,
    tasksRunning: 0,
    slotsRunning: 0,
  };
}
