import type { ReadTransaction, Store } from '#store/store.ts';
import { type Policy, type PolicyAssignment, policyOf } from './decide.ts';
import { policyEpoch } from './epoch.store.ts';
import { listRoleAssignments } from './role-assignment.store.ts';
import { assignmentResourceId } from './role-assignment.ts';
import { listCustomRoles } from './role-definition.store.ts';
import { builtInRoles } from './role-definition.ts';
import { resourceScope } from './scope.ts';

/** Tenants whose policy is kept in memory. */
const policiesMax = 1000;

/** The policies of all tenants. */
export interface Policies {
  /** What is granted in a tenant now: a change that was acknowledged is in it. */
  policyFor(tenantId: string): Promise<Policy>;
}

/**
 * Opens the cache of policies. One row per tenant counts its changes, in the same transaction as
 * the change; a policy is read again when that count is another one.
 */
export function openPolicies(parts: { readonly store: Store }): Policies {
  const cache = new Map<string, { readonly epoch: number; readonly policy: Policy }>();
  return {
    policyFor: (tenantId) =>
      parts.store.read(async (transaction) => {
        const epoch = await policyEpoch(transaction, tenantId);
        const known = cache.get(tenantId);
        if (known?.epoch === epoch) return known.policy;
        const policy = await readPolicy(transaction, tenantId);
        if (cache.size >= policiesMax) cache.clear();
        cache.set(tenantId, { epoch, policy });
        return policy;
      }),
  };
}

/**
 * Reads a tenant's policy as a transaction sees it: for decisions about what the same transaction
 * changes.
 */
export async function readPolicy(transaction: ReadTransaction, tenantId: string): Promise<Policy> {
  const customRoles = await listCustomRoles(transaction, tenantId);
  const roles = new Map([...builtInRoles, ...customRoles].map((role) => [role.id, role]));
  const assignments = await listRoleAssignments(transaction, tenantId);
  return policyOf(
    assignments.flatMap((assignment): readonly PolicyAssignment[] => {
      const role = roles.get(assignment.roleDefinitionId);
      if (role === undefined) return [];
      const assignmentId = assignmentResourceId(assignment);
      const scope = resourceScope(assignment.scope);
      return [{ assignmentId, principalId: assignment.principalId, scope, role }];
    }),
  );
}
