import type { Fault } from '#kernel/fault.ts';
import { invalidQuery, unsupportedVersion } from './faults.ts';

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

const withRevision = /^\d{4}-\d{2}-\d{2}\.\d+\.\d+$/;

/**
 * Reads an api-version, or refuses one that is not spoken here. One that is written as a version of
 * the service is not supported; anything else, a date of Resource Manager above all, is no value.
 * Source: https://github.com/Azure/azure-sdk-for-python/issues/19224
 */
export function batchVersion(text: string): BatchVersion | Fault {
  const known = batchVersions.find((version) => version === text);
  if (known !== undefined) return known;
  return withRevision.test(text)
    ? unsupportedVersion()
    : invalidQuery('api-version', text, 'The api-version is not a version of the Batch service.');
}
