import { deleteServicePrincipal } from '#directory/service-principal.store.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { addIdentityPrincipal } from './identity-principal.ts';
import {
  type ResourceIdentity,
  type ResourceIdentityWish,
  type SystemAssignedIdentity,
  userAssignedAfter,
} from './resource-identity.ts';

type ResourceIdentityRow = {
  readonly resource_id: string;
  readonly tenant_id: string;
  readonly client_id: string | null;
  readonly principal_id: string | null;
  readonly user_assigned: string;
};

const byResource = statement<ResourceIdentityRow>(
  'resourceIdentity.byResource',
  `SELECT resource_id, tenant_id, client_id, principal_id, user_assigned
   FROM resource_identity WHERE resource_id_folded = ?`,
);

const replace = statement(
  'resourceIdentity.replace',
  `INSERT INTO resource_identity
     (resource_id_folded, resource_id, tenant_id, client_id, principal_id, user_assigned)
   VALUES (?, ?, ?, ?, ?, ?)
   ON CONFLICT (resource_id_folded) DO UPDATE SET client_id = excluded.client_id,
     principal_id = excluded.principal_id, user_assigned = excluded.user_assigned`,
);

const remove = statement(
  'resourceIdentity.delete',
  'DELETE FROM resource_identity WHERE resource_id_folded = ?',
);

/** The resource that gets identities. */
export interface IdentityOwner {
  readonly tenantId: string;
  readonly resourceId: string;
  /** Display name of the service principal of its system-assigned identity. */
  readonly name: string;
}

/** Ids and time for a service principal, should one be made. */
export interface NewPrincipal extends SystemAssignedIdentity {
  readonly createdAt: Instant;
}

/** The identities of a resource by its ARM id in any case; undefined when it has none. */
export async function findResourceIdentity(
  transaction: ReadTransaction,
  resourceId: string,
): Promise<ResourceIdentity | undefined> {
  const row = await transaction.one(byResource, fold(resourceId));
  if (row === undefined) return undefined;
  const { client_id: clientId, principal_id: principalId } = row;
  return {
    tenantId: row.tenant_id,
    resourceId: row.resource_id,
    ...(clientId === null || principalId === null ? {} : { system: { clientId, principalId } }),
    userAssigned: JSON.parse(row.user_assigned) as readonly string[],
  };
}

/**
 * Gives a resource the identities that a client asked for. A system-assigned one that it has stays
 * the same; one that is no longer asked for goes with its service principal.
 */
export async function putResourceIdentity(
  transaction: WriteTransaction,
  owner: IdentityOwner,
  wish: ResourceIdentityWish,
  fresh: NewPrincipal,
): Promise<void> {
  const before = await findResourceIdentity(transaction, owner.resourceId);
  const userAssigned = userAssignedAfter(before?.userAssigned ?? [], wish);
  if (wish.type === 'None') return removeResourceIdentity(transaction, owner.resourceId);
  if (wish.type !== 'SystemAssigned') await removePrincipalOf(transaction, before);
  const system =
    wish.type === 'SystemAssigned'
      ? (before?.system ?? (await addPrincipalOf(transaction, owner, fresh)))
      : undefined;
  await transaction.run(
    replace,
    fold(owner.resourceId),
    owner.resourceId,
    fold(owner.tenantId),
    system?.clientId ?? null,
    system?.principalId ?? null,
    JSON.stringify(userAssigned),
  );
}

/** Takes the identities of a resource that is deleted, or that shall have none, away. */
export async function removeResourceIdentity(
  transaction: WriteTransaction,
  resourceId: string,
): Promise<void> {
  await removePrincipalOf(transaction, await findResourceIdentity(transaction, resourceId));
  await transaction.run(remove, fold(resourceId));
}

async function removePrincipalOf(
  transaction: WriteTransaction,
  identity: ResourceIdentity | undefined,
): Promise<void> {
  if (identity?.system === undefined) return;
  await deleteServicePrincipal(transaction, identity.tenantId, identity.system.principalId);
}

async function addPrincipalOf(
  transaction: WriteTransaction,
  { tenantId, resourceId, name }: IdentityOwner,
  { clientId, principalId, createdAt }: NewPrincipal,
): Promise<SystemAssignedIdentity> {
  await addIdentityPrincipal(transaction, {
    ...{ tenantId, clientId, principalId, displayName: name, resourceId, createdAt },
    isUserAssigned: false,
  });
  return { clientId, principalId };
}
