import { type Fault, fault } from '#kernel/fault.ts';

const recorded = { evidence: 'recorded' } as const;
const documented = { evidence: 'documented' } as const;

/** There is no such pool. */
export const poolNotFound = (): Fault =>
  fault(404, 'PoolNotFound', 'The specified pool does not exist.', recorded);
/** The pool id is taken, in whatever case. */
export const poolExists = (): Fault =>
  fault(409, 'PoolExists', 'The specified pool already exists.', documented);
/** The pool still has nodes, and goes with the last of them. */
export const poolBeingDeleted = (): Fault =>
  fault(
    409,
    'PoolBeingDeleted',
    'The specified pool has been marked for deletion and is being reclaimed.',
    recorded,
  );
/** The pool is not steady. */
export const poolBeingResized = (): Fault =>
  fault(409, 'PoolBeingResized', 'The specified pool is being resized', documented);
/** The account's pools are as many as it may have. */
export const poolQuotaReached = (): Fault =>
  fault(409, 'PoolQuotaReached', 'Pool quota for the account has been reached.', documented);
/** The pool has no such node. */
export const nodeNotFound = (): Fault =>
  fault(404, 'NodeNotFound', 'The specified node does not exist.', documented);

/** Why a pool has fewer nodes than its target, as its `resizeErrors` say. */
export interface ResizeError {
  readonly code: string;
  readonly message: string;
  readonly values?: readonly { readonly name: string; readonly value: string }[];
}

/** UNVERIFIED: the wording; the code is documented. */
export const coreQuotaError = (limit: number): ResizeError => ({
  code: 'AccountCoreQuotaReached',
  message: 'The specified account has reached core quota',
  values: [{ name: 'Limit', value: String(limit) }],
});

/** A resize was stopped before it was done (recorded). */
export const resizeStoppedError: ResizeError = {
  code: 'ResizeStopped',
  message:
    'Desired number of dedicated nodes could not be allocated due to a stop resize operation',
};

/** UNVERIFIED: the wording; the code is documented. */
export const resizeTimedOutError: ResizeError = {
  code: 'AllocationTimedout',
  message:
    'Desired number of dedicated nodes could not be allocated as the resize timeout was reached',
};

/** UNVERIFIED: the wording; the code is documented. */
export const nodeLostError = (text: string): ResizeError => ({
  code: 'AllocationFailed',
  message: 'Desired number of dedicated nodes could not be allocated',
  values: [{ name: 'Message', value: text }],
});
