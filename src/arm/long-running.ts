import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { fold } from '#kernel/ids.ts';
import { addSeconds, type Instant, instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';

/**
 * A change that Azure answers with 202 and a Location to ask again at. Batten does the work in the
 * transaction that records the operation, so one that is found has been done; nothing waits for a
 * timer.
 */
export interface LongRunningOperation {
  readonly subscriptionId: string;
  /** What stands in the Location; opaque to clients. */
  readonly operationId: string;
  readonly kind: 'accountCreate' | 'accountDelete' | 'resourceGroupDelete';
  /** The ARM id of what was made or removed. */
  readonly resourceId: string;
  readonly finishedAt: Instant;
}

/** How long an operation can be asked for, in seconds. */
export const operationLifetimeSeconds = 24 * 3600;

/** Seconds that a client is asked to wait before it asks again. */
const retryAfterSeconds = 1;

/**
 * The answer to a change that can be followed at `path`: 202, empty, with the address as reached.
 */
export function accepted(request: HttpRequest, path: string, version: string): Reply {
  const location = `${linkBase(request.reach)}${path}?api-version=${version}`;
  return { status: 202, headers: { Location: location, 'Retry-After': String(retryAfterSeconds) } };
}

type OperationRow = {
  readonly subscription_id: string;
  readonly id: string;
  readonly kind: string;
  readonly resource_id: string;
  readonly finished_at: number;
};

const insert = statement(
  'longRunning.insert',
  `INSERT INTO long_running_operation (subscription_id, id, kind, resource_id, finished_at)
   VALUES (?, ?, ?, ?, ?)`,
);

const byId = statement<OperationRow>(
  'longRunning.byId',
  `SELECT subscription_id, id, kind, resource_id, finished_at FROM long_running_operation
   WHERE subscription_id = ? AND id = ?`,
);

const forget = statement(
  'longRunning.forget',
  'DELETE FROM long_running_operation WHERE subscription_id = ? AND finished_at < ?',
);

/**
 * Records an operation together with its work, and forgets those that are too old to be asked for.
 */
export async function recordOperation(
  transaction: WriteTransaction,
  operation: LongRunningOperation,
): Promise<void> {
  const subscriptionId = fold(operation.subscriptionId);
  const { operationId, kind, resourceId, finishedAt } = operation;
  await transaction.run(forget, subscriptionId, addSeconds(finishedAt, -operationLifetimeSeconds));
  await transaction.run(insert, subscriptionId, operationId, kind, resourceId, finishedAt);
}

/** The operation of an id, as it stood in the Location. */
export async function findOperation(
  transaction: ReadTransaction,
  subscriptionId: string,
  operationId: string,
): Promise<LongRunningOperation | undefined> {
  const row = await transaction.one(byId, fold(subscriptionId), operationId);
  if (row === undefined) return undefined;
  return {
    subscriptionId: row.subscription_id,
    operationId: row.id,
    kind: row.kind as LongRunningOperation['kind'],
    resourceId: row.resource_id,
    finishedAt: instant(row.finished_at),
  };
}
