import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, SqlRow, WriteTransaction } from '#store/store.ts';
import { statement } from '#store/store.ts';
import type { GroupKey, GroupSpec } from './engine.ts';

/** A group as it is stored. */
export interface StoredGroup {
  /** Made at random when the group was; a later group of the same name has another. */
  readonly id: string;
  readonly pool: string;
  readonly queued: number;
  readonly active: number;
  readonly parallelMax: number | undefined;
}

interface GroupRow extends SqlRow {
  readonly id: string;
  readonly pool: string;
  readonly queued: number;
  readonly active: number;
  readonly parallel_max: number | null;
}

/** Most groups of a pool that one claim looks at. */
const groupsMax = 1000;

const columns = 'id, pool, queued, active, parallel_max';
const upsert = statement(
  'engine_group.upsert',
  `INSERT INTO engine_group
    (owner, name, id, pool, priority, parallel_max, created_at, queued, active)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)
    ON CONFLICT (owner, name) DO UPDATE SET
      pool = excluded.pool, priority = excluded.priority, parallel_max = excluded.parallel_max`,
);
const find = statement<GroupRow>(
  'engine_group.find',
  `SELECT ${columns} FROM engine_group WHERE owner = ? AND name = ?`,
);
const waiting = statement<GroupRow>(
  'engine_group.waiting',
  `SELECT ${columns} FROM engine_group
    WHERE owner = ? AND pool = ? AND queued > 0
      AND (parallel_max IS NULL OR active < parallel_max)
    ORDER BY priority DESC, created_at, id LIMIT ${groupsMax}`,
);
const count = statement(
  'engine_group.count',
  'UPDATE engine_group SET queued = queued + ?, active = active + ? WHERE id = ?',
);
const remove = statement(
  'engine_group.delete',
  'DELETE FROM engine_group WHERE owner = ? AND name = ?',
);

/** Creates a group, or changes its pool, priority and bound; age and counters stay. */
export async function upsertGroup(
  tx: WriteTransaction,
  group: GroupSpec,
  id: string,
  at: Instant,
): Promise<void> {
  const { owner, pool, priority, parallelMax } = group;
  await tx.run(upsert, owner, group.group, id, pool, priority, parallelMax ?? null, at);
}

/** A group by its name; undefined when there is none. */
export async function findGroup(
  tx: ReadTransaction,
  key: GroupKey,
): Promise<StoredGroup | undefined> {
  const row = await tx.one(find, key.owner, key.group);
  return row === undefined ? undefined : groupOf(row);
}

/**
 * The groups of a pool that have something queued and may run more: higher priority first, then the
 * older.
 */
export async function listWaitingGroups(
  tx: ReadTransaction,
  owner: string,
  pool: string,
): Promise<readonly StoredGroup[]> {
  return (await tx.all(waiting, owner, pool)).map(groupOf);
}

/** Moves the counters of a group; of one that is gone there is nothing to move. */
export async function countGroup(
  tx: WriteTransaction,
  id: string,
  queued: number,
  active: number,
): Promise<void> {
  await tx.run(count, queued, active, id);
}

/** Forgets a group; what is queued or runs in it is left to the caller. */
export async function deleteGroup(tx: WriteTransaction, key: GroupKey): Promise<void> {
  await tx.run(remove, key.owner, key.group);
}

function groupOf(row: GroupRow): StoredGroup {
  const { id, pool, queued, active } = row;
  return { id, pool, queued, active, parallelMax: row.parallel_max ?? undefined };
}
