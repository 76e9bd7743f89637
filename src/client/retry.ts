/** How an attempt failed in a way that another attempt might cure. */
export type FailedAttempt =
  | {
      readonly kind: 'status';
      readonly status: number;
      /** The `Retry-After` header as sent, in seconds. */
      readonly retryAfter?: string;
    }
  /** The connection failed; `code` is Node's, for example `ECONNRESET`. */
  | { readonly kind: 'connection'; readonly code: string };

/** Most attempts after the first. Source: the four tries of the official exponential policies. */
export const retriesMax = 4;
/** Wait before the first retry; it doubles each time. In milliseconds. */
const firstDelayMilliseconds = 500;
/** Longest wait, also when the service asks for more. In milliseconds. */
const delayMillisecondsMax = 30_000;

const transientStatuses = [408, 500, 502, 503, 504];
const transientCodes = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'];

/**
 * How long to wait before the next attempt, in milliseconds; undefined when the failure stands. Throttling (429) and a busy
 * service (503) did nothing and are tried again for every request; what may have been done is only tried again when doing it
 * twice is harmless (`repeatable`). `retried` counts the retries already made.
 */
export function retryDelay(
  failure: FailedAttempt,
  retried: number,
  repeatable: boolean,
): number | undefined {
  if (retried >= retriesMax || !isTransient(failure, repeatable)) return undefined;
  const asked = failure.kind === 'status' ? Number(failure.retryAfter ?? Number.NaN) * 1000 : 0;
  const own = firstDelayMilliseconds * 2 ** retried;
  return Math.min(asked > 0 ? asked : own, delayMillisecondsMax);
}

function isTransient(failure: FailedAttempt, repeatable: boolean): boolean {
  if (failure.kind === 'connection') {
    return failure.code === 'ECONNREFUSED' || (repeatable && transientCodes.includes(failure.code));
  }
  if (failure.status === 429 || failure.status === 503) return true;
  return repeatable && transientStatuses.includes(failure.status);
}
