import type { Plane } from '#http/operation.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import builtIn from './built-in-roles.json' with { type: 'json' };

/**
 * One entry of a role's permissions. What it grants is `actions` without `notActions` for the
 * control plane and `dataActions` without `notDataActions` for the data plane; the planes never
 * mix.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions
 */
export interface PermissionSet {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** A role that can be assigned: built in, or made in a tenant. */
export interface RoleDefinition {
  /** GUID, folded. */
  readonly id: string;
  readonly roleName: string;
  readonly roleType: 'BuiltInRole' | 'CustomRole';
  readonly description: string;
  /** As written; `['/']` for built-in roles. */
  readonly assignableScopes: readonly string[];
  /** The grant is the union over the entries. */
  readonly permissionSets: readonly PermissionSet[];
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  /** Object ids; absent for built-in and seeded roles. */
  readonly createdBy?: string;
  readonly updatedBy?: string;
}

/** The time that Azure's built-in roles name as their creation. */
const builtInSince = Date.UTC(2015, 1, 2, 21, 55, 9) * 1000;

/**
 * The built-in roles, in Azure's own words of permission; the descriptions are ours.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const builtInRoles: readonly RoleDefinition[] = builtIn.map((role) => ({
  id: role.id,
  roleName: role.roleName,
  roleType: 'BuiltInRole',
  description: role.description,
  assignableScopes: ['/'],
  permissionSets: role.permissions,
  createdAt: builtInSince as Instant,
  updatedAt: builtInSince as Instant,
}));

/** The role that may do everything, giving roles included. */
export const ownerRoleId = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';

const builtInById = new Map(builtInRoles.map((role) => [role.id, role]));

/** The built-in role of a GUID in any case. */
export function builtInRole(id: string): RoleDefinition | undefined {
  return builtInById.get(fold(id));
}

/** The lists of one plane of a permission entry. */
export function listsOf(
  set: PermissionSet,
  plane: Plane,
): { readonly granted: readonly string[]; readonly excluded: readonly string[] } {
  return plane === 'control'
    ? { granted: set.actions, excluded: set.notActions }
    : { granted: set.dataActions, excluded: set.notDataActions };
}
