import type { Caller } from '#directory/caller.ts';
import type { JsonObject } from '#kernel/json.ts';
import { decideGraph } from './permission.ts';
import { basicProfileName } from './permission-names.ts';

/** How much of an object someone sees: its type and id at least. */
type ObjectView = 'whole' | 'basic' | 'reference';

/**
 * What the basic profile of a user has, beside a photo, which nobody has here.
 * Source: https://learn.microsoft.com/graph/permissions-reference#userreadbasicall,
 * https://github.com/microsoftgraph/microsoft-graph-toolkit/issues/2624
 */
const basicProfile: readonly string[] = [
  'displayName',
  'givenName',
  'id',
  'mail',
  'securityIdentifier',
  'surname',
  'userPrincipalName',
];

/** The collections of the types that lists of mixed objects hold, as actions name them. */
const collections = {
  application: 'applications',
  directoryRole: 'directoryRoles',
  group: 'groups',
  servicePrincipal: 'servicePrincipals',
  user: 'users',
} as const;

type ObjectType = keyof typeof collections;

/** Which objects are meant when their type does not stand in them, and whether the caller owns them all. */
export interface SeenObjects {
  readonly type?: ObjectType;
  readonly areOwn?: boolean;
}

/**
 * Shows objects as a caller may see them, and so before anything is filtered or sorted by what they hold. What is hidden is null, a
 * hidden list is empty. She sees herself whole, other users by their basic profile when her token allows no more, and of what she may
 * not read at all, within something that she may, the type and the id.
 * Source: https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects,
 * https://github.com/microsoftgraph/microsoft-graph-docs/issues/4993 (a basic profile),
 * https://github.com/microsoftgraph/msgraph-sdk-dotnet/issues/434 (what was selected)
 */
export function seenBy(
  caller: Caller,
  { type, areOwn = false }: SeenObjects = {},
): (object: JsonObject) => JsonObject {
  const views = new Map<ObjectType, ObjectView>();
  return (object) => {
    const kind = type ?? typeOf(object);
    if (kind === undefined || object['id'] === caller.objectId) return object;
    const view = views.get(kind) ?? viewOf(caller, kind, areOwn);
    views.set(kind, view);
    switch (view) {
      case 'whole':
        return object;
      case 'basic':
        return hidden(object, basicProfile);
      case 'reference':
        return hidden(object, ['id']);
    }
  };
}

function viewOf(caller: Caller, type: ObjectType, isOwner: boolean): ObjectView {
  const action = `microsoft.directory/${collections[type]}/standard/read`;
  const mayRead = (one: Caller): boolean =>
    decideGraph(one, { action, plane: 'control', scope: '/' }, { isSelf: false, isOwner }).granted;
  if (!mayRead(caller)) return 'reference';
  return mayRead(withoutBasicProfile(caller)) ? 'whole' : 'basic';
}

function withoutBasicProfile(caller: Caller): Caller {
  const isMore = (name: string): boolean => name !== basicProfileName;
  return {
    ...caller,
    oauthScopes: caller.oauthScopes.filter(isMore),
    appRoles: caller.appRoles.filter(isMore),
  };
}

function typeOf(object: JsonObject): ObjectType | undefined {
  const name = String(object['@odata.type'] ?? '').replace('#microsoft.graph.', '');
  return Object.hasOwn(collections, name) ? (name as ObjectType) : undefined;
}

function hidden(object: JsonObject, shown: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      if (name.startsWith('@') || shown.includes(name)) return [name, value];
      return [name, Array.isArray(value) ? [] : null];
    }),
  );
}
