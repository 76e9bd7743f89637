import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type { ResourceGroup } from './resource-group.store.ts';

/** What Resource Manager knows of any resource. */
export interface GenericResource {
  readonly id: string;
  readonly name: string;
  /** `Microsoft.Batch/batchAccounts`. */
  readonly type: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly provisioningState: string;
  readonly createdAt: Instant;
  readonly changedAt: Instant;
}

/**
 * One type of tracked resource, as the room that owns it shows it to Resource Manager: it can be
 * listed with others, and goes when its group goes.
 */
export interface ResourceKind {
  readonly type: string;
  list(transaction: ReadTransaction, subscriptionId: string): Promise<readonly GenericResource[]>;
  /** Removes what a group holds of this kind, with all that belongs to it. */
  removeOf(transaction: WriteTransaction, group: ResourceGroup): Promise<void>;
}
