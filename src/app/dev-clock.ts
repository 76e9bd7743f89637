import type { RawHandler } from '#http/listen.ts';
import { type MovableClock, unmovedCivilTime } from '#kernel/clock.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Log } from '#kernel/log.ts';
import type { Store } from '#store/store.ts';
import { findCivilTime, putCivilTime } from './civil-clock.store.ts';
import { type ClockMove, movedCivilTime } from './clock-move.ts';
import { movedClock, StartRefusal } from './faults.ts';

/** What the clocks of a Batten show. */
export interface ClockReading {
  /** Judges what Batten issued: tokens, codes, secrets, schedules. */
  readonly civil: Instant;
  /** The machine's own. */
  readonly real: Instant;
  /** Civil time stands still. */
  readonly isFrozen: boolean;
}

/** What the clocks show now. */
export function readClock(clock: MovableClock): ClockReading {
  const isFrozen = clock.civilTime().kind === 'frozen';
  return { civil: clock.civil(), real: clock.real(), isFrozen };
}

/**
 * Sets the clock of a starting server to where it was left. Throws a `StartRefusal` when it was moved and this server's clock may not be:
 * what was issued under the other clock would be judged by a time that it never had.
 */
export async function restoreClock(
  parts: { readonly store: Store; readonly clock: MovableClock; readonly dataFolder: string },
  mayMove: boolean,
): Promise<void> {
  await followClock(parts.store, parts.clock);
  if (!mayMove && parts.clock.civilTime() !== unmovedCivilTime) throw movedClock(parts.dataFolder);
}

/**
 * Moves civil time and keeps where it is, so that a restart finds it there; the next request sees it. Throws a `StartRefusal` when it
 * may not be moved so far; then nothing changed.
 */
export async function moveClock(
  { store, clock }: { readonly store: Store; readonly clock: MovableClock },
  move: ClockMove,
): Promise<ClockReading> {
  await store.write(async (tx) => {
    const next = movedCivilTime(await findCivilTime(tx), move, clock.real());
    if (next instanceof StartRefusal) throw next;
    await putCivilTime(tx, next);
    tx.afterCommit(() => clock.setCivilTime(next));
  });
  return readClock(clock);
}

/** A door of another process than the server: before each request it sets its clock to where the server moved it. */
export function followingDoor(
  door: RawHandler,
  parts: { readonly store: Pick<Store, 'read'>; readonly clock: MovableClock; readonly log: Log },
): RawHandler {
  return async (request, response) => {
    try {
      await followClock(parts.store, parts.clock);
    } catch (error) {
      // The door says itself what it cannot do without the store.
      parts.log.error({ error: String(error) }, 'the clock of the data folder cannot be read');
    }
    await door(request, response);
  };
}

/** Sets the clock of this process to where the server of the data folder moved it. */
export async function followClock(store: Pick<Store, 'read'>, clock: MovableClock): Promise<void> {
  const time = await store.read(findCivilTime);
  const known = clock.civilTime();
  const isSame =
    time.kind === 'frozen'
      ? known.kind === 'frozen' && known.at === time.at
      : known.kind === 'moving' && known.aheadMicroseconds === time.aheadMicroseconds;
  if (!isSame) clock.setCivilTime(time);
}
