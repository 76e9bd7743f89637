import { etagOf } from '#kernel/instant.ts';
import { dated, objectText, quoted } from './entity.http.ts';
import type { Job } from './job.ts';
import type { FilterValue } from './odata-filter.ts';

/** A job on the wire, in Azure's order. */
export function jobText(job: Job, base: string, select: ReadonlySet<string> | undefined): string {
  const execution = objectText([
    ['startTime', dated(job.startedAt)],
    ['endTime', dated(job.endedAt)],
    ['poolId', quoted(job.poolId)],
    [
      'terminateReason',
      job.terminateReason === undefined ? undefined : quoted(job.terminateReason),
    ],
  ]);
  return objectText(
    [
      ['id', quoted(job.id)],
      ['displayName', job.displayName === undefined ? undefined : quoted(job.displayName)],
      ['url', quoted(`${base}/jobs/${job.id}`)],
      ['eTag', quoted(etagOf(job.modifiedAt))],
      ['lastModified', dated(job.modifiedAt)],
      ['creationTime', dated(job.createdAt)],
      ['state', quoted(job.state)],
      ['stateTransitionTime', dated(job.stateAt)],
      ['previousState', job.previousState === undefined ? undefined : quoted(job.previousState)],
      ['previousStateTransitionTime', dated(job.previousStateAt)],
      ['', job.settings],
      ['executionInfo', execution],
      ['onAllTasksComplete', quoted(job.onAllTasksComplete)],
      ['onTaskFailure', quoted(job.onTaskFailure)],
    ],
    select,
  );
}

/** What a property of a job is to a filter. */
export function jobFilterValue(job: Job, property: string): FilterValue {
  switch (property) {
    case 'id':
      return job.id;
    case 'state':
      return job.state;
    case 'stateTransitionTime':
      return job.stateAt;
    case 'creationTime':
      return job.createdAt;
    case 'lastModified':
      return job.modifiedAt;
    case 'executionInfo/poolId':
      return job.poolId;
    case 'executionInfo/startTime':
      return job.startedAt;
    case 'executionInfo/endTime':
      return job.endedAt;
    default:
      throw new Error(`the filter of jobs has no ${property}`);
  }
}
