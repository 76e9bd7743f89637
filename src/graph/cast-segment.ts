import type { HttpRequest } from '#http/request.ts';

/** A kind of directory object that a path may ask for. */
export interface CastKind {
  /** As the metadata document names it. */
  readonly type: string;
  /** As contexts name a list of it. */
  readonly listed: string;
}

/**
 * The kinds of directory objects that can be asked for, by their folded names; Batten has none of those of devices, contacts, endpoints
 * and administrative units. What is no kind of directory object is no segment at all.
 * Source: the request builders of https://github.com/microsoftgraph/msgraph-sdk-typescript below members, memberOf, ownedObjects and
 * deletedItems
 */
const kinds: Readonly<Record<string, CastKind>> = {
  administrativeunit: { type: 'administrativeUnit', listed: 'administrativeUnits' },
  application: { type: 'application', listed: 'applications' },
  approleassignment: { type: 'appRoleAssignment', listed: 'appRoleAssignments' },
  device: { type: 'device', listed: 'devices' },
  directoryrole: { type: 'directoryRole', listed: 'directoryRoles' },
  endpoint: { type: 'endpoint', listed: 'endpoints' },
  group: { type: 'group', listed: 'groups' },
  orgcontact: { type: 'orgContact', listed: 'contacts' },
  serviceprincipal: { type: 'servicePrincipal', listed: 'servicePrincipals' },
  user: { type: 'user', listed: 'users' },
};

/** The kind that the path of a request asked for. */
export function castOf({ reach }: HttpRequest): CastKind | undefined {
  return kinds[reach.labels['cast'] ?? ''];
}

/**
 * The request without the kind that its path may ask for: `/me/memberOf/microsoft.graph.group` is `/me/memberOf`,
 * `/directory/deletedItems/microsoft.graph.user/{id}` is `/directory/deletedItems/{id}`, and the label `cast` says which it was. Lists of
 * deleted items keep the kind, in its long form: each is a list of its own.
 */
export function withoutCastSegment(request: HttpRequest): HttpRequest {
  const { route, reach } = request;
  const found = castOfRelation(route.segments) ?? castOfDeletedItem(route.segments);
  if (found === undefined) return request;
  const { cast, segments } = found;
  return {
    ...request,
    route: { ...route, path: `/${segments.join('/')}`, segments },
    reach: cast === undefined ? reach : { ...reach, labels: { ...reach.labels, cast } },
  };
}

interface WithoutCast {
  /** Absent where the kind stays in the path. */
  readonly cast?: string;
  readonly segments: readonly string[];
}

/** Relations that hold objects of several kinds, of which one kind can be asked for. */
const relations: readonly string[] = [
  'memberof',
  'members',
  'ownedobjects',
  'owners',
  'transitivememberof',
  'transitivemembers',
];

/**
 * The kind stands last or before `$count`, and behind `$` as Azure PowerShell writes it.
 * Source: https://learn.microsoft.com/graph/api/group-list-members, https://github.com/Azure/azure-powershell/issues/22264
 */
function castOfRelation(segments: readonly string[]): WithoutCast | undefined {
  const counts = segments.at(-1) === '$count';
  const path = counts ? segments.slice(0, -1) : segments;
  const cast = kindNamed(path.at(-1));
  const before = path.slice(0, path.at(-2) === '$' ? -2 : -1);
  const isRelation = relations.includes((before.at(-1) ?? '').toLowerCase());
  if (cast === undefined || !isRelation) return undefined;
  return { cast, segments: counts ? [...before, '$count'] : before };
}

/**
 * The kind stands before the id of a deleted object, or behind it as the SDKs write it; a kind alone is a list of its own.
 * Source: https://learn.microsoft.com/graph/api/directory-deleteditems-get,
 * https://learn.microsoft.com/powershell/module/microsoft.graph.identity.directorymanagement/get-mgdirectorydeleteditemasuser
 */
function castOfDeletedItem(segments: readonly string[]): WithoutCast | undefined {
  const [version = '', directory = '', items = '', first, second, ...rest] = segments;
  const isOfItems = `${directory}/${items}`.toLowerCase() === 'directory/deleteditems';
  if (!isOfItems || first === undefined) return undefined;
  const collection = [version, directory, items];
  const before = kindNamed(first);
  if (before !== undefined && (second === undefined || second === '$count')) {
    const kind = `microsoft.graph.${before}`;
    return { segments: [...collection, kind, ...(second === undefined ? [] : [second])] };
  }
  if (second === undefined) return undefined;
  if (before !== undefined) return { cast: before, segments: [...collection, second, ...rest] };
  const behind = kindNamed(second);
  if (behind === undefined) return undefined;
  return { cast: behind, segments: [...collection, first, ...rest] };
}

/** The folded name of the kind that a segment asks for; the SDKs of today write `graph` for the whole namespace. */
function kindNamed(segment = ''): string | undefined {
  const [, name] = /^(?:microsoft\.)?graph\.(\w+)$/i.exec(segment) ?? [];
  const folded = name?.toLowerCase();
  return folded !== undefined && Object.hasOwn(kinds, folded) ? folded : undefined;
}
