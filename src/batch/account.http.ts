import { Type } from 'typebox';
import { armFaults } from '#arm/faults.ts';
import { knownRegion, regionsOf } from '#arm/location.ts';
import { accepted, findOperation, recordOperation } from '#arm/long-running.ts';
import { findResourceGroup } from '#arm/resource-group.store.ts';
import { filteredBy, visibleItems } from '#arm/visibility.ts';
import { clouds } from '#cloud/cloud.ts';
import { needs } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { accountFaults } from './account.faults.ts';
import {
  addAccount,
  authenticationModes,
  countAccounts,
  findAccount,
  listAccounts,
  newAccount,
  updateAccount,
} from './account.store.ts';
import type { BatchAccount } from './account.ts';
import { type AccountWish, accountNameProblem, readAccountBody } from './account-body.ts';
import { removeAccount } from './account-kind.ts';
import {
  type AccountRoom,
  accountOperation,
  accountPath,
  accountsPath,
  batchAction,
} from './account-room.ts';
import { accountJson, accountReply } from './account-shape.ts';

const source = 'https://learn.microsoft.com/rest/api/batchmanagement/batch-account';
const readAction = 'Microsoft.Batch/batchAccounts/read';

/**
 * Accounts that a subscription may have in one region.
 * Source: https://learn.microsoft.com/azure/batch/batch-quota-limit (its upper bound).
 */
export const accountsPerRegionMax = 50;

/** The group and the name that a path names. */
interface AccountAddress {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly accountName: string;
}

const listOfSubscription = accountOperation({
  id: 'BatchAccount_List',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/providers/Microsoft.Batch/batchAccounts',
  permission: filteredBy(readAction),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, request }, room) => {
    const all = await room.store.read((tx) => listAccounts(tx, params.subscriptionId));
    const scope = `/subscriptions/${params.subscriptionId}`;
    const question = { caller, request, scope, action: readAction };
    const seen = await visibleItems(room, question, all, ({ resourceId }) => resourceId);
    if (isFault(seen)) return seen;
    return { status: 200, json: { value: seen.map((one) => accountJson(one, request)) } };
  },
});

const listOfGroup = accountOperation({
  id: 'BatchAccount_ListByResourceGroup',
  method: 'GET',
  path: accountsPath,
  permission: needs(batchAction('read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request }, room) => {
    const { subscriptionId, resourceGroupName } = params;
    const found = await room.store.read(async (tx) => {
      const group = await findResourceGroup(tx, subscriptionId, resourceGroupName);
      if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
      return listAccounts(tx, subscriptionId, resourceGroupName);
    });
    if (isFault(found)) return found;
    return { status: 200, json: { value: found.map((one) => accountJson(one, request)) } };
  },
});

const get = accountOperation({
  id: 'BatchAccount_Get',
  method: 'GET',
  path: accountPath,
  permission: needs(batchAction('read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request }, room) => {
    const found = await room.store.read((tx) => accountAt(tx, params));
    return isFault(found) ? found : accountReply(found, request);
  },
});

/** A new account answers 202 and a Location, as recorded; it is there when the answer is. */
const create = accountOperation({
  id: 'BatchAccount_Create',
  method: 'PUT',
  path: accountPath,
  permission: needs(batchAction('write')),
  body: Type.Object({}),
  reply: { 200: 'json', 202: 'empty' },
  source,
  handler: async ({ params, caller, body, request, version }, room) => {
    const wish = readAccountBody(body as JsonObject);
    if (isFault(wish)) return wish;
    const location = locationOf(wish);
    if (isFault(location)) return location;
    const operationId = room.random.guid();
    const done = await room.store.write((tx) =>
      putAccount(tx, room, params, { wish, location, operationId, tenantId: caller.tenantId }),
    );
    if (isFault(done)) return done;
    if (done.outcome === 'updated') return accountReply(done.account, request);
    const poll = `${done.account.resourceId}/operationResults/${operationId}`;
    return accepted(request, poll, version);
  },
});

const createResult = accountOperation({
  id: 'BatchAccount_CreateResult',
  method: 'GET',
  path: `${accountPath}/operationResults/{operationId}`,
  permission: needs(batchAction('operationResults/read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, request }, room) => {
    const { subscriptionId, operationId } = params;
    return room.store.read(async (tx) => {
      const operation = await findOperation(tx, subscriptionId, operationId);
      if (operation?.kind !== 'accountCreate') return armFaults.operationNotFound(operationId);
      const found = await accountAt(tx, params);
      return isFault(found) ? found : accountReply(found, request);
    });
  },
});

const update = accountOperation({
  id: 'BatchAccount_Update',
  method: 'PATCH',
  path: accountPath,
  permission: needs(batchAction('write')),
  body: Type.Object({}),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, body, request }, room) => {
    const wish = readAccountBody(body as JsonObject);
    if (isFault(wish)) return wish;
    const changed = await room.store.write(async (tx) => {
      const found = await accountAt(tx, params);
      return isFault(found) ? found : changeAccount(tx, room, found, wish);
    });
    return isFault(changed) ? changed : accountReply(changed, request);
  },
});

/**
 * What is in the account goes in the same transaction, so the Location tells at once that all is
 * done.
 */
const remove = accountOperation({
  id: 'BatchAccount_Delete',
  method: 'DELETE',
  path: accountPath,
  permission: needs(batchAction('delete')),
  reply: { 202: 'empty', 204: 'empty' },
  source,
  handler: async ({ params, request, version }, room) => {
    const { subscriptionId } = params;
    const guid = room.random.guid();
    const removed = await room.store.write(async (tx) => {
      const found = await accountAt(tx, params);
      if (isFault(found)) return found.code === accountFaults.notFound().code ? undefined : found;
      await removeAccount(tx, found, room.onAccountDeleted);
      const { resourceId } = found;
      const operationId = `${found.name}-${guid}`;
      const finishedAt = room.clock.civil();
      const kind = 'accountDelete';
      await recordOperation(tx, { subscriptionId, operationId, kind, resourceId, finishedAt });
      return { location: found.location, operationId };
    });
    if (removed === undefined) return { status: 204 };
    if (isFault(removed)) return removed;
    const results = `locations/${removed.location}/accountOperationResults/${removed.operationId}`;
    const poll = `/subscriptions/${subscriptionId}/providers/Microsoft.Batch/${results}`;
    return accepted(request, poll, version);
  },
});

const deleteResult = accountOperation({
  id: 'BatchAccount_DeleteResult',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/providers/Microsoft.Batch/locations/{locationName}/accountOperationResults/{operationId}',
  permission: needs({
    action: 'Microsoft.Batch/locations/accountOperationResults/read',
    plane: 'control',
  }),
  reply: { 200: 'empty' },
  source,
  handler: async ({ params }, room) => {
    const { subscriptionId, operationId } = params;
    const found = await room.store.read((tx) => findOperation(tx, subscriptionId, operationId));
    return found?.kind === 'accountDelete'
      ? { status: 200 }
      : armFaults.operationNotFound(operationId);
  },
});

/** Batch accounts as ARM resources. */
export const accountResourceOperations = [
  listOfSubscription,
  listOfGroup,
  get,
  create,
  createResult,
  update,
  remove,
  deleteResult,
];

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

function isAt(account: BatchAccount, address: AccountAddress): boolean {
  return (
    sameName(account.subscriptionId, address.subscriptionId) &&
    sameName(account.resourceGroup, address.resourceGroupName)
  );
}

interface AccountPut {
  readonly wish: AccountWish;
  readonly location: string;
  readonly operationId: string;
  readonly tenantId: string;
}

interface PutOutcome {
  readonly outcome: 'created' | 'updated';
  readonly account: BatchAccount;
}

async function putAccount(
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
    const account = await changeAccount(transaction, room, found, whole);
    return { outcome: 'updated', account };
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
  const { resourceId } = account;
  const kind = 'accountCreate';
  await recordOperation(transaction, { subscriptionId, operationId, kind, resourceId, finishedAt });
  return { outcome: 'created', account };
}

async function changeAccount(
  transaction: WriteTransaction,
  room: AccountRoom,
  account: BatchAccount,
  wish: AccountWish,
): Promise<BatchAccount> {
  const { tags, allowedAuthenticationModes } = wish;
  const changed: BatchAccount = {
    ...account,
    ...(tags === undefined ? {} : { tags }),
    ...(allowedAuthenticationModes === undefined ? {} : { allowedAuthenticationModes }),
    lastModifiedAt: strictlyAfter(account.lastModifiedAt, room.clock.civil()),
  };
  await updateAccount(transaction, changed);
  return changed;
}

function locationOf(wish: AccountWish): string | Fault {
  if (wish.location === undefined) return armFaults.locationMissing();
  const location = knownRegion(wish.location);
  if (location !== undefined) return location;
  const available = clouds.flatMap((cloud) => regionsOf(cloud.name)).map(({ name }) => name);
  return armFaults.locationOfType(wish.location, 'Microsoft.Batch/batchAccounts', available);
}
