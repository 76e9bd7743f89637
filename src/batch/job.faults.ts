import { type Fault, fault } from '#kernel/fault.ts';

const documented = { evidence: 'documented' } as const;

/** There is no such job. */
export const jobNotFound = (): Fault =>
  fault(404, 'JobNotFound', 'The specified job does not exist.', documented);
/** The job id is taken, in whatever case. */
export const jobExists = (): Fault =>
  fault(409, 'JobExists', 'The specified job already exists.', documented);
/** The job is over. */
export const jobCompleted = (): Fault =>
  fault(409, 'JobCompleted', 'The specified job is already in a completed state.', documented);
/** The job is about to be over. */
export const jobBeingTerminated = (): Fault =>
  fault(409, 'JobBeingTerminated', 'The specified job is being terminated.', documented);
/** The job is about to be gone. */
export const jobBeingDeleted = (): Fault =>
  fault(
    409,
    'JobBeingDeleted',
    'The specified job has been marked for deletion and is being garbage collected.',
    documented,
  );
/** The account's jobs that are not completed are as many as it may have. */
export const jobQuotaReached = (): Fault =>
  fault(
    409,
    'ActiveJobAndScheduleQuotaReached',
    'Active job and schedule quota for the account has been reached.',
    documented,
  );

/** UNVERIFIED: which code moving a job to another pool has while it is not disabled. */
export const operationInvalid = (): Fault =>
  fault(
    409,
    'OperationInvalidForCurrentState',
    'The specified operation is not valid for the current state of the resource.',
    documented,
  );
