import type { HttpRequest } from '#http/request.ts';

/**
 * Whether a change by an alternate key may make what it does not find.
 * Source: https://learn.microsoft.com/graph/api/application-upsert, https://learn.microsoft.com/graph/api/serviceprincipal-upsert
 */
export function createsIfMissing({ headers }: HttpRequest): boolean {
  const preferences = (headers['prefer'] ?? '').split(',');
  return preferences.some((one) => one.trim().toLowerCase() === 'create-if-missing');
}
