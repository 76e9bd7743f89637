import type { Engine } from '#engine/engine.ts';
import type { Guard } from '#guard/authorize.ts';
import type { BearerProblem } from '#guard/bearer.ts';
import type { Call } from '#http/operation.ts';
import { operationsOf } from '#http/operation.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import type { BatchAccount } from './account.ts';
import { readBody, type Shape, type Shaped } from './shape.ts';
import type { BatchVersion } from './version.ts';

/** A caller whose token the guard accepted. */
export type TokenCaller = Exclude<Awaited<ReturnType<Guard['caller']>>, BearerProblem>;

/**
 * Who calls the Batch service, and the account it reached. A shared key is the whole account; roles
 * do not limit it.
 */
export type BatchCaller =
  | { readonly kind: 'token'; readonly caller: TokenCaller; readonly account: BatchAccount }
  | { readonly kind: 'sharedKey'; readonly account: BatchAccount }
  | { readonly kind: 'nobody' };

/** What the operations of the Batch service work with. */
export interface BatchRoom {
  readonly store: Store;
  readonly engine: Engine;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Asks the sweep to look for due work soon. */
  readonly wakeSweep: () => void;
}

/** A call to the Batch service whose body was not read by a schema. */
export type BatchCall<Params extends string = string> = Call<BatchCaller, Params>;

/** Declares an operation of the Batch service. */
export const batchOperation = operationsOf<BatchCaller, BatchRoom>();

/**
 * The body of a call, read by a shape as the call's api-version has it; one that is empty is an
 * empty object.
 */
export function bodyOf<S extends Shape>(
  call: Pick<BatchCall, 'body' | 'version'>,
  shape: S,
): Shaped<S> | Fault {
  // The dialect refused every other api-version.
  return readBody(shape, call.body === undefined ? {} : call.body, call.version as BatchVersion);
}

/**
 * The account that a call is about. Every operation needs a caller, so a call without one is a bug.
 */
export function accountOf(caller: BatchCaller): BatchAccount {
  if (caller.kind === 'nobody')
    throw new Error('an operation of the Batch service ran without a caller');
  return caller.account;
}
