import type { Cloud } from '#cloud/cloud.ts';
import type { Guard } from '#guard/authorize.ts';
import { type CrossOriginRules, openToOtherOrigins } from '#http/cross-origin.ts';
import { type BoundOperation, bind } from '#http/operation.ts';
import { type Surface, surfaceOf } from '#http/pipeline.ts';
import type { HttpRequest } from '#http/request.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Policies } from '#rbac/policy.ts';
import type { Store } from '#store/store.ts';
import { type ArmCaller, armDialect } from './dialect.ts';
import { metadataOperations } from './metadata.http.ts';
import { providerOperations } from './provider.http.ts';
import { resourceOperations } from './resource.http.ts';
import { resourceGroupOperations } from './resource-group.http.ts';
import type { ResourceKind } from './resource-kind.ts';
import { subscriptionOperations } from './subscription.http.ts';

/**
 * Largest body that Resource Manager takes, in bytes: 4 MiB.
 * Source:
 * https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling
 */
const armBodyBytesMax = 4_194_304;

/** What Resource Manager is opened with. */
export interface ArmParts {
  readonly guard: Guard;
  readonly policies: Policies;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly clouds: readonly Cloud[];
  /** The operations that other rooms declare, with their rooms filled in. */
  readonly operations: readonly BoundOperation<ArmCaller>[];
  /** The tracked resources of other rooms. */
  readonly resourceKinds: readonly ResourceKind[];
}

/** Azure Resource Manager: its own operations and those of the providers behind it. */
export function armSurface(parts: ArmParts): Surface {
  const own = [
    ...metadataOperations,
    ...subscriptionOperations,
    ...providerOperations,
    ...resourceGroupOperations,
    ...resourceOperations,
  ];
  const inner = surfaceOf<ArmCaller>({
    dialect: armDialect(parts),
    operations: [...bind(own, parts), ...parts.operations],
    log: parts.log,
    bodyBytesMax: armBodyBytesMax,
  });
  const collapsed: Surface = {
    ...inner,
    handle: (request) => inner.handle(withoutEmptySegments(request)),
  };
  return openToOtherOrigins(collapsed, crossOriginRules);
}

/** The portal and other pages call Resource Manager from their own origin. */
const crossOriginRules: CrossOriginRules = {
  methods: ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'],
  exposed: ['ETag', 'Location', 'Azure-AsyncOperation', 'Retry-After', 'x-ms-request-id'],
};

/**
 * Clients join a scope that begins with a slash, and types without a parent, so that slashes
 * repeat; Azure reads them as one (recorded). What is authorized afterwards is what is served.
 */
function withoutEmptySegments(request: HttpRequest): HttpRequest {
  const segments = request.route.segments.filter((segment) => segment !== '');
  if (segments.length === request.route.segments.length) return request;
  return { ...request, route: { ...request.route, path: `/${segments.join('/')}`, segments } };
}
