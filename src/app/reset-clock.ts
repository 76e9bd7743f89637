import { existsSync } from 'node:fs';
import { machineClock } from '#kernel/clock.ts';
import { lockDataFolder, pathsIn } from './data-folder.ts';
import { type ClockReading, moveClock } from './dev-clock.ts';
import { notPrepared } from './faults.ts';
import { openStore } from './house.ts';

/**
 * Puts the clock of a data folder right whose server does not run, so that a server without a movable clock can take it. Throws a
 * `StartRefusal` when a server has the folder, or none ever had.
 */
export async function resetClockOf(dataFolder: string): Promise<ClockReading> {
  if (!existsSync(pathsIn(dataFolder).database)) throw notPrepared(dataFolder);
  const lock = lockDataFolder(dataFolder);
  try {
    const store = openStore(dataFolder);
    try {
      return await moveClock({ store, clock: machineClock() }, { kind: 'reset' });
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}
