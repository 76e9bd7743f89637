import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, SqlRow, WriteTransaction } from '#store/store.ts';
import { statement } from '#store/store.ts';
import type { FilePlace, GroupKey, NodeKey, RunKey } from './engine.ts';
import type { ForgetMessage } from './node-message.ts';
import type { WaitingRun } from './placement.ts';

/** Why a run is being ended before its time. */
export type RunEnding = 'cancelled' | 'nodeRemoved';

/**
 * `queued` in its group, `claimed` by a node, `running` once the node said that it began. Ended
 * runs have no row.
 */
export type RunState = 'queued' | 'claimed' | 'running';

/** A run as it is stored. */
export interface StoredRun extends RunKey {
  readonly id: string;
  readonly groupId: string;
  readonly state: RunState;
  readonly slots: number;
  /** Sealed JSON of what the node needs. */
  readonly spec: string;
  /** Where it was placed; undefined while it is queued. */
  readonly place: (NodeKey & { readonly epoch: number }) | undefined;
  readonly startedAt: Instant | undefined;
  readonly ending: RunEnding | undefined;
}

interface RunRow extends SqlRow {
  readonly owner: string;
  readonly name: string;
  readonly task: string;
  readonly attempt: number;
  readonly id: string;
  readonly group_id: string;
  readonly state: string;
  readonly slots: number;
  readonly spec: string;
  readonly pool: string | null;
  readonly node: string | null;
  readonly epoch: number | null;
  readonly started_at: number | null;
  readonly ending: string | null;
}

interface WaitingRow extends SqlRow {
  readonly id: string;
  readonly slots: number;
}

interface ForgetRow extends SqlRow {
  readonly id: string;
  readonly owner: string;
  readonly pool: string;
  readonly node: string;
  readonly path: string;
  readonly asked_at: number;
}

const columns =
  'owner, name, task, attempt, id, group_id, state, slots, spec, pool, node, epoch, started_at, ending';
const insert = statement(
  'engine_run.insert',
  `INSERT INTO engine_run
    (owner, name, task, attempt, id, group_id, state, slots, queued_at, spec)
    VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)`,
);
const findByKey = statement<RunRow>(
  'engine_run.find',
  `SELECT ${columns} FROM engine_run WHERE owner = ? AND name = ? AND task = ? AND attempt = ?`,
);
const findById = statement<RunRow>(
  'engine_run.by_id',
  `SELECT ${columns} FROM engine_run WHERE id = ?`,
);
const waiting = statement<WaitingRow>(
  'engine_run.waiting',
  `SELECT id, slots FROM engine_run WHERE group_id = ? AND state = 'queued'
    ORDER BY queued_at, task, attempt LIMIT ?`,
);
const claim = statement<RunRow>(
  'engine_run.claim',
  `UPDATE engine_run SET state = 'claimed', pool = ?, node = ?, epoch = ?
    WHERE id = ? AND state = 'queued' RETURNING ${columns}`,
);
const begin = statement(
  'engine_run.begin',
  "UPDATE engine_run SET state = 'running', started_at = ? WHERE id = ? AND state = 'claimed'",
);
const setEnding = statement(
  'engine_run.ending',
  'UPDATE engine_run SET ending = ? WHERE id = ? AND ending IS NULL',
);
const remove = statement('engine_run.delete', 'DELETE FROM engine_run WHERE id = ?');
const removeQueued = statement(
  'engine_run.delete_queued',
  "DELETE FROM engine_run WHERE group_id = ? AND state = 'queued'",
);
const placedOnNode = statement<RunRow>(
  'engine_run.on_node',
  `SELECT ${columns} FROM engine_run
    WHERE owner = ? AND pool = ? AND node = ? AND state <> 'queued'`,
);
const placedOfGroup = statement<RunRow>(
  'engine_run.of_group',
  `SELECT ${columns} FROM engine_run WHERE owner = ? AND name = ? AND state <> 'queued'`,
);
const allPlaced = statement<RunRow>(
  'engine_run.placed',
  `SELECT ${columns} FROM engine_run WHERE state <> 'queued' ORDER BY owner, pool, node, queued_at`,
);
const insertForget = statement(
  'engine_forget.insert',
  'INSERT INTO engine_forget (id, owner, pool, node, path, asked_at) VALUES (?, ?, ?, ?, ?, ?)',
);
const allForgets = statement<ForgetRow>(
  'engine_forget.list',
  'SELECT id, owner, pool, node, path, asked_at FROM engine_forget ORDER BY asked_at, id',
);
const removeForget = statement('engine_forget.delete', 'DELETE FROM engine_forget WHERE id = ?');

/** Queues a run. Throws when the same attempt is there already. */
export async function insertRun(
  tx: WriteTransaction,
  run: RunKey,
  stored: Pick<StoredRun, 'id' | 'groupId' | 'slots' | 'spec'>,
  at: Instant,
): Promise<void> {
  const { owner, group, task, attempt } = run;
  const { id, groupId, slots, spec } = stored;
  await tx.run(insert, owner, group, task, attempt, id, groupId, slots, at, spec);
}

/** A run by its key; undefined when it has ended or never was. */
export async function findRun(tx: ReadTransaction, key: RunKey): Promise<StoredRun | undefined> {
  const row = await tx.one(findByKey, key.owner, key.group, key.task, key.attempt);
  return row === undefined ? undefined : runOf(row);
}

/** A run by its id; undefined when it has ended. */
export async function findRunById(tx: ReadTransaction, id: string): Promise<StoredRun | undefined> {
  const row = await tx.one(findById, id);
  return row === undefined ? undefined : runOf(row);
}

/** The first queued runs of a group, in the order in which they were queued. */
export async function listWaitingRuns(
  tx: ReadTransaction,
  groupId: string,
  countMax: number,
): Promise<readonly WaitingRun[]> {
  return tx.all(waiting, groupId, countMax);
}

/** Gives a queued run to a node; undefined when it is not queued any more. */
export async function claimRun(
  tx: WriteTransaction,
  id: string,
  place: NodeKey & { readonly epoch: number },
): Promise<StoredRun | undefined> {
  const row = await tx.one(claim, place.pool, place.node, place.epoch, id);
  return row === undefined ? undefined : runOf(row);
}

/** Notes that a claimed run began; false when that was known. */
export async function beginRun(tx: WriteTransaction, id: string, at: Instant): Promise<boolean> {
  return (await tx.run(begin, at, id)) > 0;
}

/** Notes that a run is to be killed; the first reason stays. */
export async function endRunSoon(
  tx: WriteTransaction,
  id: string,
  ending: RunEnding,
): Promise<void> {
  await tx.run(setEnding, ending, id);
}

/** Forgets a run that ended or was never placed. */
export async function deleteRun(tx: WriteTransaction, id: string): Promise<void> {
  await tx.run(remove, id);
}

/** Forgets everything queued in a group; returns how much that was. */
export async function deleteQueuedRuns(tx: WriteTransaction, groupId: string): Promise<number> {
  return tx.run(removeQueued, groupId);
}

/** The claimed and running runs of a node. */
export async function listRunsOnNode(
  tx: ReadTransaction,
  node: NodeKey,
): Promise<readonly StoredRun[]> {
  return (await tx.all(placedOnNode, node.owner, node.pool, node.node)).map(runOf);
}

/** The claimed and running runs of a group. */
export async function listPlacedRuns(
  tx: ReadTransaction,
  group: GroupKey,
): Promise<readonly StoredRun[]> {
  return (await tx.all(placedOfGroup, group.owner, group.group)).map(runOf);
}

/** Every claimed or running run; there are no more than all nodes have slots. */
export async function listAllPlacedRuns(tx: ReadTransaction): Promise<readonly StoredRun[]> {
  return (await tx.all(allPlaced)).map(runOf);
}

/** Remembers that a directory is to be removed. */
export async function insertForgetting(
  tx: WriteTransaction,
  id: string,
  place: FilePlace,
  at: Instant,
): Promise<void> {
  await tx.run(insertForget, id, place.owner, place.pool, place.node, place.path, at);
}

/** What is still to be removed, oldest first. */
export async function listForgettings(tx: ReadTransaction): Promise<readonly ForgetMessage[]> {
  const rows = await tx.all(allForgets);
  return rows.map(({ asked_at, ...rest }) => ({ ...rest, before: asked_at }));
}

/** Notes that a directory is removed. */
export async function deleteForgetting(tx: WriteTransaction, id: string): Promise<void> {
  await tx.run(removeForget, id);
}

function runOf(row: RunRow): StoredRun {
  const { owner, pool, node, epoch } = row;
  const isPlaced = pool !== null && node !== null && epoch !== null;
  return {
    owner,
    group: row.name,
    task: row.task,
    attempt: row.attempt,
    id: row.id,
    groupId: row.group_id,
    state: row.state as RunState,
    slots: row.slots,
    spec: row.spec,
    place: isPlaced ? { owner, pool, node, epoch } : undefined,
    startedAt: row.started_at === null ? undefined : (row.started_at as Instant),
    ending: row.ending === null ? undefined : (row.ending as RunEnding),
  };
}
