import type { Guard } from '#guard/authorize.ts';
import type { Checked, Dialect, Issue, Refusals } from '#http/dialect.ts';
import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Fault } from '#kernel/fault.ts';
import { isoSevenDigits } from '#kernel/instant.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import { permissionDenied } from './authenticate.faults.ts';
import { authenticate } from './authenticate.ts';
import { accountOf, type BatchCaller } from './caller.ts';
import { batchContentType, errorText, metadataText } from './entity.http.ts';
import {
  bodyTooLarge,
  internalError,
  invalidProperty,
  invalidUri,
  malformedBody,
  missingProperty,
  missingVersion,
  notImplemented,
  serverBusy,
  unknownProperty,
  unsupportedVerb,
} from './faults.ts';
import { batchVersion } from './version.ts';

/** What the dialect knows callers by. */
export interface BatchDialectParts {
  readonly guard: Guard;
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
}

/**
 * How the Batch service checks and speaks. The api-version comes first, even before the caller is
 * known: a browser that opens an account's address is told about api-version and never asked to
 * sign in.
 */
export function batchDialect(parts: BatchDialectParts): Dialect<BatchCaller> {
  return {
    surface: 'batch',
    checks: ['version', 'caller', 'route', 'body', 'permission', 'validation'],
    version: ({ request }) => {
      const version = queryValue(request.query, 'api-version');
      return version === undefined || version === '' ? missingVersion() : batchVersion(version);
    },
    caller: ({ request }) => authenticate(parts, request),
    nobody: () => ({ kind: 'nobody' }),
    scope: async (_checked, caller) => accountOf(caller).resourceId,
    authorize: async ({ request }, caller, requests) => {
      if (caller.kind !== 'token') return undefined;
      const decision = await parts.guard.authorize(caller.caller, requests, request);
      return decision.allowed ? undefined : permissionDenied();
    },
    refusals,
    spell: (refused, request) => spell(parts.clock, refused, request),
    dress,
  };
}

const refusals: Refusals = {
  noRoute: invalidUri,
  noMethod: (_request, allowed) => unsupportedVerb(allowed),
  malformedTarget: invalidUri,
  bodyTooLarge: (_request, bytesMax) => bodyTooLarge(bytesMax),
  malformedBody: (_request, reason) => malformedBody(reason),
  invalid: (_request, issues) => faultOfIssue(issues[0]),
  notImplemented: (_request, what) => notImplemented(what),
  internal: internalError,
  unavailable: serverBusy,
};

function faultOfIssue(issue: Issue | undefined): Fault {
  const name = issue?.path.split('.').at(-1) ?? '';
  switch (issue?.kind) {
    case 'missing':
      return missingProperty(name);
    case 'unknown':
      return unknownProperty(name);
    case 'type':
    case 'value':
      return invalidProperty(name, issue.value ?? '');
    case undefined:
      return malformedBody('The request body does not fit.');
  }
}

/** Errors carry a length and are not chunked; answers to HEAD and 304 have no body. */
function spell(clock: Clock, refused: Fault, request: HttpRequest): Reply {
  const { status, headers } = refused;
  if (request.method === 'HEAD' || status === 304) return { status, ...(headers && { headers }) };
  const metadata = metadataText(
    request.reach,
    'Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element',
  );
  const error = errorText(refused, request.requestId, isoSevenDigits(clock.civil()));
  const text = `{${metadata},${error.slice(1)}`;
  const length = String(Buffer.byteLength(text));
  return {
    status,
    headers: { ...headers, 'Content-Length': length },
    text,
    contentType: batchContentType,
  };
}

/** What every answer of the service carries (recorded, in the case as sent). */
function dress(reply: Reply, { request }: Checked<BatchCaller>): Reply {
  const echoed = request.headers['client-request-id'];
  const wantsEcho = request.headers['return-client-request-id']?.toLowerCase() === 'true';
  return {
    isChunked: true,
    ...reply,
    headers: {
      Server: 'Microsoft-HTTPAPI/2.0',
      'request-id': request.requestId,
      ...(wantsEcho && echoed !== undefined ? { 'client-request-id': echoed } : {}),
      'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
      'X-Content-Type-Options': 'nosniff',
      DataServiceVersion: '3.0',
      ...reply.headers,
    },
  };
}
