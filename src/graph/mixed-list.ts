import type { Caller } from '#directory/caller.ts';
import type { Call, Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { countReply, type Listed, listReply } from './listing.ts';

/** Lists of objects of several kinds. */
export const mixedObjects: Listed = {
  type: 'directoryObjects',
  resource: 'DirectoryObject',
  filterable: ['id', 'displayName'],
};

/** Relations that hold objects of several kinds, of which one kind can be asked for. */
const relations: readonly string[] = [
  'memberof',
  'members',
  'ownedobjects',
  'owners',
  'transitivememberof',
  'transitivemembers',
];

/** The kinds that can be asked for, by their folded names: as types are written, and as a list of them is. */
const kinds: Readonly<Record<string, readonly [type: string, listed: string]>> = {
  application: ['application', 'applications'],
  directoryrole: ['directoryRole', 'directoryRoles'],
  group: ['group', 'groups'],
  serviceprincipal: ['servicePrincipal', 'servicePrincipals'],
  user: ['user', 'users'],
};

/**
 * The request without the kind that its path may ask for: `/me/memberOf/microsoft.graph.group` is `/me/memberOf`, and the label `cast`
 * says `group`. The kind stands last or before `$count`, and behind `$` as Azure PowerShell writes it.
 * Source: https://learn.microsoft.com/graph/api/group-list-members, https://github.com/Azure/azure-powershell/issues/22264
 */
export function withoutCastSegment(request: HttpRequest): HttpRequest {
  const { route, reach } = request;
  const counts = route.segments.at(-1) === '$count';
  const path = counts ? route.segments.slice(0, -1) : route.segments;
  const [, name] = /^microsoft\.graph\.(\w+)$/i.exec(path.at(-1) ?? '') ?? [];
  const before = path.slice(0, path.at(-2) === '$' ? -2 : -1);
  const isRelation = relations.includes((before.at(-1) ?? '').toLowerCase());
  const cast = name?.toLowerCase();
  if (cast === undefined || !isRelation || !Object.hasOwn(kinds, cast)) return request;
  const segments = counts ? [...before, '$count'] : before;
  return {
    ...request,
    route: { ...route, path: `/${segments.join('/')}`, segments },
    reach: { ...reach, labels: { ...reach.labels, cast } },
  };
}

/** Answers a list of objects of several kinds, or of the one kind that was asked for. */
export function mixedListReply(
  call: Call<Caller>,
  objects: readonly JsonObject[],
): Promise<Reply | Fault> {
  const kind = kinds[call.request.reach.labels['cast'] ?? ''];
  if (kind === undefined) return listReply(call, mixedObjects, objects);
  const { request } = call;
  const { route } = request;
  // The next page is asked for by the same path.
  const asked = { ...route, path: `${route.path}/microsoft.graph.${kind[0]}` };
  const listed = { ...mixedObjects, type: kind[1] };
  return listReply(
    { ...call, request: { ...request, route: asked } },
    listed,
    ofKind(objects, kind),
  );
}

/** Answers how many objects of several kinds there are, or of the one kind that was asked for. */
export function mixedCountReply(call: Call<Caller>, objects: readonly JsonObject[]): Reply | Fault {
  const kind = kinds[call.request.reach.labels['cast'] ?? ''];
  return countReply(call, mixedObjects, kind === undefined ? objects : ofKind(objects, kind));
}

/** The objects of a kind, which need not say it any more. */
function ofKind(
  objects: readonly JsonObject[],
  [type]: readonly [string, string],
): readonly JsonObject[] {
  const fitting = objects.filter((one) => one['@odata.type'] === `#microsoft.graph.${type}`);
  return fitting.map(({ '@odata.type': _, ...rest }) => rest);
}
