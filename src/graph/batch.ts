import { sameName } from '#kernel/ids.ts';

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
  | { readonly kind: 'count' }
  | { readonly kind: 'id' | 'url' | 'contentType' | 'body' | 'dependsOn'; readonly id: string };

/** Methods that Graph takes in a batch with a body only, be it an empty one. */
const bodyMethods: ReadonlySet<string> = new Set(['POST', 'PATCH', 'PUT']);

/** The first thing that is wrong with a batch; nothing of such a batch is done. */
export function batchProblem(steps: readonly BatchStep[]): BatchProblem | undefined {
  if (steps.length === 0 || steps.length > batchStepsMax) return { kind: 'count' };
  const ids = steps.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) < at);
  if (twice !== undefined) return { kind: 'id', id: twice };
  for (const step of steps) {
    const kind = stepProblem(step, ids);
    if (kind !== undefined) return { kind, id: step.id };
  }
  const stuck = inCircle(steps);
  return stuck === undefined ? undefined : { kind: 'dependsOn', id: stuck.id };
}

function stepProblem(
  { method, url, body, headers, dependsOn = [] }: BatchStep,
  ids: readonly string[],
): 'url' | 'contentType' | 'body' | 'dependsOn' | undefined {
  if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url) || isBatch(url)) return 'url';
  const hasType = Object.keys(headers ?? {}).some((name) => sameName(name, 'content-type'));
  if (body !== undefined && !hasType) return 'contentType';
  if (body === undefined && bodyMethods.has(method.toUpperCase())) return 'body';
  return dependsOn.some((id) => !ids.includes(id)) ? 'dependsOn' : undefined;
}

/** The requests that have no answer yet and wait for none. */
export function readySteps<Step extends BatchStep>(
  steps: readonly Step[],
  answered: ReadonlyMap<string, unknown>,
): readonly Step[] {
  return steps.filter(
    ({ id, dependsOn = [] }) => !answered.has(id) && dependsOn.every((one) => answered.has(one)),
  );
}

/** A batch within a batch, however its path is written; the tenant may stand before it. */
function isBatch(url: string): boolean {
  return /^\/*(?:[^/?]+\/)?(?:\$|%24)batch(?:$|[/?(])/i.test(url);
}

/** A request that waits for itself. */
function inCircle(steps: readonly BatchStep[]): BatchStep | undefined {
  const done = new Map<string, true>();
  for (let ready = readySteps(steps, done); ready.length > 0; ready = readySteps(steps, done)) {
    for (const { id } of ready) done.set(id, true);
  }
  return steps.find(({ id }) => !done.has(id));
}
