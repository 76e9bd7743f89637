import type { Fault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { parseResourceId } from '#rbac/scope.ts';
import type { ReadTransaction } from '#store/store.ts';
import { armFaults } from './faults.ts';
import { findResourceGroup } from './resource-group.store.ts';
import { findSubscription } from './subscription.store.ts';

/**
 * Why a scope is not there for a tenant: no such subscription of its, or no such resource group.
 * Undefined when it is.
 */
export async function scopeFault(
  transaction: ReadTransaction,
  tenantId: string,
  scope: string,
): Promise<Fault | undefined> {
  const { subscriptionId, resourceGroup } = parseResourceId(scope);
  if (subscriptionId === undefined) return undefined;
  const subscription = await findSubscription(transaction, subscriptionId);
  if (subscription === undefined || !sameName(subscription.tenantId, tenantId)) {
    return armFaults.subscriptionNotFound(subscriptionId);
  }
  if (resourceGroup === undefined) return undefined;
  const group = await findResourceGroup(transaction, subscriptionId, resourceGroup);
  return group === undefined ? armFaults.resourceGroupNotFound(resourceGroup) : undefined;
}
