import type { ArmCaller } from '#arm/dialect.ts';
import type { Guard } from '#guard/authorize.ts';
import { operationsOf } from '#http/operation.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Policies } from '#rbac/policy.ts';
import type { Store, WriteTransaction } from '#store/store.ts';
import type { BatchAccount } from './account.ts';

/** Removes what is in an account, in the transaction that removes the account itself. */
export type AccountDeletion = (
  transaction: WriteTransaction,
  account: BatchAccount,
) => Promise<void>;

/** What the ARM operations on Batch accounts work with. */
export interface AccountRoom {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly guard: Guard;
  readonly policies: Policies;
  readonly onAccountDeleted: AccountDeletion;
}

/** Declares an ARM operation of the Batch resource provider. */
export const accountOperation = operationsOf<ArmCaller, AccountRoom>();

/** Where accounts stand below their resource group. */
export const accountsPath =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Batch/batchAccounts';

/** Where one account stands. */
export const accountPath = `${accountsPath}/{accountName}` as const;

/** The action of the Batch provider: `Microsoft.Batch/batchAccounts/...`. */
export function batchAction(tail: string) {
  return { action: `Microsoft.Batch/batchAccounts/${tail}`, plane: 'control' } as const;
}
