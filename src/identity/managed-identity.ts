import { fold, sameName } from '#kernel/ids.ts';
import { parseResourceId } from '#rbac/scope.ts';
import type { ReadTransaction } from '#store/store.ts';
import { findResourceIdentity } from './resource-identity.store.ts';
import { findIdentity } from './user-assigned-identity.store.ts';
import { identityResourceId, identityType } from './user-assigned-identity.ts';

/** A managed identity of either kind, as its tokens name it. */
export interface ManagedIdentity {
  /** Folded. */
  readonly tenantId: string;
  /** Application id of its service principal. */
  readonly clientId: string;
  /** Object id of its service principal. */
  readonly principalId: string;
  /** The identity itself when it is user-assigned, else the resource that has it. */
  readonly resourceId: string;
}

/**
 * The managed identity behind an ARM id: that of a user-assigned identity, or the system-assigned
 * one of any other resource. Undefined when there is none.
 */
export async function findManagedIdentity(
  transaction: ReadTransaction,
  resourceId: string,
): Promise<ManagedIdentity | undefined> {
  const { subscriptionId, resourceGroup, namespace, types, names } = parseResourceId(resourceId);
  const [name, ...deeper] = names;
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) {
    return undefined;
  }
  if (!sameName(`${namespace}/${types.join('/')}`, identityType)) {
    const found = await findResourceIdentity(transaction, fold(resourceId));
    const { tenantId, system } = found ?? {};
    return tenantId === undefined || system === undefined
      ? undefined
      : { tenantId, ...system, resourceId: found?.resourceId ?? resourceId };
  }
  if (deeper.length > 0) return undefined;
  const found = await findIdentity(transaction, { subscriptionId, resourceGroup, name });
  if (found === undefined) return undefined;
  const { tenantId, clientId, principalId } = found;
  return { tenantId, clientId, principalId, resourceId: identityResourceId(found) };
}
