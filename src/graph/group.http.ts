import type { Caller } from '#directory/caller.ts';
import {
  findGroup,
  type Group,
  memberIdsOf,
  transitiveMemberIdsOf,
} from '#directory/group.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { mixedObjects } from './directory-object.http.ts';
import { directoryObjects, groupJson } from './directory-object-wire.ts';
import { entityWithRelations } from './expand.ts';
import { resourceNotFound } from './faults.ts';
import { listOptions, listReply } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { may } from './permission.ts';
import { groupRelations } from './relations.ts';
import { type GraphRoom, operation } from './room.ts';

const groups: Collection<Group> = {
  kind: 'group',
  type: 'groups',
  resource: 'Group',
  filterable: [
    'id',
    'createdDateTime',
    'description',
    'displayName',
    'groupTypes',
    'mail',
    'mailEnabled',
    'mailNickname',
    'securityEnabled',
  ],
  searchable: ['displayName', 'description'],
  sortable: { displayName: 'unfiltered' },
  keys: {},
  shape: async () => groupJson,
  relations: groupRelations,
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
  handler: (call, { store }) => collectionReply(call, store, groups),
});

const count = operation({
  id: 'groups_Count',
  method: 'GET',
  path: '/{graphVersion}/groups/$count',
  permission: may(`${actions}/standard/read`),
  query: ['$filter', '$search'],
  reply: { 200: 'stream' },
  source: 'https://learn.microsoft.com/graph/aad-advanced-queries',
  handler: (call, { store }) => collectionCount(call, store, groups),
});

const get = operation({
  id: 'groups_GetGroup',
  method: 'GET',
  path: '/{graphVersion}/groups/{groupKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select', '$expand'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/group-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const found = await store.read((tx) => groupAt(tx, tenantId, call.params.groupKey));
    if (isFault(found)) return found;
    return entityWithRelations(call, store, groups, groupRelations, groupJson(found));
  },
});

const members = memberList('members', 'listMembers', memberIdsOf);
const transitiveMembers = memberList(
  'transitiveMembers',
  'listTransitiveMembers',
  async (tx, tenantId, groupId) =>
    (await transitiveMemberIdsOf(tx, tenantId, groupId)).filter((id) => id !== groupId),
);

/** Operations of /groups. */
export const groupOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  count,
  get,
  members,
  transitiveMembers,
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
