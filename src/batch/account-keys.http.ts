import { Type } from 'typebox';
import { needs } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { accountFaults } from './account.faults.ts';
import { accountKeys, regenerateKey } from './account.store.ts';
import { accountAt } from './account-change.ts';
import { type AccountRoom, accountOperation, accountPath, batchAction } from './account-room.ts';

const source = 'https://learn.microsoft.com/rest/api/batchmanagement/batch-account';

type Address = Parameters<typeof accountAt>[1];

const listKeys = accountOperation({
  id: 'BatchAccount_GetKeys',
  method: 'POST',
  path: `${accountPath}/listKeys`,
  permission: needs(batchAction('listKeys/action')),
  bodyKind: 'json',
  reply: { 200: 'json' },
  source,
  handler: async ({ params }, room) => {
    const json = await room.store.read((tx) => keysJson(tx, room, params));
    return isFault(json) ? json : { status: 200, json };
  },
});

const regenerate = accountOperation({
  id: 'BatchAccount_RegenerateKey',
  method: 'POST',
  path: `${accountPath}/regenerateKeys`,
  permission: needs(batchAction('regenerateKeys/action')),
  body: Type.Object({ keyName: Type.Union([Type.Literal('Primary'), Type.Literal('Secondary')]) }),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, body }, room) => {
    const keyName = body.keyName === 'Primary' ? 'primary' : 'secondary';
    const json = await room.store.write(async (tx) => {
      const before = await keysJson(tx, room, params);
      if (isFault(before)) return before;
      await regenerateKey(tx, room.seal, room.random, params.accountName, keyName);
      return keysJson(tx, room, params);
    });
    return isFault(json) ? json : { status: 200, json };
  },
});

const syncAutoStorageKeys = accountOperation({
  id: 'BatchAccount_SynchronizeAutoStorageKeys',
  method: 'POST',
  path: `${accountPath}/syncAutoStorageKeys`,
  permission: needs(batchAction('syncAutoStorageKeys/action')),
  bodyKind: 'json',
  reply: { 204: 'empty' },
  source,
});

/** The shared keys of an account. */
export const accountKeyOperations = [listKeys, regenerate, syncAutoStorageKeys];

async function keysJson(
  transaction: ReadTransaction,
  room: AccountRoom,
  address: Address,
): Promise<object | Fault> {
  const account = await accountAt(transaction, address);
  if (isFault(account)) return account;
  if (!account.allowedAuthenticationModes.includes('SharedKey')) {
    return accountFaults.sharedKeyDisabled();
  }
  const keys = await accountKeys(transaction, room.seal, account.name);
  return { accountName: account.name, primary: keys?.primary, secondary: keys?.secondary };
}
