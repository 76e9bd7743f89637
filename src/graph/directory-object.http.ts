import { Type } from 'typebox';
import type { Caller } from '#directory/caller.ts';
import type { Operation } from '#http/operation.ts';
import { fold } from '#kernel/ids.ts';
import {
  type DirectoryObjectKind,
  directoryObject,
  directoryObjects,
  shownByDefault,
} from './directory-object-wire.ts';
import { resourceNotFound } from './faults.ts';
import { entityReply } from './listing.ts';
import { mixedObjects } from './mixed-list.ts';
import { seenBy } from './object-view.ts';
import { selectOf } from './odata-query.ts';
import { may } from './permission.ts';
import { actionResult, contextOf } from './reply.ts';
import { type GraphRoom, operation } from './room.ts';

/** Most ids in one request. Source: https://learn.microsoft.com/graph/api/directoryobject-getbyids */
const idsMax = 1_000;

/** A list of object ids in a body. */
export const idsBody = Type.Array(Type.String({ maxLength: 100 }), { maxItems: idsMax });

const getByIdsBody = Type.Object(
  { ids: idsBody, types: Type.Optional(Type.Array(Type.String({ maxLength: 100 }))) },
  { additionalProperties: false },
);

const getByIds = operation({
  id: 'directoryObjects_getByIds',
  method: 'POST',
  path: '/{graphVersion}/directoryObjects/getByIds',
  permission: may('microsoft.directory/directoryObjects/standard/read'),
  body: getByIdsBody,
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryobject-getbyids',
  handler: async ({ caller, body, request, version }, { store }) => {
    const wanted = [...new Set(body.ids.map(fold))];
    const found = await store.read((tx) => directoryObjects(tx, caller.tenantId, wanted));
    const kinds = body.types?.map(fold);
    const fitting = found.filter(({ kind }) => isOfKinds(kind, kinds));
    const context = contextOf(request, version, mixedObjects.type);
    const seen = fitting.map((one) => one.json).map(seenBy(caller));
    return actionResult(request, context, {
      value: seen.map((one) => shownByDefault(one, version)),
    });
  },
});

const getObject = operation({
  id: 'directoryObjects_GetDirectoryObject',
  method: 'GET',
  path: '/{graphVersion}/directoryObjects/{objectKey}',
  permission: may('microsoft.directory/directoryObjects/standard/read'),
  query: ['$select'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/graph/api/directoryobject-get',
  handler: async (call, { store }) => {
    const { objectKey } = call.params;
    const found = await store.read((tx) => directoryObject(tx, call.caller.tenantId, objectKey));
    if (found === undefined) return resourceNotFound(objectKey);
    const seen = seenBy(call.caller)(found.json);
    const isCut = selectOf(call) === undefined;
    return entityReply(call, mixedObjects, isCut ? shownByDefault(seen, call.version) : seen);
  },
});

/** Operations of /directoryObjects. */
export const directoryObjectOperations: readonly Operation<Caller, GraphRoom>[] = [
  getByIds,
  getObject,
];

/** Types that Batten does not have (devices, partners) fit nothing; `directoryObject` fits everything. */
function isOfKinds(kind: DirectoryObjectKind, kinds: readonly string[] | undefined): boolean {
  if (kinds === undefined || kinds.length === 0) return true;
  return kinds.includes(fold(kind)) || kinds.includes('directoryobject');
}
