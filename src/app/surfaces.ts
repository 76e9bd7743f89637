import { armSurface } from '#arm/surface.ts';
import { openSigningKeys } from '#authority/keys.ts';
import { authoritySurface } from '#authority/surface.ts';
import { accountKind } from '#batch/account-kind.ts';
import { accountOperations } from '#batch/account-operations.ts';
import { clouds } from '#cloud/cloud.ts';
import { graphSurface } from '#graph/surface.ts';
import { openGuard } from '#guard/authorize.ts';
import { bind } from '#http/operation.ts';
import type { Surface } from '#http/pipeline.ts';
import type { MovableClock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { openPolicies } from '#rbac/policy.ts';
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
  const parts = { ...ground, guard, policies, clouds };
  const onAccountDeleted = async () => {};
  const surfaces = [
    authoritySurface({ ...ground, keys, clouds }),
    graphSurface(parts),
    armSurface({
      ...parts,
      operations: bind(accountOperations, { ...parts, onAccountDeleted }),
      resourceKinds: [accountKind(onAccountDeleted)],
    }),
  ];
  return {
    surfaces: new Map(surfaces.map((surface) => [surface.name, surface])),
    close: async () => {},
  };
}
