import {
  addApplication,
  findApplication,
  findApplicationByAppId,
  holderOfUri,
  isNameConflict,
  updateApplication,
} from '#directory/application.store.ts';
import { type Application, applicationOf } from '#directory/application.ts';
import type { Caller } from '#directory/caller.ts';
import { deleteObject } from '#directory/deleted-object.store.ts';
import { addOwner } from '#directory/owner.store.ts';
import { findServicePrincipalByAppId } from '#directory/service-principal.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import { tenantSettingsOf } from '#directory/tenant-settings.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import {
  type ApplicationChangeBody,
  applicationChangeBody,
  newApplicationBody,
} from './application-body.ts';
import { changedApplication } from './application-change.ts';
import { type ChangeProblem, problemOfChange } from './application-rules.ts';
import { applicationJson } from './application-wire.ts';
import { type Collection, collectionCount, collectionReply } from './collection.ts';
import { credentialsOf, setKeys, withCredentials } from './credential.ts';
import { entityWithRelations } from './expand.ts';
import {
  duplicateValues,
  hostNameNotVerified,
  identifierUriEndsWithSlash,
  invalidValue,
  needsTokenVersionTwo,
  permissionStillEnabled,
  resourceNotFound,
  sameValueExists,
  tooManyValues,
} from './faults.ts';
import { listOptions } from './listing.ts';
import { objectKeyOf } from './odata-key.ts';
import { otherId } from './own-id.ts';
import { bindOwners } from './owner-binding.ts';
import { createsAsOwner, may } from './permission.ts';
import { ownersBind } from './reference.ts';
import { applicationRelations } from './relations.ts';
import { contextOf, created, noContent } from './reply.ts';
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

const personalAudience = 'AzureADandPersonalMicrosoftAccount';

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
      return applicationJson(found, domain, await credentialsOf(tx, holder));
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
  handler: async ({ caller, body, request, version }, room) => {
    const { tenantId } = caller;
    const json = await room.store.write(async (tx) => {
      const basis = applicationOf({
        tenantId,
        objectId: room.random.guid(),
        appId: room.random.guid(),
        displayName: body.displayName,
        createdAt: room.clock.civil(),
        // Recorded: who lets personal accounts in gets the form of token that they need without asking.
        ...(body.signInAudience === personalAudience ? { requestedAccessTokenVersion: 2 } : {}),
      });
      const stored = await storeApplication(tx, room, undefined, basis, body);
      if (isFault(stored)) return stored;
      if (createsAsOwner(caller, `${actions}/create`)) {
        await addOwner(tx, tenantId, stored.objectId, caller.objectId);
      }
      const unowned = await bindOwners(tx, stored, body[ownersBind]);
      if (unowned !== undefined) return unowned;
      const holder = { tenantId, appObjectId: stored.objectId };
      const domain = await publisherDomainOf(tx, tenantId);
      const shown = applicationJson(stored, domain, await credentialsOf(tx, holder));
      // Recorded: only this answer has the creation time with its fraction.
      const json: JsonObject = { ...shown, createdDateTime: isoOf(stored.createdAt) };
      return json;
    });
    if (isFault(json)) return json;
    const place = `${tenantId}/directoryObjects/${String(json['id'])}/Microsoft.DirectoryServices.Application`;
    return created(request, contextOf(request, version, 'applications/$entity'), place, json);
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
  handler: async ({ caller, body, params }, room) => {
    const refused = await room.store.write(async (tx) => {
      const found = await applicationAt(tx, caller.tenantId, params.applicationKey);
      if (isFault(found)) return found;
      return otherId(body, found) ?? storeApplication(tx, room, found, found, body);
    });
    return isFault(refused) ? refused : noContent;
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

/** The application that a path names: by object id, or as `appId='...'`. An appId alone names nothing, as in Graph. */
export async function applicationAt(
  tx: ReadTransaction,
  tenantId: string,
  segment: string,
): Promise<Application | Fault> {
  const key = objectKeyOf(segment);
  const property = key.by === 'id' ? 'objectId' : 'appId';
  const found = await findApplication(tx, tenantId, key.value);
  const fits = found !== undefined && sameName(found[property], key.value);
  return fits ? found : resourceNotFound(key.value);
}

/** Checks a new or changed application and stores it with its certificates. A fault stores nothing. */
async function storeApplication(
  tx: WriteTransaction,
  room: GraphRoom,
  before: Application | undefined,
  basis: Application,
  body: ApplicationChangeBody,
): Promise<Application | Fault> {
  const { tenantId, objectId } = basis;
  const after = changedApplication(basis, body);
  const problem = problemOfChange(before, after, {
    domains: (await findTenant(tx, tenantId))?.domains ?? [],
    isClassic: (await tenantSettingsOf(tx, tenantId)).hasClassicRedirectUris,
  });
  if (problem !== undefined) return changeFault(problem);
  const outcome = await (before === undefined ? addApplication : updateApplication)(tx, after);
  if (isNameConflict(outcome)) {
    return sameValueExists(outcome.conflict === 'appId' ? 'appId' : 'identifierUris');
  }
  if (body.keyCredentials !== undefined) {
    const holder = { tenantId, appObjectId: objectId };
    const refused = await setKeys(tx, holder, body.keyCredentials, room.random);
    if (refused !== undefined) return refused;
  }
  return outcome;
}

function changeFault(problem: ChangeProblem): Fault {
  switch (problem.problem) {
    case 'value':
      return invalidValue(problem.property, applications.resource);
    case 'unverifiedDomain':
      return hostNameNotVerified(problem.value);
    case 'endsWithSlash':
      return identifierUriEndsWithSlash(problem.value);
    case 'duplicate':
      return duplicateValues(problem.property);
    case 'tooMany':
      return tooManyValues(problem.property, problem.max);
    case 'enabledPermission':
      return permissionStillEnabled();
    case 'tokenVersion':
      return needsTokenVersionTwo();
  }
}

async function publisherDomainOf(
  tx: ReadTransaction,
  tenantId: string,
): Promise<string | undefined> {
  return (await findTenant(tx, tenantId))?.domains[0];
}
