import { Type } from 'typebox';
import {
  type AppRoleAssignment,
  addAppRoleAssignment,
  appRoleAssignmentsOf,
  appRoleAssignmentsTo,
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
import { type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal.http.ts';

const listed: Listed = {
  type: 'appRoleAssignments',
  resource: 'AppRoleAssignment',
  filterable: ['id', 'appRoleId', 'principalId', 'resourceId'],
};

const grantAction = 'microsoft.directory/servicePrincipals/appRoleAssignedTo/update';
const readAction = 'microsoft.directory/servicePrincipals/appRoleAssignedTo/read';
const path = '/{graphVersion}/servicePrincipals/{servicePrincipalKey}';

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

/** The two sides of an assignment: what a principal has been given, and who has been given a resource's roles. */
const sides = {
  appRoleAssignments: { idsOf: appRoleAssignmentsOf, own: 'principalId' },
  appRoleAssignedTo: { idsOf: appRoleAssignmentsTo, own: 'resourceId' },
} as const;

type Side = keyof typeof sides;

const pageOf = (side: Side): string =>
  `https://learn.microsoft.com/graph/api/serviceprincipal-${side.toLowerCase()}`;

function listFor(side: Side): Operation<Caller, GraphRoom> {
  return operation({
    id: `servicePrincipals_List_${side}`,
    method: 'GET',
    path: `${path}/${side}`,
    permission: may(readAction),
    query: listOptions,
    reply: { 200: 'json' },
    source: pageOf(side),
    handler: async (call, { store }) => {
      const { tenantId } = call.caller;
      const found = await store.read(async (tx) => {
        const holder = await servicePrincipalAt(tx, tenantId, call.params.servicePrincipalKey);
        if (isFault(holder)) return holder;
        const shown: JsonObject[] = [];
        for (const one of await sides[side].idsOf(tx, tenantId, holder.objectId)) {
          shown.push(await assignmentJson(tx, one));
        }
        return shown;
      });
      return isFault(found) ? found : listReply(call, { ...listed, type: side }, found);
    },
  });
}

function createFor(side: Side): Operation<Caller, GraphRoom> {
  return operation({
    id: `servicePrincipals_Create_${side}`,
    method: 'POST',
    path: `${path}/${side}`,
    permission: givesRole,
    body: newAssignmentBody,
    reply: { 201: 'json' },
    source: pageOf(side),
    handler: async ({ caller, body, params, request, version }, room) => {
      const { tenantId } = caller;
      const named = body[sides[side].own];
      const json = await room.store.write(async (tx) => {
        const holder = await servicePrincipalAt(tx, tenantId, params.servicePrincipalKey);
        if (isFault(holder)) return holder;
        if (!sameName(named, holder.objectId)) return resourceNotFound(named);
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

function removeFor(side: Side): Operation<Caller, GraphRoom> {
  return operation({
    id: `servicePrincipals_Delete_${side}`,
    method: 'DELETE',
    path: `${path}/${side}/{assignmentKey}`,
    permission: may(grantAction),
    reply: { 204: 'empty' },
    source: pageOf(side),
    handler: async ({ caller, params }, { store }) => {
      const { tenantId } = caller;
      const refused = await store.write(async (tx) => {
        const holder = await servicePrincipalAt(tx, tenantId, params.servicePrincipalKey);
        if (isFault(holder)) return holder;
        const present = await sides[side].idsOf(tx, tenantId, holder.objectId);
        const isHere = present.some((one) => one.assignmentId === params.assignmentKey);
        if (!isHere) return resourceNotFound(params.assignmentKey);
        await removeAppRoleAssignment(tx, tenantId, params.assignmentKey);
        return undefined;
      });
      return refused ?? noContent;
    },
  });
}

/** App roles given to principals, seen from both sides. Source: https://learn.microsoft.com/graph/api/resources/approleassignment */
export const appRoleAssignmentOperations: readonly Operation<Caller, GraphRoom>[] = [
  listFor('appRoleAssignments'),
  createFor('appRoleAssignments'),
  removeFor('appRoleAssignments'),
  listFor('appRoleAssignedTo'),
  createFor('appRoleAssignedTo'),
  removeFor('appRoleAssignedTo'),
];

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
