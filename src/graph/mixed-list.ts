import type { Caller } from '#directory/caller.ts';
import type { Call, Reply } from '#http/operation.ts';
import type { Fault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type CastKind, castOf } from './cast-segment.ts';
import { shownByDefault, userPropertiesByDefault } from './directory-object-wire.ts';
import { countReply, type Listed, listReply } from './listing.ts';
import { selectOf } from './odata-query.ts';

/** Lists of objects of several kinds. Source: https://learn.microsoft.com/graph/api/group-list-transitivemembers */
export const mixedObjects: Listed = {
  type: 'directoryObjects',
  resource: 'DirectoryObject',
  filterable: ['id', 'displayName'],
  searchable: ['displayName', 'description'],
  sortable: { displayName: 'advanced' },
};

/** Answers a list of objects of several kinds, or of the one kind that was asked for. */
export function mixedListReply(
  call: Call<Caller>,
  objects: readonly JsonObject[],
): Promise<Reply | Fault> {
  const { request, version } = call;
  const kind = castOf(request);
  if (kind === undefined) {
    const isCut = selectOf(call) === undefined;
    return listReply(call, mixedObjects, objects, async (page) =>
      isCut ? page.map((one) => shownByDefault(one, version)) : page,
    );
  }
  const { route } = request;
  // The next page is asked for by the same path.
  const asked = { ...route, path: `${route.path}/microsoft.graph.${kind.type}` };
  const isCut = kind.type === 'user' && version !== 'beta';
  const byDefault = isCut ? { byDefault: userPropertiesByDefault } : {};
  const listed = { ...mixedObjects, type: kind.listed, ...byDefault };
  return listReply(
    { ...call, request: { ...request, route: asked } },
    listed,
    ofKind(objects, kind),
  );
}

/** Answers how many objects of several kinds there are, or of the one kind that was asked for. */
export function mixedCountReply(call: Call<Caller>, objects: readonly JsonObject[]): Reply | Fault {
  const kind = castOf(call.request);
  return countReply(call, mixedObjects, kind === undefined ? objects : ofKind(objects, kind));
}

/** The objects of a kind, which need not say it any more. */
function ofKind(objects: readonly JsonObject[], { type }: CastKind): readonly JsonObject[] {
  const fitting = objects.filter((one) => one['@odata.type'] === `#microsoft.graph.${type}`);
  return fitting.map(({ '@odata.type': _, ...rest }) => rest);
}
