import type { Caller } from '#directory/caller.ts';
import type { Guard } from '#guard/authorize.ts';
import type { AccessRequest, Permission } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { decide, type Policy } from '#rbac/decide.ts';
import type { Policies } from '#rbac/policy.ts';
import { resourceScope, scopeContains } from '#rbac/scope.ts';
import { armFaults } from './faults.ts';

/**
 * A permission that the handler finishes: a list over a subscription shows what the caller may read
 * of it, and is refused only when nothing in the subscription was given to her at all.
 */
export function filteredBy(action: string): Permission {
  return { documented: [{ action, plane: 'control' }], requests: () => [] };
}

/** A list request: who asks, over what, and the action that makes an item visible. */
export interface ListQuestion {
  readonly caller: Caller;
  readonly request: HttpRequest;
  readonly scope: string;
  readonly action: string;
}

/**
 * The items that the caller may read, each at its own scope. Refused (AuthorizationFailed) without
 * any role at or below.
 */
export async function visibleItems<T>(
  room: { readonly guard: Guard; readonly policies: Policies },
  question: ListQuestion,
  items: readonly T[],
  scopeOfItem: (item: T) => string,
): Promise<readonly T[] | Fault> {
  const { caller, request, scope, action } = question;
  const policy = await room.policies.policyFor(caller.tenantId);
  const wanted = (at: string): AccessRequest => ({ action, plane: 'control', scope: at });
  if (decide(policy, caller.principalIds, wanted(scope)).allowed) return items;
  if (!hasRoleIn(policy, caller, scope)) {
    const decision = await room.guard.authorize(caller, [wanted(scope)], request);
    if (!decision.allowed) return armFaults.authorizationFailed(caller, decision.missing, scope);
  }
  return items.filter(
    (item) => decide(policy, caller.principalIds, wanted(scopeOfItem(item))).allowed,
  );
}

/** True when the caller has any role at a scope, above it or below it. */
export function hasRoleIn(policy: Policy, caller: Caller, scope: string): boolean {
  const asked = resourceScope(scope);
  for (const [at, byPrincipal] of policy.assignments) {
    const isNear = scopeContains(asked, at) || scopeContains(at, asked);
    if (isNear && caller.principalIds.some((id) => byPrincipal.has(id))) return true;
  }
  return false;
}
