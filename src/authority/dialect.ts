import { clouds } from '#cloud/cloud.ts';
import type { Check, Checked, Dialect } from '#http/dialect.ts';
import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import type { Fault } from '#kernel/fault.ts';
import { isGuid } from '#kernel/ids.ts';
import { type Instant, isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { guidOfText } from '#kernel/random.ts';
import {
  internalError,
  malformedRequest,
  nothingHere,
  notImplemented,
  requestTooLarge,
  unavailable,
  wrongMethod,
} from './faults.ts';
import { cloudOf } from './room.ts';

/** Every operation of the authority is anonymous: whoever calls proves who they are in the body. */
export interface Anyone {
  readonly kind: 'anyone';
}

const anyone: Anyone = { kind: 'anyone' };

const checks: readonly Check[] = ['route', 'body'];

/** How Entra ID speaks: AADSTS errors as OAuth 2.0 JSON, and the headers of recorded answers. */
export const authorityDialect: Dialect<Anyone> = {
  surface: 'authority',
  checks,
  version: () => '',
  caller: async () => anyone,
  nobody: () => anyone,
  scope: async () => '/',
  authorize: async () => undefined,
  refusals: {
    noRoute: () => nothingHere(),
    noMethod: (request, allowed) => wrongMethod(request.method, allowed),
    malformedTarget: () => malformedRequest(),
    bodyTooLarge: (_request, bytesMax) => requestTooLarge(bytesMax),
    malformedBody: () => malformedRequest(),
    invalid: () => malformedRequest(),
    notImplemented: (_request, what) => notImplemented(what),
    internal: () => internalError(),
    unavailable: () => unavailable(),
  },
  spell,
  dress,
};

/** The number of an AADSTS code; zero when the fault has none. */
export function aadstsNumber(code: string): number {
  return Number(/^AADSTS(\d+)$/.exec(code)?.[1] ?? 0);
}

/**
 * The correlation id of a request: the client's own when it sent a GUID as header or query
 * parameter, else one that follows from the request id.
 */
export function correlationIdOf(request: HttpRequest): string {
  const sent =
    request.headers['client-request-id'] ?? queryValue(request.query, 'client-request-id');
  return sent !== undefined && isGuid(sent) ? sent : guidOfText('correlation', request.requestId);
}

function spell(fault: Fault, request: HttpRequest): Reply {
  const headers = { ...fault.headers };
  if (fault.message === '') return { status: fault.status, headers };
  const number = aadstsNumber(fault.code);
  return {
    status: fault.status,
    headers: isDiscovery(request) ? headers : { ...headers, 'x-ms-clitelem': `1,${number},0,,` },
    contentType: jsonContentType,
    json: spokenFault(fault, request),
  };
}

/** A refusal in Entra's words; redirects carry some of them, too. */
export function spokenFault(fault: Fault, request: HttpRequest): JsonObject {
  const timestamp = timestampOf(request.receivedAt);
  const traceId = request.requestId;
  const correlationId = correlationIdOf(request);
  const number = aadstsNumber(fault.code);
  const value = (key: string): string | undefined =>
    fault.values?.find((one) => one.key === key)?.value;
  return {
    error: value('error') ?? fault.code,
    error_description:
      `${fault.code}: ${fault.message} Trace ID: ${traceId} ` +
      `Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: number === 0 ? [] : [number],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: number === 0 ? undefined : errorPage(request, number),
    suberror: value('suberror'),
  };
}

/** The content type of every JSON answer, as recorded. */
export const jsonContentType = 'application/json; charset=utf-8';

/**
 * The page that explains a code stands at the cloud's canonical login host, however the request
 * came.
 */
function errorPage(request: HttpRequest, number: number): string {
  const host = cloudOf(clouds, request.reach).issuerHost;
  return `https://${host}/error?code=${number}`;
}

/** `2026-11-20 09:42:46Z` */
function timestampOf(at: Instant): string {
  return `${isoOf(at).slice(0, 19).replace('T', ' ')}Z`;
}

/**
 * The headers of recorded answers. Cookies are left out, since nothing here reads them, and the
 * server names itself.
 * Source: Azure/kubelogin recordings of February 2025.
 */
function dress(reply: Reply, checked: Checked<Anyone>): Reply {
  const { request } = checked;
  const sent = request.headers['client-request-id'];
  const kind = isDiscovery(request) ? discoveryHeaders(reply.status) : tokenHeaders;
  const headers: Record<string, string> = {
    ...kind,
    ...headersOfAll,
    'x-ms-request-id': request.requestId,
  };
  if (sent !== undefined) headers['client-request-id'] = sent;
  if (isCrossOriginRedemption(request)) Object.assign(headers, crossOriginHeaders);
  return { ...reply, headers: Object.assign(headers, reply.headers) };
}

const headersOfAll = {
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
  'X-Content-Type-Options': 'nosniff',
  P3P: 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
  'x-ms-ests-server': 'Batten',
  'x-ms-srs': '1.P',
  'X-XSS-Protection': '0',
};

const tokenHeaders = { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache', Expires: '-1' };

function discoveryHeaders(status: number): Readonly<Record<string, string>> {
  return {
    'Cache-Control': status === 200 ? 'max-age=86400, private' : 'private',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, OPTIONS',
  };
}

/**
 * A page asks for tokens: it may read the answer, which no cookie helped it to. As seen in 2024.
 * Source: https://pgj11.com/posts/Bypass-Azure-Admin-Approval-Mode-Enumeration/
 */
const crossOriginHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Content-Length,Content-Encoding,x-ms-request-id,x-ms-srs',
  'Access-Control-Allow-Methods': 'POST, OPTIONS',
};

function isCrossOriginRedemption(request: HttpRequest): boolean {
  return isToken(request) && request.headers['origin'] !== undefined;
}

/** What a page of another origin may do with what it names, if it may anything. */
export function crossOriginMethods(request: HttpRequest): readonly string[] | undefined {
  if (isDiscovery(request)) return ['GET', 'OPTIONS'];
  return isToken(request) ? ['POST', 'OPTIONS'] : undefined;
}

function isToken(request: HttpRequest): boolean {
  return request.route.segments.at(-1)?.toLowerCase() === 'token';
}

/** Documents that anyone may read and keep for a day: metadata, keys, instances. */
function isDiscovery(request: HttpRequest): boolean {
  return request.route.segments.slice(1).some((segment) => {
    const folded = segment.toLowerCase();
    return folded === '.well-known' || folded === 'discovery';
  });
}
