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
