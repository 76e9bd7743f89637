import type { Reply } from './operation.ts';
import type { Surface } from './pipeline.ts';
import type { HttpRequest } from './request.ts';

/** What pages of other sites may do with a surface. */
export interface CrossOriginRules {
  readonly methods: readonly string[];
  /** Headers of replies that a page may read beside the few that it always may. */
  readonly exposed: readonly string[];
}

/** How long a browser may keep the answer to what it asked beforehand, in seconds. */
const preflightSeconds = 3600;

/**
 * Lets pages of any site call a surface: callers prove themselves by a token that a page must have
 * got itself, and no cookie is read, so that no site gains what it could not ask for by itself.
 * Source: https://learn.microsoft.com/graph/auth/auth-concepts, which single-page applications call
 * from their own origin.
 * UNVERIFIED: the headers of Azure's own preflight answers; a browser's log would settle them.
 */
export function openToOtherOrigins(surface: Surface, rules: CrossOriginRules): Surface {
  return {
    ...surface,
    async handle(request) {
      if (request.headers['origin'] === undefined) return surface.handle(request);
      if (isPreflight(request)) return preflightReply(request, rules.methods);
      const reply = await surface.handle(request);
      const headers = {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Expose-Headers': rules.exposed.join(', '),
        ...reply.headers,
      };
      return { ...reply, headers };
    },
  };
}

/** Answers what browsers ask beforehand about the places that pages of any site may ask. */
export function answerPreflights(
  surface: Surface,
  methodsOf: (request: HttpRequest) => readonly string[] | undefined,
): Surface {
  return {
    ...surface,
    handle(request) {
      const methods = isPreflight(request) ? methodsOf(request) : undefined;
      return methods === undefined
        ? surface.handle(request)
        : Promise.resolve(preflightReply(request, methods));
    },
  };
}

/** What a browser asks before a page sends a token, a body or another method. */
function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}

function preflightReply({ headers }: HttpRequest, methods: readonly string[]): Reply {
  const asked = (headers['access-control-request-headers'] ?? '').split(',');
  const allowed = asked.map((name) => name.trim()).filter((name) => /^[\w-]{1,100}$/.test(name));
  return {
    status: 200,
    headers: {
      'Access-Control-Allow-Origin': '*',
      'Access-Control-Allow-Methods': methods.join(', '),
      ...(allowed.length === 0 ? {} : { 'Access-Control-Allow-Headers': allowed.join(', ') }),
      'Access-Control-Max-Age': String(preflightSeconds),
    },
  };
}
