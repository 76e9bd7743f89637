import type { Caller } from '#directory/caller.ts';
import { memberIdsOf } from '#directory/group.store.ts';
import { ownerIdsOf } from '#directory/owner.store.ts';
import type { Operation } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { applicationAt } from './application-registration.ts';
import { directoryObject } from './directory-object-wire.ts';
import { resourceNotFound } from './faults.ts';
import { groupAt } from './group.http.ts';
import { objectLink } from './group-reference.http.ts';
import { may } from './permission.ts';
import { contextOf, entity } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';
import { servicePrincipalAt } from './service-principal-registration.ts';

/** A relation whose links can be asked for one by one. */
interface Related {
  readonly collection: string;
  readonly relation: string;
  readonly find: (
    tx: ReadTransaction,
    tenantId: string,
    key: string,
  ) => Promise<{ readonly objectId: string } | Fault>;
  readonly idsOf: (
    tx: ReadTransaction,
    tenantId: string,
    objectId: string,
  ) => Promise<readonly string[]>;
}

const related: readonly Related[] = [
  { collection: 'applications', relation: 'owners', find: applicationAt, idsOf: ownerIdsOf },
  {
    collection: 'servicePrincipals',
    relation: 'owners',
    find: servicePrincipalAt,
    idsOf: ownerIdsOf,
  },
  { collection: 'groups', relation: 'owners', find: groupAt, idsOf: ownerIdsOf },
  { collection: 'groups', relation: 'members', find: groupAt, idsOf: memberIdsOf },
];

/** Whether one object is an owner or a member, as azuread for Terraform asks before it removes one. */
function referenceFor({
  collection,
  relation,
  find,
  idsOf,
}: Related): Operation<Caller, GraphRoom> {
  const keyName = `${collection.slice(0, -1)}Key`;
  const relatedKeyName = `${relation.slice(0, -1)}Key`;
  return operation({
    id: `${collection}_${relation}_GetRef`,
    method: 'GET',
    path: `/{graphVersion}/${collection}/{${keyName}}/${relation}/{${relatedKeyName}}/$ref`,
    permission: may(`microsoft.directory/${collection}/${relation}/read`),
    query: ['$select'],
    reply: { 200: 'json' },
    source: 'https://github.com/manicminer/hamilton/blob/main/msgraph/groups.go',
    handler: async ({ caller, params, request, version }, { store }) => {
      const { tenantId } = caller;
      const relatedId = params[relatedKeyName] ?? '';
      const found = await store.read(async (tx) => {
        const object = await find(tx, tenantId, params[keyName] ?? '');
        if (isFault(object)) return object;
        const ids = await idsOf(tx, tenantId, object.objectId);
        const isRelated = ids.includes(fold(relatedId));
        const one = isRelated ? await directoryObject(tx, tenantId, relatedId) : undefined;
        return one ?? resourceNotFound(relatedId);
      });
      if (isFault(found)) return found;
      return entity(contextOf(request, version, '$ref'), {
        '@odata.id': objectLink(request, tenantId, found),
      });
    },
  });
}

/** Links to one owner or one member. */
export const objectReferenceOperations: readonly Operation<Caller, GraphRoom>[] =
  related.map(referenceFor);
