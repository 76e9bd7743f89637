import type { HttpRequest } from '#http/request.ts';
import { isGuid } from '#kernel/ids.ts';

/**
 * The request without the tenant that its path may name behind the version: `/v1.0/{tenantId}/users` is `/v1.0/users`, as is
 * `/v1.0/myorganization/users`. An id is kept as the label `tenant`, for the dialect to hold against the token's.
 * Source: https://github.com/manicminer/hamilton (HasTenantId), which the azuread provider up to 2.x sends every request with
 */
export function withoutTenantSegment(request: HttpRequest): HttpRequest {
  const { route, reach } = request;
  const [version = '', named = '', ...rest] = route.segments;
  const isOwn = named.toLowerCase() === 'myorganization';
  if (rest.length === 0 || !(isOwn || isGuid(named))) return request;
  const segments = [version, ...rest];
  return {
    ...request,
    route: { ...route, path: `/${segments.join('/')}`, segments },
    reach: isOwn ? reach : { ...reach, labels: { ...reach.labels, tenant: named } },
  };
}
