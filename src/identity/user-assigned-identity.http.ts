import { Type } from 'typebox';
import { armFaults } from '#arm/faults.ts';
import { knownRegion, regionsOf } from '#arm/location.ts';
import { findResourceGroup } from '#arm/resource-group.store.ts';
import { tagsFault } from '#arm/resource-group.ts';
import { filteredBy, visibleItems } from '#arm/visibility.ts';
import { clouds } from '#cloud/cloud.ts';
import { needs } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { identityFaults } from './resource.faults.ts';
import { removeIdentity } from './resource-kind.ts';
import {
  type IdentityRoom,
  identitiesPath,
  identityAction,
  identityOperation,
  identityPath,
} from './resource-room.ts';
import {
  addIdentity,
  findIdentity,
  listIdentities,
  updateIdentity,
} from './user-assigned-identity.store.ts';
import {
  identityResourceId,
  identityType,
  isIdentityName,
  type UserAssignedIdentity,
} from './user-assigned-identity.ts';

const source = 'https://learn.microsoft.com/rest/api/managedidentity/user-assigned-identities';
const { action: readAction } = identityAction('read');

/** What a client may say; what it read before it may send back, and means nothing by it. */
const body = Type.Object({
  location: Type.Optional(Type.String()),
  tags: Type.Optional(Type.Record(Type.String(), Type.String())),
  properties: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

const readOnlyProperties: ReadonlySet<string> = new Set(['tenantId', 'principalId', 'clientId']);

const listOfSubscription = identityOperation({
  id: 'UserAssignedIdentities_ListBySubscription',
  method: 'GET',
  path: '/subscriptions/{subscriptionId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities',
  permission: filteredBy(readAction),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, request }, room) => {
    const all = await room.store.read((tx) => listIdentities(tx, params.subscriptionId));
    const scope = `/subscriptions/${params.subscriptionId}`;
    const question = { caller, request, scope, action: readAction };
    const seen = await visibleItems(room, question, all, identityResourceId);
    return isFault(seen) ? seen : { status: 200, json: { value: seen.map(identityJson) } };
  },
});

const listOfGroup = identityOperation({
  id: 'UserAssignedIdentities_ListByResourceGroup',
  method: 'GET',
  path: identitiesPath,
  permission: needs(identityAction('read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params }, room) => {
    const { subscriptionId, resourceGroupName } = params;
    const found = await room.store.read(async (tx) => {
      const group = await findResourceGroup(tx, subscriptionId, resourceGroupName);
      if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
      return listIdentities(tx, subscriptionId, resourceGroupName);
    });
    return isFault(found) ? found : { status: 200, json: { value: found.map(identityJson) } };
  },
});

const get = identityOperation({
  id: 'UserAssignedIdentities_Get',
  method: 'GET',
  path: identityPath,
  permission: needs(identityAction('read')),
  reply: { 200: 'json' },
  source,
  handler: async ({ params }, room) => {
    const found = await room.store.read((tx) => identityAt(tx, params));
    return isFault(found) ? found : { status: 200, json: identityJson(found) };
  },
});

/** A new identity comes with its service principal, in one transaction. */
const put = identityOperation({
  id: 'UserAssignedIdentities_CreateOrUpdate',
  method: 'PUT',
  path: identityPath,
  permission: needs(identityAction('write')),
  body,
  reply: { 200: 'json', 201: 'json' },
  source,
  handler: async ({ params, caller, body }, room) => {
    const refused = bodyFault(body);
    if (refused !== undefined) return refused;
    if (body.location === undefined) return armFaults.locationMissing();
    const location = knownRegion(body.location);
    if (location === undefined) return unknownLocation(body.location);
    const wish = { tenantId: caller.tenantId, location, tags: body.tags ?? {} };
    const done = await room.store.write((tx) => putIdentity(tx, room, params, wish));
    if (isFault(done)) return done;
    const json = identityJson(done.identity);
    if (!done.isNew) return { status: 200, json };
    return { status: 201, headers: { Location: identityResourceId(done.identity) }, json };
  },
});

const patch = identityOperation({
  id: 'UserAssignedIdentities_Update',
  method: 'PATCH',
  path: identityPath,
  permission: needs(identityAction('write')),
  body,
  reply: { 200: 'json' },
  source,
  handler: async ({ params, body }, room) => {
    const refused = bodyFault(body);
    if (refused !== undefined) return refused;
    const changed = await room.store.write(async (tx) => {
      const found = await identityAt(tx, params);
      if (isFault(found)) return found;
      return changeIdentity(tx, room, found, body.location ?? found.location, body.tags);
    });
    return isFault(changed) ? changed : { status: 200, json: identityJson(changed) };
  },
});

const remove = identityOperation({
  id: 'UserAssignedIdentities_Delete',
  method: 'DELETE',
  path: identityPath,
  permission: needs(identityAction('delete')),
  reply: { 200: 'empty', 204: 'empty' },
  source,
  handler: async ({ params }, room) => {
    const { subscriptionId, resourceGroupName, resourceName: name } = params;
    const address = { subscriptionId, resourceGroup: resourceGroupName, name };
    return room.store.write(async (tx) => {
      const group = await findResourceGroup(tx, subscriptionId, resourceGroupName);
      if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
      const found = await findIdentity(tx, address);
      if (found === undefined) return { status: 204 };
      await removeIdentity(tx, found);
      return { status: 200 };
    });
  },
});

/** User-assigned managed identities as ARM resources. */
export const userAssignedIdentityOperations = [
  listOfSubscription,
  listOfGroup,
  get,
  put,
  patch,
  remove,
];

/** The group and the name that a path names. */
export interface PathAddress {
  readonly subscriptionId: string;
  readonly resourceGroupName: string;
  readonly resourceName: string;
}

/** The identity that a path names, or why there is none. */
export async function identityAt(
  transaction: ReadTransaction,
  { subscriptionId, resourceGroupName, resourceName: name }: PathAddress,
): Promise<UserAssignedIdentity | Fault> {
  const group = await findResourceGroup(transaction, subscriptionId, resourceGroupName);
  if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
  const resourceGroup = group.name;
  const found = await findIdentity(transaction, { subscriptionId, resourceGroup, name });
  return found ?? armFaults.resourceNotFound(identityType, name, resourceGroup);
}

type Wish = Pick<UserAssignedIdentity, 'tenantId' | 'location' | 'tags'>;

async function putIdentity(
  transaction: WriteTransaction,
  room: IdentityRoom,
  { subscriptionId, resourceGroupName, resourceName: name }: PathAddress,
  wish: Wish,
): Promise<{ readonly isNew: boolean; readonly identity: UserAssignedIdentity } | Fault> {
  const group = await findResourceGroup(transaction, subscriptionId, resourceGroupName);
  if (group === undefined) return armFaults.resourceGroupNotFound(resourceGroupName);
  const address = { subscriptionId, resourceGroup: group.name, name };
  const found = await findIdentity(transaction, address);
  if (found !== undefined) {
    const changed = await changeIdentity(transaction, room, found, wish.location, wish.tags);
    return isFault(changed) ? changed : { isNew: false, identity: changed };
  }
  if (!isIdentityName(name)) return identityFaults.invalidName(name);
  const at = room.clock.civil();
  const ids = { clientId: room.random.guid(), principalId: room.random.guid() };
  const identity = { ...address, ...wish, ...ids, createdAt: at, changedAt: at };
  await addIdentity(transaction, identity);
  return { isNew: true, identity };
}

/** An identity keeps its place; only its tags change. */
async function changeIdentity(
  transaction: WriteTransaction,
  room: IdentityRoom,
  found: UserAssignedIdentity,
  location: string,
  tags: UserAssignedIdentity['tags'] | undefined,
): Promise<UserAssignedIdentity | Fault> {
  const { name, resourceGroup } = found;
  if (knownRegion(location) !== found.location) {
    return identityFaults.locationFixed(name, resourceGroup, found.location, location);
  }
  if (tags === undefined) return found;
  const changedAt = strictlyAfter(found.changedAt, room.clock.civil());
  const changed = { ...found, tags, changedAt };
  await updateIdentity(transaction, changed);
  return changed;
}

function bodyFault(body: {
  readonly tags?: UserAssignedIdentity['tags'];
  readonly properties?: Readonly<Record<string, unknown>>;
}): Fault | undefined {
  const lacking = Object.keys(body.properties ?? {}).find((name) => !readOnlyProperties.has(name));
  if (lacking !== undefined) return armFaults.notImplemented(`properties.${lacking}`);
  return tagsFault(body.tags ?? {});
}

function unknownLocation(location: string): Fault {
  const available = clouds.flatMap((cloud) => regionsOf(cloud.name)).map(({ name }) => name);
  return armFaults.locationOfType(location, identityType, available);
}

/** Property order as recorded with 2018-11-30 and 2023-01-31. */
function identityJson(identity: UserAssignedIdentity): object {
  const { name, location, tags, tenantId, principalId, clientId } = identity;
  return {
    id: identityResourceId(identity),
    name,
    type: identityType,
    location,
    tags,
    properties: { tenantId, principalId, clientId },
  };
}
