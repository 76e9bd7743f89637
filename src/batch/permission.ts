import type { AccessInput, AccessRequest, Permission, PlaneAction } from '#http/operation.ts';
import { isJsonObject } from '#kernel/json.ts';

/** What the Batch service checks, below `Microsoft.Batch/batchAccounts/`. */
export type BatchAction =
  | 'read'
  | 'applications/read'
  | `${'pools' | 'jobs' | 'jobSchedules' | 'certificates'}/${'read' | 'write' | 'delete'}`;

/** Whether an operation only reads: then the right to read the account is enough too. */
export type Access = 'read' | 'write';

const provider = 'Microsoft.Batch/batchAccounts';
const listKeys: PlaneAction = { action: `${provider}/listKeys/action`, plane: 'control' };
const readAccount: PlaneAction = { action: `${provider}/read`, plane: 'control' };
const writePools: PlaneAction = { action: `${provider}/pools/write`, plane: 'control' };

/**
 * The rule of the Batch data plane: the action itself, in `dataActions` for jobs and job schedules
 * and in `actions` for all else; or, as umbrellas, `batchAccounts/read` for any read and
 * `listKeys/action` for anything.
 * Source: https://learn.microsoft.com/azure/batch/batch-role-based-access-control
 */
export function batchPermission(action: BatchAction, access: Access): Permission {
  const wanted = planeActionOf(action);
  return {
    documented: [wanted],
    requests: ({ scope }) => [requestOf(wanted, access, scope)],
  };
}

/**
 * The same for bodies with `poolInfo`: a job that brings its own pool needs the right to write
 * pools as well.
 */
export function jobWritePermission(action: 'jobs/write' | 'jobSchedules/write'): Permission {
  const wanted = planeActionOf(action);
  return {
    documented: [wanted],
    requests: (input) => {
      const first = requestOf(wanted, 'write', input.scope);
      return asksForAutoPool(input)
        ? [first, requestOf(writePools, 'write', input.scope)]
        : [first];
    },
  };
}

function planeActionOf(action: BatchAction): PlaneAction {
  const isData = action.startsWith('jobs/') || action.startsWith('jobSchedules/');
  return { action: `${provider}/${action}`, plane: isData ? 'data' : 'control' };
}

function requestOf(wanted: PlaneAction, access: Access, scope: string): AccessRequest {
  const umbrellas = access === 'read' ? [readAccount, listKeys] : [listKeys];
  return { ...wanted, scope, umbrellas };
}

function asksForAutoPool({ body }: AccessInput): boolean {
  if (!isJsonObject(body)) return false;
  // A job schedule holds the job that it makes in jobSpecification.
  const job = isJsonObject(body['jobSpecification']) ? body['jobSpecification'] : body;
  const pool = job['poolInfo'];
  return isJsonObject(pool) && isJsonObject(pool['autoPoolSpecification']);
}
