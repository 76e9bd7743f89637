import type { Compat } from '#cloud/compat.ts';
import type { Engine } from '#engine/engine.ts';
import type { Guard } from '#guard/authorize.ts';
import { bind, type Operation } from '#http/operation.ts';
import { type Surface, surfaceOf } from '#http/pipeline.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import type { BatchCaller, BatchRoom } from './caller.ts';
import { batchDialect } from './dialect.ts';
import { fileOperations } from './file.http.ts';
import { jobReadOperations } from './job.http.ts';
import { jobChangeOperations } from './job-change.http.ts';
import { nodeOperations } from './node.http.ts';
import { poolReadOperations } from './pool.http.ts';
import { poolChangeOperations } from './pool-change.http.ts';
import { openSweep } from './sweep.ts';
import { taskReadOperations } from './task.http.ts';
import { taskAddOperations } from './task-add.http.ts';
import { taskChangeOperations } from './task-change.http.ts';
import { unbuiltOperations } from './unbuilt.ts';

/** What the Batch service is built from. */
export interface BatchSurfaceParts {
  readonly guard: Guard;
  readonly store: Store;
  readonly engine: Engine;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly compat?: Compat;
}

/**
 * The Batch service, with the work that no request does. `close` ends that work; call it before the
 * store is closed.
 */
export interface BatchSurface extends Surface {
  close(): Promise<void>;
}

/** Every operation of the Batch service, those that Batten lacks included. */
export const batchOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  ...poolReadOperations,
  ...poolChangeOperations,
  ...nodeOperations,
  ...jobReadOperations,
  ...jobChangeOperations,
  ...taskReadOperations,
  ...taskAddOperations,
  ...taskChangeOperations,
  ...fileOperations,
  ...unbuiltOperations,
];

/** Opens the Batch service of every account. */
export function batchSurface(parts: BatchSurfaceParts): BatchSurface {
  const sweep = openSweep(parts);
  const room: BatchRoom = { ...parts, wakeSweep: () => sweep.wake() };
  const surface = surfaceOf({
    dialect: batchDialect(parts),
    operations: bind(batchOperations, room),
    log: parts.log,
  });
  return { ...surface, close: () => sweep.close() };
}
