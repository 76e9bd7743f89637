import type { ArmCaller } from '#arm/dialect.ts';
import type { ResourceKind } from '#arm/resource-kind.ts';
import { scopeFault } from '#arm/scope-fault.ts';
import { armSurface } from '#arm/surface.ts';
import { openSigningKeys } from '#authority/keys.ts';
import { authoritySurface } from '#authority/surface.ts';
import { accountContentDeletion } from '#batch/account-content.ts';
import { accountKind } from '#batch/account-kind.ts';
import { accountOperations } from '#batch/account-operations.ts';
import { batchObserver } from '#batch/observer.ts';
import { batchSurface } from '#batch/surface.ts';
import { clouds } from '#cloud/cloud.ts';
import { type OpenEngine, openEngine } from '#engine/open-engine.ts';
import { graphSurface } from '#graph/surface.ts';
import { type Guard, openGuard } from '#guard/authorize.ts';
import { type BoundOperation, bind } from '#http/operation.ts';
import type { Surface } from '#http/pipeline.ts';
import type { MovableClock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { rbacOperations } from '#rbac/operations.ts';
import { openPolicies, type Policies } from '#rbac/policy.ts';
import type { OpenRecorder } from '#record/recorder.ts';
import type { Store } from '#store/store.ts';

/** What every room is built from. */
export interface Ground {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: MovableClock;
  readonly random: Random;
  readonly log: Log;
  readonly recorder: OpenRecorder;
  readonly dataFolder: string;
  /** True when everything ends with this process. */
  readonly isEphemeral: boolean;
  /** Ports on which Batten listens now. */
  readonly ownPorts: () => readonly number[];
}

/** The surfaces by name, and what must be closed with them. */
export interface Rooms {
  readonly surfaces: ReadonlyMap<string, Surface>;
  close(): Promise<void>;
}

/** Wires the rooms: who is asked by whom is written here and nowhere else. */
export async function openRooms(ground: Ground): Promise<Rooms> {
  const keys = await openSigningKeys(ground);
  const policies = openPolicies(ground);
  const guard = openGuard({ ...ground, keys, policies });
  const engine = await openTaskEngine(ground);
  const parts = { ...ground, guard, policies, engine, clouds };
  const batch = batchSurface(parts);
  const surfaces = [
    authoritySurface({ ...ground, keys, clouds }),
    graphSurface(parts),
    armSurface({ ...parts, ...providersOf(parts) }),
    batch,
  ];
  return {
    surfaces: new Map(surfaces.map((surface) => [surface.name, surface])),
    async close() {
      await batch.close();
      await engine.close();
    },
  };
}

interface ProviderParts extends Ground {
  readonly guard: Guard;
  readonly policies: Policies;
  readonly engine: OpenEngine;
}

/** What the rooms above Resource Manager put behind it: their operations, and their types of resource. */
function providersOf(parts: ProviderParts): {
  readonly operations: readonly BoundOperation<ArmCaller>[];
  readonly resourceKinds: readonly ResourceKind[];
} {
  const onAccountDeleted = accountContentDeletion(parts);
  return {
    operations: [
      ...bind(rbacOperations, { ...parts, scopeFault }),
      ...bind(accountOperations, { ...parts, onAccountDeleted }),
    ],
    resourceKinds: [accountKind(onAccountDeleted)],
  };
}

/** The engine tells the batch room what happened, and the batch room asks the engine back: one of them must come late. */
async function openTaskEngine(ground: Ground): Promise<OpenEngine> {
  let engine: OpenEngine | undefined;
  const opened = (): OpenEngine => {
    if (engine === undefined) throw new Error('the engine is asked before it is open');
    return engine;
  };
  const observer = batchObserver({ ...ground, engine: opened });
  engine = await openEngine({ ...ground, observer, ephemeral: ground.isEphemeral });
  return engine;
}
