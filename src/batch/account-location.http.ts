import { Type } from 'typebox';
import { needs } from '#http/operation.ts';
import { nameTakenText } from './account.faults.ts';
import { findAccount } from './account.store.ts';
import { accountNameProblem } from './account-body.ts';
import { accountsPerRegionMax } from './account-change.ts';
import { accountOperation } from './account-room.ts';

const source = 'https://learn.microsoft.com/rest/api/batchmanagement/location';
const path = '/subscriptions/{subscriptionId}/providers/Microsoft.Batch/locations/{locationName}';

function locationAction(tail: string) {
  return { action: `Microsoft.Batch/locations/${tail}`, plane: 'control' } as const;
}

const quotas = accountOperation({
  id: 'Location_GetQuotas',
  method: 'GET',
  path: `${path}/quotas`,
  permission: needs(locationAction('quotas/read')),
  reply: { 200: 'json' },
  source,
  handler: async () => ({ status: 200, json: { accountQuota: accountsPerRegionMax } }),
});

const checkName = accountOperation({
  id: 'Location_CheckNameAvailability',
  method: 'POST',
  path: `${path}/checkNameAvailability`,
  permission: needs(locationAction('checkNameAvailability/action')),
  body: Type.Object({ name: Type.String(), type: Type.Literal('Microsoft.Batch/batchAccounts') }),
  reply: { 200: 'json' },
  source,
  handler: async ({ body }, room) => {
    const problem = accountNameProblem(body.name);
    if (problem !== undefined) {
      return { status: 200, json: { nameAvailable: false, reason: 'Invalid', message: problem } };
    }
    const found = await room.store.read((tx) => findAccount(tx, body.name));
    if (found === undefined) return { status: 200, json: { nameAvailable: true } };
    const message = nameTakenText(body.name);
    return { status: 200, json: { nameAvailable: false, reason: 'AlreadyExists', message } };
  },
});

const virtualMachineSkus = accountOperation({
  id: 'Location_ListSupportedVirtualMachineSkus',
  method: 'GET',
  path: `${path}/virtualMachineSkus`,
  permission: needs(locationAction('virtualMachineSkus/read')),
  reply: { 200: 'json' },
  source,
});

const cloudServiceSkus = accountOperation({
  id: 'Location_ListSupportedCloudServiceSkus',
  method: 'GET',
  path: `${path}/cloudServiceSkus`,
  permission: needs(locationAction('cloudServiceSkus/read')),
  reply: { 200: 'json' },
  source,
});

/** What the Batch provider tells about a region. */
export const accountLocationOperations = [quotas, checkName, virtualMachineSkus, cloudServiceSkus];
