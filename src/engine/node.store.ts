import type { ReadTransaction, SqlRow, WriteTransaction } from '#store/store.ts';
import { statement } from '#store/store.ts';
import type { NodeKey, NodeSpec } from './engine.ts';

/**
 * `new` until an agent has made it, `ready`, `lost` while its agent is silent, `removing` until
 * nothing of it is left.
 */
export type NodeState = 'new' | 'ready' | 'lost' | 'removing';

/** A node as it is stored. */
export interface StoredNode extends NodeSpec {
  readonly epoch: number;
  /** Slots of the runs that were handed to it. */
  readonly used: number;
  readonly state: NodeState;
}

interface NodeRow extends SqlRow {
  readonly owner: string;
  readonly pool: string;
  readonly node: string;
  readonly epoch: number;
  readonly slots: number;
  readonly used: number;
  readonly state: string;
}

const columns = 'owner, pool, node, epoch, slots, used, state';
const insert = statement(
  'engine_node.insert',
  `INSERT INTO engine_node (${columns}) VALUES (?, ?, ?, ?, ?, 0, 'new')`,
);
const find = statement<NodeRow>(
  'engine_node.find',
  `SELECT ${columns} FROM engine_node WHERE owner = ? AND pool = ? AND node = ?`,
);
const listAll = statement<NodeRow>(
  'engine_node.list',
  `SELECT ${columns} FROM engine_node ORDER BY owner, pool, node`,
);
const listFree = statement<NodeRow>(
  'engine_node.free',
  `SELECT ${columns} FROM engine_node WHERE state = 'ready' AND used < slots
    ORDER BY owner, pool, node`,
);
const setState = statement(
  'engine_node.state',
  'UPDATE engine_node SET state = ? WHERE owner = ? AND pool = ? AND node = ?',
);
const addUsed = statement(
  'engine_node.used',
  'UPDATE engine_node SET used = used + ? WHERE owner = ? AND pool = ? AND node = ? AND epoch = ?',
);
const remove = statement(
  'engine_node.delete',
  'DELETE FROM engine_node WHERE owner = ? AND pool = ? AND node = ? AND epoch = ?',
);

/** Stores a node that is to be made. */
export async function insertNode(
  tx: WriteTransaction,
  node: NodeSpec,
  epoch: number,
): Promise<void> {
  await tx.run(insert, node.owner, node.pool, node.node, epoch, node.slots);
}

/** A node by its key; undefined when there is none. */
export async function findNode(tx: ReadTransaction, key: NodeKey): Promise<StoredNode | undefined> {
  const row = await tx.one(find, key.owner, key.pool, key.node);
  return row === undefined ? undefined : nodeOf(row);
}

/** Every node, in the order of its key. */
export async function listNodes(tx: ReadTransaction): Promise<readonly StoredNode[]> {
  return (await tx.all(listAll)).map(nodeOf);
}

/** The nodes that can take runs. */
export async function listFreeNodes(tx: ReadTransaction): Promise<readonly StoredNode[]> {
  return (await tx.all(listFree)).map(nodeOf);
}

/** Moves a node to another state. */
export async function setNodeState(
  tx: WriteTransaction,
  key: NodeKey,
  state: NodeState,
): Promise<void> {
  await tx.run(setState, state, key.owner, key.pool, key.node);
}

/**
 * Takes slots of a node (positive) or gives them back (negative); another life of the node is left
 * alone.
 */
export async function addUsedSlots(
  tx: WriteTransaction,
  key: NodeKey,
  epoch: number,
  slots: number,
): Promise<void> {
  await tx.run(addUsed, slots, key.owner, key.pool, key.node, epoch);
}

/** Forgets one life of a node; false when that life is over already. */
export async function deleteNode(
  tx: WriteTransaction,
  key: NodeKey,
  epoch: number,
): Promise<boolean> {
  return (await tx.run(remove, key.owner, key.pool, key.node, epoch)) > 0;
}

function nodeOf(row: NodeRow): StoredNode {
  return { ...row, state: row.state as NodeState };
}
