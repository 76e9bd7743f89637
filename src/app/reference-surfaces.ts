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

/**
 * The surfaces of a Batten as it is wired, by name, opened over an empty temporary folder and closed again. Nothing listens. Where one cannot
 * be opened the rest is closed too, so that a test fails and does not hang.
 */
export async function declaredSurfaces(): Promise<readonly DeclaredSurface[]> {
  await using open = new AsyncDisposableStack();
  const dataFolder = await mkdtemp(join(tmpdir(), 'batten-reference-'));
  open.defer(() => rm(dataFolder, { recursive: true, force: true, maxRetries: 5 }));
  const random = machineRandom();
  const clock = machineClock();
  const log = silentLog;
  const seal = await openSeal(dataFolder, undefined, random);
  const store = openStore(dataFolder);
  open.defer(() => store.close());
  const recorder = openRecorder({ store, log });
  open.defer(() => recorder.close());
  const rooms = await openRooms({
    ...{ store, seal, clock, random, log, recorder, dataFolder },
    compat: 'azure',
    isEphemeral: true,
    isolationFound: () => {},
    ownPorts: () => [],
  });
  open.defer(() => rooms.close());
  const surfaces = await rooms.openAll();
  return surfaces.map(({ name, operations }) => ({ name, operations }));
}
