import { deleteServicePrincipal } from '#directory/service-principal.store.ts';
import { fold } from '#kernel/ids.ts';
import { instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { addIdentityPrincipal } from './identity-principal.ts';
import {
  type IdentityAddress,
  identityResourceId,
  type UserAssignedIdentity,
} from './user-assigned-identity.ts';

type IdentityRow = {
  readonly subscription_id: string;
  readonly resource_group: string;
  readonly name: string;
  readonly tenant_id: string;
  readonly location: string;
  readonly tags: string;
  readonly client_id: string;
  readonly principal_id: string;
  readonly created_at: number;
  readonly changed_at: number;
};

const columns = `subscription_id, resource_group, name, tenant_id, location, tags, client_id,
  principal_id, created_at, changed_at`;

const insert = statement(
  'userAssignedIdentity.insert',
  `INSERT INTO user_assigned_identity (resource_group_folded, name_folded, ${columns})
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
);

const update = statement(
  'userAssignedIdentity.update',
  `UPDATE user_assigned_identity SET tags = ?, changed_at = ?
   WHERE subscription_id = ? AND resource_group_folded = ? AND name_folded = ?`,
);

const byAddress = statement<IdentityRow>(
  'userAssignedIdentity.byAddress',
  `SELECT ${columns} FROM user_assigned_identity
   WHERE subscription_id = ? AND resource_group_folded = ? AND name_folded = ?`,
);

const ofSubscription = statement<IdentityRow>(
  'userAssignedIdentity.ofSubscription',
  `SELECT ${columns} FROM user_assigned_identity WHERE subscription_id = ?
   ORDER BY resource_group_folded, name_folded`,
);

const ofGroup = statement<IdentityRow>(
  'userAssignedIdentity.ofGroup',
  `SELECT ${columns} FROM user_assigned_identity
   WHERE subscription_id = ? AND resource_group_folded = ? ORDER BY name_folded`,
);

const remove = statement(
  'userAssignedIdentity.delete',
  `DELETE FROM user_assigned_identity
   WHERE subscription_id = ? AND resource_group_folded = ? AND name_folded = ?`,
);

/** Adds an identity together with its service principal. Throws when either is there already. */
export async function addIdentity(
  transaction: WriteTransaction,
  identity: UserAssignedIdentity,
): Promise<void> {
  const { tenantId, clientId, principalId, name, createdAt } = identity;
  await addIdentityPrincipal(transaction, {
    ...{ tenantId, clientId, principalId, displayName: name, createdAt },
    resourceId: identityResourceId(identity),
    isUserAssigned: true,
  });
  await transaction.run(
    insert,
    fold(identity.resourceGroup),
    fold(name),
    fold(identity.subscriptionId),
    identity.resourceGroup,
    name,
    fold(tenantId),
    identity.location,
    JSON.stringify(identity.tags),
    clientId,
    principalId,
    createdAt,
    identity.changedAt,
  );
}

/** Stores changed tags, and when they changed. */
export async function updateIdentity(
  transaction: WriteTransaction,
  identity: UserAssignedIdentity,
): Promise<void> {
  const tags = JSON.stringify(identity.tags);
  await transaction.run(update, tags, identity.changedAt, ...keyOf(identity));
}

/** Removes an identity together with its service principal: its tokens are refused from now on. */
export async function deleteIdentity(
  transaction: WriteTransaction,
  identity: UserAssignedIdentity,
): Promise<void> {
  await transaction.run(remove, ...keyOf(identity));
  await deleteServicePrincipal(transaction, identity.tenantId, identity.principalId);
}

/** The identity at an address in any case. */
export async function findIdentity(
  transaction: ReadTransaction,
  address: IdentityAddress,
): Promise<UserAssignedIdentity | undefined> {
  const row = await transaction.one(byAddress, ...keyOf(address));
  return row === undefined ? undefined : identityOf(row);
}

/** The identities of a subscription, or of one of its resource groups, by name. */
export async function listIdentities(
  transaction: ReadTransaction,
  subscriptionId: string,
  resourceGroup?: string,
): Promise<readonly UserAssignedIdentity[]> {
  const rows =
    resourceGroup === undefined
      ? await transaction.all(ofSubscription, fold(subscriptionId))
      : await transaction.all(ofGroup, fold(subscriptionId), fold(resourceGroup));
  return rows.map(identityOf);
}

function keyOf({ subscriptionId, resourceGroup, name }: IdentityAddress) {
  return [fold(subscriptionId), fold(resourceGroup), fold(name)] as const;
}

function identityOf(row: IdentityRow): UserAssignedIdentity {
  return {
    tenantId: row.tenant_id,
    subscriptionId: row.subscription_id,
    resourceGroup: row.resource_group,
    name: row.name,
    location: row.location,
    tags: JSON.parse(row.tags) as Readonly<Record<string, string>>,
    clientId: row.client_id,
    principalId: row.principal_id,
    createdAt: instant(row.created_at),
    changedAt: instant(row.changed_at),
  };
}
