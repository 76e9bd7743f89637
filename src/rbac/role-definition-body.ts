import { Type } from 'typebox';
import { issuesOf } from '#http/validate.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { isGuid } from '#kernel/ids.ts';
import { rbacFaults } from './faults.ts';
import { isKnownAction } from './provider-operation.ts';
import { builtInRole, builtInRoles, listsOf, type PermissionSet } from './role-definition.ts';
import { parseResourceId, resourceScope, scopeCharactersMax } from './scope.ts';

/**
 * Limits of a custom role.
 * Source:
 * https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-limits
 */
export const roleNameCharactersMax = 512;
export const roleDescriptionCharactersMax = 2048;
export const assignableScopesMax = 2000;
/**
 * Permission entries that a custom role may have, and strings in one list; Azure names no limit, so
 * these are ours.
 */
export const permissionSetsMax = 100;
export const actionsMax = 2000;

/** What a client says of a role when it makes or changes one. */
export interface RoleWish {
  readonly roleName: string;
  readonly description: string;
  readonly assignableScopes: readonly string[];
  readonly permissionSets: readonly PermissionSet[];
}

const strings = Type.Optional(
  Type.Union([Type.Array(Type.String(), { maxItems: actionsMax }), Type.Null()]),
);
const text = Type.Optional(Type.Union([Type.String(), Type.Null()]));

const bodySchema = Type.Object({
  properties: Type.Object({
    roleName: text,
    description: text,
    type: text,
    assignableScopes: strings,
    permissions: Type.Optional(
      Type.Union([
        Type.Array(
          Type.Object({
            actions: strings,
            notActions: strings,
            dataActions: strings,
            notDataActions: strings,
          }),
          { maxItems: permissionSetsMax },
        ),
        Type.Null(),
      ]),
    ),
  }),
});

type RoleBody = Type.Static<typeof bodySchema>;

/**
 * Reads the body of a PUT of the role `id` and judges what can be judged without the directory.
 * Nothing of a refused role is kept.
 * Source: https://learn.microsoft.com/rest/api/authorization/role-definitions/create-or-update
 */
export function readRoleBody(id: string, body: unknown): RoleWish | Fault {
  if (!isGuid(id)) return rbacFaults.invalidRoleId(id);
  if (builtInRole(id) !== undefined) return rbacFaults.roleIsBuiltIn();
  if (issuesOf(bodySchema, body).length > 0) return rbacFaults.badRequestFormat();
  const { properties } = body as RoleBody;
  const type = properties.type ?? 'CustomRole';
  if (type !== 'CustomRole') return rbacFaults.roleType(id, type);
  const roleName = properties.roleName ?? '';
  const description = properties.description ?? '';
  const refused = textFault(roleName, description);
  if (refused !== undefined) return refused;
  const assignableScopes = scopesOf(id, properties.assignableScopes ?? []);
  if (isFault(assignableScopes)) return assignableScopes;
  const permissionSets = (properties.permissions ?? []).map((one) => ({
    actions: one.actions ?? [],
    notActions: one.notActions ?? [],
    dataActions: one.dataActions ?? [],
    notDataActions: one.notDataActions ?? [],
  }));
  if (permissionSets.length === 0) return rbacFaults.badRequestFormat();
  const unknown = unknownAction(permissionSets);
  if (unknown !== undefined) return rbacFaults.invalidAction(unknown);
  return { roleName, description, assignableScopes, permissionSets };
}

/** The scopes that the caller must be allowed to write roles at, as far as the body names them. */
export function assignableScopesIn(body: unknown): readonly string[] {
  if (issuesOf(bodySchema, body).length > 0) return [];
  return (body as RoleBody).properties.assignableScopes ?? [];
}

function textFault(roleName: string, description: string): Fault | undefined {
  if (roleName.trim() === '') return rbacFaults.roleNameMissing();
  if (roleName.length > roleNameCharactersMax) {
    return rbacFaults.roleTextTooLong('name', roleNameCharactersMax);
  }
  if (builtInRoles.some((role) => role.roleName.toLowerCase() === roleName.toLowerCase())) {
    return rbacFaults.roleNameTaken();
  }
  return description.length > roleDescriptionCharactersMax
    ? rbacFaults.roleTextTooLong('description', roleDescriptionCharactersMax)
    : undefined;
}

/**
 * As written, without slashes at their end. A subscription, a group or a resource: neither the root
 * nor a wildcard.
 */
function scopesOf(id: string, scopes: readonly string[]): readonly string[] | Fault {
  if (scopes.length === 0) return rbacFaults.scopesMissing(id);
  if (scopes.length > assignableScopesMax) return rbacFaults.tooManyScopes(assignableScopesMax);
  const trimmed = scopes.map((scope) => scope.replace(/\/+$/, ''));
  const unfit = trimmed.find((scope) => !isAssignableForm(scope));
  return unfit === undefined ? trimmed : rbacFaults.scopeNotAssignable(unfit);
}

function isAssignableForm(scope: string): boolean {
  if (scope.length > scopeCharactersMax || scope.includes('*')) return false;
  if (!scope.startsWith('/') || resourceScope(scope) !== scope.toLowerCase()) return false;
  const { subscriptionId, resourceGroup, namespace, types, names } = parseResourceId(scope);
  if (subscriptionId === undefined || !isGuid(subscriptionId)) return false;
  const depth = scope.split('/').length - 1;
  if (namespace === undefined) return depth === 2 || (depth === 4 && resourceGroup !== undefined);
  return types.length > 0 && types.length === names.length;
}

function unknownAction(sets: readonly PermissionSet[]): string | undefined {
  for (const set of sets) {
    for (const plane of ['control', 'data'] as const) {
      const { granted, excluded } = listsOf(set, plane);
      const unknown = [...granted, ...excluded].find((one) => !isKnownAction(one, plane));
      if (unknown !== undefined) return unknown;
    }
  }
  return undefined;
}
