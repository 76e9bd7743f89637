import { needs } from '#http/operation.ts';
import { operationProviders } from '#rbac/provider-operation.ts';
import { accountOperation } from './account-room.ts';

const namespace = 'Microsoft.Batch';

/** Every operation that a role can name, for any signed-in caller. */
const listOperations = accountOperation({
  id: 'Operations_List',
  method: 'GET',
  path: '/providers/Microsoft.Batch/operations',
  permission: needs(),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/rest/api/batchmanagement/operations/list',
  handler: async () => {
    const found = operationProviders.find((one) => one.namespace === namespace);
    const value = (found?.operations ?? []).map(({ name, isDataAction }) => ({
      name,
      isDataAction,
      display: { provider: found?.displayName, resource: resourceOf(name), operation: name },
      origin: 'user,system',
    }));
    return { status: 200, json: { value } };
  },
});

/** What the Batch provider tells about itself. */
export const accountProviderOperations = [listOperations];

/** The type in the name of an operation: `batchAccounts/pools`. */
function resourceOf(name: string): string {
  const segments = name.split('/').slice(1);
  return segments.slice(0, segments.at(-1) === 'action' ? -2 : -1).join('/');
}
