import type { Caller } from '#directory/caller.ts';
import { operationsOf, type Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import type { Random } from '#kernel/random.ts';
import type { EventReader, Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';

/**
 * Whether it is a user's password; a fault says no. Wrong ones count toward the lock of her account, as they do where she signs in. Not
 * for the inside of a transaction.
 */
export type CheckPassword = (
  user: { readonly tenantId: string; readonly userId: string },
  password: string,
  remoteAddress: string,
) => Promise<object | Fault>;

/**
 * Consents to all that the registration of an application asks for, for everybody in the tenant, in the name of a user whose rights are
 * judged with it; the service principal is made where the application is the tenant's own. Whatever is not `given` changed nothing.
 */
export type ConsentForAll = (
  consent: { readonly tenantId: string; readonly userId: string; readonly appId: string },
  request: HttpRequest,
) => Promise<'given' | 'unknownApplication' | 'notAllowed' | Fault>;

/** What every Graph operation works with. */
export interface GraphRoom {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** The logs that Graph shows. */
  readonly events: EventReader;
  /** Takes what an operation decides by itself. */
  readonly note: Recorder['note'];
  readonly checkPassword: CheckPassword;
  readonly consentForAll: ConsentForAll;
  /** Sends a request through the whole surface, as if it had arrived by itself. */
  dispatch(request: HttpRequest): Promise<Reply>;
  /** A refusal in Graph's words. */
  refuse(fault: Fault, request: HttpRequest): Reply;
}

/**
 * Declares an operation of Graph. Paths begin with `{graphVersion}`, which the dialect has checked to be v1.0 or beta: one
 * declaration serves both.
 */
export const operation = operationsOf<Caller, GraphRoom>();
