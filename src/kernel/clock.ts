import { type Instant, instant, instantOfMilliseconds } from './instant.ts';

/**
 * The clocks of the process. Civil time is movable and judges only what Batten issued or scheduled; real time judges
 * what a client or a foreign issuer dated; steady time is never movable and runs leases, heartbeats and deadlines.
 */
export interface Clock {
  /** Civil time: the machine's time plus the stored offset. */
  civil(): Instant;
  /** The machine's own wall clock. */
  real(): Instant;
  /** Milliseconds that only grow, from an arbitrary start. */
  steadyMilliseconds(): number;
}

/** A clock whose civil offset can be changed. */
export interface MovableClock extends Clock {
  /** Sets how far civil time is ahead of real time, in microseconds. */
  setCivilOffset(microseconds: number): void;
}

/** The machine's clock. `real` never repeats a microsecond within one process, so it also orders events. */
export function machineClock(): MovableClock {
  let offset = 0;
  let last = 0;
  const real = (): Instant => {
    const now = instantOfMilliseconds(Date.now());
    last = now > last ? now : last + 1;
    return instant(last);
  };
  return {
    civil: () => instant(real() + offset),
    real,
    steadyMilliseconds: () => performance.now(),
    setCivilOffset: (microseconds) => {
      offset = Math.trunc(microseconds);
    },
  };
}

/** A clock for tests: it stands still until it is moved. */
export interface FixedClock extends Clock {
  advanceSeconds(seconds: number): void;
}

/** A clock that starts at `start` and moves only when told to. */
export function fixedClock(start: Instant): FixedClock {
  let now: number = start;
  return {
    civil: () => instant(now),
    real: () => instant(now),
    steadyMilliseconds: () => now / 1000,
    advanceSeconds: (seconds) => {
      now += seconds * 1_000_000;
    },
  };
}

/** The later of `at` and one microsecond after `previous`: each change by a client gets a strictly later instant. */
export function strictlyAfter(previous: Instant | undefined, at: Instant): Instant {
  return previous === undefined || at > previous ? at : instant(previous + 1);
}
