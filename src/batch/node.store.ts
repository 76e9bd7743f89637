import { instant, optionalInstant } from '#kernel/instant.ts';
import {
  type ReadTransaction,
  type SqlRow,
  statement,
  type WriteTransaction,
} from '#store/store.ts';
import type { ComputeNode, NodeState } from './node.ts';

interface NodeRow extends SqlRow {
  readonly account: string;
  readonly pool: string;
  readonly node: string;
  readonly cores: number;
  readonly state: string;
  readonly state_at: number;
  readonly allocated_at: number;
  readonly booted_at: number | null;
  readonly agent_at: number | null;
  readonly agent_version: string | null;
  readonly address: string | null;
  readonly tasks_run: number;
  readonly tasks_succeeded: number;
  readonly tasks_running: number;
  readonly slots_running: number;
}

const insertNode = statement(
  'node.insert',
  `INSERT INTO node (account, pool, node, cores, state, state_at, allocated_at, tasks_run, tasks_succeeded, tasks_running,
    slots_running) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)`,
);
const selectNode = statement<NodeRow>(
  'node.find',
  'SELECT * FROM node WHERE account = ? AND pool = ? AND node = ?',
);
const selectNodes = statement<NodeRow>(
  'node.list',
  'SELECT * FROM node WHERE account = ? AND pool = ? AND node > ? ORDER BY node LIMIT ?',
);
const selectCores = statement<{ readonly cores: number | null }>(
  'node.cores',
  'SELECT SUM(cores) AS cores FROM node WHERE account = ?',
);
const updateNode = statement(
  'node.update',
  `UPDATE node SET state = ?, state_at = ?, booted_at = ?, agent_at = ?, agent_version = ?, address = ?, tasks_run = ?,
    tasks_succeeded = ?, tasks_running = ?, slots_running = ? WHERE account = ? AND pool = ? AND node = ?`,
);
const deleteNode = statement(
  'node.delete',
  'DELETE FROM node WHERE account = ? AND pool = ? AND node = ?',
);

/** Most nodes of one pool that are looked at together; the core quota keeps pools below it. */
export const poolNodesMax = 2000;

type NodeName = Pick<ComputeNode, 'account' | 'pool' | 'node'>;

/** Adds a node that has not been made yet. */
export async function addNode(tx: WriteTransaction, node: ComputeNode): Promise<void> {
  const { account, pool, cores, state, stateAt, allocatedAt } = node;
  await tx.run(insertNode, account, pool, node.node, cores, state, stateAt, allocatedAt);
}

/** The node of a name. */
export async function findNode(
  tx: ReadTransaction,
  name: NodeName,
): Promise<ComputeNode | undefined> {
  const row = await tx.one(selectNode, name.account, name.pool, name.node);
  return row === undefined ? undefined : nodeOf(row);
}

/** The next nodes of a pool after a name, in the order of names. */
export async function listNodes(
  tx: ReadTransaction,
  range: {
    readonly account: string;
    readonly pool: string;
    readonly after: string;
    readonly rowsMax: number;
  },
): Promise<readonly ComputeNode[]> {
  const rows = await tx.all(selectNodes, range.account, range.pool, range.after, range.rowsMax);
  return rows.map(nodeOf);
}

/** Every node of a pool. */
export async function nodesOf(
  tx: ReadTransaction,
  pool: Pick<ComputeNode, 'account' | 'pool'>,
): Promise<readonly ComputeNode[]> {
  return listNodes(tx, { ...pool, after: '', rowsMax: poolNodesMax });
}

/** Cores of all nodes of an account. */
export async function coresUsed(tx: ReadTransaction, account: string): Promise<number> {
  return (await tx.one(selectCores, account))?.cores ?? 0;
}

/** Writes back what became of a node. */
export async function saveNode(tx: WriteTransaction, node: ComputeNode): Promise<void> {
  await tx.run(
    updateNode,
    node.state,
    node.stateAt,
    node.bootedAt ?? null,
    node.agentAt ?? null,
    node.agentVersion ?? null,
    node.address ?? null,
    node.tasksRun,
    node.tasksSucceeded,
    node.tasksRunning,
    node.slotsRunning,
    node.account,
    node.pool,
    node.node,
  );
}

/** Removes a node that is gone. */
export async function removeNodeRow(tx: WriteTransaction, name: NodeName): Promise<void> {
  await tx.run(deleteNode, name.account, name.pool, name.node);
}

function nodeOf(row: NodeRow): ComputeNode {
  return {
    account: row.account,
    pool: row.pool,
    node: row.node,
    cores: row.cores,
    state: row.state as NodeState,
    stateAt: instant(row.state_at),
    allocatedAt: instant(row.allocated_at),
    bootedAt: optionalInstant(row.booted_at),
    agentAt: optionalInstant(row.agent_at),
    agentVersion: row.agent_version ?? undefined,
    address: row.address ?? undefined,
    tasksRun: row.tasks_run,
    tasksSucceeded: row.tasks_succeeded,
    tasksRunning: row.tasks_running,
    slotsRunning: row.slots_running,
  };
}
