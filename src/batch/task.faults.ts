import { type Fault, fault } from '#kernel/fault.ts';

const recorded = { evidence: 'recorded' } as const;
const documented = { evidence: 'documented' } as const;

/** The job has no such task. */
export const taskNotFound = (): Fault =>
  fault(404, 'TaskNotFound', 'The specified task does not exist.', recorded);
/** The task id is taken, in whatever case. */
export const taskExists = (): Fault =>
  fault(409, 'TaskExists', 'The specified task already exists.', documented);
/** The task is over. */
export const taskCompleted = (): Fault =>
  fault(409, 'TaskCompleted', 'The specified task is already in a completed state.', documented);

/** Why a task failed, as its `failureInfo` says. */
export interface FailureInfo {
  readonly category: 'UserError' | 'ServerError';
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly name: string; readonly value: string }[];
}

/** The command ended with another code than 0 (recorded). */
export const exitCodeFailure: FailureInfo = {
  category: 'UserError',
  code: 'FailureExitCode',
  message: 'The task exited with an exit code representing a failure',
  details: [
    { name: 'Message', value: 'The task process exited with an unexpected exit code' },
    { name: 'AdditionalErrorCode', value: 'FailureExitCode' },
  ],
};

/** There is no such program on the node (recorded). */
export const programNotFoundFailure: FailureInfo = {
  category: 'UserError',
  code: 'CommandProgramNotFound',
  message: 'The specified command program is not found',
  details: [{ name: 'Message', value: 'The system cannot find the file specified' }],
};

/** UNVERIFIED: the wording; only the code is documented. */
export const launchFailure = (text: string): FailureInfo => ({
  category: 'UserError',
  code: 'CommandLaunchFailed',
  message: 'The specified command could not be launched',
  details: [{ name: 'Message', value: text }],
});

/** UNVERIFIED: the names of the details. */
export const resourceFailure = (url: string, filePath: string, text: string): FailureInfo => ({
  category: 'ServerError',
  code: 'BlobDownloadMiscError',
  message: 'Miscellaneous error encountered while downloading one of the specified Azure Blob(s).',
  details: [
    { name: 'BlobSource', value: url.replace(/\?.*$/s, '') },
    { name: 'FilePath', value: filePath },
    { name: 'Message', value: text },
  ],
});

/** Its client, or the end of its job, ended it (recorded). */
export const endedByUserFailure: FailureInfo = {
  category: 'UserError',
  code: 'TaskEnded',
  message: 'Task Was Ended by User Request',
};

/** UNVERIFIED: the wording for a task that ran longer than its maxWallClockTime. */
export const wallClockFailure: FailureInfo = {
  category: 'UserError',
  code: 'TaskEnded',
  message: 'Task exceeded its maximum wall clock time',
};

/**
 * Batten's own: the end of the run was never seen, so it is not known whether the command had
 * finished.
 */
export const vanishedFailure = (text: string): FailureInfo => ({
  category: 'ServerError',
  code: 'TaskEnded',
  message: 'The end of the task was not seen',
  details: [{ name: 'Message', value: text }],
});
