import type { Caller } from '#directory/caller.ts';
import { needs, type Permission } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, isGuid, sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import { decide } from './decide.ts';
import { linkedAuthorizationFailed, rbacFaults } from './faults.ts';
import { filterTerms } from './odata-terms.ts';
import { readPolicy } from './policy.ts';
import { isRoleAssigned } from './role-assignment.store.ts';
import {
  countCustomRoles,
  deleteRoleDefinition,
  findCustomRoleByName,
  findRoleDefinition,
  listCustomRoles,
  putRoleDefinition,
} from './role-definition.store.ts';
import { builtInRoles, type RoleDefinition } from './role-definition.ts';
import { assignableScopesIn, type RoleWish, readRoleBody } from './role-definition-body.ts';
import { roleDefinitionJson } from './role-definition-shape.ts';
import { authorizationAction, type RbacRoom, rbacOperation } from './room.ts';
import { type ResourceScope, resourceScope, scopeContains } from './scope.ts';

const source = 'https://learn.microsoft.com/rest/api/authorization/role-definitions';
const collectionPath = '/{+scope}/providers/Microsoft.Authorization/roleDefinitions';
const path = `${collectionPath}/{roleDefinitionId}` as const;
const read = authorizationAction('roleDefinitions/read');
const write = authorizationAction('roleDefinitions/write');
const remove = authorizationAction('roleDefinitions/delete');

/**
 * Custom roles that a tenant may have.
 * Source:
 * https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-limits
 */
export const customRolesMax = 5000;

/**
 * Writing a role needs the right to at its path and at every scope that it will be assignable at.
 */
const writeEverywhere: Permission = {
  documented: [write],
  requests: ({ scope, body }) => [
    { ...write, scope },
    ...assignableScopesIn(body).map((linked) => ({ ...write, scope: linked })),
  ],
};

const list = rbacOperation({
  id: 'RoleDefinitions_List',
  method: 'GET',
  path: collectionPath,
  permission: needs(read),
  query: ['$filter'],
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, request, version }, room) => {
    const filter = queryValue(request.query, '$filter')?.trim() ?? '';
    const matches = definitionFilter(filter, resourceScope(params.scope));
    if (matches === undefined) return rbacFaults.unsupportedFilter(filter);
    const custom = await room.store.read((tx) => listCustomRoles(tx, caller.tenantId));
    const value = [...builtInRoles, ...custom]
      .filter(matches)
      .map((role) => roleDefinitionJson(role, params.scope, version));
    return { status: 200, json: { value } };
  },
});

const get = rbacOperation({
  id: 'RoleDefinitions_Get',
  method: 'GET',
  path,
  permission: needs(read),
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, version }, room) => {
    const { roleDefinitionId: id, scope } = params;
    if (!isGuid(id)) return rbacFaults.invalidRoleId(id);
    const found = await room.store.read((tx) => findRoleDefinition(tx, caller.tenantId, id));
    if (found === undefined) return rbacFaults.roleNotFound(id.replaceAll('-', ''));
    return { status: 200, json: roleDefinitionJson(found, scope, version) };
  },
});

/** Azure answers 201 for an update too (recorded). */
const put = rbacOperation({
  id: 'RoleDefinitions_CreateOrUpdate',
  method: 'PUT',
  path,
  permission: writeEverywhere,
  bodyKind: 'json',
  reply: { 201: 'json' },
  source,
  handler: async ({ params, caller, body, version }, room) => {
    const id = fold(params.roleDefinitionId);
    const wish = readRoleBody(id, body);
    if (isFault(wish)) return wish;
    const at = room.clock.civil();
    const kept = await room.store.write((tx) => keepRole(tx, room, caller, { id, wish, at }));
    if (isFault(kept)) return kept;
    const isNew = kept.createdAt === kept.updatedAt;
    const json = roleDefinitionJson(kept, params.scope, version, isNew ? 'created' : 'stored');
    return { status: 201, json };
  },
});

const deleteOne = rbacOperation({
  id: 'RoleDefinitions_Delete',
  method: 'DELETE',
  path,
  permission: needs(remove),
  reply: { 200: 'json', 204: 'empty' },
  source,
  handler: async ({ params, caller, version }, room) => {
    const { roleDefinitionId: id, scope } = params;
    if (!isGuid(id)) return rbacFaults.invalidRoleId(id);
    const { tenantId } = caller;
    const removed = await room.store.write(async (tx) => {
      const found = await findRoleDefinition(tx, tenantId, id);
      if (found === undefined) return undefined;
      if (found.roleType === 'BuiltInRole') return rbacFaults.roleIsBuiltIn();
      const refused = await linkedFault(tx, caller, remove, found.assignableScopes);
      if (refused !== undefined) return refused;
      if (await isRoleAssigned(tx, tenantId, id)) return rbacFaults.roleIsAssigned();
      await deleteRoleDefinition(tx, tenantId, id);
      return found;
    });
    if (removed === undefined) return { status: 204 };
    if (isFault(removed)) return removed;
    return { status: 200, json: roleDefinitionJson(removed, scope, version) };
  },
});

/** Role definitions, built in and custom. */
export const roleDefinitionOperations = [list, get, put, deleteOne];

/**
 * Which roles a list shows: those that can be assigned at the scope, with `atScopeAndBelow()` also
 * those for what lies below it. Undefined when the filter is not one of Azure's.
 */
function definitionFilter(
  filter: string,
  scope: ResourceScope,
): ((role: RoleDefinition) => boolean) | undefined {
  const terms = filter === '' ? [] : filterTerms(filter);
  if (terms === undefined) return undefined;
  let isBelowToo = false;
  const tests: ((role: RoleDefinition) => boolean)[] = [];
  for (const { name, kind, value } of terms) {
    if (kind === 'call' && sameName(name, 'atScopeAndBelow')) isBelowToo = true;
    else if (kind === 'equals' && sameName(name, 'roleName')) {
      tests.push((role) => sameName(role.roleName, value));
    } else if (kind === 'equals' && sameName(name, 'type')) {
      tests.push((role) => sameName(role.roleType, value));
    } else return undefined;
  }
  const isNear = (assignable: ResourceScope): boolean =>
    scopeContains(assignable, scope) || (isBelowToo && scopeContains(scope, assignable));
  return (role) =>
    role.assignableScopes.some((one) => isNear(resourceScope(one))) &&
    tests.every((test) => test(role));
}

interface RolePut {
  readonly id: string;
  readonly wish: RoleWish;
  readonly at: Instant;
}

async function keepRole(
  transaction: WriteTransaction,
  room: RbacRoom,
  caller: Caller,
  asked: RolePut,
): Promise<RoleDefinition | Fault> {
  const { tenantId, objectId } = caller;
  const { id, wish } = asked;
  const found = await findRoleDefinition(transaction, tenantId, id);
  const before = found?.assignableScopes ?? [];
  const linked = await linkedFault(transaction, caller, write, before);
  if (linked !== undefined) return linked;
  for (const scope of wish.assignableScopes) {
    const refused = await room.scopeFault(transaction, tenantId, scope);
    if (refused !== undefined) return rbacFaults.scopeNotAssignable(scope);
  }
  const namesake = await findCustomRoleByName(transaction, tenantId, wish.roleName);
  if (namesake !== undefined && namesake.id !== id) {
    return rbacFaults.roleNameTaken();
  }
  if (found === undefined && (await countCustomRoles(transaction, tenantId)) >= customRolesMax) {
    return rbacFaults.roleLimit(customRolesMax);
  }
  const kept: RoleDefinition = {
    id,
    ...wish,
    roleType: 'CustomRole',
    createdAt: found?.createdAt ?? asked.at,
    updatedAt: strictlyAfter(found?.updatedAt, asked.at),
    createdBy: found?.createdBy ?? objectId,
    updatedBy: objectId,
  };
  await putRoleDefinition(transaction, tenantId, kept);
  return kept;
}

/**
 * What a role is assignable at already needs the same right: the stored scopes are not in the
 * request.
 */
async function linkedFault(
  transaction: WriteTransaction,
  caller: Caller,
  wanted: typeof write | typeof remove,
  scopes: readonly string[],
): Promise<Fault | undefined> {
  const policy = await readPolicy(transaction, caller.tenantId);
  for (const scope of scopes) {
    const decision = decide(policy, caller.principalIds, { ...wanted, scope });
    if (!decision.allowed) {
      return linkedAuthorizationFailed(caller, { ...wanted, scope }, decision.missing, scope);
    }
  }
  return undefined;
}
