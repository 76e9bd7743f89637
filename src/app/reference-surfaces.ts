import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Operation } from '#http/operation.ts';
import { machineClock } from '#kernel/clock.ts';
import { silentLog } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { openRecorder } from '#record/recorder.ts';
import { openSeal } from './data-folder.ts';
import { openStore } from './house.ts';
import { openRooms } from './surfaces.ts';

/** A surface as documents see it: its name, and its operations in the order of their declaration. */
export interface DeclaredSurface {
  readonly name: string;
  readonly operations: readonly Operation<never, void>[];
}

/** The surfaces of a Batten as it is wired, by name, opened over an empty temporary folder and closed again. Nothing listens. */
export async function declaredSurfaces(): Promise<readonly DeclaredSurface[]> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'batten-reference-'));
  const random = machineRandom();
  const clock = machineClock();
  const log = silentLog;
  try {
    const seal = await openSeal(dataFolder, undefined, random);
    const store = openStore(dataFolder);
    const recorder = openRecorder({ store, log });
    const rooms = await openRooms({
      ...{ store, seal, clock, random, log, recorder, dataFolder },
      compat: 'azure',
      isEphemeral: true,
      isolationFound: () => {},
      ownPorts: () => [],
    });
    const surfaces = await rooms.openAll();
    await rooms.close();
    await recorder.close();
    await store.close();
    return surfaces.map(({ name, operations }) => ({ name, operations }));
  } finally {
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 5 });
  }
}
