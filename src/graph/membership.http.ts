import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import { groupIdsOf, transitiveGroupIdsOf } from '#directory/group.store.ts';
import { findPrincipal } from '#directory/principal.store.ts';
import type { Operation, Permission, PlaneAction } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { idsBody } from './directory-object.http.ts';
import { directoryObjects } from './directory-object-wire.ts';
import { directoryRolesOf } from './directory-role-wire.ts';
import { resourceNotFound } from './faults.ts';
import { groupAt } from './group.http.ts';
import { listOptions } from './listing.ts';
import { mixedListReply } from './mixed-list.ts';
import { seenBy } from './object-view.ts';
import { may } from './permission.ts';
import { actionResult, contextOf } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal-registration.ts';
import { userAt } from './user.http.ts';

const securityEnabledBody = Type.Object(
  { securityEnabledOnly: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])) },
  { additionalProperties: false },
);

/** Most groups in one check. Source: https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups */
const checkedGroupsMax = 20;

const groupIdsBody = Type.Object(
  { groupIds: Type.Array(Type.String({ maxLength: 100 }), { maxItems: checkedGroupsMax }) },
  { additionalProperties: false },
);
const objectIdsBody = Type.Object({ ids: idsBody }, { additionalProperties: false });

/** Something that can be a member of groups. */
interface Member {
  /** Where it stands in a path, with its key. */
  readonly path: string;
  /** The noun in the action that its groups are read with. */
  readonly noun: string;
  readonly find: (
    tx: ReadTransaction,
    caller: Caller,
    key: string,
  ) => Promise<{ readonly objectId: string } | Fault>;
}

const anyPrincipal: Member['find'] = async (tx, caller, key) =>
  (await findPrincipal(tx, caller.tenantId, key)) ?? resourceNotFound(key);

const members: readonly Member[] = [
  { path: 'me', noun: 'users', find: async (_tx, caller) => caller },
  {
    path: 'users/{userKey}',
    noun: 'users',
    find: (tx, caller, key) => userAt(tx, caller.tenantId, key),
  },
  {
    path: 'servicePrincipals/{servicePrincipalKey}',
    noun: 'servicePrincipals',
    find: (tx, caller, key) => servicePrincipalAt(tx, caller.tenantId, key),
  },
  {
    path: 'groups/{groupKey}',
    noun: 'groups',
    find: (tx, caller, key) => groupAt(tx, caller.tenantId, key),
  },
  { path: 'directoryObjects/{objectKey}', noun: 'directoryObjects', find: anyPrincipal },
];

/** How the metadata document names a list of texts. */
const strings = 'Collection(Edm.String)';

function listFor(
  member: Member,
  side: 'memberOf' | 'transitiveMemberOf',
): Operation<Caller, GraphRoom> {
  return operation({
    id: `${collectionOf(member)}_List_${side}`,
    method: 'GET',
    path: `/{graphVersion}/${member.path}/${side}`,
    permission: permissionOf(member),
    query: listOptions,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/user-list-${side.toLowerCase()}`,
    handler: async (call, room) => {
      const { tenantId } = call.caller;
      const isDirect = side === 'memberOf';
      const found = await readOf(room, member, call.caller, call.params, async (tx, objectId) => {
        const groups = await (isDirect ? groupIdsOf : transitiveGroupIdsOf)(tx, tenantId, objectId);
        const objects = await directoryObjects(tx, tenantId, groups);
        const holders = isDirect ? [objectId] : [objectId, ...groups];
        const roles = await directoryRolesOf(tx, tenantId, holders);
        return [...objects.map((one) => one.json), ...roles].map(seenBy(call.caller));
      });
      return isFault(found) ? found : mixedListReply(call, found);
    },
  });
}

/** The ids of the groups of a member; `Objects` adds those of its directory roles. */
function getFor(
  member: Member,
  name: 'getMemberGroups' | 'getMemberObjects',
): Operation<Caller, GraphRoom> {
  return operation({
    id: `${collectionOf(member)}_${name}`,
    method: 'POST',
    path: `/{graphVersion}/${member.path}/${name}`,
    permission: permissionToAsk(member),
    body: securityEnabledBody,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/directoryobject-${name.toLowerCase()}`,
    handler: async ({ caller, body, params, request, version }, room) => {
      const withRoles = name === 'getMemberObjects' && body.securityEnabledOnly !== true;
      const value = await readOf(room, member, caller, params, withRoles ? objectsOf : groupsOf);
      if (isFault(value)) return value;
      return actionResult(request, contextOf(request, version, strings), { value });
    },
  });
}

function checkGroupsFor(member: Member): Operation<Caller, GraphRoom> {
  return operation({
    id: `${collectionOf(member)}_checkMemberGroups`,
    method: 'POST',
    path: `/{graphVersion}/${member.path}/checkMemberGroups`,
    permission: permissionToAsk(member),
    body: groupIdsBody,
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups',
    handler: async ({ caller, body, params, request, version }, room) => {
      const groups = await readOf(room, member, caller, params, groupsOf);
      if (isFault(groups)) return groups;
      const value = body.groupIds.filter((id) => groups.includes(fold(id)));
      return actionResult(request, contextOf(request, version, strings), { value });
    },
  });
}

function checkObjectsFor(member: Member): Operation<Caller, GraphRoom> {
  return operation({
    id: `${collectionOf(member)}_checkMemberObjects`,
    method: 'POST',
    path: `/{graphVersion}/${member.path}/checkMemberObjects`,
    permission: permissionToAsk(member),
    body: objectIdsBody,
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/directoryobject-checkmemberobjects',
    handler: async ({ caller, body, params, request, version }, room) => {
      const objects = await readOf(room, member, caller, params, objectsOf);
      if (isFault(objects)) return objects;
      const value = body.ids.filter((id) => objects.includes(fold(id)));
      return actionResult(request, contextOf(request, version, strings), { value });
    },
  });
}

/** What every kind of member is in, listed and asked for. */
export const membershipOperations: readonly Operation<Caller, GraphRoom>[] = members.flatMap(
  (member) => [
    listFor(member, 'memberOf'),
    listFor(member, 'transitiveMemberOf'),
    getFor(member, 'getMemberGroups'),
    getFor(member, 'getMemberObjects'),
    checkGroupsFor(member),
    checkObjectsFor(member),
  ],
);

function collectionOf(member: Member): string {
  return member.path.split('/')[0] ?? member.path;
}

function permissionOf({ noun }: Member): Permission {
  return may(`microsoft.directory/${noun}/memberOf/read`);
}

/**
 * Asking which groups a user is in takes the right to read her and the right to read groups.
 * Source: https://learn.microsoft.com/graph/api/directoryobject-getmembergroups
 */
function permissionToAsk(member: Member): Permission {
  if (member.noun !== 'users') return permissionOf(member);
  const [user, groups] = [standardRead('users'), standardRead('groups')];
  return {
    documented: [user, groups],
    requests: ({ scope }) => [
      { ...user, scope },
      { ...groups, scope: '/' },
    ],
  };
}

function standardRead(noun: string): PlaneAction {
  return { action: `microsoft.directory/${noun}/standard/read`, plane: 'control' };
}

type IdsOf = (
  tx: ReadTransaction,
  objectId: string,
  tenantId: string,
) => Promise<readonly string[]>;

/** Ids of all groups that an object is in, directly or through groups. */
const groupsOf: IdsOf = (tx, objectId, tenantId) => transitiveGroupIdsOf(tx, tenantId, objectId);

/** Ids of all groups that an object is in, and of the directory roles that it holds or that they hold. */
const objectsOf: IdsOf = async (tx, objectId, tenantId) => {
  const groups = await groupsOf(tx, objectId, tenantId);
  const roles = await directoryRolesOf(tx, tenantId, [objectId, ...groups]);
  return [...groups, ...roles.map((one) => String(one['id']))];
};

/** Finds the member that a path names and reads something of it. */
async function readOf<T>(
  room: GraphRoom,
  member: Member,
  caller: Caller,
  params: Readonly<Record<string, string>>,
  read: (tx: ReadTransaction, objectId: string, tenantId: string) => Promise<T>,
): Promise<T | Fault> {
  const keyName = /\{(\w+)\}/.exec(member.path)?.[1] ?? '';
  return room.store.read(async (tx) => {
    const found = await member.find(tx, caller, params[keyName] ?? '');
    return isFault(found) ? found : read(tx, found.objectId, caller.tenantId);
  });
}
