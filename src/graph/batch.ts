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

/** What is wrong with a batch as a whole. */
export type BatchProblem = 'count' | 'id' | 'url' | 'contentType' | 'dependsOn';

/** The first thing that is wrong with a batch; nothing of such a batch is done. */
export function batchProblem(steps: readonly BatchStep[]): BatchProblem | undefined {
  if (steps.length === 0 || steps.length > batchStepsMax) return 'count';
  const ids = steps.map(({ id }) => id);
  if (new Set(ids).size < ids.length) return 'id';
  for (const { url, body, headers, dependsOn = [] } of steps) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(url) || isBatch(url)) return 'url';
    const hasType = Object.keys(headers ?? {}).some((name) => sameName(name, 'content-type'));
    if (body !== undefined && !hasType) return 'contentType';
    if (dependsOn.some((id) => !ids.includes(id))) return 'dependsOn';
  }
  return hasCircle(steps) ? 'dependsOn' : undefined;
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

function hasCircle(steps: readonly BatchStep[]): boolean {
  const done = new Map<string, true>();
  for (let ready = readySteps(steps, done); ready.length > 0; ready = readySteps(steps, done)) {
    for (const { id } of ready) done.set(id, true);
  }
  return done.size < steps.length;
}
