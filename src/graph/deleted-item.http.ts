import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import {
  type DeletedObject,
  findDeletedObject,
  purgeDeletedObject,
  type Restorable,
  restoreDeletedObject,
} from '#directory/deleted-object.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { Call, Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { propertyOf, publisherDomainOf } from './application-registration.ts';
import { castOf } from './cast-segment.ts';
import { deletedJson, restorableJson, typed } from './deleted-item-wire.ts';
import {
  resourceNotFound,
  sameValueExists,
  servicePrincipalNameInUse,
  unknownSegment,
} from './faults.ts';
import { entityReply } from './listing.ts';
import { mixedObjects } from './mixed-list.ts';
import { may } from './permission.ts';
import { contextOf, entity, noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import {
  domainNotVerified,
  invalidUserPrincipalName,
  userPrincipalNameExists,
} from './user.faults.ts';
import { problemOfUser } from './user-change.ts';

const actions = 'microsoft.directory/deletedItems';

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
      const found = await deletedAt(tx, room, call, call.params.deletedKey);
      if (isFault(found)) return found;
      const json = deletedJson(found, await publisherDomainOf(tx, tenantId));
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
  handler: async (call, room) => {
    const refused = await room.store.write(async (tx) => {
      const found = await deletedAt(tx, room, call, call.params.deletedKey);
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
  handler: async (call, room) => {
    const { caller, body, params, request, version } = call;
    const { tenantId } = caller;
    const name = body?.newUserPrincipalName;
    const object = await room.store.write(async (tx) => {
      const found = await deletedAt(tx, room, call, params.deletedKey);
      if (isFault(found)) return found;
      const restored = await restoredObject(tx, found, name);
      if (isFault(restored)) return restored;
      return typed(restored, restorableJson(restored, await publisherDomainOf(tx, tenantId)));
    });
    if (isFault(object)) return object;
    return entity(contextOf(request, version, `${mixedObjects.type}/$entity`), object);
  },
});

/** What is done with one deleted object. */
export const deletedItemOperations: readonly Operation<Caller, GraphRoom>[] = [get, purge, restore];

/**
 * The deleted object of a key. One of another kind than the path asks for is not found, and a kind that nothing deleted has is no key.
 * Source: OData 4.01 URL conventions 4.11
 */
async function deletedAt(
  tx: ReadTransaction,
  { clock }: GraphRoom,
  { caller, request }: Call<Caller>,
  key: string,
): Promise<DeletedObject | Fault> {
  if (/^(?:microsoft\.)?graph\./i.test(key)) return unknownSegment(key);
  const found = await findDeletedObject(tx, caller.tenantId, key, clock.civil());
  const isAsked = (castOf(request)?.type ?? found?.kind) === found?.kind;
  return found !== undefined && isAsked ? found : resourceNotFound(key);
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
