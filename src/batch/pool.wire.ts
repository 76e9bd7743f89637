import { etagOf } from '#kernel/instant.ts';
import { dated, objectText, quoted } from './entity.http.ts';
import type { FilterValue } from './odata-filter.ts';
import { settingsIn } from './pool.settings.ts';
import type { Pool } from './pool.ts';

/**
 * A pool on the wire, in Azure's order, as an api-version sees it. `current` is how many of its
 * nodes there are.
 */
export function poolText(
  pool: Pool,
  current: number,
  base: string,
  version: string,
  select: ReadonlySet<string> | undefined,
): string {
  const showsErrors = pool.allocationState === 'steady' && pool.resizeErrors.length > 0;
  return objectText(
    [
      ['id', quoted(pool.id)],
      ['displayName', pool.displayName === undefined ? undefined : quoted(pool.displayName)],
      ['url', quoted(`${base}/pools/${pool.id}`)],
      ['eTag', quoted(etagOf(pool.modifiedAt))],
      ['lastModified', dated(pool.modifiedAt)],
      ['creationTime', dated(pool.createdAt)],
      ['state', quoted(pool.state)],
      ['stateTransitionTime', dated(pool.stateAt)],
      ['allocationState', quoted(pool.allocationState)],
      ['allocationStateTransitionTime', dated(pool.allocationAt)],
      ['resizeErrors', showsErrors ? JSON.stringify(pool.resizeErrors) : undefined],
      ['vmSize', quoted(pool.vmSize)],
      ['resizeTimeout', quoted(pool.resizeTimeout)],
      ['currentDedicatedNodes', String(current)],
      ['targetDedicatedNodes', String(pool.targetDedicated)],
      ['currentLowPriorityNodes', '0'],
      ['targetLowPriorityNodes', '0'],
      ['enableAutoScale', 'false'],
      ['', settingsIn(pool, version)],
    ],
    select,
  );
}

/** What a property of a pool is to a filter. */
export function poolFilterValue(pool: Pool, property: string): FilterValue {
  switch (property) {
    case 'id':
      return pool.id;
    case 'state':
      return pool.state;
    case 'vmSize':
      return pool.vmSize;
    case 'allocationState':
      return pool.allocationState;
    case 'stateTransitionTime':
      return pool.stateAt;
    case 'allocationStateTransitionTime':
      return pool.allocationAt;
    case 'creationTime':
      return pool.createdAt;
    case 'lastModified':
      return pool.modifiedAt;
    case 'enableAutoScale':
      return false;
    case 'enableInterNodeCommunication':
      return pool.settings.includes('"enableInterNodeCommunication":true');
    default:
      throw new Error(`the filter of pools has no ${property}`);
  }
}
