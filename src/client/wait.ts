import { setTimeout as pause } from 'node:timers/promises';
import { machineClock } from '#kernel/clock.ts';
import { DeadlineError, emptyDeadline } from './faults.ts';

export interface WaitOptions {
  /** How long to wait at most, in seconds; a wait without an end is not offered. */
  readonly deadlineSeconds: number;
  /** Between two looks, in seconds; 0.5 when absent. */
  readonly intervalSeconds?: number;
  readonly signal?: AbortSignal;
}

const intervalSecondsUsual = 0.5;

/** Reads until `done` accepts what was read, and returns it. Throws `DeadlineError`, and whatever `read` throws. */
export async function waitUntil<T>(
  what: string,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  options: WaitOptions,
): Promise<T> {
  const { deadlineSeconds, intervalSeconds = intervalSecondsUsual, signal } = options;
  if (!(deadlineSeconds > 0)) throw emptyDeadline(deadlineSeconds);
  const clock = machineClock();
  const end = clock.steadyMilliseconds() + deadlineSeconds * 1000;
  for (;;) {
    const value = await read();
    if (done(value)) return value;
    const left = end - clock.steadyMilliseconds();
    if (left <= 0) throw new DeadlineError(what, deadlineSeconds);
    const delay = Math.min(intervalSeconds * 1000, left);
    await pause(delay, undefined, signal === undefined ? {} : { signal });
  }
}
