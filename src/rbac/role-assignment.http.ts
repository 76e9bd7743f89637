import type { Caller } from '#directory/caller.ts';
import { findPrincipal, principalIdsOf } from '#directory/principal.store.ts';
import { needs } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, isGuid, sameName } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { rbacFaults } from './faults.ts';
import { filterTerms } from './odata-terms.ts';
import {
  addRoleAssignment,
  countRoleAssignments,
  deleteRoleAssignment,
  describeRoleAssignment,
  findRoleAssignment,
  findSameAssignment,
  listRoleAssignments,
} from './role-assignment.store.ts';
import type { RoleAssignment } from './role-assignment.ts';
import { type AssignmentWish, readAssignmentBody } from './role-assignment-body.ts';
import { roleAssignmentJson } from './role-assignment-shape.ts';
import { findRoleDefinition } from './role-definition.store.ts';
import { ownerRoleId } from './role-definition.ts';
import { authorizationAction, type RbacRoom, rbacOperation } from './room.ts';
import { resourceScope, scopeContains, subscriptionOf } from './scope.ts';

const source = 'https://learn.microsoft.com/rest/api/authorization/role-assignments';
const collectionPath = '/{+scope}/providers/Microsoft.Authorization/roleAssignments';
const path = `${collectionPath}/{roleAssignmentName}` as const;
const read = needs(authorizationAction('roleAssignments/read'));

/**
 * Assignments that a subscription may have, those of its groups and resources included.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/troubleshoot-limits
 */
export const assignmentsPerSubscriptionMax = 4000;

const list = rbacOperation({
  id: 'RoleAssignments_ListForScope',
  method: 'GET',
  path: collectionPath,
  permission: read,
  query: ['$filter'],
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, request, version }, room) => {
    const filter = queryValue(request.query, '$filter')?.trim() ?? '';
    return room.store.read(async (tx) => {
      const matches = await assignmentFilter(tx, caller.tenantId, filter, params.scope);
      if (matches === undefined) return rbacFaults.unsupportedFilter(filter);
      const all = await listRoleAssignments(tx, caller.tenantId);
      const value = all
        .filter(matches)
        .map((one) => roleAssignmentJson(one, params.scope, version));
      return { status: 200, json: { value } };
    });
  },
});

const get = rbacOperation({
  id: 'RoleAssignments_Get',
  method: 'GET',
  path,
  permission: read,
  reply: { 200: 'json' },
  source,
  handler: async ({ params, caller, version }, room) => {
    const { roleAssignmentName: name, scope } = params;
    if (!isGuid(name)) return rbacFaults.assignmentId(name);
    const found = await room.store.read((tx) => assignmentAt(tx, caller.tenantId, scope, name));
    if (found === undefined) return rbacFaults.assignmentNotFound(name);
    return { status: 200, json: roleAssignmentJson(found, scope, version) };
  },
});

/** Azure answers 201 always: also when the same assignment is put again (recorded). */
const put = rbacOperation({
  id: 'RoleAssignments_Create',
  method: 'PUT',
  path,
  permission: needs(authorizationAction('roleAssignments/write')),
  bodyKind: 'json',
  reply: { 201: 'json' },
  source,
  handler: async ({ params, caller, body, version }, room) => {
    const { roleAssignmentName: name, scope } = params;
    const wish = readAssignmentBody(name, body);
    if (isFault(wish)) return wish;
    const asked = { id: fold(name), scope, wish, at: room.clock.civil() };
    const kept = await room.store.write((tx) => keepAssignment(tx, room, caller, asked));
    if (isFault(kept)) return kept;
    const isNew = kept.createdAt === kept.updatedAt;
    const json = roleAssignmentJson(kept, scope, version, isNew ? 'created' : 'stored');
    return { status: 201, json };
  },
});

const deleteOne = rbacOperation({
  id: 'RoleAssignments_Delete',
  method: 'DELETE',
  path,
  permission: needs(authorizationAction('roleAssignments/delete')),
  reply: { 200: 'json', 204: 'empty' },
  source,
  handler: async ({ params, caller, version }, room) => {
    const { roleAssignmentName: name, scope } = params;
    if (!isGuid(name)) return rbacFaults.assignmentId(name);
    const removed = await room.store.write(async (tx) => {
      const found = await assignmentAt(tx, caller.tenantId, scope, name);
      if (found === undefined) return undefined;
      if (await isLastOwner(tx, caller.tenantId, found)) return rbacFaults.lastOwner();
      await deleteRoleAssignment(tx, caller.tenantId, name);
      return found;
    });
    if (removed === undefined) return { status: 204 };
    if (isFault(removed)) return removed;
    return { status: 200, json: roleAssignmentJson(removed, scope, version) };
  },
});

/** Role assignments at any scope. */
export const roleAssignmentOperations = [list, get, put, deleteOne];

/** The assignment of a name, when it stands at exactly the scope of the path. */
async function assignmentAt(
  transaction: ReadTransaction,
  tenantId: string,
  scope: string,
  name: string,
): Promise<RoleAssignment | undefined> {
  const found = await findRoleAssignment(transaction, tenantId, name);
  const isThere = found !== undefined && resourceScope(found.scope) === resourceScope(scope);
  return isThere ? found : undefined;
}

/** A subscription keeps one Owner, so that it is never left without anybody who may give roles. */
async function isLastOwner(
  transaction: ReadTransaction,
  tenantId: string,
  assignment: RoleAssignment,
): Promise<boolean> {
  const scope = resourceScope(assignment.scope);
  if (assignment.roleDefinitionId !== ownerRoleId || scope.split('/').length !== 3) return false;
  const all = await listRoleAssignments(transaction, tenantId);
  return !all.some(
    (one) =>
      one.id !== assignment.id &&
      one.roleDefinitionId === ownerRoleId &&
      scopeContains(resourceScope(one.scope), scope),
  );
}

/**
 * Which assignments a list shows: those at the scope, above it and below it; with `atScope()` not
 * those below; of one principal, or of one with all its groups. Undefined when the filter is not
 * one of Azure's.
 */
async function assignmentFilter(
  transaction: ReadTransaction,
  tenantId: string,
  filter: string,
  path: string,
): Promise<((assignment: RoleAssignment) => boolean) | undefined> {
  const terms = filter === '' ? [] : filterTerms(filter);
  if (terms === undefined) return undefined;
  const scope = resourceScope(path);
  let hasBelow = true;
  let principals: ReadonlySet<string> | undefined;
  for (const { name, kind, value } of terms) {
    if (kind === 'call' && sameName(name, 'atScope')) hasBelow = false;
    else if (kind === 'equals' && sameName(name, 'principalId')) {
      principals = new Set([fold(value)]);
    } else if (kind === 'call' && sameName(name, 'assignedTo')) {
      principals = new Set(await principalIdsOf(transaction, tenantId, value));
    } else return undefined;
  }
  return (assignment) => {
    const at = resourceScope(assignment.scope);
    const isNear = scopeContains(at, scope) || (hasBelow && scopeContains(scope, at));
    return isNear && (principals === undefined || principals.has(assignment.principalId));
  };
}

interface AssignmentPut {
  readonly id: string;
  readonly scope: string;
  readonly wish: AssignmentWish;
  readonly at: Instant;
}

async function keepAssignment(
  transaction: WriteTransaction,
  room: RbacRoom,
  caller: Caller,
  asked: AssignmentPut,
): Promise<RoleAssignment | Fault> {
  const { tenantId, objectId } = caller;
  const { id, scope, wish } = asked;
  const known = await findRoleAssignment(transaction, tenantId, id);
  if (known !== undefined) return repeatAssignment(transaction, caller, known, asked);
  const refused = await assignmentFault(transaction, room, tenantId, asked);
  if (refused !== undefined) return refused;
  const principal = await principalTypeOf(transaction, tenantId, wish);
  if (isFault(principal)) return principal;
  if ((await findSameAssignment(transaction, tenantId, { ...wish, scope })) !== undefined) {
    return rbacFaults.assignmentExists();
  }
  const { roleDefinitionId, principalId, description } = wish;
  const kept: RoleAssignment = {
    id,
    scope: scope === '/' ? scope : scope.replace(/\/+$/, ''),
    principalId,
    principalType: principal.principalType,
    roleDefinitionId,
    ...(description === undefined ? {} : { description }),
    createdAt: asked.at,
    updatedAt: asked.at,
    createdBy: objectId,
    updatedBy: objectId,
  };
  await addRoleAssignment(transaction, tenantId, kept);
  return kept;
}

/**
 * A used name: the same content again is granted again, with its description; any other content is
 * refused.
 */
async function repeatAssignment(
  transaction: WriteTransaction,
  caller: Caller,
  known: RoleAssignment,
  asked: AssignmentPut,
): Promise<RoleAssignment | Fault> {
  const { scope, wish } = asked;
  const isSame =
    resourceScope(known.scope) === resourceScope(scope) &&
    known.principalId === wish.principalId &&
    known.roleDefinitionId === wish.roleDefinitionId;
  if (!isSame) return rbacFaults.assignmentUpdate();
  const { description: _, ...rest } = known;
  const kept: RoleAssignment = {
    ...rest,
    ...(wish.description === undefined ? {} : { description: wish.description }),
    updatedAt: strictlyAfter(known.updatedAt, asked.at),
    updatedBy: caller.objectId,
  };
  await describeRoleAssignment(transaction, caller.tenantId, kept);
  return kept;
}

/** Why the role cannot be given at the scope. */
async function assignmentFault(
  transaction: ReadTransaction,
  room: RbacRoom,
  tenantId: string,
  asked: AssignmentPut,
): Promise<Fault | undefined> {
  const { scope, wish } = asked;
  const missing = await room.scopeFault(transaction, tenantId, scope);
  if (missing !== undefined) return missing;
  const role = await findRoleDefinition(transaction, tenantId, wish.roleDefinitionId);
  if (role === undefined) {
    return rbacFaults.roleNotFound(wish.roleDefinitionId.replaceAll('-', ''));
  }
  const at = resourceScope(scope);
  if (!role.assignableScopes.some((one) => scopeContains(resourceScope(one), at))) {
    return rbacFaults.roleNotAssignableHere(role.id, scope);
  }
  const subscriptionId = subscriptionOf(at);
  if (subscriptionId === undefined) return undefined;
  const below = resourceScope(`/subscriptions/${subscriptionId}`);
  const many = await countRoleAssignments(transaction, tenantId, below);
  return many >= assignmentsPerSubscriptionMax ? rbacFaults.assignmentLimit() : undefined;
}

/**
 * The type of the principal, as the directory knows it. A principal that the directory does not
 * know is taken at the caller's word when she names its type: that is how Azure lets a new one be
 * assigned before it has spread.
 */
async function principalTypeOf(
  transaction: ReadTransaction,
  tenantId: string,
  wish: AssignmentWish,
): Promise<{ readonly principalType: RoleAssignment['principalType'] } | Fault> {
  const { principalId, principalType } = wish;
  const found = await findPrincipal(transaction, tenantId, principalId);
  if (found === undefined) {
    return principalType === undefined
      ? rbacFaults.principalNotFound(principalId, tenantId)
      : { principalType };
  }
  if (principalType !== undefined && principalType !== found.principalType) {
    return rbacFaults.unmatchedPrincipalType(principalId, found.principalType, principalType);
  }
  return { principalType: found.principalType };
}
