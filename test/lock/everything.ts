import type { World } from '../clients/world.ts';
import { ask } from './ask.ts';

/**
 * Every list that a refused request might have changed, as the owner sees it: directory, roles, groups, accounts, and what lies
 * in each Batch account.
 */
export async function everything(world: World, accounts: readonly string[]): Promise<unknown> {
  const { subscriptionId, arm, graph } = world;
  const base = `/subscriptions/${subscriptionId}`;
  const armLists = [
    `${base}/resourceGroups?api-version=2022-09-01`,
    `${base}/providers/Microsoft.Batch/batchAccounts?api-version=2023-11-01`,
    `${base}/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01`,
    `${base}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01`,
  ];
  const seen: unknown[] = [];
  for (const path of armLists) seen.push((await arm.call('GET', path)).json);
  for (const path of ['/v1.0/applications', '/v1.0/servicePrincipals']) {
    seen.push((await graph.call('GET', path)).json);
  }
  const token = (await world.owner.getToken('https://batch.core.windows.net//.default')).token;
  for (const account of accounts) {
    for (const list of ['pools', 'jobs']) {
      const target = `/batch/${account}/${list}?api-version=2022-10-01.16.0`;
      const { status, json } = await ask(world.batten, { target, token });
      if (status !== 200) throw new Error(`${list} of ${account} could not be read: ${status}`);
      seen.push(json);
    }
  }
  return seen;
}
