import type { Caller } from '#directory/caller.ts';
import { type DeletedObject, listDeletedObjects } from '#directory/deleted-object.store.ts';
import type { Call, Operation } from '#http/operation.ts';
import type { JsonObject } from '#kernel/json.ts';
import { publisherDomainOf } from './application-registration.ts';
import { deletedJson } from './deleted-item-wire.ts';
import { countReply, type Listed, listOptions, listReply } from './listing.ts';
import { may } from './permission.ts';
import { type GraphRoom, operation } from './room.ts';

/** One kind of deleted objects: the words for it in actions, in contexts and in refusals. */
interface DeletedKind {
  /** As paths name it. */
  readonly type: string;
  readonly actions: string;
  readonly listed: Listed;
  /** Absent: Batten has no such objects, and so none that were deleted. */
  readonly kind?: DeletedObject['kind'];
}

const kinds: readonly DeletedKind[] = [
  kept('application', 'applications', listedAs('applications', 'Application', 'appId')),
  kept('group', 'groups', listedAs('groups', 'Group', 'mailNickname')),
  kept(
    'servicePrincipal',
    'applications',
    listedAs('servicePrincipals', 'ServicePrincipal', 'appId'),
  ),
  kept('user', 'users', listedAs('users', 'User', 'userPrincipalName')),
  {
    type: 'administrativeUnit',
    actions: 'administrativeUnits',
    listed: listedAs('administrativeUnits', 'AdministrativeUnit', 'description'),
  },
  { type: 'device', actions: 'devices', listed: listedAs('devices', 'Device', 'deviceId') },
];

function kept(kind: DeletedObject['kind'], actions: string, listed: Listed): DeletedKind {
  return { type: kind, actions, listed, kind };
}

function listedAs(type: string, resource: string, property: string): Listed {
  return { type, resource, filterable: ['id', 'deletedDateTime', 'displayName', property] };
}

const actions = 'microsoft.directory/deletedItems';

const lists = kinds.map((one) =>
  operation({
    id: `deletedItems_List_${one.type}`,
    method: 'GET',
    path: `/{graphVersion}/directory/deletedItems/microsoft.graph.${one.type}`,
    permission: may(`${actions}.${one.actions}/standard/read`),
    query: listOptions,
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/directory-deleteditems-list',
    handler: async (call, room) => listReply(call, one.listed, await deletedOf(call, room, one)),
  }),
);

const counts = kinds.map((one) =>
  operation({
    id: `deletedItems_Count_${one.type}`,
    method: 'GET',
    path: `/{graphVersion}/directory/deletedItems/microsoft.graph.${one.type}/$count`,
    permission: may(`${actions}.${one.actions}/standard/read`),
    query: ['$filter'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/graph/api/directory-deleteditems-list',
    handler: async (call, room) => countReply(call, one.listed, await deletedOf(call, room, one)),
  }),
);

/** Lists of what is deleted, each of one kind, and how many there are. */
export const deletedItemListOperations: readonly Operation<Caller, GraphRoom>[] = [
  ...lists,
  ...counts,
];

/** The deleted objects of one kind, as they are shown. */
function deletedOf(
  { caller: { tenantId } }: Call<Caller>,
  { store, clock }: GraphRoom,
  { kind }: DeletedKind,
): Promise<readonly JsonObject[]> {
  return store.read(async (tx) => {
    if (kind === undefined) return [];
    const domain = await publisherDomainOf(tx, tenantId);
    const found = await listDeletedObjects(tx, tenantId, kind, clock.civil());
    return found.map((one) => deletedJson(one, domain));
  });
}
