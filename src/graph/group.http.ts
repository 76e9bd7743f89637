import type { Caller } from '#directory/caller.ts';
import {
  findGroup,
  type Group,
  memberIdsOf,
  transitiveMemberIdsOf,
} from '#directory/group.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { directoryObjects, groupJson } from './directory-object-wire.ts';
import { entityWithRelations } from './expand.ts';
import { resourceNotFound } from './faults.ts';
import { listOptions } from './listing.ts';
import { mixedCountReply, mixedListReply } from './mixed-list.ts';
import { seenBy } from './object-view.ts';
import { objectKeyOf } from './odata-key.ts';
import { may } from './permission.ts';
import { groupRelations } from './relations.ts';
import { type GraphRoom, operation } from './room.ts';
import { directoryRows } from './rows.ts';

const groups: Collection<Group> = {
  rows: directoryRows('group'),
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

type MemberSegment = 'members' | 'transitiveMembers';
type MemberIdsOf = typeof memberIdsOf;

/** A group that contains itself is no member of itself. */
const allMemberIdsOf: MemberIdsOf = async (tx, tenantId, groupId) =>
  (await transitiveMemberIdsOf(tx, tenantId, groupId)).filter((id) => id !== groupId);

/** Operations of /groups. */
export const groupOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  count,
  get,
  memberList('members', 'listMembers', memberIdsOf),
  memberCount('members', memberIdsOf),
  memberList('transitiveMembers', 'listTransitiveMembers', allMemberIdsOf),
  memberCount('transitiveMembers', allMemberIdsOf),
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
  segment: MemberSegment,
  id: string,
  idsOf: MemberIdsOf,
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
      const found = await membersOf(store, call.caller, call.params.groupKey, idsOf);
      return isFault(found) ? found : mixedListReply(call, found);
    },
  });
}

function memberCount(segment: MemberSegment, idsOf: MemberIdsOf): Operation<Caller, GraphRoom> {
  return operation({
    id: `groups_Count_${segment}`,
    method: 'GET',
    path: `/{graphVersion}/groups/{groupKey}/${segment}/$count`,
    permission: may(`${actions}/members/read`),
    query: ['$filter', '$search'],
    reply: { 200: 'stream' },
    source: 'https://learn.microsoft.com/graph/aad-advanced-queries',
    handler: async (call, { store }) => {
      const found = await membersOf(store, call.caller, call.params.groupKey, idsOf);
      return isFault(found) ? found : mixedCountReply(call, found);
    },
  });
}

/** The members of the group that a path names, as the caller may see them. */
async function membersOf(
  store: Store,
  caller: Caller,
  key: string,
  idsOf: MemberIdsOf,
): Promise<readonly JsonObject[] | Fault> {
  const { tenantId } = caller;
  return store.read(async (tx) => {
    const group = await groupAt(tx, tenantId, key);
    if (isFault(group)) return group;
    const ids = await idsOf(tx, tenantId, group.objectId);
    return (await directoryObjects(tx, tenantId, ids)).map((one) => one.json).map(seenBy(caller));
  });
}
