import type { Cloud } from '#cloud/cloud.ts';
import type { Guard } from '#guard/authorize.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Policies } from '#rbac/policy.ts';
import type { Store } from '#store/store.ts';
import type { ResourceKind } from './resource-kind.ts';

/** What the operations of Resource Manager itself work with. */
export interface ArmRoom {
  readonly store: Store;
  readonly guard: Guard;
  readonly policies: Policies;
  readonly clock: Clock;
  readonly random: Random;
  readonly clouds: readonly Cloud[];
  /** Every type of tracked resource, from the rooms that own them. */
  readonly resourceKinds: readonly ResourceKind[];
}
