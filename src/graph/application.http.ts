import { findApplicationByAppId, holderOfUri } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import type { Caller } from '#directory/caller.ts';
import { deleteObject } from '#directory/deleted-object.store.ts';
import { indexPendingNames } from '#directory/object-name.store.ts';
import { findServicePrincipalByAppId } from '#directory/service-principal.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { WriteTransaction } from '#store/store.ts';
import {
  type ApplicationChangeBody,
  applicationChangeBody,
  newApplicationBody,
} from './application-body.ts';
import {
  applicationAt,
  publisherDomainOf,
  registerApplication,
  storeApplication,
} from './application-registration.ts';
import { applicationJson } from './application-wire.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { credentialsOf, selectsKeys, withCredentials } from './credential.ts';
import { entityWithRelations } from './expand.ts';
import { missingValue } from './faults.ts';
import { listOptions } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { otherId } from './own-id.ts';
import { may } from './permission.ts';
import { createsIfMissing } from './preference.ts';
import { applicationRelations } from './relations.ts';
import { createdObject, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { directoryRows } from './rows.ts';

const applications: Collection<Application> = {
  rows: directoryRows('application'),
  type: 'applications',
  resource: 'Application',
  filterable: [
    'id',
    'appId',
    'createdDateTime',
    'displayName',
    'identifierUris',
    'publisherDomain',
    'serviceManagementReference',
    'signInAudience',
    'tags',
    'uniqueName',
    'web/redirectUris',
  ],
  searchable: ['displayName'],
  sortable: { displayName: 'advanced', createdDateTime: 'advanced' },
  keys: {
    appId: async (tx, tenantId, appId) => {
      const found = await findApplicationByAppId(tx, appId);
      return found?.tenantId === tenantId ? [found.objectId] : [];
    },
    identifierUris: async (tx, tenantId, uri) => {
      const holder = await holderOfUri(tx, tenantId, uri);
      return holder === undefined ? [] : [holder];
    },
  },
  shape: async (tx, tenantId) => {
    const domain = await publisherDomainOf(tx, tenantId);
    return (one) => applicationJson(one, domain);
  },
  finish: withCredentials,
  relations: applicationRelations,
};

const actions = 'microsoft.directory/applications';

const list = operation({
  id: 'applications_ListApplication',
  method: 'GET',
  path: '/{graphVersion}/applications',
  permission: may(`${actions}/standard/read`),
  query: listOptions,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/application-list',
  handler: (call, { store }) => collectionReply(call, store, applications),
});

const count = operation({
  id: 'applications_Count',
  method: 'GET',
  path: '/{graphVersion}/applications/$count',
  permission: may(`${actions}/standard/read`),
  query: ['$filter', '$search'],
  reply: { 200: 'stream' },
  source: 'https://learn.microsoft.com/graph/aad-advanced-queries',
  handler: (call, { store }) => collectionCount(call, store, applications),
});

const get = operation({
  id: 'applications_GetApplication',
  method: 'GET',
  path: '/{graphVersion}/applications/{applicationKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select', '$expand'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/application-get',
  handler: async (call, { store }) => {
    const { tenantId } = call.caller;
    const object = await store.read(async (tx) => {
      const found = await applicationAt(tx, tenantId, call.params.applicationKey);
      if (isFault(found)) return found;
      const holder = { tenantId, appObjectId: found.objectId };
      const domain = await publisherDomainOf(tx, tenantId);
      return applicationJson(found, domain, await credentialsOf(tx, holder, selectsKeys(call)));
    });
    if (isFault(object)) return object;
    return entityWithRelations(call, store, applications, applicationRelations, object);
  },
});

const create = operation({
  id: 'applications_CreateApplication',
  method: 'POST',
  path: '/{graphVersion}/applications',
  permission: may(`${actions}/create`),
  body: newApplicationBody,
  reply: { 201: 'json' },
  source: 'https://learn.microsoft.com/graph/api/application-post-applications',
  handler: async (call, room) => {
    const { caller, body } = call;
    const json = await room.store.write((tx) => registerApplication(tx, room, caller, body));
    return isFault(json) ? json : createdObject(call, 'applications', json);
  },
});

const update = operation({
  id: 'applications_UpdateApplication',
  method: 'PATCH',
  path: '/{graphVersion}/applications/{applicationKey}',
  permission: may(`${actions}/basic/update`, `${actions}/credentials/update`),
  body: applicationChangeBody,
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/application-update',
  handler: async (call, room) => {
    const { caller, body, params } = call;
    const { by, value } = objectKeyOf(params.applicationKey);
    const creates = by === 'uniqueName' && createsIfMissing(call.request);
    if (creates) await indexPendingNames(room.store);
    const outcome = await room.store.write(async (tx) => {
      const found = await applicationAt(tx, caller.tenantId, params.applicationKey);
      if (creates && isFault(found)) return upserted(tx, room, caller, body, value);
      if (isFault(found)) return found;
      const refused =
        otherId(body, found) ?? (await storeApplication(tx, room, found, found, body));
      return isFault(refused) ? refused : undefined;
    });
    if (outcome === undefined) return noContent;
    return isFault(outcome) ? outcome : createdObject(call, 'applications', outcome);
  },
});

const remove = operation({
  id: 'applications_DeleteApplication',
  method: 'DELETE',
  path: '/{graphVersion}/applications/{applicationKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/application-delete',
  handler: async ({ caller, params }, { store, clock }) => {
    const { tenantId } = caller;
    const at = clock.civil();
    const refused = await store.write(async (tx) => {
      const found = await applicationAt(tx, tenantId, params.applicationKey);
      if (isFault(found)) return found;
      await deleteObject(tx, { kind: 'application', object: found }, at);
      // The service principal of the home tenant goes with its application; those of other tenants stay.
      const principal = await findServicePrincipalByAppId(tx, tenantId, found.appId);
      if (principal !== undefined) {
        await deleteObject(tx, { kind: 'servicePrincipal', object: principal }, at);
      }
      return undefined;
    });
    return refused ?? noContent;
  },
});

/** Operations of /applications. */
export const applicationOperations: readonly Operation<Caller, GraphRoom>[] = [
  list,
  count,
  get,
  create,
  update,
  remove,
];

/** Registers what a change by a uniqueName did not find. */
async function upserted(
  tx: WriteTransaction,
  room: GraphRoom,
  caller: Caller,
  { id: _, ...body }: ApplicationChangeBody,
  uniqueName: string,
): Promise<JsonObject | Fault> {
  const { displayName } = body;
  if (displayName === undefined) return missingValue('displayName', applications.resource);
  return registerApplication(tx, room, caller, { ...body, displayName }, uniqueName);
}
