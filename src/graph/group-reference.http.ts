import type { Caller } from '#directory/caller.ts';
import { memberIdsOf, transitiveMemberIdsOf } from '#directory/group.store.ts';
import { ownerIdsOf } from '#directory/owner.store.ts';
import type { Operation } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { type DirectoryObjectKind, directoryObjects } from './directory-object-wire.ts';
import { groupAt } from './group.http.ts';
import { type Listed, listReply } from './listing.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

const listed: Listed = { type: 'Collection($ref)', resource: 'DirectoryObject', filterable: [] };

/** What the old directory service, which the links name, calls each kind. */
const oldNames: Readonly<Record<DirectoryObjectKind, string>> = {
  group: 'Group',
  servicePrincipal: 'ServicePrincipal',
  user: 'User',
};

/** The link to an object, in the words of the old directory service. */
export function objectLink(
  { reach }: HttpRequest,
  tenantId: string,
  { kind, json }: { readonly kind: DirectoryObjectKind; readonly json: JsonObject },
): string {
  const id = String(json['id']);
  return `${linkBase(reach)}/v2/${tenantId}/directoryObjects/${id}/Microsoft.DirectoryServices.${oldNames[kind]}`;
}

type IdsOf = (tx: ReadTransaction, tenantId: string, groupId: string) => Promise<readonly string[]>;

/** Links to what belongs to a group, as azuread for Terraform reads them. */
function referenceList(segment: string, noun: string, idsOf: IdsOf): Operation<Caller, GraphRoom> {
  return operation({
    id: `groups_ListRef_${segment}`,
    method: 'GET',
    path: `/{graphVersion}/groups/{groupKey}/${segment}/$ref`,
    permission: may(`microsoft.directory/groups/${noun}/read`),
    query: ['$top', '$skiptoken'],
    reply: { 200: 'json' },
    source: `https://learn.microsoft.com/graph/api/group-list-${segment.toLowerCase()}`,
    handler: async (call, { store }) => {
      const { tenantId } = call.caller;
      const found = await store.read(async (tx) => {
        const group = await groupAt(tx, tenantId, call.params.groupKey);
        if (isFault(group)) return group;
        const ids = await idsOf(tx, tenantId, group.objectId);
        return directoryObjects(
          tx,
          tenantId,
          ids.filter((id) => id !== group.objectId),
        );
      });
      if (isFault(found)) return found;
      const links = found.map((one) => ({
        id: one.json['id'],
        '@odata.id': objectLink(call.request, tenantId, one),
      }));
      return listReply(call, listed, links, async (page) => page.map(({ id: _, ...link }) => link));
    },
  });
}

/** Links to the members and owners of groups. */
export const groupReferenceOperations: readonly Operation<Caller, GraphRoom>[] = [
  referenceList('members', 'members', memberIdsOf),
  referenceList('transitiveMembers', 'members', transitiveMemberIdsOf),
  referenceList('owners', 'owners', ownerIdsOf),
];
