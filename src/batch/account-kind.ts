import type { ResourceKind } from '#arm/resource-kind.ts';
import { removeResourceIdentity } from '#identity/resource-identity.store.ts';
import { deleteRoleAssignmentsAt } from '#rbac/role-assignment.store.ts';
import { resourceScope } from '#rbac/scope.ts';
import type { WriteTransaction } from '#store/store.ts';
import { deleteAccount, listAccounts } from './account.store.ts';
import type { BatchAccount } from './account.ts';
import type { AccountDeletion } from './account-room.ts';

/** Batch accounts among the other resources: listed with them, and removed with their group. */
export function accountKind(onAccountDeleted: AccountDeletion): ResourceKind {
  const type = 'Microsoft.Batch/batchAccounts';
  return {
    type,
    async list(transaction, subscriptionId) {
      const accounts = await listAccounts(transaction, subscriptionId);
      return accounts.map((account) => ({
        id: account.resourceId,
        name: account.name,
        type,
        location: account.location,
        tags: account.tags,
        provisioningState: account.provisioningState,
        createdAt: account.createdAt,
        changedAt: account.lastModifiedAt,
      }));
    },
    async removeOf(transaction, group) {
      for (const account of await listAccounts(transaction, group.subscriptionId, group.name)) {
        await removeAccount(transaction, account, onAccountDeleted);
      }
    },
  };
}

/** Removes an account with what is in it, its keys, its own identity, and the roles that were given at it. */
export async function removeAccount(
  transaction: WriteTransaction,
  account: BatchAccount,
  onAccountDeleted: AccountDeletion,
): Promise<void> {
  await onAccountDeleted(transaction, account);
  await deleteRoleAssignmentsAt(transaction, account.tenantId, resourceScope(account.resourceId));
  await removeResourceIdentity(transaction, account.resourceId);
  await deleteAccount(transaction, account.name);
}
