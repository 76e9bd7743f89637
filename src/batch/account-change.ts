import { armFaults } from '#arm/faults.ts';
import { knownRegion, regionsOf } from '#arm/location.ts';
import { recordOperation } from '#arm/long-running.ts';
import { findResourceGroup } from '#arm/resource-group.store.ts';
import { clouds } from '#cloud/cloud.ts';
import { applyIdentityWish } from '#identity/resource-identity-wire.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { accountFaults } from './account.faults.ts';
import {
  addAccount,
  authenticationModes,
  countAccounts,
  findAccount,
  newAccount,
  updateAccount,
} from './account.store.ts';
import type { BatchAccount } from './account.ts';
import { type AccountWish, accountNameProblem } from './account-body.ts';
import type { AccountRoom } from './account-room.ts';
import { type ShownAccount, shownAccount } from './account-shape.ts';

/**
 * Accounts that a subscription may have in one region.
 * Source: https://learn.microsoft.com/azure/batch/batch-quota-limit (its upper bound).
 */
export const accountsPerRegionMax = 50;

/** The group and the name that a path names. */
export interface AccountAddress {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly accountName: string;
}

/** The account that a path names: its group must exist, and the account must be in it. */
export async function accountAt(
  transaction: ReadTransaction,
  address: AccountAddress,
): Promise<BatchAccount | Fault> {
  const { subscriptionId, resourceGroupName, accountName } = address;
  const group = await findResourceGroup(transaction, subscriptionId, resourceGroupName);
  if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
  const found = await findAccount(transaction, accountName);
  return found !== undefined && isAt(found, address) ? found : accountFaults.notFound();
}

/** That account with what an answer shows beside it. */
export async function shownAccountAt(
  transaction: ReadTransaction,
  address: AccountAddress,
): Promise<ShownAccount | Fault> {
  const found = await accountAt(transaction, address);
  return isFault(found) ? found : shownAccount(transaction, found);
}

function isAt(account: BatchAccount, address: AccountAddress): boolean {
  return (
    sameName(account.subscriptionId, address.subscriptionId) &&
    sameName(account.resourceGroup, address.resourceGroupName)
  );
}

/** What a PUT asks for. */
export interface AccountPut {
  readonly wish: AccountWish;
  readonly location: string;
  readonly operationId: string;
  readonly tenantId: string;
}

/** What a PUT did. */
export interface PutOutcome extends ShownAccount {
  readonly outcome: 'created' | 'updated';
}

/** Makes an account, or changes the one that is there. */
export async function putAccount(
  transaction: WriteTransaction,
  room: AccountRoom,
  address: AccountAddress,
  asked: AccountPut,
): Promise<PutOutcome | Fault> {
  const { subscriptionId, resourceGroupName, accountName } = address;
  const { wish, location } = asked;
  const group = await findResourceGroup(transaction, subscriptionId, resourceGroupName);
  if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
  const found = await findAccount(transaction, accountName);
  if (found !== undefined && !isAt(found, address)) return accountFaults.nameTaken(accountName);
  if (found !== undefined) {
    if (found.location !== location) {
      return accountFaults.locationFixed(accountName, group.name, found.location, location);
    }
    // A PUT says everything: what it leaves out returns to its default.
    const whole = { tags: {}, allowedAuthenticationModes: authenticationModes, ...wish };
    const changed = await changeAccount(transaction, room, found, whole);
    return isFault(changed) ? changed : { outcome: 'updated', ...changed };
  }
  const problem = accountNameProblem(accountName);
  if (problem !== undefined) return accountFaults.invalidName(problem);
  const many = await countAccounts(transaction, subscriptionId, location);
  if (many >= accountsPerRegionMax) return accountFaults.quotaReached();
  const { tenantId, operationId } = asked;
  const place = { tenantId, subscriptionId, resourceGroup: group.name, name: accountName };
  const finishedAt = room.clock.civil();
  const account = newAccount({ ...place, ...wish, location }, finishedAt);
  await addAccount(transaction, room.seal, room.random, account);
  const refused = await identityFault(transaction, room, account, wish);
  if (refused !== undefined) return refused;
  const { resourceId } = account;
  const kind = 'accountCreate';
  await recordOperation(transaction, { subscriptionId, operationId, kind, resourceId, finishedAt });
  return { outcome: 'created', ...(await shownAccount(transaction, account)) };
}

/** Changes what was said of an account. */
export async function changeAccount(
  transaction: WriteTransaction,
  room: AccountRoom,
  account: BatchAccount,
  wish: AccountWish,
): Promise<ShownAccount | Fault> {
  const refused = await identityFault(transaction, room, account, wish);
  if (refused !== undefined) return refused;
  const { tags, allowedAuthenticationModes } = wish;
  const changed: BatchAccount = {
    ...account,
    ...(tags === undefined ? {} : { tags }),
    ...(allowedAuthenticationModes === undefined ? {} : { allowedAuthenticationModes }),
    lastModifiedAt: strictlyAfter(account.lastModifiedAt, room.clock.civil()),
  };
  await updateAccount(transaction, changed);
  return shownAccount(transaction, changed);
}

/** Gives an account the identities that were asked for; what was not said of them stays. */
async function identityFault(
  transaction: WriteTransaction,
  { random, clock }: AccountRoom,
  account: BatchAccount,
  { identity }: AccountWish,
): Promise<Fault | undefined> {
  if (identity === undefined) return undefined;
  const ids = { clientId: random.guid(), principalId: random.guid() };
  return applyIdentityWish(transaction, account, identity, { ...ids, createdAt: clock.civil() });
}

/** The region in which an account is wanted, as Azure spells it. */
export function locationOf(wish: AccountWish): string | Fault {
  if (wish.location === undefined) return armFaults.locationMissing();
  const location = knownRegion(wish.location);
  if (location !== undefined) return location;
  const available = clouds.flatMap((cloud) => regionsOf(cloud.name)).map(({ name }) => name);
  return armFaults.locationOfType(wish.location, 'Microsoft.Batch/batchAccounts', available);
}
