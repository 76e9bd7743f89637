import { Type } from 'typebox';
import { needs } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { Random } from '#kernel/random.ts';
import { deleteRoleAssignmentsAt } from '#rbac/role-assignment.store.ts';
import { resourceScope } from '#rbac/scope.ts';
import { armOperation, controlAction } from './declare.ts';
import { armFaults } from './faults.ts';
import { knownRegion, regionsOf } from './location.ts';
import { accepted, findOperation, recordOperation } from './long-running.ts';
import {
  deleteResourceGroup,
  findResourceGroup,
  listResourceGroups,
  putResourceGroup,
  type ResourceGroup,
  resourceGroupId,
} from './resource-group.store.ts';
import { groupNameFault, tagFilter, tagsFault } from './resource-group.ts';
import type { ArmRoom } from './room.ts';
import { filteredBy, visibleItems } from './visibility.ts';

const source = 'https://learn.microsoft.com/rest/api/resources/resource-groups';
const path = '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}';
const readAction = 'Microsoft.Resources/subscriptions/resourceGroups/read';
const read = needs(controlAction(readAction));
const write = needs(controlAction('Microsoft.Resources/subscriptions/resourceGroups/write'));
const remove = needs(controlAction('Microsoft.Resources/subscriptions/resourceGroups/delete'));

const tags = Type.Record(Type.String(), Type.String());

const list = armOperation({
  id: 'ResourceGroups_List',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/resourceGroups',
  permission: filteredBy(readAction),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, request, scope }, room) => {
    const hasTag = tagFilter(queryValue(request.query, '$filter'));
    if (hasTag === undefined) return armFaults.notImplemented('this $filter of resource groups');
    if (queryValue(request.query, '$top') !== undefined) return armFaults.notImplemented('$top');
    const all = await room.store.read((tx) => listResourceGroups(tx, params.subscriptionId));
    const question = { caller, request, scope, action: readAction };
    const seen = await visibleItems(room, question, all, resourceGroupId);
    if (isFault(seen)) return seen;
    const value = seen.filter(({ tags: own }) => hasTag(own)).map(groupJson);
    return { status: 200, json: { value } };
  },
});

const get = armOperation({
  id: 'ResourceGroups_Get',
  method: 'GET',
  path,
  permission: read,
  reply: { 200: 'json' },
  source,
  handler: async ({ params }, room) => {
    const found = await groupNamed(room, params.subscriptionId, params.resourceGroupName);
    return isFault(found) ? found : { status: 200, json: groupJson(found) };
  },
});

const exists = armOperation({
  id: 'ResourceGroups_CheckExistence',
  method: 'HEAD',
  path,
  permission: read,
  reply: { 204: 'empty' },
  source,
  handler: async ({ params }, room) => {
    const found = await groupNamed(room, params.subscriptionId, params.resourceGroupName);
    return isFault(found) ? found : { status: 204 };
  },
});

const put = armOperation({
  id: 'ResourceGroups_CreateOrUpdate',
  method: 'PUT',
  path,
  permission: write,
  body: Type.Object({ location: Type.Optional(Type.String()), tags: Type.Optional(tags) }),
  reply: { 200: 'json', 201: 'json' },
  source,
  handler: async ({ params, body }, room) => {
    const name = params.resourceGroupName;
    const refused = groupNameFault(name) ?? tagsFault(body.tags ?? {});
    if (refused !== undefined) return refused;
    if (body.location === undefined) return armFaults.locationMissing();
    const location = knownRegion(body.location);
    if (location === undefined) return armFaults.locationOfGroup(body.location, allRegions(room));
    const wanted: ResourceGroup = {
      subscriptionId: params.subscriptionId,
      name,
      location,
      tags: body.tags ?? {},
      createdAt: room.clock.civil(),
    };
    return room.store.write(async (tx) => {
      const found = await findResourceGroup(tx, wanted.subscriptionId, name);
      if (found !== undefined && found.location !== location) {
        return armFaults.resourceGroupMoved(name, found.location, location);
      }
      const kept = found === undefined ? wanted : { ...found, tags: wanted.tags };
      await putResourceGroup(tx, kept);
      return { status: found === undefined ? 201 : 200, json: groupJson(kept) };
    });
  },
});

const patch = armOperation({
  id: 'ResourceGroups_Update',
  method: 'PATCH',
  path,
  permission: write,
  body: Type.Object({ tags: Type.Optional(tags) }),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, body }, room) => {
    const refused = tagsFault(body.tags ?? {});
    if (refused !== undefined) return refused;
    return room.store.write(async (tx) => {
      const found = await findResourceGroup(tx, params.subscriptionId, params.resourceGroupName);
      if (found === undefined) return armFaults.resourceGroupNotFound(params.resourceGroupName);
      const changed = { ...found, tags: body.tags ?? found.tags };
      await putResourceGroup(tx, changed);
      return { status: 200, json: groupJson(changed) };
    });
  },
});

/**
 * Everything in the group goes with it, in the same transaction; the Location tells that it is
 * done.
 */
const deleteGroup = armOperation({
  id: 'ResourceGroups_Delete',
  method: 'DELETE',
  path,
  permission: remove,
  reply: { 202: 'empty' },
  source,
  handler: async ({ params, caller, request, version }, room) => {
    const { subscriptionId, resourceGroupName } = params;
    const refused = groupNameFault(resourceGroupName);
    if (refused !== undefined) return refused;
    const operationId = groupDeletionId(room.random, resourceGroupName);
    const done = await room.store.write(async (tx) => {
      const found = await findResourceGroup(tx, subscriptionId, resourceGroupName);
      if (found === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
      for (const kind of room.resourceKinds) await kind.removeOf(tx, found);
      const resourceId = resourceGroupId(found);
      await deleteRoleAssignmentsAt(tx, caller.tenantId, resourceScope(resourceId));
      await deleteResourceGroup(tx, subscriptionId, resourceGroupName);
      const finishedAt = room.clock.civil();
      const kind = 'resourceGroupDelete';
      await recordOperation(tx, { subscriptionId, operationId, kind, resourceId, finishedAt });
      return undefined;
    });
    if (isFault(done)) return done;
    const poll = `/subscriptions/${subscriptionId}/operationresults/${operationId}`;
    return accepted(request, poll, version);
  },
});

const deletionResult = armOperation({
  id: 'ResourceGroups_DeleteResult',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/operationresults/{operationId}',
  permission: needs(controlAction('Microsoft.Resources/subscriptions/operationresults/read')),
  reply: { 200: 'empty' },
  source,
  handler: async ({ params }, room) => {
    const { subscriptionId, operationId } = params;
    const found = await room.store.read((tx) => findOperation(tx, subscriptionId, operationId));
    return found?.kind === 'resourceGroupDelete'
      ? { status: 200 }
      : armFaults.operationNotFound(operationId);
  },
});

/** Resource groups, and how their deletion is followed. */
export const resourceGroupOperations = [list, get, exists, put, patch, deleteGroup, deletionResult];

/** The id of a deletion as Azure shapes it: base64url of a job's name and place. */
function groupDeletionId(random: Random, name: string): string {
  const jobId = `RESOURCEGROUPDELETIONJOB-${name.toUpperCase()}-${random.guid()}`;
  return Buffer.from(JSON.stringify({ jobId, jobLocation: 'local' })).toString('base64url');
}

/** The group of a path, or why there is none. */
export async function groupNamed(
  room: ArmRoom,
  subscriptionId: string,
  name: string,
): Promise<ResourceGroup | Fault> {
  const refused = groupNameFault(name);
  if (refused !== undefined) return refused;
  const found = await room.store.read((tx) => findResourceGroup(tx, subscriptionId, name));
  return found ?? armFaults.resourceGroupNotFound(name);
}

function allRegions(room: ArmRoom): readonly string[] {
  return room.clouds.flatMap((cloud) => regionsOf(cloud.name)).map(({ name }) => name);
}

function groupJson(group: ResourceGroup): object {
  return {
    id: resourceGroupId(group),
    name: group.name,
    type: 'Microsoft.Resources/resourceGroups',
    location: group.location,
    tags: group.tags,
    properties: { provisioningState: 'Succeeded' },
  };
}
