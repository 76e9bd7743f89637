import type { Fault } from '#kernel/fault.ts';
import { unsupportedVersion } from './faults.ts';

/**
 * The api-versions of the Batch service that Batten speaks, oldest first. They compare as text,
 * since each begins with a date.
 * Source: https://learn.microsoft.com/rest/api/batchservice/batch-service-rest-api-versioning
 */
export const batchVersions = [
  '2022-10-01.16.0',
  '2023-05-01.17.0',
  '2023-11-01.18.0',
  '2024-02-01.19.0',
  '2024-07-01.20.0',
  '2025-06-01',
] as const;

/** One of the api-versions that Batten speaks. */
export type BatchVersion = (typeof batchVersions)[number];

/** Reads an api-version, or refuses one that is not spoken here. */
export function batchVersion(text: string): BatchVersion | Fault {
  const known = batchVersions.find((version) => version === text);
  return known ?? unsupportedVersion();
}
