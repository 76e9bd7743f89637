import { bind } from '#http/operation.ts';
import { type Surface, surfaceOf } from '#http/pipeline.ts';
import type { Log } from '#kernel/log.ts';
import { type TokenRoom, tokenOperations } from './token.http.ts';
import { tokenDialect } from './token-dialect.ts';

/** What the endpoint of one managed identity is opened with. */
export interface TokenSurfaceParts extends TokenRoom {
  /** Whoever presents it gets the identity's tokens. */
  readonly credential: string;
  readonly log: Log;
}

/** Largest body in bytes; the one form that has a body names a resource in it. */
const tokenBodyBytesMax = 16_384;

/**
 * The endpoint at which a program that runs as a managed identity gets its tokens: instance
 * metadata, App Service, Azure Machine Learning and Cloud Shell. A slash at the end of the path means nothing.
 */
export function tokenSurface(parts: TokenSurfaceParts): Surface {
  const inner = surfaceOf({
    dialect: tokenDialect(parts.credential),
    operations: bind(tokenOperations, parts),
    log: parts.log,
    bodyBytesMax: tokenBodyBytesMax,
  });
  return {
    ...inner,
    handle(request) {
      const { route } = request;
      if (route.segments.at(-1) !== '') return inner.handle(request);
      const segments = route.segments.slice(0, -1);
      return inner.handle({
        ...request,
        route: { ...route, path: `/${segments.join('/')}`, segments },
      });
    },
  };
}
