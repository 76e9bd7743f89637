import { findApplication, findApplicationByUniqueName } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { type DeletedObject, findDeletedObject } from '#directory/deleted-object.store.ts';
import { keptDirectoryRoleIdsOf, keptOwnerIdsOf } from '#directory/deleted-reference.store.ts';
import { directoryRoleIdsOf } from '#directory/directory-role.store.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { findGroup } from '#directory/group.store.ts';
import { ownerIdsOf } from '#directory/owner.store.ts';
import { principalIdsOf } from '#directory/principal.store.ts';
import {
  findServicePrincipal,
  findServicePrincipalByAppId,
} from '#directory/service-principal.store.ts';
import { findUser } from '#directory/user.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type ObjectKey, objectKeyOf } from './odata-key.ts';
import type { GraphFacts } from './permission.ts';

/**
 * What the decision needs to know of the object that a scope names: `/me`, `/{collection}/{key}` with the collection in lower case,
 * `/deleteditems/{id}`, or `/` for the directory as a whole. An object that is not there has no owner.
 */
export async function factsOf(
  tx: ReadTransaction,
  caller: Caller,
  scope: string,
  now: Instant,
): Promise<GraphFacts> {
  if (scope === '/me') {
    return { isSelf: true, isOwner: false, heldRoleIds: caller.directoryRoleIds };
  }
  const [, collection = '', ...rest] = scope.split('/');
  const name = rest.join('/');
  switch (collection) {
    case 'users':
      return userFacts(tx, caller, name);
    case 'deleteditems':
      return deletedFacts(tx, caller, name, now);
    default:
      return ownableFacts(tx, caller, collection, name);
  }
}

async function userFacts(tx: ReadTransaction, caller: Caller, key: string): Promise<GraphFacts> {
  const { tenantId } = caller;
  const user = await findUser(tx, tenantId, key);
  if (user === undefined) return { isSelf: false, isOwner: false };
  const principalIds = await principalIdsOf(tx, tenantId, user.objectId);
  return {
    isSelf: sameName(user.objectId, caller.objectId),
    isOwner: false,
    heldRoleIds: await directoryRoleIdsOf(tx, tenantId, principalIds),
  };
}

const deletedItems = {
  application: 'applications',
  group: 'groups',
  servicePrincipal: 'applications',
  user: 'users',
} as const satisfies Readonly<Record<DeletedObject['kind'], GraphFacts['deletedItems']>>;

/** A deleted object is judged by its kind; what is not there, or belongs to another tenant, by the kind that most may read. */
async function deletedFacts(
  tx: ReadTransaction,
  caller: Caller,
  objectId: string,
  now: Instant,
): Promise<GraphFacts> {
  const { tenantId } = caller;
  const deleted = await findDeletedObject(tx, tenantId, objectId, now);
  const owners = await keptOwnerIdsOf(tx, tenantId, objectId);
  return {
    isSelf: false,
    isOwner: owners.includes(caller.objectId),
    heldRoleIds: await keptDirectoryRoleIdsOf(tx, tenantId, objectId),
    deletedItems: deletedItems[deleted?.kind ?? 'application'],
  };
}

async function ownableFacts(
  tx: ReadTransaction,
  caller: Caller,
  collection: string,
  name: string,
): Promise<GraphFacts> {
  const { tenantId } = caller;
  const known = await ownable(tx, tenantId, collection, name);
  const { by, value } = objectKeyOf(name);
  const isMissing = known === undefined && by !== 'id';
  // A service principal that is not there yet is its application's owner's to make.
  const object = isMissing && by === 'appId' ? await findApplication(tx, tenantId, value) : known;
  const owners = object === undefined ? [] : await ownerIdsOf(tx, tenantId, object.objectId);
  return {
    isSelf: sameName(name, caller.objectId) || isApplicationOf(caller, object),
    isOwner: owners.includes(caller.objectId),
    isMissing,
    isGraph: collection === 'serviceprincipals' && object?.appId === firstPartyAppIds.graph,
  };
}

/** True for the application, or its service principal, that calls without a user. */
function isApplicationOf(
  { principalType, appId }: Caller,
  object: { readonly appId?: string } | undefined,
): boolean {
  return principalType === 'ServicePrincipal' && object?.appId === appId;
}

/** The application, service principal or group of that key; nothing else is owned in a way that gives rights. */
async function ownable(
  tx: ReadTransaction,
  tenantId: string,
  collection: string,
  name: string,
): Promise<{ readonly objectId: string; readonly appId?: string } | undefined> {
  const key = objectKeyOf(name);
  if (collection === 'applications') return applicationOfKey(tx, tenantId, key);
  if (collection === 'groups') return findGroup(tx, tenantId, key.value);
  if (collection !== 'serviceprincipals') return undefined;
  const find = key.by === 'appId' ? findServicePrincipalByAppId : findServicePrincipal;
  return find(tx, tenantId, key.value);
}

function applicationOfKey(tx: ReadTransaction, tenantId: string, { by, value }: ObjectKey) {
  const find = by === 'uniqueName' ? findApplicationByUniqueName : findApplication;
  return find(tx, tenantId, value);
}
