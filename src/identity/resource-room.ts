import type { ArmCaller } from '#arm/dialect.ts';
import type { Guard } from '#guard/authorize.ts';
import { operationsOf } from '#http/operation.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Policies } from '#rbac/policy.ts';
import type { Store } from '#store/store.ts';

/** What the ARM operations on managed identities work with. */
export interface IdentityRoom {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly guard: Guard;
  readonly policies: Policies;
}

/** Declares an ARM operation of the Managed Identity resource provider. */
export const identityOperation = operationsOf<ArmCaller, IdentityRoom>();

/** Where identities stand below their resource group. */
export const identitiesPath =
  '/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.ManagedIdentity/userAssignedIdentities';

/** Where one identity stands. */
export const identityPath = `${identitiesPath}/{resourceName}` as const;

/** The action of the provider: `Microsoft.ManagedIdentity/userAssignedIdentities/...`. */
export function identityAction(tail: string) {
  const action = `Microsoft.ManagedIdentity/userAssignedIdentities/${tail}`;
  return { action, plane: 'control' } as const;
}
