import type { Caller } from '#directory/caller.ts';
import { operationsOf } from '#http/operation.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import type { Policies } from './policy.ts';

/** What the operations of Microsoft.Authorization work with. */
export interface RbacRoom {
  readonly store: Store;
  readonly policies: Policies;
  readonly clock: Clock;
  /**
   * Why nothing can be given at a scope: its subscription is not of this tenant, or its resource
   * group is not there. Undefined when it can. Resource Manager knows; the house passes its answer
   * in.
   */
  readonly scopeFault: (
    transaction: ReadTransaction,
    tenantId: string,
    scope: string,
  ) => Promise<Fault | undefined>;
}

/** Declares an ARM operation of Microsoft.Authorization. */
export const rbacOperation = operationsOf<Caller, RbacRoom>();

/** The action of Microsoft.Authorization, in the control plane. */
export function authorizationAction(tail: string) {
  return { action: `Microsoft.Authorization/${tail}`, plane: 'control' } as const;
}
