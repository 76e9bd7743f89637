import type { AccessRequest, Plane, PlaneAction } from '#http/operation.ts';
import { coveringPattern } from './action-pattern.ts';
import { listsOf, type RoleDefinition } from './role-definition.ts';
import { type ResourceScope, resourceScope, scopesUpward } from './scope.ts';

/** A role given to a principal at a scope, as a decision needs it. Ids and scope are folded. */
export interface PolicyAssignment {
  /** Full ARM id of the assignment, as written. */
  readonly assignmentId: string;
  readonly principalId: string;
  readonly scope: ResourceScope;
  readonly role: RoleDefinition;
}

/** Everything that is granted in one tenant, by scope and principal. */
export interface Policy {
  readonly assignments: ReadonlyMap<
    ResourceScope,
    ReadonlyMap<string, readonly PolicyAssignment[]>
  >;
}

/** How one assignment spoke about one action. */
export type Verdict =
  /** `pattern` grants it. */
  | { readonly outcome: 'granted'; readonly pattern: string }
  /** `pattern` would grant it, but `excludedBy` of the same entry takes it away. */
  | { readonly outcome: 'excluded'; readonly pattern: string; readonly excludedBy: string }
  /** Nothing in the role speaks of it in this plane. */
  | { readonly outcome: 'silent' };

/** An assignment that was looked at, and what it said about an action. */
export type Consideration = Verdict & {
  readonly assignment: PolicyAssignment;
  readonly action: string;
  readonly plane: Plane;
};

/** Why a request was granted. */
export interface Grant extends PlaneAction {
  readonly assignment: PolicyAssignment;
  readonly pattern: string;
  /** True when an umbrella was granted rather than the action asked for. */
  readonly isUmbrella: boolean;
}

/**
 * The outcome with its reasons. `considered` holds every assignment of the caller at or above the
 * scope.
 */
export type Decision =
  | {
      readonly allowed: true;
      readonly request: AccessRequest;
      readonly grant: Grant;
      readonly considered: readonly Consideration[];
    }
  | {
      readonly allowed: false;
      readonly request: AccessRequest;
      /** The action that was not granted. */
      readonly missing: PlaneAction;
      readonly considered: readonly Consideration[];
    };

/** A policy over role assignments. */
export function policyOf(assignments: readonly PolicyAssignment[]): Policy {
  const byScope = new Map<ResourceScope, Map<string, PolicyAssignment[]>>();
  for (const assignment of assignments) {
    const byPrincipal = byScope.get(assignment.scope) ?? new Map<string, PolicyAssignment[]>();
    const ofPrincipal = byPrincipal.get(assignment.principalId) ?? [];
    byScope.set(assignment.scope, byPrincipal);
    byPrincipal.set(assignment.principalId, ofPrincipal);
    ofPrincipal.push(assignment);
  }
  return { assignments: byScope };
}

/**
 * Decides one access request for a caller that is all of `principalIds` (itself and its groups,
 * folded). Roles add up: one that excludes an action never takes it from another. The action is
 * tried first, then its umbrellas.
 * Source:
 * https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource
 */
export function decide(
  policy: Policy,
  principalIds: readonly string[],
  request: AccessRequest,
): Decision {
  const assignments = assignmentsAbove(policy, principalIds, resourceScope(request.scope));
  const considered: Consideration[] = [];
  for (const wanted of [request, ...(request.umbrellas ?? [])]) {
    const { action, plane } = wanted;
    for (const assignment of assignments) {
      const verdict = verdictOf(assignment.role, wanted);
      considered.push({ ...verdict, assignment, action, plane });
      if (verdict.outcome !== 'granted') continue;
      const isUmbrella = wanted !== request;
      const grant = { assignment, pattern: verdict.pattern, action, plane, isUmbrella };
      return { allowed: true, request, grant, considered };
    }
  }
  const missing = { action: request.action, plane: request.plane };
  return { allowed: false, request, missing, considered };
}

/**
 * What one role says about one action: the union over its entries, each without its own exclusions.
 */
export function verdictOf(role: RoleDefinition, wanted: PlaneAction): Verdict {
  let excluded: Verdict | undefined;
  for (const set of role.permissionSets) {
    const lists = listsOf(set, wanted.plane);
    const pattern = coveringPattern(lists.granted, wanted.action);
    if (pattern === undefined) continue;
    const excludedBy = coveringPattern(lists.excluded, wanted.action);
    if (excludedBy === undefined) return { outcome: 'granted', pattern };
    excluded ??= { outcome: 'excluded', pattern, excludedBy };
  }
  return excluded ?? { outcome: 'silent' };
}

/** The caller's assignments at the scope and above it, nearest first. */
export function assignmentsAbove(
  policy: Policy,
  principalIds: readonly string[],
  scope: ResourceScope,
): readonly PolicyAssignment[] {
  const found: PolicyAssignment[] = [];
  for (const at of scopesUpward(scope)) {
    const byPrincipal = policy.assignments.get(at);
    if (byPrincipal === undefined) continue;
    for (const principalId of principalIds) found.push(...(byPrincipal.get(principalId) ?? []));
  }
  return found;
}
