import type { Caller } from '#directory/caller.ts';
import type { AccessRequest, Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { decodeSegment } from '#http/target.ts';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import type { RecordedEvent } from '#record/record.ts';

/** A change that the rule has allowed and that is under way. */
export interface AllowedChange {
  readonly caller: Caller;
  readonly operationId: string;
  readonly requests: readonly AccessRequest[];
  /** What the grant rests on. */
  readonly ground: string;
}

/** The event of an allowed change once its answer is known: done, or failed with the code of the answer. */
export function activityOf(
  request: HttpRequest,
  change: AllowedChange,
  reply: Reply,
): RecordedEvent {
  const { caller } = change;
  const done = asCreation(request, reply);
  return {
    id: request.requestId,
    at: request.receivedAt,
    kind: 'activity',
    surface: 'graph',
    tenantId: caller.tenantId,
    principalId: caller.objectId,
    code: reply.status < 400 ? '' : errorCodeOf(reply.json),
    facts: {
      operation: change.operationId,
      requests: change.requests.map(({ action, scope }) => ({ action, scope })),
      reason: change.ground,
      appId: caller.appId,
      oauthScopes: caller.oauthScopes,
      appRoles: caller.appRoles,
      directoryRoleIds: caller.directoryRoleIds,
      principalType: caller.principalType,
      principalName: caller.displayName,
      ipAddress: request.remoteAddress,
      ...namedActivity(done),
      target: targetOf(done, reply),
    },
  };
}

/** How Entra's log calls a change, and under which heading. */
export interface ActivityName {
  readonly activity: string;
  readonly category: string;
  readonly operationType: 'Add' | 'Update' | 'Delete';
}

/** What each collection holds, by its folded name: in Entra's sentences, in its list of targets, and its heading. */
const collections: Readonly<
  Record<string, readonly [noun: string, type: string, category: string]>
> = {
  applications: ['application', 'Application', 'ApplicationManagement'],
  serviceprincipals: ['service principal', 'ServicePrincipal', 'ApplicationManagement'],
  oauth2permissiongrants: [
    'delegated permission grant',
    'ServicePrincipal',
    'ApplicationManagement',
  ],
  users: ['user', 'User', 'UserManagement'],
  me: ['user', 'User', 'UserManagement'],
  groups: ['group', 'Group', 'GroupManagement'],
  directoryroles: ['role', 'Role', 'RoleManagement'],
  policies: ['policy', 'Policy', 'Policy'],
};

const otherCollection = ['directory object', 'Other', 'DirectoryManagement'] as const;

/** Changes to what belongs to an object: what is said of adding it and of removing it. */
const relations: Readonly<Record<string, readonly [adding: string, removing: string]>> = {
  members: ['Add member to', 'Remove member from'],
  owners: ['Add owner to', 'Remove owner from'],
  approleassignments: ['Add app role assignment to', 'Remove app role assignment from'],
  approleassignedto: ['Add app role assignment to', 'Remove app role assignment from'],
};

/** Actions on an object that Entra's log has sentences for, with the noun in place of the star. */
const actions: Readonly<Record<string, string>> = {
  addpassword: 'Update * – Certificates and secrets management',
  removepassword: 'Update * – Certificates and secrets management',
  addkey: 'Update * – Certificates and secrets management',
  removekey: 'Update * – Certificates and secrets management',
  changepassword: 'Change * password',
  revokesigninsessions: 'Update StsRefreshTokenValidFrom Timestamp',
};

/**
 * The name of a change, read from its request.
 * Source: https://learn.microsoft.com/entra/identity/monitoring-health/reference-audit-activities
 */
export function namedActivity(request: HttpRequest): ActivityName {
  const [collection = '', ...rest] = placeOf(request).map((one) => one.toLowerCase());
  const [noun, , category] = collections[collection] ?? otherCollection;
  const below = collection === 'me' ? rest : rest.slice(1);
  const operationType = operationTypeOf(request.method, below);
  const named = (activity: string): ActivityName => ({ activity, category, operationType });
  if (rest.at(-1) === 'restore') return named('Restore directory object');
  const action = actions[below[0] ?? ''];
  if (action !== undefined) return named(action.replace('*', noun));
  const relation = relations[below[0] ?? ''];
  if (relation !== undefined) {
    return named(`${relation[request.method === 'DELETE' ? 1 : 0]} ${noun}`);
  }
  return named(`${operationType} ${noun}`);
}

/** The path below the version; what /directory holds are collections themselves: /directory/deletedItems/{key}. */
function placeOf({ route }: HttpRequest): readonly string[] {
  const [, first = '', ...rest] = route.segments;
  return first.toLowerCase() === 'directory' ? rest : [first, ...rest];
}

/** What belongs to an object is a change to it, whatever the method. */
function operationTypeOf(method: string, below: readonly string[]): ActivityName['operationType'] {
  if (below.length > 0) return 'Update';
  if (method === 'POST') return 'Add';
  return method === 'DELETE' ? 'Delete' : 'Update';
}

/** A change that made what was missing is told as the creation that it was. */
function asCreation(request: HttpRequest, { status }: Reply): HttpRequest {
  if (request.method !== 'PATCH' || status !== 201) return request;
  const segments = request.route.segments.slice(0, 2);
  return { ...request, method: 'POST', route: { ...request.route, segments } };
}

/** The object that was changed: by the key of the path, or as the answer shows it when it is new. */
function targetOf(request: HttpRequest, reply: Reply): JsonObject {
  const [collection = '', key] = placeOf(request);
  const [, type] = collections[collection.toLowerCase()] ?? otherCollection;
  const made = isJsonObject(reply.json) && reply.status === 201 ? reply.json : {};
  const isNew = key === undefined;
  return {
    type,
    key: isNew ? (made['id'] ?? null) : (decodeSegment(key) ?? null),
    displayName: isNew ? (made['displayName'] ?? null) : null,
  };
}

function errorCodeOf(json: unknown): string {
  const error = isJsonObject(json) ? json['error'] : undefined;
  return isJsonObject(error) ? String(error['code']) : 'Failed';
}
