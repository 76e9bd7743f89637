import type { AccessRequest } from '#http/operation.ts';
import type { Fault } from '#kernel/fault.ts';
import { fold, sameName } from '#kernel/ids.ts';
import { isJsonObject } from '#kernel/json.ts';
import { parseResourceId } from '#rbac/scope.ts';
import { identityFaults } from './resource.faults.ts';
import { identityType } from './user-assigned-identity.ts';

/** Which identities a resource has; one that may have both kinds at once is not among ours. */
export type ResourceIdentityType = 'None' | 'SystemAssigned' | 'UserAssigned';

/** The service principal of a system-assigned identity. */
export interface SystemAssignedIdentity {
  readonly clientId: string;
  readonly principalId: string;
}

/** The identities of one ARM resource. */
export interface ResourceIdentity {
  /** Folded. */
  readonly tenantId: string;
  /** ARM id of the resource, as the resource spells it. */
  readonly resourceId: string;
  /** Its own identity, which lives and dies with it. */
  readonly system?: SystemAssignedIdentity;
  /** ARM ids of user-assigned identities, as the client wrote them. */
  readonly userAssigned: readonly string[];
}

/** What a client says in `identity` when it makes or changes a resource. */
export interface ResourceIdentityWish {
  readonly type: ResourceIdentityType;
  /** What `userAssignedIdentities` names: true to have it, false (null on the wire) to lose it. */
  readonly userAssigned: ReadonlyMap<string, boolean>;
}

const types: readonly ResourceIdentityType[] = ['None', 'SystemAssigned', 'UserAssigned'];

/**
 * Reads the `identity` property of a resource's body; absent and null are nothing said.
 * Source: https://learn.microsoft.com/azure/templates/microsoft.batch/batchaccounts#batchaccountidentity
 */
export function readResourceIdentity(value: unknown): ResourceIdentityWish | Fault | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) return identityFaults.invalidIdentity('identity must be an object');
  const type = types.find(
    (one) => typeof value['type'] === 'string' && sameName(one, value['type']),
  );
  if (type === undefined) {
    return identityFaults.invalidIdentity(`identity.type must be one of ${types.join(', ')}`);
  }
  const { userAssignedIdentities: named } = value;
  if (named !== undefined && named !== null && !isJsonObject(named)) {
    return identityFaults.invalidIdentity('identity.userAssignedIdentities must be an object');
  }
  const entries = Object.entries(isJsonObject(named) ? named : {});
  const odd = entries.find(([id]) => !isUserAssignedId(id));
  if (odd !== undefined) return identityFaults.invalidIdentityId(odd[0]);
  if (type !== 'UserAssigned' && entries.some(([, one]) => one !== null)) {
    return identityFaults.invalidIdentity(
      `identity.userAssignedIdentities does not fit the type '${type}'`,
    );
  }
  return { type, userAssigned: new Map(entries.map(([id, one]) => [id, one !== null])) };
}

/**
 * What it takes to give a resource the identities that a body names: the right to assign each.
 * Source: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/identity#managed-identity-operator
 */
export function identityAssignments(body: unknown): readonly AccessRequest[] {
  const identity = isJsonObject(body) ? body['identity'] : undefined;
  const named = isJsonObject(identity) ? identity['userAssignedIdentities'] : undefined;
  if (!isJsonObject(named)) return [];
  return Object.entries(named)
    .filter(([id, one]) => one !== null && isUserAssignedId(id))
    .map(([scope]) => ({ action: `${identityType}/assign/action`, plane: 'control', scope }));
}

/** The user-assigned identities of a resource after a wish, in the order in which they came. */
export function userAssignedAfter(
  before: readonly string[],
  wish: ResourceIdentityWish,
): readonly string[] {
  if (wish.type !== 'UserAssigned') return [];
  const kept = before.filter((id) =>
    [...wish.userAssigned.keys()].every((one) => !sameName(one, id)),
  );
  const wanted = [...wish.userAssigned].filter(([, isWanted]) => isWanted).map(([id]) => id);
  const known = new Map([...kept, ...wanted].map((id) => [fold(id), id]));
  return [...known.values()];
}

function isUserAssignedId(id: string): boolean {
  const { subscriptionId, resourceGroup, namespace, types: chain, names } = parseResourceId(id);
  const isWhole = subscriptionId !== undefined && resourceGroup !== undefined;
  return isWhole && names.length === 1 && sameName(`${namespace}/${chain.join('/')}`, identityType);
}
