import { Type } from 'typebox';
import { armFaults } from '#arm/faults.ts';
import { accepted, findOperation, recordOperation } from '#arm/long-running.ts';
import { findResourceGroup } from '#arm/resource-group.store.ts';
import { filteredBy, visibleItems } from '#arm/visibility.ts';
import { needs, type Permission } from '#http/operation.ts';
import { identityAssignments } from '#identity/resource-identity.ts';
import { isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { accountFaults } from './account.faults.ts';
import { listAccounts } from './account.store.ts';
import type { BatchAccount } from './account.ts';
import { readAccountBody } from './account-body.ts';
import {
  accountAt,
  changeAccount,
  locationOf,
  putAccount,
  shownAccountAt,
} from './account-change.ts';
import { removeAccount } from './account-kind.ts';
import { accountOperation, accountPath, accountsPath, batchAction } from './account-room.ts';
import { accountJson, accountReply, type ShownAccount, shownAccount } from './account-shape.ts';

const source = 'https://learn.microsoft.com/rest/api/batchmanagement/batch-account';
const readAction = 'Microsoft.Batch/batchAccounts/read';

/** To write an account, and to assign each identity that it is given. */
const writesAccount: Permission = {
  documented: [batchAction('write')],
  requests: ({ scope, body }) => [{ ...batchAction('write'), scope }, ...identityAssignments(body)],
};

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
    const shown = await room.store.read((tx) => shownAccounts(tx, seen));
    return { status: 200, json: { value: shown.map((one) => accountJson(one, request)) } };
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
      return shownAccounts(tx, await listAccounts(tx, subscriptionId, resourceGroupName));
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
    const found = await room.store.read((tx) => shownAccountAt(tx, params));
    return isFault(found) ? found : accountReply(found, request);
  },
});

/** A new account answers 202 and a Location, as recorded; it is there when the answer is. */
const create = accountOperation({
  id: 'BatchAccount_Create',
  method: 'PUT',
  path: accountPath,
  permission: writesAccount,
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
    if (done.outcome === 'updated') return accountReply(done, request);
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
      const found = await shownAccountAt(tx, params);
      return isFault(found) ? found : accountReply(found, request);
    });
  },
});

const update = accountOperation({
  id: 'BatchAccount_Update',
  method: 'PATCH',
  path: accountPath,
  permission: writesAccount,
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

async function shownAccounts(
  transaction: ReadTransaction,
  accounts: readonly BatchAccount[],
): Promise<readonly ShownAccount[]> {
  const shown: ShownAccount[] = [];
  for (const account of accounts) shown.push(await shownAccount(transaction, account));
  return shown;
}
