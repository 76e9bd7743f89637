import { findApplication } from '#directory/application.store.ts';
import type { Caller } from '#directory/caller.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { ownerIdsOf } from '#directory/owner.store.ts';
import {
  findServicePrincipal,
  findServicePrincipalByAppId,
} from '#directory/service-principal.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { objectKeyOf } from './odata-key.ts';
import type { GraphFacts } from './permission.ts';

/**
 * What the decision needs to know of the object that a scope names: `/me`, `/{collection}/{key}` with the collection in lower case, or
 * `/` for the directory as a whole. An object that is not there has no owner.
 */
export async function factsOf(
  tx: ReadTransaction,
  caller: Caller,
  scope: string,
): Promise<GraphFacts> {
  if (scope === '/me') return { isSelf: true, isOwner: false };
  const [, collection = '', ...rest] = scope.split('/');
  const name = rest.join('/');
  const object = await ownable(tx, caller.tenantId, collection, name);
  const owners = object === undefined ? [] : await ownerIdsOf(tx, caller.tenantId, object.objectId);
  return {
    isSelf: isSelf(caller, collection, name),
    isOwner: owners.includes(caller.objectId),
    isGraph: collection === 'serviceprincipals' && object?.appId === firstPartyAppIds.graph,
  };
}

function isSelf(caller: Caller, collection: string, name: string): boolean {
  if (sameName(name, caller.objectId)) return true;
  const upn = caller.claims['upn'];
  return collection === 'users' && typeof upn === 'string' && sameName(name, upn);
}

/** The application or service principal of that key; nothing else is owned in a way that gives rights. */
async function ownable(
  tx: ReadTransaction,
  tenantId: string,
  collection: string,
  name: string,
): Promise<{ readonly objectId: string; readonly appId: string } | undefined> {
  const key = objectKeyOf(name);
  if (collection === 'applications') return findApplication(tx, tenantId, key.value);
  if (collection !== 'serviceprincipals') return undefined;
  const find = key.by === 'appId' ? findServicePrincipalByAppId : findServicePrincipal;
  return find(tx, tenantId, key.value);
}
