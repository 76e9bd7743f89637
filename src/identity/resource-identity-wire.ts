import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { findManagedIdentity } from './managed-identity.ts';
import { identityFaults } from './resource.faults.ts';
import {
  findResourceIdentity,
  type IdentityOwner,
  type NewPrincipal,
  putResourceIdentity,
} from './resource-identity.store.ts';
import type { ResourceIdentityWish } from './resource-identity.ts';

/**
 * The `identity` property of a resource as ARM shows it: with the principals that stand behind it.
 * A user-assigned identity that was deleted meanwhile is named and has none.
 */
export async function resourceIdentityJson(
  transaction: ReadTransaction,
  resourceId: string,
): Promise<JsonObject> {
  const found = await findResourceIdentity(transaction, resourceId);
  if (found === undefined) return { type: 'None' };
  const { tenantId, system, userAssigned } = found;
  if (system !== undefined) {
    return { principalId: system.principalId, tenantId, type: 'SystemAssigned' };
  }
  const named: [string, JsonObject][] = [];
  for (const id of userAssigned) {
    const identity = await findManagedIdentity(transaction, id);
    const { principalId, clientId } = identity ?? {};
    named.push([id, { principalId, clientId }]);
  }
  return { type: 'UserAssigned', userAssignedIdentities: Object.fromEntries(named) };
}

/** Does what a client asked for, unless it names an identity that is not in the resource's tenant. */
export async function applyIdentityWish(
  transaction: WriteTransaction,
  owner: IdentityOwner,
  wish: ResourceIdentityWish,
  fresh: NewPrincipal,
): Promise<Fault | undefined> {
  for (const [id, isWanted] of wish.userAssigned) {
    if (!isWanted) continue;
    const refused = await missingFault(transaction, owner, id);
    if (isFault(refused)) return refused;
  }
  await putResourceIdentity(transaction, owner, wish, fresh);
  return undefined;
}

async function missingFault(
  transaction: ReadTransaction,
  { tenantId }: IdentityOwner,
  id: string,
): Promise<Fault | undefined> {
  const found = await findManagedIdentity(transaction, id);
  return found?.tenantId === tenantId ? undefined : identityFaults.identityMissing(id);
}
