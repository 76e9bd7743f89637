import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { deleteObject } from '#directory/deleted-object.store.ts';
import { addOwner } from '#directory/owner.store.ts';
import {
  addServicePrincipal,
  findServicePrincipal,
  findServicePrincipalByAppId,
  holderOfName,
  type ServicePrincipal,
  servicePrincipalOf,
  updateServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { Operation, Permission } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isGuid } from '#kernel/ids.ts';
import { isJsonObject, type Json } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { noCredentials } from './application-wire.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { credentialsOf, setKeys, withCredentials } from './credential.ts';
import { entityWithRelations } from './expand.ts';
import {
  applicationNotUsable,
  requestDenied,
  resourceNotFound,
  servicePrincipalNameInUse,
} from './faults.ts';
import { listOptions } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { otherId } from './own-id.ts';
import { bindOwners } from './owner-binding.ts';
import { createsAsOwner, may } from './permission.ts';
import { ownersBind } from './reference.ts';
import { servicePrincipalRelations } from './relations.ts';
import { contextOf, created, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { directoryRows } from './rows.ts';
import {
  newServicePrincipalBody,
  type ServicePrincipalChangeBody,
  servicePrincipalChangeBody,
  servicePrincipalProfileNames,
} from './service-principal-body.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';

const servicePrincipals: Collection<ServicePrincipal> = {
  rows: directoryRows('servicePrincipal'),
  type: 'servicePrincipals',
  resource: 'ServicePrincipal',
  filterable: [
    'id',
    'accountEnabled',
    'alternativeNames',
    'appDisplayName',
    'appId',
    'appOwnerOrganizationId',
    'createdDateTime',
    'displayName',
    'servicePrincipalNames',
    'servicePrincipalType',
    'tags',
  ],
  searchable: ['displayName'],
  sortable: { displayName: 'advanced', createdDateTime: 'advanced' },
  keys: {
    appId: async (tx, tenantId, appId) => {
      const found = await findServicePrincipalByAppId(tx, tenantId, appId);
      return found === undefined ? [] : [found.objectId];
    },
    servicePrincipalNames: async (tx, tenantId, name) => {
      const holder = await holderOfName(tx, tenantId, name);
      return holder === undefined ? [] : [holder];
    },
  },
  shape: async () => (one) => servicePrincipalJson(one),
  finish: withCredentials,
  relations: servicePrincipalRelations,
};

/** The same in the words of a version. */
function servicePrincipalsIn(version: string): Collection<ServicePrincipal> {
  const shape = (one: ServicePrincipal) => servicePrincipalJson(one, noCredentials, version);
  return { ...servicePrincipals, shape: async () => shape };
}

const actions = 'microsoft.directory/servicePrincipals';

/** Making a service principal is decided at the application that it will stand for. */
const createsPrincipal: Permission = {
  documented: [{ action: `${actions}/create`, plane: 'control' }],
  requests: ({ body }) => {
    const appId = isJsonObject(body) ? body['appId'] : undefined;
    const scope = typeof appId === 'string' ? `/applications/appId='${appId}'` : '/';
    return [{ action: `${actions}/create`, plane: 'control', scope }];
  },
};

const list = operation({
  id: 'servicePrincipals_ListServicePrincipal',
  method: 'GET',
  path: '/{graphVersion}/servicePrincipals',
  permission: may(`${actions}/standard/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/serviceprincipal-list',
  handler: (call, { store }) => collectionReply(call, store, servicePrincipalsIn(call.version)),
});

const count = operation({
  id: 'servicePrincipals_Count',
  method: 'GET',
  path: '/{graphVersion}/servicePrincipals/$count',
  permission: may(`${actions}/standard/read`),
  query: ['$filter', '$search'],
  reply: { 200: 'stream' },
  source: 'https://learn.microsoft.com/graph/aad-advanced-queries',
  handler: (call, { store }) => collectionCount(call, store, servicePrincipals),
});

const get = operation({
  id: 'servicePrincipals_GetServicePrincipal',
  method: 'GET',
  path: '/{graphVersion}/servicePrincipals/{servicePrincipalKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select', '$expand'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/serviceprincipal-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const object = await store.read(async (tx) => {
      const found = await servicePrincipalAt(tx, tenantId, call.params.servicePrincipalKey);
      if (isFault(found)) return found;
      const holder = { tenantId, appObjectId: found.objectId };
      return servicePrincipalJson(found, await credentialsOf(tx, holder), call.version);
    });
    if (isFault(object)) return object;
    return entityWithRelations(call, store, servicePrincipals, servicePrincipalRelations, object);
  },
});

const create = operation({
  id: 'servicePrincipals_CreateServicePrincipal',
  method: 'POST',
  path: '/{graphVersion}/servicePrincipals',
  permission: createsPrincipal,
  body: newServicePrincipalBody,
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals',
  handler: async ({ caller, body, request, version }, room) => {
    const { tenantId } = caller;
    const json = await room.store.write(async (tx) => {
      const stored = await createdPrincipal(tx, room, tenantId, body);
      if (isFault(stored)) return stored;
      if (createsAsOwner(caller, `${actions}/create`)) {
        await addOwner(tx, tenantId, stored.objectId, caller.objectId);
      }
      const unowned = await bindOwners(tx, stored, body[ownersBind]);
      if (unowned !== undefined) return unowned;
      const holder = { tenantId, appObjectId: stored.objectId };
      return servicePrincipalJson(stored, await credentialsOf(tx, holder), version);
    });
    if (isFault(json)) return json;
    const place = `${tenantId}/directoryObjects/${String(json['id'])}/Microsoft.DirectoryServices.ServicePrincipal`;
    return created(request, contextOf(request, version, 'servicePrincipals/$entity'), place, json);
  },
});

const update = operation({
  id: 'servicePrincipals_UpdateServicePrincipal',
  method: 'PATCH',
  path: '/{graphVersion}/servicePrincipals/{servicePrincipalKey}',
  permission: may(`${actions}/basic/update`, `${actions}/credentials/update`),
  body: servicePrincipalChangeBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/serviceprincipal-update',
  handler: async ({ caller, body, params }, room) => {
    const refused = await room.store.write(async (tx) => {
      const found = await writableAt(tx, caller.tenantId, params.servicePrincipalKey);
      if (isFault(found)) return found;
      const refused = otherId(body, found);
      if (refused !== undefined) return refused;
      await updateServicePrincipal(tx, changedPrincipal(found, body));
      return setKeysOf(tx, room, found, body);
    });
    return refused ?? noContent;
  },
});

const remove = operation({
  id: 'servicePrincipals_DeleteServicePrincipal',
  method: 'DELETE',
  path: '/{graphVersion}/servicePrincipals/{servicePrincipalKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/serviceprincipal-delete',
  handler: async ({ caller, params }, { store, clock }) => {
    const at = clock.civil();
    const refused = await store.write(async (tx) => {
      const object = await writableAt(tx, caller.tenantId, params.servicePrincipalKey);
      if (isFault(object)) return object;
      await deleteObject(tx, { kind: 'servicePrincipal', object }, at);
      return undefined;
    });
    return refused ?? noContent;
  },
});

/** Operations of /servicePrincipals. */
export const servicePrincipalOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  count,
  get,
  create,
  update,
  remove,
];

/** The service principal that a path names: by object id, or as `appId='...'`. */
export async function servicePrincipalAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<ServicePrincipal | Fault> {
  const key = objectKeyOf(segment);
  const find = key.by === 'id' ? findServicePrincipal : findServicePrincipalByAppId;
  return (await find(tx, tenantId, key.value)) ?? resourceNotFound(key.value);
}

/**
 * The service principal that a path names, unless it belongs to a managed identity: Azure keeps that one with its resource.
 * UNVERIFIED: that nobody is let to it and in which words; a PATCH and a DELETE by a Global Administrator would settle it.
 */
export async function writableAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<ServicePrincipal | Fault> {
  const found = await servicePrincipalAt(tx, tenantId, segment);
  if (isFault(found) || found.servicePrincipalType !== 'ManagedIdentity') return found;
  return requestDenied('the service principal of a managed identity is changed with its resource');
}

/** Stores the service principal of an application of this tenant, or of one that other tenants may use. */
async function createdPrincipal(
  tx: WriteTransaction,
  room: GraphRoom,
  tenantId: string,
  body: ServicePrincipalChangeBody & { readonly appId: string },
): Promise<ServicePrincipal | Fault> {
  const application = isGuid(body.appId) ? await findApplicationByAppId(tx, body.appId) : undefined;
  const isForeign = application !== undefined && application.tenantId !== tenantId;
  if (application === undefined || (isForeign && application.signInAudience === 'AzureADMyOrg')) {
    return applicationNotUsable(body.appId);
  }
  const place = { tenantId, objectId: room.random.guid(), createdAt: room.clock.civil() };
  const principal = changedPrincipal(servicePrincipalOf(application, place), body);
  const stored = await addServicePrincipal(tx, principal);
  if (stored === undefined) return servicePrincipalNameInUse(application.appId);
  return (await setKeysOf(tx, room, stored, body)) ?? stored;
}

async function setKeysOf(
  tx: WriteTransaction,
  room: GraphRoom,
  principal: ServicePrincipal,
  body: ServicePrincipalChangeBody,
): Promise<Fault | undefined> {
  if (body.keyCredentials === undefined) return undefined;
  const holder = { tenantId: principal.tenantId, appObjectId: principal.objectId };
  return setKeys(tx, holder, body.keyCredentials, room.random);
}

/** The service principal after a change; properties that are not mentioned stay. */
function changedPrincipal(
  principal: ServicePrincipal,
  body: ServicePrincipalChangeBody,
): ServicePrincipal {
  const profile: Record<string, Json | undefined> = { ...principal.profile };
  for (const name of servicePrincipalProfileNames) {
    const value = body[name as keyof ServicePrincipalChangeBody] as Json | undefined;
    if (value !== undefined) profile[name] = value;
  }
  return {
    ...principal,
    accountEnabled: body.accountEnabled ?? principal.accountEnabled,
    appRoleAssignmentRequired:
      body.appRoleAssignmentRequired ?? principal.appRoleAssignmentRequired,
    displayName: body.displayName ?? principal.displayName,
    profile,
  };
}
