import { fold } from '#kernel/ids.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/** What resources are bought under. It trusts exactly one tenant. */
export interface Subscription {
  /** GUID, folded. */
  readonly subscriptionId: string;
  /** GUID, folded. */
  readonly tenantId: string;
  readonly displayName: string;
  readonly createdAt: Instant;
}

type SubscriptionRow = {
  readonly tenant_id: string;
  readonly id: string;
  readonly display_name: string;
  readonly created_at: number;
};

const insert = statement(
  'subscription.insert',
  'INSERT INTO subscription (tenant_id, id, display_name, created_at) VALUES (?, ?, ?, ?)',
);

const byId = statement<SubscriptionRow>(
  'subscription.byId',
  'SELECT tenant_id, id, display_name, created_at FROM subscription WHERE id = ?',
);

const ofTenant = statement<SubscriptionRow>(
  'subscription.ofTenant',
  `SELECT tenant_id, id, display_name, created_at FROM subscription
   WHERE tenant_id = ? ORDER BY created_at, id`,
);

/** Adds a subscription. Throws when the id is taken. */
export async function addSubscription(
  transaction: WriteTransaction,
  subscription: Subscription,
): Promise<void> {
  const { tenantId, subscriptionId, displayName, createdAt } = subscription;
  await transaction.run(insert, fold(tenantId), fold(subscriptionId), displayName, createdAt);
}

/** The subscription of an id in any case. */
export async function findSubscription(
  transaction: ReadTransaction,
  subscriptionId: string,
): Promise<Subscription | undefined> {
  const row = await transaction.one(byId, fold(subscriptionId));
  return row === undefined ? undefined : subscriptionOfRow(row);
}

/** The tenant that a subscription trusts. */
export async function tenantOfSubscription(
  transaction: ReadTransaction,
  subscriptionId: string,
): Promise<string | undefined> {
  return (await findSubscription(transaction, subscriptionId))?.tenantId;
}

/**
 * The subscriptions of a tenant, the oldest first: a client that takes the first takes the one that
 * was there first.
 */
export async function listSubscriptions(
  transaction: ReadTransaction,
  tenantId: string,
): Promise<readonly Subscription[]> {
  return (await transaction.all(ofTenant, fold(tenantId))).map(subscriptionOfRow);
}

function subscriptionOfRow(row: SubscriptionRow): Subscription {
  return {
    subscriptionId: row.id,
    tenantId: row.tenant_id,
    displayName: row.display_name,
    createdAt: instant(row.created_at),
  };
}
