import { addSeconds, type Instant, instant } from '#kernel/instant.ts';

/**
 * How long a key signs before the next one does, in seconds: six weeks. Entra promises no period and
 * is seen to change its keys every four to eight weeks.
 * Source: https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export const signingSeconds = 42 * 24 * 3600;

/**
 * How long a key is published before it signs, in seconds: whoever reads the key document once a
 * day knows it by then.
 */
export const announcedSeconds = 2 * 24 * 3600;

/**
 * How long a key stays published after it signed last, in seconds: the longest token lives a day,
 * and another server may sign with it for half a second more.
 */
export const retiredSeconds = 25 * 3600;

/** When a key begins to sign, in civil time; it ends when the next one begins. */
export interface ScheduledKey {
  readonly keyId: string;
  readonly signsFrom: Instant;
}

/**
 * The key of a cloud that signs now. `keys` are in the order in which they begin; where the clock
 * was set back before all of them, the first signs. Undefined when there is none.
 */
export function currentKey<Key extends ScheduledKey>(
  keys: readonly Key[],
  now: Instant,
): Key | undefined {
  return keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0];
}

/** The keys that nothing is signed with any more and whose every token has expired. */
export function outlivedKeys<Key extends ScheduledKey>(
  keys: readonly Key[],
  now: Instant,
): readonly Key[] {
  return keys.filter((_, index) => {
    const successor = keys[index + 1];
    return successor !== undefined && addSeconds(successor.signsFrom, retiredSeconds) <= now;
  });
}

/**
 * When a key that is made now begins to sign, if one is to be made: as soon as the newest has less
 * time left than a key is announced for. Keys that were lost are never made anew.
 */
export function dueKeyStart(keys: readonly ScheduledKey[], now: Instant): Instant | undefined {
  const newest = keys.at(-1);
  if (newest === undefined) return undefined;
  const ends = addSeconds(newest.signsFrom, signingSeconds);
  const soonest = addSeconds(now, announcedSeconds);
  return ends > soonest ? undefined : soonest;
}

/** When a key begins that is asked for at this instant: announced first, or at once. */
export function askedKeyStart(
  keys: readonly ScheduledKey[],
  now: Instant,
  timing: 'announced' | 'atOnce',
): Instant {
  const start = timing === 'atOnce' ? now : addSeconds(now, announcedSeconds);
  const newest = keys.at(-1)?.signsFrom ?? instant(0);
  return start > newest ? start : instant(newest + 1);
}
