import type { Instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';

/**
 * The states of a node that Batten reaches: declared and not yet made; ready; at work; being taken
 * away; not heard of any more; never made.
 */
export type NodeState = 'creating' | 'idle' | 'running' | 'leavingpool' | 'unknown' | 'unusable';

/** A node of a pool, as the engine reported it. Its id is its name: lower-case hexadecimal. */
export interface ComputeNode {
  readonly account: string;
  /** Folded name of its pool. */
  readonly pool: string;
  readonly node: string;
  readonly cores: number;
  readonly state: NodeState;
  readonly stateAt: Instant;
  readonly allocatedAt: Instant;
  readonly bootedAt: Instant | undefined;
  readonly agentAt: Instant | undefined;
  readonly agentVersion: string | undefined;
  readonly address: string | undefined;
  readonly tasksRun: number;
  readonly tasksSucceeded: number;
  readonly tasksRunning: number;
  readonly slotsRunning: number;
}

/** The id of a new dedicated node: `tvmps_`, 64 hexadecimal digits, `_d`, as recorded. */
export function newNodeId(random: Random): string {
  return `tvmps_${random.bytes(32).toString('hex')}_d`;
}

/** True while a node is still on its way in or out, so that its pool is not steady. */
export function isInTransit(node: Pick<ComputeNode, 'state'>): boolean {
  return node.state === 'creating' || node.state === 'leavingpool';
}

/**
 * True for a node that counts as one of its pool's current nodes: it was made and is not being
 * taken away.
 */
export function isCurrent(node: Pick<ComputeNode, 'state'>): boolean {
  return !isInTransit(node);
}

/**
 * The nodes that a smaller pool gives up first: those that do not work, then those without work,
 * then the youngest.
 */
export function leastMissed(nodes: readonly ComputeNode[], count: number): readonly ComputeNode[] {
  const staying = nodes.filter((node) => node.state !== 'leavingpool');
  const order = staying.toSorted(
    (one, other) =>
      Number(isReady(one)) - Number(isReady(other)) ||
      one.slotsRunning - other.slotsRunning ||
      other.allocatedAt - one.allocatedAt,
  );
  return order.slice(0, count);
}

/** A node with more or less work; between idle and running it changes its state. */
export function withWork(
  node: ComputeNode,
  tasks: number,
  slots: number,
  at: Instant,
): ComputeNode {
  const tasksRunning = Math.max(0, node.tasksRunning + tasks);
  const slotsRunning = Math.max(0, node.slotsRunning + slots);
  const state = tasksRunning > 0 ? 'running' : 'idle';
  const moved = isReady(node) && state !== node.state ? ({ state, stateAt: at } as const) : {};
  return { ...node, ...moved, tasksRunning, slotsRunning };
}

function isReady(node: Pick<ComputeNode, 'state'>): boolean {
  return node.state === 'idle' || node.state === 'running';
}
