import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import { transitiveGroupIdsOf } from '#directory/group.store.ts';
import { findPrincipal } from '#directory/principal.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import {
  type DirectoryObjectKind,
  directoryObject,
  directoryObjects,
} from './directory-object-wire.ts';
import { resourceNotFound } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { actionResult, contextOf } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal.http.ts';
import { userAt } from './user.http.ts';

/** Lists of objects of several kinds. */
export const mixedObjects: Listed = {
  type: 'directoryObjects',
  resource: 'DirectoryObject',
  filterable: ['id', 'displayName'],
};

/** Most ids in one request. Source: https://learn.microsoft.com/graph/api/directoryobject-getbyids */
const idsMax = 1_000;

const ids = Type.Array(Type.String({ maxLength: 100 }), { maxItems: idsMax });

const securityEnabledBody = Type.Object(
  { securityEnabledOnly: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])) },
  { additionalProperties: false },
);

const groupIdsBody = Type.Object({ groupIds: ids }, { additionalProperties: false });

const getByIdsBody = Type.Object(
  { ids, types: Type.Optional(Type.Array(Type.String({ maxLength: 100 }))) },
  { additionalProperties: false },
);

const getByIds = operation({
  id: 'directoryObjects_getByIds',
  method: 'POST',
  path: '/{graphVersion}/directoryObjects/getByIds',
  permission: may('microsoft.directory/directoryObjects/standard/read'),
  body: getByIdsBody,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryobject-getbyids',
  handler: async ({ caller, body, request, version }, { store }) => {
    const wanted = [...new Set(body.ids.map(fold))];
    const found = await store.read((tx) => directoryObjects(tx, caller.tenantId, wanted));
    const kinds = body.types?.map(fold);
    const fitting = found.filter(({ kind }) => isOfKinds(kind, kinds));
    const context = contextOf(request, version, mixedObjects.type);
    return actionResult(request, context, { value: fitting.map((one) => one.json) });
  },
});

const getObject = operation({
  id: 'directoryObjects_GetDirectoryObject',
  method: 'GET',
  path: '/{graphVersion}/directoryObjects/{objectKey}',
  permission: may('microsoft.directory/directoryObjects/standard/read'),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryobject-get',
  handler: async (call, { store }) => {
    const { objectKey } = call.params;
    const found = await store.read((tx) => directoryObject(tx, call.caller.tenantId, objectKey));
    if (found === undefined) return resourceNotFound(objectKey);
    return entityReply(call, mixedObjects, found.json);
  },
});

/** Finds the object whose memberships are asked for. */
type Finder = (
  tx: ReadTransaction,
  caller: Caller,
  key: string,
) => Promise<{ readonly objectId: string } | Fault>;

const anyPrincipal: Finder = async (tx, caller, key) =>
  (await findPrincipal(tx, caller.tenantId, key)) ?? resourceNotFound(key);

/** The objects that can be members of groups: name of the collection, who finds one, and the right to see its groups. */
const holders: readonly {
  readonly path: string;
  readonly action: string;
  readonly find: Finder;
}[] = [
  { path: 'me', action: 'users', find: async (_tx, caller) => caller },
  {
    path: 'users/{userKey}',
    action: 'users',
    find: (tx, caller, key) => userAt(tx, caller.tenantId, key),
  },
  {
    path: 'servicePrincipals/{servicePrincipalKey}',
    action: 'servicePrincipals',
    find: (tx, caller, key) => servicePrincipalAt(tx, caller.tenantId, key),
  },
  { path: 'groups/{groupKey}', action: 'groups', find: anyPrincipal },
  { path: 'directoryObjects/{objectKey}', action: 'directoryObjects', find: anyPrincipal },
];

function membershipOperations(
  holder: (typeof holders)[number],
): readonly Operation<Caller, GraphRoom>[] {
  const collection = holder.path.split('/')[0] ?? '';
  const permission = may(`microsoft.directory/${holder.action}/memberOf/read`);
  const groupsOf = (room: GraphRoom, caller: Caller, params: Readonly<Record<string, string>>) =>
    room.store.read(async (tx) => {
      const { graphVersion: _, ...keys } = params;
      const found = await holder.find(tx, caller, Object.values(keys)[0] ?? '');
      return isFault(found) ? found : transitiveGroupIdsOf(tx, caller.tenantId, found.objectId);
    });
  const answerOf = (name: 'getMemberGroups' | 'getMemberObjects') =>
    operation({
      id: `${collection}_${name}`,
      method: 'POST',
      path: `/{graphVersion}/${holder.path}/${name}`,
      permission,
      body: securityEnabledBody,
      reply: { 200: 'json' },
      source: `https://learn.microsoft.com/graph/api/directoryobject-${name.toLowerCase()}`,
      handler: async ({ caller, params, request, version }, room) => {
        const groups = await groupsOf(room, caller, params);
        if (isFault(groups)) return groups;
        return actionResult(request, contextOf(request, version, strings), { value: groups });
      },
    });
  const check = operation({
    id: `${collection}_checkMemberGroups`,
    method: 'POST',
    path: `/{graphVersion}/${holder.path}/checkMemberGroups`,
    permission,
    body: groupIdsBody,
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups',
    handler: async ({ caller, body, params, request, version }, room) => {
      const groups = await groupsOf(room, caller, params);
      if (isFault(groups)) return groups;
      const value = body.groupIds.filter((id) => groups.includes(fold(id)));
      return actionResult(request, contextOf(request, version, strings), { value });
    },
  });
  const memberOf = operation({
    id: `${collection}_ListTransitiveMemberOf`,
    method: 'GET',
    path: `/{graphVersion}/${holder.path}/transitiveMemberOf`,
    permission,
    query: listOptions,
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/user-list-transitivememberof',
    handler: async (call, room) => {
      const groups = await groupsOf(room, call.caller, call.params);
      if (isFault(groups)) return groups;
      const { tenantId } = call.caller;
      const found = await room.store.read((tx) => directoryObjects(tx, tenantId, groups));
      return listReply(
        call,
        mixedObjects,
        found.map((one) => one.json),
      );
    },
  });
  return [answerOf('getMemberGroups'), answerOf('getMemberObjects'), check, memberOf];
}

/** How the metadata document names a list of texts. */
const strings = 'Collection(Edm.String)';

/** Operations of /directoryObjects, and the memberships of every kind of object. */
export const memberOperations: readonly Operation<Caller, GraphRoom>[] = [
  getByIds,
  getObject,
  ...holders.flatMap(membershipOperations),
];

/** Types that Batten does not have (devices, partners) fit nothing; `directoryObject` fits everything. */
function isOfKinds(kind: DirectoryObjectKind, kinds: readonly string[] | undefined): boolean {
  if (kinds === undefined || kinds.length === 0) return true;
  return kinds.includes(fold(kind)) || kinds.includes('directoryobject');
}
