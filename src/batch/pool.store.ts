import { type Instant, instant, optionalInstant } from '#kernel/instant.ts';
import {
  type ReadTransaction,
  type SqlRow,
  statement,
  type WriteTransaction,
} from '#store/store.ts';
import type { ResizeError } from './pool.faults.ts';
import type { AllocationState, NodeRemoval, Pool, PoolState } from './pool.ts';

interface PoolRow extends SqlRow {
  readonly account: string;
  readonly pool: string;
  readonly id: string;
  readonly display_name: string | null;
  readonly created_at: number;
  readonly modified_at: number;
  readonly state: string;
  readonly state_at: number;
  readonly allocation_state: string;
  readonly allocation_at: number;
  readonly resize_errors: string | null;
  readonly vm_size: string;
  readonly cores: number;
  readonly task_slots: number;
  readonly resize_timeout: string;
  readonly resize_due_at: number | null;
  readonly target_dedicated: number;
  readonly removal: string;
  readonly settings: string;
}

const insertPool = statement(
  'pool.insert',
  `INSERT INTO pool (account, pool, id, display_name, created_at, modified_at, state, state_at, allocation_state,
    allocation_at, resize_errors, vm_size, cores, task_slots, resize_timeout, resize_due_at, target_dedicated, removal, settings)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
);
const selectPool = statement<PoolRow>(
  'pool.find',
  'SELECT * FROM pool WHERE account = ? AND pool = ?',
);
const selectPools = statement<PoolRow>(
  'pool.list',
  'SELECT * FROM pool WHERE account = ? AND pool > ? ORDER BY pool LIMIT ?',
);
const selectPoolsInState = statement<PoolRow>(
  'pool.listInState',
  'SELECT * FROM pool WHERE account = ? AND state = ? AND pool > ? ORDER BY pool LIMIT ?',
);
const selectDuePools = statement<PoolRow>(
  'pool.due',
  'SELECT * FROM pool WHERE resize_due_at <= ? ORDER BY resize_due_at LIMIT ?',
);
const countPools = statement<{ readonly pools: number }>(
  'pool.count',
  'SELECT COUNT(*) AS pools FROM pool WHERE account = ?',
);
const updatePool = statement(
  'pool.update',
  `UPDATE pool SET display_name = ?, modified_at = ?, state = ?, state_at = ?, allocation_state = ?, allocation_at = ?,
    resize_errors = ?, resize_timeout = ?, resize_due_at = ?, target_dedicated = ?, removal = ?, settings = ?
   WHERE account = ? AND pool = ? AND modified_at = ?`,
);
const deletePool = statement('pool.delete', 'DELETE FROM pool WHERE account = ? AND pool = ?');

/** Adds a pool. False when the account has one of that name. */
export async function addPool(tx: WriteTransaction, pool: Pool): Promise<boolean> {
  const changed = await tx.run(
    insertPool,
    pool.account,
    pool.pool,
    pool.id,
    pool.displayName ?? null,
    pool.createdAt,
    pool.modifiedAt,
    pool.state,
    pool.stateAt,
    pool.allocationState,
    pool.allocationAt,
    errorsText(pool),
    pool.vmSize,
    pool.cores,
    pool.taskSlots,
    pool.resizeTimeout,
    pool.resizeDueAt ?? null,
    pool.targetDedicated,
    pool.removal,
    pool.settings,
  );
  return changed === 1;
}

/** The pool of a folded name. */
export async function findPool(
  tx: ReadTransaction,
  account: string,
  pool: string,
): Promise<Pool | undefined> {
  const row = await tx.one(selectPool, account, pool);
  return row === undefined ? undefined : poolOf(row);
}

/** The next pools after a name, in the order of folded names; `state` narrows by index. */
export async function listPools(
  tx: ReadTransaction,
  range: {
    readonly account: string;
    readonly state: string | undefined;
    readonly after: string;
    readonly rowsMax: number;
  },
): Promise<readonly Pool[]> {
  const { account, state, after, rowsMax } = range;
  const rows =
    state === undefined
      ? await tx.all(selectPools, account, after, rowsMax)
      : await tx.all(selectPoolsInState, account, state, after, rowsMax);
  return rows.map(poolOf);
}

/** Pools of every account whose resize should have been done by now, the longest due first. */
export async function listDuePools(
  tx: ReadTransaction,
  now: Instant,
  rowsMax: number,
): Promise<readonly Pool[]> {
  return (await tx.all(selectDuePools, now, rowsMax)).map(poolOf);
}

/** How many pools count against the account's quota. */
export async function poolCount(tx: ReadTransaction, account: string): Promise<number> {
  return (await tx.one(countPools, account))?.pools ?? 0;
}

/** Writes a pool back if it is still as `seen`; false when another change came first. */
export async function savePool(tx: WriteTransaction, seen: Pool, pool: Pool): Promise<boolean> {
  const changed = await tx.run(
    updatePool,
    pool.displayName ?? null,
    pool.modifiedAt,
    pool.state,
    pool.stateAt,
    pool.allocationState,
    pool.allocationAt,
    errorsText(pool),
    pool.resizeTimeout,
    pool.resizeDueAt ?? null,
    pool.targetDedicated,
    pool.removal,
    pool.settings,
    pool.account,
    pool.pool,
    seen.modifiedAt,
  );
  return changed === 1;
}

/** Removes a pool; its nodes are gone before it. */
export async function removePool(
  tx: WriteTransaction,
  pool: Pick<Pool, 'account' | 'pool'>,
): Promise<void> {
  await tx.run(deletePool, pool.account, pool.pool);
}

function errorsText(pool: Pool): string | null {
  return pool.resizeErrors.length === 0 ? null : JSON.stringify(pool.resizeErrors);
}

function poolOf(row: PoolRow): Pool {
  const { resize_errors: errors } = row;
  return {
    account: row.account,
    pool: row.pool,
    id: row.id,
    displayName: row.display_name ?? undefined,
    createdAt: instant(row.created_at),
    modifiedAt: instant(row.modified_at),
    state: row.state as PoolState,
    stateAt: instant(row.state_at),
    allocationState: row.allocation_state as AllocationState,
    allocationAt: instant(row.allocation_at),
    resizeErrors: errors === null ? [] : (JSON.parse(errors) as readonly ResizeError[]),
    vmSize: row.vm_size,
    cores: row.cores,
    taskSlots: row.task_slots,
    resizeTimeout: row.resize_timeout,
    resizeDueAt: optionalInstant(row.resize_due_at),
    targetDedicated: row.target_dedicated,
    removal: row.removal as NodeRemoval,
    settings: row.settings,
  };
}
