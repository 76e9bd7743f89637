import { type Fault, fault } from '#kernel/fault.ts';

const documented = { evidence: 'documented' } as const;
const unverified = { evidence: 'unverified' } as const;

/** The task has no such file. */
export const fileNotFound = (): Fault =>
  fault(404, 'FileNotFound', 'The specified file does not exist.', documented);
/** The task has not run on a node, so that there are no files. */
export const filesUnavailable = (reason: string): Fault =>
  fault(409, 'TaskFilesUnavailable', 'The files of the specified task are unavailable.', {
    ...documented,
    reason,
  });
/** UNVERIFIED: which code reading a directory has. */
export const notAFile = (): Fault =>
  fault(403, 'IOError', 'An I/O error occurred when accessing the specified resource.', unverified);
/** The node could not read it. */
export const ioError = (reason: string): Fault =>
  fault(403, 'IOError', 'An I/O error occurred when accessing the specified resource.', {
    ...documented,
    reason,
  });
/** A range that begins after the end of the file. */
export const invalidRange = (): Fault =>
  fault(
    416,
    'InvalidRange',
    'The range specified is invalid for the current size of the resource.',
    documented,
  );
/** UNVERIFIED: which code a file operation has that needs the node while it cannot be reached. */
export const nodeUnavailable = (reason: string): Fault =>
  fault(
    409,
    'OperationInvalidForCurrentState',
    'The specified operation is not valid for the current state of the resource.',
    { ...unverified, reason },
  );
