/**
 * A fault is a refusal as data: what is said no to, how, and on what evidence. A room's `faults.ts` has one constructor
 * per refusal; a surface's dialect spells it on the wire. A bug is not a fault: a bug throws.
 */
export interface Fault {
  readonly kind: 'fault';
  /** HTTP status of the refusal. */
  readonly status: number;
  /** The code that clients compare, for example `JobNotFound` or `AADSTS7000215`. */
  readonly code: string;
  /** The text for the person, without request id and time, which the dialect adds. */
  readonly message: string;
  /** Named details, in the order in which they appear on the wire. */
  readonly values?: readonly FaultValue[];
  /** What the refusal is about (ARM's `target`). */
  readonly target?: string;
  /** Headers that belong to the refusal, for example `WWW-Authenticate`. Names are spelled as sent. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly evidence?: Evidence;
  /** What the operator is told and the caller is not. Never a secret. */
  readonly reason?: string;
}

/** One named detail of a fault. */
export interface FaultValue {
  readonly key: string;
  readonly value: string;
}

/** How sure we are that Azure answers like this: seen recorded, read in documentation, or guessed. */
export type Evidence = 'recorded' | 'documented' | 'unverified';

/** Makes a fault. Only `faults.ts` files call this. */
export function fault(
  status: number,
  code: string,
  message: string,
  more: Omit<Partial<Fault>, 'kind' | 'status' | 'code' | 'message'> = {},
): Fault {
  return { kind: 'fault', status, code, message, ...more };
}

/** Tells a fault from the value that a function returns when it does not refuse. */
export function isFault<T>(outcome: T | Fault): outcome is Fault {
  return (
    typeof outcome === 'object' &&
    outcome !== null &&
    (outcome as { kind?: unknown }).kind === 'fault'
  );
}

/** Thrown when the machine cannot do it now (database locked, disk full): the caller may try again, nothing was changed. */
export class UnavailableError extends Error {}
