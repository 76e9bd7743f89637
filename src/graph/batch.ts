import { fold, sameName } from '#kernel/ids.ts';

/** One request of a batch, as it was sent. */
export interface BatchStep {
  readonly id: string;
  readonly method: string;
  /** Below the version: `/me?$select=id`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Ids of the requests that must have succeeded before. */
  readonly dependsOn?: readonly string[];
}

/** Most requests in one batch. Source: https://learn.microsoft.com/graph/json-batching */
export const batchStepsMax = 20;

/** What is wrong with a batch as a whole, or with one of its requests. */
export type BatchProblem =
  | { readonly kind: 'count' | 'order' }
  | { readonly kind: 'id' | 'url' | 'contentType' | 'body' | 'dependsOn'; readonly id: string };

/** Methods that Graph takes in a batch with a body only, be it an empty one. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT']);

/** The first thing that is wrong with a batch; nothing of such a batch is done. Ids are the same in any case. */
export function batchProblem(steps: readonly BatchStep[]): BatchProblem | undefined {
  if (steps.length === 0 || steps.length > batchStepsMax) return { kind: 'count' };
  const ids = steps.map(({ id }) => fold(id));
  const twin = steps.find(({ id }, at) => ids.indexOf(fold(id)) < at);
  if (twin !== undefined) return { kind: 'id', id: twin.id };
  for (const [at, step] of steps.entries()) {
    const kind = stepProblem(step, ids.slice(0, at));
    if (kind !== undefined) return { kind, id: step.id };
  }
  return isInOrder(steps.map(waitsFor), ids) ? undefined : { kind: 'order' };
}

/** `before` are the ids of the requests that stand before this one: it may wait for no other. */
function stepProblem(
  step: BatchStep,
  before: readonly string[],
): 'url' | 'contentType' | 'body' | 'dependsOn' | undefined {
  const { method, url, body, headers } = step;
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url) || isBatch(url) || !url.isWellFormed()) return 'url';
  const hasType = Object.keys(headers ?? {}).some((name) => sameName(name, 'content-type'));
  if (body !== undefined && !hasType) return 'contentType';
  if (body === undefined && bodyMethods.has(method.toUpperCase())) return 'body';
  return waitsFor(step).some((id) => !before.includes(id)) ? 'dependsOn' : undefined;
}

/**
 * Whether all requests wait for none, each for the one before it, or all for the first. Anything between is refused.
 * Source: https://github.com/microsoftgraph/microsoft-graph-docs/issues/16280, and `validateDependencies` of
 * https://github.com/microsoftgraph/msgraph-sdk-javascript
 */
function isInOrder(waits: readonly (readonly string[])[], ids: readonly string[]): boolean {
  if (waits.every((one) => one.length === 0)) return true;
  const [, ...later] = waits;
  const isSerial = later.every((one, at) => one.length === 1 && one[0] === ids[at]);
  return isSerial || later.every((one) => one.length === 1 && one[0] === ids[0]);
}

/** The ids of the requests that one waits for, folded. */
function waitsFor({ dependsOn = [] }: BatchStep): readonly string[] {
  return dependsOn.map(fold);
}

/** The requests that have no answer yet and wait for none. Answers are known by folded ids. */
export function readySteps<Step extends BatchStep>(
  steps: readonly Step[],
  answered: ReadonlyMap<string, unknown>,
): readonly Step[] {
  return steps.filter(
    (step) => !answered.has(fold(step.id)) && waitsFor(step).every((id) => answered.has(id)),
  );
}

/** True when a request waits for one that was refused. */
export function isDoomed(step: BatchStep, statuses: ReadonlyMap<string, number>): boolean {
  return waitsFor(step).some((id) => (statuses.get(id) ?? 0) >= 400);
}

/** A batch within a batch, however its path is written; the tenant may stand before it. */
function isBatch(url: string): boolean {
  return /^\/*(?:[^/?]+\/)?(?:\$|%24)batch(?:$|[/?(])/i.test(url);
}
