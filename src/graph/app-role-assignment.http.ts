import { Type } from 'typebox';
import {
  type AppRoleAssignment,
  addAppRoleAssignment,
  appRoleAssignmentsOf,
  appRoleAssignmentsTo,
  appRoleAssignmentsWithGroups,
  defaultAppRoleId,
  removeAppRoleAssignment,
} from '#directory/app-role-assignment.store.ts';
import type { AppRole } from '#directory/application.ts';
import type { Caller, PrincipalType } from '#directory/caller.ts';
import { findPrincipal } from '#directory/principal.store.ts';
import { findServicePrincipal, type ServicePrincipal } from '#directory/service-principal.store.ts';
import type { Operation, Permission } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { assignmentJson } from './app-role-assignment-wire.ts';
import { appRoleAlreadyAssigned, appRoleNotFound, resourceNotFound } from './faults.ts';
import { groupAt } from './group.http.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal-registration.ts';
import { userAt } from './user.http.ts';

const listed: Listed = {
  type: 'appRoleAssignments',
  resource: 'AppRoleAssignment',
  filterable: ['id', 'appRoleId', 'principalId', 'resourceId'],
};

const grantAction = 'microsoft.directory/servicePrincipals/appRoleAssignedTo/update';

/** Giving a role is decided at the resource whose role it is, wherever the request is sent. */
const givesRole: Permission = {
  documented: [{ action: grantAction, plane: 'control' }],
  requests: ({ body }) => {
    const resourceId = isJsonObject(body) ? body['resourceId'] : undefined;
    const scope = typeof resourceId === 'string' ? `/serviceprincipals/${resourceId}` : '/';
    return [{ action: grantAction, plane: 'control', scope }];
  },
};

/** Length of an assignment's id before it is written in base64url. */
const assignmentIdBytes = 32;

const newAssignmentBody = Type.Object(
  { principalId: Type.String(), resourceId: Type.String(), appRoleId: Type.String() },
  { additionalProperties: false },
);

/** Something that assignments hang on, seen from one side: what it has been given, or who has been given its roles. */
interface Holder {
  /** Where it stands in a path, with its key. */
  readonly path: string;
  /** The first word of the names of its pages. */
  readonly page: string;
  readonly side: 'appRoleAssignments' | 'appRoleAssignedTo';
  readonly readAction: string;
  readonly find: (
    tx: ReadTransaction,
    caller: Caller,
    key: string,
  ) => Promise<{ readonly objectId: string } | Fault>;
  /** What its list shows, when that is more than its own. */
  readonly listed?: (
    tx: ReadTransaction,
    tenantId: string,
    objectId: string,
  ) => Promise<readonly AppRoleAssignment[]>;
}

const sides = {
  appRoleAssignments: { of: appRoleAssignmentsOf, own: 'principalId' },
  appRoleAssignedTo: { of: appRoleAssignmentsTo, own: 'resourceId' },
} as const;

const ofUser = {
  page: 'user',
  side: 'appRoleAssignments',
  readAction: 'microsoft.directory/users/appRoleAssignments/read',
  listed: appRoleAssignmentsWithGroups,
} as const;

const ofServicePrincipal = {
  path: 'servicePrincipals/{servicePrincipalKey}',
  page: 'serviceprincipal',
  readAction: 'microsoft.directory/servicePrincipals/appRoleAssignedTo/read',
  find: (tx: ReadTransaction, caller: Caller, key: string) =>
    servicePrincipalAt(tx, caller.tenantId, key),
} as const;

const holders: readonly Holder[] = [
  { ...ofServicePrincipal, side: 'appRoleAssignments' },
  { ...ofServicePrincipal, side: 'appRoleAssignedTo' },
  {
    ...ofUser,
    path: 'users/{userKey}',
    find: (tx, caller, key) => userAt(tx, caller.tenantId, key),
  },
  {
    ...ofUser,
    path: 'me',
    find: async (_tx, caller) => caller,
  },
  {
    path: 'groups/{groupKey}',
    page: 'group',
    side: 'appRoleAssignments',
    readAction: 'microsoft.directory/groups/appRoleAssignments/read',
    find: (tx, caller, key) => groupAt(tx, caller.tenantId, key),
  },
];

function listFor(holder: Holder): Operation<Caller, GraphRoom> {
  const { page, side } = holder;
  const idsOf = holder.listed ?? sides[side].of;
  return operation({
    id: `${collectionOf(holder)}_List_${side}`,
    method: 'GET',
    path: placeOf(holder),
    permission: may(holder.readAction),
    query: listOptions,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${page}-list-${side.toLowerCase()}`,
    handler: async (call, { store }) => {
      const { tenantId } = call.caller;
      const found = await store.read(async (tx) => {
        const object = await holderAt(tx, holder, call);
        if (isFault(object)) return object;
        const shown: JsonObject[] = [];
        for (const one of await idsOf(tx, tenantId, object.objectId)) {
          shown.push(await assignmentJson(tx, one));
        }
        return shown;
      });
      return isFault(found) ? found : listReply(call, { ...listed, type: side }, found);
    },
  });
}

function getFor(holder: Holder): Operation<Caller, GraphRoom> {
  const { side } = holder;
  return operation({
    id: `${collectionOf(holder)}_Get_${side}`,
    method: 'GET',
    path: `${placeOf(holder)}/{assignmentKey}`,
    permission: may(holder.readAction),
    query: ['$select'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/approleassignment-get',
    handler: async (call, { store }) => {
      const json = await store.read(async (tx) => {
        const found = await assignmentAt(tx, holder, call);
        return isFault(found) ? found : assignmentJson(tx, found);
      });
      return isFault(json) ? json : entityReply(call, { ...listed, type: side }, json);
    },
  });
}

function createFor(holder: Holder): Operation<Caller, GraphRoom> {
  const { page, side } = holder;
  return operation({
    id: `${collectionOf(holder)}_Create_${side}`,
    method: 'POST',
    path: placeOf(holder),
    permission: givesRole,
    body: newAssignmentBody,
    reply: { 201: 'json' },
    source: `https://learn.microsoft.com/graph/api/${page}-post-${side.toLowerCase()}`,
    handler: async ({ caller, body, params, request, version }, room) => {
      const { tenantId } = caller;
      const named = body[sides[side].own];
      const json = await room.store.write(async (tx) => {
        const object = await holderAt(tx, holder, { caller, params });
        if (isFault(object)) return object;
        if (!sameName(named, object.objectId)) return resourceNotFound(named);
        const refused = await unassignable(tx, tenantId, body);
        if (refused !== undefined) return refused;
        const assignment: AppRoleAssignment = {
          tenantId,
          principalId: fold(body.principalId),
          resourceId: fold(body.resourceId),
          appRoleId: fold(body.appRoleId),
          assignmentId: room.random.bytes(assignmentIdBytes).toString('base64url'),
          createdAt: room.clock.civil(),
        };
        const added = await addAppRoleAssignment(tx, assignment);
        return added ? assignmentJson(tx, assignment) : appRoleAlreadyAssigned();
      });
      if (isFault(json)) return json;
      const context = contextOf(request, version, `${side}/$entity`);
      return created(request, context, `${tenantId}/${side}/${String(json['id'])}`, json);
    },
  });
}

function removeFor(holder: Holder): Operation<Caller, GraphRoom> {
  const { page, side } = holder;
  return operation({
    id: `${collectionOf(holder)}_Delete_${side}`,
    method: 'DELETE',
    path: `${placeOf(holder)}/{assignmentKey}`,
    permission: may(grantAction),
    reply: { 204: 'empty' },
    source: `https://learn.microsoft.com/graph/api/${page}-delete-${side.toLowerCase()}`,
    handler: async (call, { store }) => {
      const refused = await store.write(async (tx) => {
        const found = await assignmentAt(tx, holder, call);
        if (isFault(found)) return found;
        await removeAppRoleAssignment(tx, call.caller.tenantId, found.assignmentId);
        return undefined;
      });
      return refused ?? noContent;
    },
  });
}

/** App roles given to principals, seen from both sides. Source: https://learn.microsoft.com/graph/api/resources/approleassignment */
export const appRoleAssignmentOperations: readonly Operation<Caller, GraphRoom>[] = holders.flatMap(
  (holder) => [listFor(holder), getFor(holder), createFor(holder), removeFor(holder)],
);

function placeOf({ path, side }: Holder): string {
  return `/{graphVersion}/${path}/${side}`;
}

function collectionOf({ path }: Holder): string {
  return path.split('/')[0] ?? path;
}

/** Who asks, and the keys of the path. */
interface Asked {
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
}

async function holderAt(
  tx: ReadTransaction,
  holder: Holder,
  { caller, params }: Asked,
): Promise<{ readonly objectId: string } | Fault> {
  const keyName = /\{(\w+)\}/.exec(holder.path)?.[1] ?? '';
  return holder.find(tx, caller, params[keyName] ?? '');
}

/** The assignment that a path names, if it is its holder's own. */
async function assignmentAt(
  tx: ReadTransaction,
  holder: Holder,
  asked: Asked,
): Promise<AppRoleAssignment | Fault> {
  const object = await holderAt(tx, holder, asked);
  if (isFault(object)) return object;
  const { tenantId } = asked.caller;
  const assignmentId = asked.params['assignmentKey'] ?? '';
  const present = await sides[holder.side].of(tx, tenantId, object.objectId);
  const found = present.find((one) => one.assignmentId === assignmentId);
  return found ?? resourceNotFound(assignmentId);
}

/** Why a role cannot be given: a party is missing, or the resource has no such role for that kind of principal. */
async function unassignable(
  tx: ReadTransaction,
  tenantId: string,
  wanted: { readonly principalId: string; readonly resourceId: string; readonly appRoleId: string },
): Promise<Fault | undefined> {
  const principal = await findPrincipal(tx, tenantId, wanted.principalId);
  if (principal === undefined) return resourceNotFound(wanted.principalId);
  const resource = await findServicePrincipal(tx, tenantId, wanted.resourceId);
  if (resource === undefined) return resourceNotFound(wanted.resourceId);
  if (isDefaultRole(resource, wanted.appRoleId)) return undefined;
  const role = resource.appRoles.find((one) => sameName(one.id, wanted.appRoleId));
  return role !== undefined && isFor(role, principal.principalType) ? undefined : appRoleNotFound();
}

/** A resource without roles of its own can be assigned as a whole. */
function isDefaultRole(resource: ServicePrincipal, appRoleId: string): boolean {
  return appRoleId === defaultAppRoleId && !resource.appRoles.some((role) => role.isEnabled);
}

function isFor(role: AppRole, principalType: PrincipalType): boolean {
  const memberType = principalType === 'ServicePrincipal' ? 'Application' : 'User';
  return role.isEnabled && role.allowedMemberTypes.includes(memberType);
}
