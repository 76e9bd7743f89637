import type { Instant } from '#kernel/instant.ts';
import { coreQuotaError, type ResizeError } from './pool.faults.ts';

/** The states of a pool. */
export type PoolState = 'active' | 'deleting';
/** Whether nodes of a pool are on their way. */
export type AllocationState = 'steady' | 'resizing' | 'stopping';

/** What becomes of running tasks when their node is taken away. */
export type NodeRemoval = 'requeue' | 'terminate';

/** A pool. What the client wrote stands in `settings` as a run of JSON properties. */
export interface Pool {
  readonly account: string;
  /** Folded name. */
  readonly pool: string;
  readonly id: string;
  readonly displayName: string | undefined;
  readonly createdAt: Instant;
  readonly modifiedAt: Instant;
  readonly state: PoolState;
  readonly stateAt: Instant;
  readonly allocationState: AllocationState;
  readonly allocationAt: Instant;
  /** Why there are fewer nodes than asked for; shown once the pool is steady. */
  readonly resizeErrors: readonly ResizeError[];
  readonly vmSize: string;
  /** Cores of one node, which count against the account's quota. */
  readonly cores: number;
  readonly taskSlots: number;
  readonly resizeTimeout: string;
  /** When the resize under way must be done; undefined when there is none. */
  readonly resizeDueAt: Instant | undefined;
  readonly targetDedicated: number;
  readonly removal: NodeRemoval;
  readonly settings: string;
}

/** How many nodes a resize adds or takes away, and what it cannot do. */
export interface ResizePlan {
  readonly add: number;
  readonly remove: number;
  readonly errors: readonly ResizeError[];
}

/**
 * Plans a resize within the account's core quota: as many nodes as fit are made, and the rest is a
 * resize error, which Azure shows once the pool is steady. `coresUsed` are those of every node of
 * the account, this pool's included.
 */
export function resizePlan(
  pool: Pick<Pool, 'cores'>,
  nodes: number,
  target: number,
  quota: { readonly limit: number; readonly coresUsed: number },
): ResizePlan {
  if (target <= nodes) return { add: 0, remove: nodes - target, errors: [] };
  const wanted = target - nodes;
  const free = Math.max(0, Math.floor((quota.limit - quota.coresUsed) / pool.cores));
  const add = Math.min(wanted, free);
  return { add, remove: 0, errors: add < wanted ? [coreQuotaError(quota.limit)] : [] };
}
