import { findApplication } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { addOwner, ownedIdsOf, ownerIdsOf, removeOwner } from '#directory/owner.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { applicationAt } from './application-registration.ts';
import { applicationJson } from './application-wire.ts';
import { directoryObject, directoryObjects } from './directory-object-wire.ts';
import { invalidValue, referenceExists, resourceNotFound } from './faults.ts';
import { groupAt } from './group.http.ts';
import { listOptions } from './listing.ts';
import { mixedCountReply, mixedListReply } from './mixed-list.ts';
import { seenBy } from './object-view.ts';
import { may } from './permission.ts';
import { referenceBody, referencedId } from './reference.ts';
import { noContent } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt, writableAt } from './service-principal-registration.ts';
import { userAt } from './user.http.ts';

/** What can have owners, how the path finds it, and how it finds what may be given others. */
const owned = {
  applications: { key: 'applicationKey', find: applicationAt, change: applicationAt },
  servicePrincipals: { key: 'servicePrincipalKey', find: servicePrincipalAt, change: writableAt },
  groups: { key: 'groupKey', find: groupAt, change: groupAt },
} as const;

function ownersList(collection: keyof typeof owned): Operation<Caller, GraphRoom> {
  const { key, find } = owned[collection];
  return operation({
    id: `${collection}_ListOwners`,
    method: 'GET',
    path: `/{graphVersion}/${collection}/{${key}}/owners`,
    permission: may(`microsoft.directory/${collection}/owners/read`),
    query: listOptions,
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/${collection.slice(0, -1).toLowerCase()}-list-owners`,
    handler: async (call, { store }) => {
      const found = await ownersOf(store, call.caller, find, call.params[key] ?? '');
      return isFault(found) ? found : mixedListReply(call, found);
    },
  });
}

function ownersCount(collection: keyof typeof owned): Operation<Caller, GraphRoom> {
  const { key, find } = owned[collection];
  return operation({
    id: `${collection}_CountOwners`,
    method: 'GET',
    path: `/{graphVersion}/${collection}/{${key}}/owners/$count`,
    permission: may(`microsoft.directory/${collection}/owners/read`),
    query: ['$filter', '$search'],
    reply: { 200: 'stream' },
    source: 'https://learn.microsoft.com/graph/aad-advanced-queries',
    handler: async (call, { store }) => {
      const found = await ownersOf(store, call.caller, find, call.params[key] ?? '');
      return isFault(found) ? found : mixedCountReply(call, found);
    },
  });
}

function addFor(collection: keyof typeof owned): Operation<Caller, GraphRoom> {
  const { key, change } = owned[collection];
  return operation({
    id: `${collection}_owners_CreateRef`,
    method: 'POST',
    path: `/{graphVersion}/${collection}/{${key}}/owners/$ref`,
    permission: may(`microsoft.directory/${collection}/owners/update`),
    body: referenceBody,
    reply: { 204: 'empty' },
    source: `https://learn.microsoft.com/graph/api/${collection.slice(0, -1).toLowerCase()}-post-owners`,
    handler: async ({ caller, body, params }, { store }) => {
      const { tenantId } = caller;
      const ownerId = referencedId(body['@odata.id']);
      if (ownerId === undefined) return invalidValue('@odata.id', 'DirectoryObject');
      const refused = await store.write(async (tx) => {
        const object = await change(tx, tenantId, params[key] ?? '');
        if (isFault(object)) return object;
        const owner = await directoryObject(tx, tenantId, ownerId);
        if (owner === undefined || owner.kind === 'group') return resourceNotFound(ownerId);
        const added = await addOwner(tx, tenantId, object.objectId, ownerId);
        return added ? undefined : referenceExists('owners');
      });
      return refused ?? noContent;
    },
  });
}

function removeFor(collection: keyof typeof owned): Operation<Caller, GraphRoom> {
  const { key, change } = owned[collection];
  return operation({
    id: `${collection}_owners_DeleteRef`,
    method: 'DELETE',
    path: `/{graphVersion}/${collection}/{${key}}/owners/{ownerKey}/$ref`,
    permission: may(`microsoft.directory/${collection}/owners/update`),
    reply: { 204: 'empty' },
    source: `https://learn.microsoft.com/graph/api/${collection.slice(0, -1).toLowerCase()}-delete-owners`,
    handler: async ({ caller, params }, { store }) => {
      const { tenantId } = caller;
      const ownerId = params['ownerKey'] ?? '';
      const refused = await store.write(async (tx) => {
        const object = await change(tx, tenantId, params[key] ?? '');
        if (isFault(object)) return object;
        const removed = await removeOwner(tx, tenantId, object.objectId, ownerId);
        return removed ? undefined : resourceNotFound(ownerId);
      });
      return refused ?? noContent;
    },
  });
}

/** What can own, where it stands in a path, and how the path finds it. */
const owners = [
  ['me', 'users', async (_tx, caller) => caller],
  ['users/{userKey}', 'users', (tx, caller, key) => userAt(tx, caller.tenantId, key)],
  [
    'servicePrincipals/{servicePrincipalKey}',
    'servicePrincipals',
    (tx, caller, key) => servicePrincipalAt(tx, caller.tenantId, key),
  ],
] as const satisfies readonly (readonly [
  path: string,
  noun: string,
  find: (
    tx: ReadTransaction,
    caller: Caller,
    key: string,
  ) => Promise<{ readonly objectId: string } | Fault>,
])[];

const ownedLists = owners.map(
  ([path, noun, find]): Operation<Caller, GraphRoom> =>
    operation({
      id: `${path.split('/')[0]}_ListOwnedObjects`,
      method: 'GET',
      path: `/{graphVersion}/${path}/ownedObjects`,
      permission: may(`microsoft.directory/${noun}/ownedObjects/read`),
      query: listOptions,
      reply: { 200: 'json' },
      source: `https://learn.microsoft.com/graph/api/${noun.slice(0, -1).toLowerCase()}-list-ownedobjects`,
      handler: async (call, { store }) => {
        const { tenantId } = call.caller;
        const { userKey, servicePrincipalKey } = call.params as Readonly<
          Record<string, string | undefined>
        >;
        const key = userKey ?? servicePrincipalKey ?? '';
        const objects = await store.read(async (tx) => {
          const owner = await find(tx, call.caller, key);
          if (isFault(owner)) return owner;
          const areOwn = sameName(owner.objectId, call.caller.objectId);
          const found = await ownedBy(tx, tenantId, owner.objectId);
          return found.map(seenBy(call.caller, { areOwn }));
        });
        return isFault(objects) ? objects : mixedListReply(call, objects);
      },
    }),
);

/** Owners of applications, service principals and groups. */
export const ownerOperations: readonly Operation<Caller, GraphRoom>[] = [
  ownersList('applications'),
  ownersList('servicePrincipals'),
  ownersList('groups'),
  ownersCount('applications'),
  ownersCount('servicePrincipals'),
  ownersCount('groups'),
  addFor('applications'),
  removeFor('applications'),
  addFor('servicePrincipals'),
  removeFor('servicePrincipals'),
  addFor('groups'),
  removeFor('groups'),
  ...ownedLists,
];

/** The owners of the object that a path names, as the caller may see them. */
async function ownersOf(
  store: Store,
  caller: Caller,
  find: (typeof owned)[keyof typeof owned]['find'],
  key: string,
): Promise<readonly JsonObject[] | Fault> {
  const { tenantId } = caller;
  return store.read(async (tx) => {
    const object = await find(tx, tenantId, key);
    if (isFault(object)) return object;
    const ids = await ownerIdsOf(tx, tenantId, object.objectId);
    return (await directoryObjects(tx, tenantId, ids)).map((one) => one.json).map(seenBy(caller));
  });
}

async function ownedBy(
  tx: ReadTransaction,
  tenantId: string,
  ownerId: string,
): Promise<readonly JsonObject[]> {
  const shown: JsonObject[] = [];
  for (const id of await ownedIdsOf(tx, tenantId, ownerId)) {
    const application = await findApplication(tx, tenantId, id);
    const json =
      application === undefined
        ? (await directoryObject(tx, tenantId, id))?.json
        : {
            '@odata.type': '#microsoft.graph.application',
            ...applicationJson(application, undefined),
          };
    if (json !== undefined) shown.push(json);
  }
  return shown;
}
