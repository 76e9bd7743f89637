import type { NodeChange, NodeKey } from '#engine/engine.ts';
import type { Log } from '#kernel/log.ts';
import type { WriteTransaction } from '#store/store.ts';
import { settlePool } from './allocation.ts';
import { findNode, removeNodeRow, saveNode } from './node.store.ts';
import type { ComputeNode } from './node.ts';
import { nodeLostError } from './pool.faults.ts';
import { findPool, savePool } from './pool.store.ts';

/** Takes what became of a node, and settles its pool. */
export async function takeNodeChange(
  tx: WriteTransaction,
  log: Log,
  key: NodeKey,
  change: NodeChange,
): Promise<void> {
  const name = nodeName(key);
  const node = await findNode(tx, name);
  if (node === undefined) return;
  switch (change.state) {
    case 'ready':
      if (node.state !== 'leavingpool') await saveNode(tx, readyNode(node, change));
      break;
    case 'lost':
      log.warn({ ...name, reason: change.reason }, 'a node was lost');
      if (node.state !== 'leavingpool') await loseNode(tx, node, change);
      break;
    case 'gone':
      await removeNodeRow(tx, name);
      break;
  }
  await settlePool(tx, name, change.at);
}

function readyNode(
  node: ComputeNode,
  change: Extract<NodeChange, { state: 'ready' }>,
): ComputeNode {
  const { facts, at } = change;
  return {
    ...node,
    state: node.tasksRunning > 0 ? 'running' : 'idle',
    stateAt: at,
    bootedAt: facts.bootedAt,
    agentAt: at,
    agentVersion: facts.agentVersion,
    address: facts.address,
  };
}

/**
 * A node that was never made is unusable and makes its pool's resize fail; one that was made is
 * unknown until it is heard again.
 */
async function loseNode(
  tx: WriteTransaction,
  node: ComputeNode,
  change: Extract<NodeChange, { state: 'lost' }>,
): Promise<void> {
  const wasMade = node.state !== 'creating';
  await saveNode(tx, { ...node, state: wasMade ? 'unknown' : 'unusable', stateAt: change.at });
  if (wasMade) return;
  const pool = await findPool(tx, node.account, node.pool);
  if (pool === undefined) return;
  const resizeErrors = [...pool.resizeErrors, nodeLostError(change.reason)];
  mustSave(await savePool(tx, pool, { ...pool, resizeErrors }));
}

/** A node's name in this room, of its key in the engine. */
export function nodeName(key: NodeKey): Pick<ComputeNode, 'account' | 'pool' | 'node'> {
  return { account: key.owner, pool: key.pool, node: key.node };
}

/** What the engine told must not get lost: the transaction fails, and the engine tells it again. */
export function mustSave(saved: boolean): void {
  if (saved) return;
  throw new Error('a row was changed by another transaction while the engine told of it');
}
