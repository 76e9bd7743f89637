import type { Caller } from '#directory/caller.ts';
import {
  findGroup,
  type Group,
  listGroups,
  memberIdsOf,
  transitiveMemberIdsOf,
} from '#directory/group.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { mixedObjects } from './directory-object.http.ts';
import { directoryObjects, groupJson } from './directory-object-wire.ts';
import { resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const listed: Listed = {
  type: 'groups',
  resource: 'Group',
  filterable: [
    'id',
    'description',
    'displayName',
    'groupTypes',
    'mail',
    'mailEnabled',
    'mailNickname',
    'securityEnabled',
  ],
};

const actions = 'microsoft.directory/groups';

const list = operation({
  id: 'groups_ListGroup',
  method: 'GET',
  path: '/{graphVersion}/groups',
  permission: may(`${actions}/standard/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/group-list',
  handler: async (call, { store }) => {
    const groups = await store.read((tx) => listGroups(tx, call.caller.tenantId));
    return listReply(call, listed, groups.map(groupJson));
  },
});

const get = operation({
  id: 'groups_GetGroup',
  method: 'GET',
  path: '/{graphVersion}/groups/{groupKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/group-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read((tx) => groupAt(tx, tenantId, call.params.groupKey));
    return isFault(found) ? found : entityReply(call, listed, groupJson(found));
  },
});

const members = memberList('members', 'listMembers', memberIdsOf);
const transitiveMembers = memberList(
  'transitiveMembers',
  'listTransitiveMembers',
  async (tx, tenantId, groupId) =>
    (await transitiveMemberIdsOf(tx, tenantId, groupId)).filter((id) => id !== groupId),
);

// Groups come from the seed file for now; these stand in the parity table with the permission that they will need.
const create = operation({
  id: 'groups_CreateGroup',
  method: 'POST',
  path: '/{graphVersion}/groups',
  permission: may(`${actions}/create`),
  bodyKind: 'json',
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/group-post-groups',
});

const update = operation({
  id: 'groups_UpdateGroup',
  method: 'PATCH',
  path: '/{graphVersion}/groups/{groupKey}',
  permission: may(`${actions}/basic/update`),
  bodyKind: 'json',
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-update',
});

const remove = operation({
  id: 'groups_DeleteGroup',
  method: 'DELETE',
  path: '/{graphVersion}/groups/{groupKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-delete',
});

const addMemberReference = operation({
  id: 'groups_members_CreateRef',
  method: 'POST',
  path: '/{graphVersion}/groups/{groupKey}/members/$ref',
  permission: may(`${actions}/members/update`),
  bodyKind: 'json',
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-post-members',
});

const removeMemberReference = operation({
  id: 'groups_members_DeleteRef',
  method: 'DELETE',
  path: '/{graphVersion}/groups/{groupKey}/members/{memberKey}/$ref',
  permission: may(`${actions}/members/update`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/group-delete-members',
});

/** Operations of /groups. */
export const groupOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  get,
  members,
  transitiveMembers,
  create,
  update,
  remove,
  addMemberReference,
  removeMemberReference,
];

/** The group that a path names by its object id. */
export async function groupAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<Group | Fault> {
  const key = objectKeyOf(segment);
  const found = key.by === 'id' ? await findGroup(tx, tenantId, key.value) : undefined;
  return found ?? resourceNotFound(key.value);
}

function memberList(
  segment: 'members' | 'transitiveMembers',
  id: string,
  idsOf: (tx: ReadTransaction, tenantId: string, groupId: string) => Promise<readonly string[]>,
): Operation<Caller, GraphRoom> {
  return operation({
    id: `groups_${id}`,
    method: 'GET',
    path: `/{graphVersion}/groups/{groupKey}/${segment}`,
    permission: may(`${actions}/members/read`),
    query: listOptions,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/group-list-${segment.toLowerCase()}`,
    handler: async (call, { store }) => {
      const { tenantId } = call.caller;
      const found = await store.read(async (tx) => {
        const group = await groupAt(tx, tenantId, call.params.groupKey);
        if (isFault(group)) return group;
        return directoryObjects(tx, tenantId, await idsOf(tx, tenantId, group.objectId));
      });
      if (isFault(found)) return found;
      return listReply(
        call,
        mixedObjects,
        found.map((one) => one.json),
      );
    },
  });
}
