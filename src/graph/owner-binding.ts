import { addOwner } from '#directory/owner.store.ts';
import type { Fault } from '#kernel/fault.ts';
import type { WriteTransaction } from '#store/store.ts';
import { directoryObject } from './directory-object-wire.ts';
import { invalidValue, resourceNotFound } from './faults.ts';
import { referencedId } from './reference.ts';

/**
 * Makes the users and service principals that a new object names its owners; who makes it may name herself. A fault leaves it to the
 * caller to undo what was stored.
 * Source: https://learn.microsoft.com/graph/api/application-post-applications
 */
export async function bindOwners(
  tx: WriteTransaction,
  object: { readonly tenantId: string; readonly objectId: string },
  links: readonly string[] | undefined,
): Promise<Fault | undefined> {
  for (const link of links ?? []) {
    const ownerId = referencedId(link);
    if (ownerId === undefined) return invalidValue('owners', 'DirectoryObject');
    const owner = await directoryObject(tx, object.tenantId, ownerId);
    if (owner === undefined || owner.kind === 'group') return resourceNotFound(ownerId);
    await addOwner(tx, object.tenantId, object.objectId, ownerId);
  }
  return undefined;
}
