import type { Call, Reply } from '#http/operation.ts';
import { needs } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isoOf } from '#kernel/instant.ts';
import { decide } from '#rbac/decide.ts';
import { resourceScope, scopeContains } from '#rbac/scope.ts';
import { armOperation, controlAction } from './declare.ts';
import type { ArmCaller } from './dialect.ts';
import { armFaults } from './faults.ts';
import { resourceFilter } from './resource.ts';
import { groupNamed } from './resource-group.http.ts';
import { resourceGroupId } from './resource-group.store.ts';
import type { GenericResource } from './resource-kind.ts';
import type { ArmRoom } from './room.ts';
import { filteredBy, visibleItems } from './visibility.ts';

const source = 'https://learn.microsoft.com/rest/api/resources/resources/list';
const readAction = 'Microsoft.Resources/subscriptions/resources/read';

const listOfSubscription = armOperation({
  id: 'Resources_List',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/resources',
  permission: filteredBy(readAction),
  reply: { 200: 'json' },
  source,
  handler: async (call, room) => {
    const { caller, request, scope } = call;
    const all = await allResources(room, call.params.subscriptionId);
    const question = { caller, request, scope, action: readAction };
    const seen = await visibleItems(room, question, all, ({ id }) => id);
    if (isFault(seen)) return seen;
    // Whoever may read a resource by its own action finds it here too.
    const policy = await room.policies.policyFor(caller.tenantId);
    const isReadable = ({ id, type }: GenericResource): boolean =>
      decide(policy, caller.principalIds, { ...controlAction(`${type}/read`), scope: id }).allowed;
    return listReply(
      call,
      all.filter((one) => seen.includes(one) || isReadable(one)),
    );
  },
});

const listOfGroup = armOperation({
  id: 'Resources_ListByResourceGroup',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/resources',
  permission: needs(
    controlAction('Microsoft.Resources/subscriptions/resourceGroups/resources/read'),
  ),
  reply: { 200: 'json' },
  source,
  handler: async (call, room) => {
    const { subscriptionId, resourceGroupName } = call.params;
    const group = await groupNamed(room, subscriptionId, resourceGroupName);
    if (isFault(group)) return group;
    const below = resourceScope(resourceGroupId(group));
    const all = await allResources(room, subscriptionId);
    return listReply(
      call,
      all.filter(({ id }) => scopeContains(below, resourceScope(id))),
    );
  },
});

/** Resources of every type, as Resource Manager itself lists them. */
export const resourceOperations = [listOfSubscription, listOfGroup];

function listReply(
  call: Pick<Call<ArmCaller>, 'request'>,
  resources: readonly GenericResource[],
): Reply | Fault {
  const { query } = call.request;
  const matches = resourceFilter(queryValue(query, '$filter'));
  if (matches === undefined) return armFaults.notImplemented('this $filter of resources');
  if (queryValue(query, '$top') !== undefined) return armFaults.notImplemented('$top');
  const expanded = (queryValue(query, '$expand') ?? '').split(',').map((one) => one.trim());
  const value = resources.filter(matches).map((one) => resourceJson(one, new Set(expanded)));
  return { status: 200, json: { value } };
}

/** A resource as every type shows it; `$expand` adds its state and times. */
function resourceJson(resource: GenericResource, expanded: ReadonlySet<string>): object {
  const { id, name, type, location, tags } = resource;
  return {
    id,
    name,
    type,
    location,
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    ...(expanded.has('createdTime') ? { createdTime: isoOf(resource.createdAt) } : {}),
    ...(expanded.has('changedTime') ? { changedTime: isoOf(resource.changedAt) } : {}),
    ...(expanded.has('provisioningState') ? { provisioningState: resource.provisioningState } : {}),
  };
}

async function allResources(
  room: ArmRoom,
  subscriptionId: string,
): Promise<readonly GenericResource[]> {
  return room.store.read(async (tx) => {
    const found: GenericResource[] = [];
    for (const kind of room.resourceKinds) found.push(...(await kind.list(tx, subscriptionId)));
    return found;
  });
}
