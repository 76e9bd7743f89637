import type { Caller } from '#directory/caller.ts';
import { deleteObject } from '#directory/deleted-object.store.ts';
import {
  findServicePrincipalByAppId,
  holderOfName,
  type ServicePrincipal,
} from '#directory/service-principal.store.ts';
import type { Operation, Permission } from '#http/operation.ts';
import { isFault } from '#kernel/fault.ts';
import { isJsonObject } from '#kernel/json.ts';
import { noCredentials } from './application-wire.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { credentialsOf, selectsKeys, withCredentials } from './credential.ts';
import { entityWithRelations } from './expand.ts';
import { listOptions } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { otherId } from './own-id.ts';
import { may } from './permission.ts';
import { createsIfMissing } from './preference.ts';
import { servicePrincipalRelations } from './relations.ts';
import { createdObject, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { directoryRows } from './rows.ts';
import { newServicePrincipalBody, servicePrincipalChangeBody } from './service-principal-body.ts';
import {
  changeServicePrincipal,
  registerServicePrincipal,
  servicePrincipalAt,
  writableAt,
} from './service-principal-registration.ts';
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
      return servicePrincipalJson(
        found,
        await credentialsOf(tx, holder, selectsKeys(call)),
        call.version,
      );
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
  handler: async (call, room) => {
    const { caller, body, version } = call;
    const json = await room.store.write((tx) =>
      registerServicePrincipal(tx, room, caller, body, version),
    );
    return isFault(json) ? json : createdObject(call, 'servicePrincipals', json);
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
  handler: async (call, room) => {
    const { caller, body, params, version } = call;
    const { tenantId } = caller;
    const { by, value } = objectKeyOf(params.servicePrincipalKey);
    const creates = by === 'appId' && createsIfMissing(call.request);
    const outcome = await room.store.write(async (tx) => {
      if (creates && (await findServicePrincipalByAppId(tx, tenantId, value)) === undefined) {
        const { id: _, ...rest } = body;
        return registerServicePrincipal(tx, room, caller, { ...rest, appId: value }, version);
      }
      const found = await writableAt(tx, tenantId, params.servicePrincipalKey);
      return isFault(found)
        ? found
        : (otherId(body, found) ?? changeServicePrincipal(tx, room, found, body));
    });
    if (outcome === undefined) return noContent;
    return isFault(outcome) ? outcome : createdObject(call, 'servicePrincipals', outcome);
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
