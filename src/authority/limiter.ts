import { createHash } from 'node:crypto';
import type { Clock } from '#kernel/clock.ts';

/** How much is let through: so many at once, and so many more each second. */
export interface LimitRule {
  readonly burst: number;
  readonly perSecond: number;
}

/** Counts what callers do, each under a key of its own. Constant work and bounded memory, whatever the keys are. */
export interface Limiter {
  /** Takes one: zero when it was to be had, else the whole seconds until one is. */
  take(...key: readonly string[]): number;
  /** Gives back what was taken and not used. */
  giveBack(...key: readonly string[]): void;
}

/** Most keys that are remembered; then the one that was silent the longest is forgotten. About 2 MB. */
export const limiterKeysMax = 10_000;

interface Bucket {
  /** How many were taken and have not come back yet. */
  readonly taken: number;
  /** Steady milliseconds at which that was so. */
  readonly at: number;
}

/**
 * Opens a limiter. It goes by steady time, so moving the civil clock lifts no limit. What it counts is forgotten with the process, and
 * several servers count apart.
 */
export function openLimiter(rule: LimitRule, clock: Pick<Clock, 'steadyMilliseconds'>): Limiter {
  const buckets = new Map<string, Bucket>();
  const takenOf = (key: string, now: number): number => {
    const bucket = buckets.get(key);
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.taken - ((now - bucket.at) / 1000) * rule.perSecond);
  };
  const remember = (key: string, taken: number, now: number): void => {
    // A key that is set again becomes the youngest.
    buckets.delete(key);
    if (taken > 0) buckets.set(key, { taken, at: now });
    const [oldest] = buckets.size > limiterKeysMax ? buckets.keys() : [];
    if (oldest !== undefined) buckets.delete(oldest);
  };
  return {
    take(...words) {
      const key = keyOf(words);
      const now = clock.steadyMilliseconds();
      const taken = takenOf(key, now);
      const missing = taken + 1 - rule.burst;
      remember(key, missing > 0 ? taken : taken + 1, now);
      return missing > 0 ? Math.ceil(missing / rule.perSecond) : 0;
    },
    giveBack(...words) {
      const key = keyOf(words);
      const now = clock.steadyMilliseconds();
      remember(key, Math.max(0, takenOf(key, now) - 1), now);
    },
  };
}

/** Of one length, however long the words of a stranger are. */
function keyOf(words: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(words)).digest('base64url');
}
