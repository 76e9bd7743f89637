import type { ForeignKeys } from '#authority/foreign-key.ts';
import type { SigningKeys } from '#authority/keys.ts';
import type { Compat } from '#cloud/compat.ts';
import type { Caller } from '#directory/caller.ts';
import type { AccessRequest } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Log } from '#kernel/log.ts';
import { type Consideration, type Decision, decide } from '#rbac/decide.ts';
import type { Policies } from '#rbac/policy.ts';
import type { Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';
import {
  type BearerExpectation,
  type BearerProblem,
  bearerCaller,
  isBearerProblem,
} from './bearer.ts';

/**
 * The decision of a whole request: the first denial, or the last grant. A request that needs
 * nothing is allowed.
 */
export type Authorization = Decision | { readonly allowed: true; readonly considered: readonly [] };

/** What stands between a request and its handler on every surface. */
export interface Guard {
  /** The caller of a request by its bearer token, or why it has none. */
  caller(request: HttpRequest, expectation: BearerExpectation): Promise<Caller | BearerProblem>;
  /** Decides every access request of an operation by the policy of the caller's tenant. */
  authorize(
    caller: Caller,
    requests: readonly AccessRequest[],
    request: HttpRequest,
  ): Promise<Authorization>;
}

export interface GuardParts {
  readonly store: Store;
  readonly keys: SigningKeys;
  /** Keys of the issuers that tenants trust. */
  readonly foreignKeys: ForeignKeys;
  /** As on Azure when absent. */
  readonly compat?: Compat;
  readonly policies: Policies;
  readonly recorder: Recorder;
  readonly log: Log;
}

/** Assignments that one recorded event lists. */
const recordedConsiderationsMax = 50;

/**
 * Surfaces whose granted changes are kept too, as Azure's activity log does for the control plane.
 */
const activitySurfaces: ReadonlySet<string> = new Set(['arm', 'graph']);

/**
 * Opens the guard. Every refusal is noted with what it was decided on: the claims (never the
 * token), the access requests, and each assignment that was considered.
 */
export function openGuard(parts: GuardParts): Guard {
  return {
    async caller(request, expectation) {
      const outcome = await bearerCaller(parts, request, expectation);
      if (isBearerProblem(outcome)) noteProblem(parts, request, expectation, outcome);
      return outcome;
    },
    async authorize(caller, requests, request) {
      const policy = await parts.policies.policyFor(caller.tenantId);
      let last: Authorization = { allowed: true, considered: [] };
      for (const wanted of requests) {
        last = decide(policy, caller.principalIds, wanted);
        if (!last.allowed) break;
      }
      noteDecision(parts, caller, requests, request, last);
      return last;
    },
  };
}

function noteProblem(
  parts: GuardParts,
  request: HttpRequest,
  expectation: BearerExpectation,
  problem: BearerProblem,
): void {
  parts.log.debug(
    { requestId: request.requestId, problem: problem.problem },
    'a bearer token was refused',
  );
  parts.recorder.note({
    id: request.requestId,
    at: request.receivedAt,
    kind: 'refusal',
    surface: request.reach.surface,
    ...(problem.tenantId === undefined ? {} : { tenantId: shown(problem.tenantId) }),
    code: problem.problem,
    facts: {
      ...requestFacts(request),
      claims: shownClaims(problem.claims),
      ...(problem.problem === 'issuerUnreachable' ? { reason: problem.reason } : {}),
      audiences: problem.allowedAudiences ?? expectation.audiences,
      cloud: expectation.cloud,
    },
  });
}

function noteDecision(
  parts: GuardParts,
  caller: Caller,
  requests: readonly AccessRequest[],
  request: HttpRequest,
  decision: Authorization,
): void {
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  if (decision.allowed && !(isChange && activitySurfaces.has(request.reach.surface))) return;
  parts.recorder.note({
    id: request.requestId,
    at: request.receivedAt,
    kind: decision.allowed ? 'activity' : 'refusal',
    surface: request.reach.surface,
    tenantId: caller.tenantId,
    principalId: caller.objectId,
    code: decision.allowed ? '' : 'AuthorizationFailed',
    facts: {
      ...requestFacts(request),
      claims: caller.claims as JsonObject,
      principalIds: caller.principalIds,
      requests: requests.map(({ action, plane, scope }) => ({ action, plane, scope })),
      ...(decision.allowed
        ? {}
        : { missing: { ...decision.missing }, scope: decision.request.scope }),
      considered: decision.considered.slice(0, recordedConsiderationsMax).map(considerationFacts),
    },
  });
}

function considerationFacts(one: Consideration): JsonObject {
  const { assignment } = one;
  return {
    assignmentId: assignment.assignmentId,
    roleName: assignment.role.roleName,
    scope: assignment.scope,
    principalId: assignment.principalId,
    action: one.action,
    plane: one.plane,
    outcome: one.outcome,
    ...(one.outcome === 'silent' ? {} : { pattern: one.pattern }),
    ...(one.outcome === 'excluded' ? { excludedBy: one.excludedBy } : {}),
  };
}

function requestFacts(request: HttpRequest): JsonObject {
  return { method: request.method, path: shown(request.route.path) };
}

/** Longest text of a stranger that is kept, in characters. */
const shownCharactersMax = 500;

function shown(text: string): string {
  return text.slice(0, shownCharactersMax);
}

function shownClaims(claims: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      typeof value === 'string' ? shown(value) : value,
    ]),
  );
}
