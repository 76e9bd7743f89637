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

/** How civil time goes: with real time and so many microseconds ahead of it (negative: behind), or standing still. */
export type CivilTime =
  | { readonly kind: 'moving'; readonly aheadMicroseconds: number }
  | { readonly kind: 'frozen'; readonly at: Instant };

/** Civil time that nobody moved. */
export const unmovedCivilTime: CivilTime = { kind: 'moving', aheadMicroseconds: 0 };

/** A clock whose civil time can be moved and frozen. */
export interface MovableClock extends Clock {
  civilTime(): CivilTime;
  setCivilTime(time: CivilTime): void;
}

/** What a clock with this civil time shows at a real instant. */
export function civilAt(time: CivilTime, real: Instant): Instant {
  return time.kind === 'frozen' ? time.at : instant(real + time.aheadMicroseconds);
}

/**
 * The machine's clock. Neither `real` nor `civil` repeats a microsecond within one process, so they also order events: frozen civil time
 * goes on by one microsecond at each reading.
 */
export function machineClock(): MovableClock {
  let time = unmovedCivilTime;
  let frozenReadings = 0;
  let last = 0;
  const real = (): Instant => {
    const now = instantOfMilliseconds(Date.now());
    last = now > last ? now : last + 1;
    return instant(last);
  };
  return {
    civil: () =>
      time.kind === 'frozen' ? instant(time.at + frozenReadings++) : civilAt(time, real()),
    real,
    steadyMilliseconds: () => performance.now(),
    civilTime: () => time,
    setCivilTime: (next) => {
      time = next;
      frozenReadings = 0;
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
