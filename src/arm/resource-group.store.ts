import { fold } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** A folder of resources that live and die together. */
export interface ResourceGroup {
  /** Folded. */
  readonly subscriptionId: string;
  /** As written; unique in its folded form. */
  readonly name: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: Instant;
}

type GroupRow = {
  readonly subscription_id: string;
  readonly name: string;
  readonly location: string;
  readonly tags: string;
  readonly created_at: number;
};

const columns = 'subscription_id, name, location, tags, created_at';

const upsert = statement(
  'resourceGroup.upsert',
  `INSERT INTO resource_group (subscription_id, name_folded, name, location, tags, created_at)
   VALUES (?, ?, ?, ?, ?, ?)
   ON CONFLICT (subscription_id, name_folded) DO UPDATE SET tags = excluded.tags`,
);

const byName = statement<GroupRow>(
  'resourceGroup.byName',
  `SELECT ${columns} FROM resource_group WHERE subscription_id = ? AND name_folded = ?`,
);

const all = statement<GroupRow>(
  'resourceGroup.all',
  `SELECT ${columns} FROM resource_group WHERE subscription_id = ? ORDER BY name_folded`,
);

const remove = statement(
  'resourceGroup.delete',
  'DELETE FROM resource_group WHERE subscription_id = ? AND name_folded = ?',
);

/** Adds a resource group, or replaces the tags of the one that has its name. */
export async function putResourceGroup(
  transaction: WriteTransaction,
  group: ResourceGroup,
): Promise<void> {
  await transaction.run(
    upsert,
    fold(group.subscriptionId),
    fold(group.name),
    group.name,
    group.location,
    JSON.stringify(group.tags),
    group.createdAt,
  );
}

/** The group of a name in any case. */
export async function findResourceGroup(
  transaction: ReadTransaction,
  subscriptionId: string,
  name: string,
): Promise<ResourceGroup | undefined> {
  const row = await transaction.one(byName, fold(subscriptionId), fold(name));
  return row === undefined ? undefined : groupOf(row);
}

/** The groups of a subscription by name. */
export async function listResourceGroups(
  transaction: ReadTransaction,
  subscriptionId: string,
): Promise<readonly ResourceGroup[]> {
  return (await transaction.all(all, fold(subscriptionId))).map(groupOf);
}

/** Removes a group; what is in it must be gone already. */
export async function deleteResourceGroup(
  transaction: WriteTransaction,
  subscriptionId: string,
  name: string,
): Promise<void> {
  await transaction.run(remove, fold(subscriptionId), fold(name));
}

/** The ARM id of a group. */
export function resourceGroupId(group: Pick<ResourceGroup, 'subscriptionId' | 'name'>): string {
  return `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
}

function groupOf(row: GroupRow): ResourceGroup {
  return {
    subscriptionId: row.subscription_id,
    name: row.name,
    location: row.location,
    tags: JSON.parse(row.tags) as Readonly<Record<string, string>>,
    createdAt: instant(row.created_at),
  };
}
