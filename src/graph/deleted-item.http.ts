import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import {
  type DeletedObject,
  findDeletedObject,
  listDeletedObjects,
  purgeDeletedObject,
  type Restorable,
  restoreDeletedObject,
} from '#directory/deleted-object.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { propertyOf } from './application-registration.ts';
import { applicationJson, wholeSeconds } from './application-wire.ts';
import { groupJson, userJson } from './directory-object-wire.ts';
import { resourceNotFound, sameValueExists, servicePrincipalNameInUse } from './faults.ts';
import { entityReply, type Listed, listOptions, listReply } from './listing.ts';
import { mixedObjects } from './mixed-list.ts';
import { may } from './permission.ts';
import { contextOf, entity, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalJson } from './service-principal-wire.ts';
import {
  domainNotVerified,
  invalidUserPrincipalName,
  userPrincipalNameExists,
} from './user.faults.ts';
import { problemOfUser } from './user-change.ts';

/** What can be deleted and restored: its kind, and the words for it in actions, in contexts and in refusals. */
const kinds: readonly (readonly [DeletedObject['kind'], actions: string, Listed])[] = [
  ['application', 'applications', listedAs('applications', 'Application', 'appId')],
  ['group', 'groups', listedAs('groups', 'Group', 'mailNickname')],
  ['servicePrincipal', 'applications', listedAs('servicePrincipals', 'ServicePrincipal', 'appId')],
  ['user', 'users', listedAs('users', 'User', 'userPrincipalName')],
];

function listedAs(type: string, resource: string, property: string): Listed {
  return { type, resource, filterable: ['id', 'deletedDateTime', 'displayName', property] };
}

const actions = 'microsoft.directory/deletedItems';

const lists = kinds.map(([kind, noun, listed]) =>
  operation({
    id: `deletedItems_List_${kind}`,
    method: 'GET',
    path: `/{graphVersion}/directory/deletedItems/microsoft.graph.${kind}`,
    permission: may(`${actions}.${noun}/standard/read`),
    query: listOptions,
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/directory-deleteditems-list',
    handler: async (call, { store, clock }) => {
      const { tenantId } = call.caller;
      const objects = await store.read(async (tx) => {
        const domain = await defaultDomainOf(tx, tenantId);
        const found = await listDeletedObjects(tx, tenantId, kind, clock.civil());
        return found.map((one) => deletedJson(one, domain));
      });
      return listReply(call, listed, objects);
    },
  }),
);

const get = operation({
  id: 'deletedItems_Get',
  method: 'GET',
  path: '/{graphVersion}/directory/deletedItems/{deletedKey}',
  permission: may(`${actions}/standard/read`),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directory-deleteditems-get',
  handler: async (call, room) => {
    const { tenantId } = call.caller;
    const object = await room.store.read(async (tx) => {
      const found = await deletedAt(tx, room, tenantId, call.params.deletedKey);
      if (isFault(found)) return found;
      const json = deletedJson(found, await defaultDomainOf(tx, tenantId));
      return typed(found, json);
    });
    return isFault(object) ? object : entityReply(call, mixedObjects, object);
  },
});

const purge = operation({
  id: 'deletedItems_Delete',
  method: 'DELETE',
  path: '/{graphVersion}/directory/deletedItems/{deletedKey}',
  permission: may(`${actions}/delete`),
  reply: { 204: 'empty' },
  source: 'https://learn.microsoft.com/graph/api/directory-deleteditems-delete',
  handler: async ({ caller, params }, room) => {
    const refused = await room.store.write(async (tx) => {
      const found = await deletedAt(tx, room, caller.tenantId, params.deletedKey);
      if (isFault(found)) return found;
      await purgeDeletedObject(tx, found);
      return undefined;
    });
    return refused ?? noContent;
  },
});

const restoreBody = Type.Object(
  {
    // Nothing here has a proxy address.
    autoReconcileProxyConflict: Type.Optional(Type.Boolean()),
    newUserPrincipalName: Type.Optional(Type.String({ minLength: 1, maxLength: 1_024 })),
  },
  { additionalProperties: false },
);

const restore = operation({
  id: 'deletedItems_Restore',
  method: 'POST',
  path: '/{graphVersion}/directory/deletedItems/{deletedKey}/restore',
  permission: may(`${actions}/restore`),
  body: Type.Union([Type.Undefined(), restoreBody]),
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directory-deleteditems-restore',
  handler: async ({ caller, body, params, request, version }, room) => {
    const { tenantId } = caller;
    const name = body?.newUserPrincipalName;
    const object = await room.store.write(async (tx) => {
      const found = await deletedAt(tx, room, tenantId, params.deletedKey);
      if (isFault(found)) return found;
      const restored = await restoredObject(tx, found, name);
      if (isFault(restored)) return restored;
      return typed(restored, restorableJson(restored, await defaultDomainOf(tx, tenantId)));
    });
    if (isFault(object)) return object;
    return entity(contextOf(request, version, `${mixedObjects.type}/$entity`), object);
  },
});

/** Operations of /directory/deletedItems. */
export const deletedItemOperations: readonly Operation<Caller, GraphRoom>[] = [
  ...lists,
  get,
  purge,
  restore,
];

async function deletedAt(
  tx: ReadTransaction,
  { clock }: GraphRoom,
  tenantId: string,
  key: string,
): Promise<DeletedObject | Fault> {
  const found = await findDeletedObject(tx, tenantId, key, clock.civil());
  return found ?? resourceNotFound(key);
}

/** Puts an object back; a name that is no name of the tenant, or that another has taken, is refused. */
async function restoredObject(
  tx: WriteTransaction,
  deleted: DeletedObject,
  userPrincipalName: string | undefined,
): Promise<Restorable | Fault> {
  if (deleted.kind === 'user' && userPrincipalName !== undefined) {
    const tenant = await findTenant(tx, deleted.object.tenantId);
    const problem = problemOfUser({ userPrincipalName }, tenant?.domains ?? [], false);
    if (problem !== undefined) {
      return problem === 'domain' ? domainNotVerified() : invalidUserPrincipalName();
    }
  }
  const restored = await restoreDeletedObject(tx, deleted, userPrincipalName);
  if (!('conflict' in restored)) return restored;
  switch (restored.conflict) {
    case 'userPrincipalName':
      return userPrincipalNameExists();
    case 'servicePrincipalName':
      return servicePrincipalNameInUse(restored.value);
    case 'appId':
    case 'identifierUri':
    case 'uniqueName':
      return sameValueExists(propertyOf(restored));
  }
}

/** An object as Graph shows one of its kind; credentials are not shown with what is deleted. */
function restorableJson(restorable: Restorable, domain: string | undefined): JsonObject {
  switch (restorable.kind) {
    case 'application':
      return applicationJson(restorable.object, domain);
    case 'group':
      return groupJson(restorable.object);
    case 'servicePrincipal':
      return servicePrincipalJson(restorable.object);
    case 'user':
      return userJson(restorable.object);
  }
}

/**
 * A deleted object says when it was deleted, and a user's name is kept free for others by her id before it.
 * UNVERIFIED: the form of that name; a recorded list of deleted users would settle it.
 */
function deletedJson(deleted: DeletedObject, domain: string | undefined): JsonObject {
  const { id, ...shown } = restorableJson(deleted, domain);
  const json = { id, ...shown, deletedDateTime: wholeSeconds(deleted.deletedAt) };
  if (deleted.kind !== 'user') return json;
  const { objectId, userPrincipalName } = deleted.object;
  return { ...json, userPrincipalName: `${objectId.replaceAll('-', '')}${userPrincipalName}` };
}

function typed({ kind }: Restorable, json: JsonObject): JsonObject {
  return { '@odata.type': `#microsoft.graph.${kind}`, ...json };
}

async function defaultDomainOf(tx: ReadTransaction, tenantId: string): Promise<string | undefined> {
  return (await findTenant(tx, tenantId))?.domains[0];
}
