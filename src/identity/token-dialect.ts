import { timingSafeEqual } from 'node:crypto';
import type { Dialect } from '#http/dialect.ts';
import type { Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { decodeSegment } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { tokenFaults } from './token.faults.ts';
import { tokenPaths } from './token-path.ts';

/** Whoever has the credential of the endpoint. */
export interface CredentialHolder {
  readonly kind: 'credentialHolder';
}

const holder: CredentialHolder = { kind: 'credentialHolder' };

/**
 * How the token endpoints speak: errors as JSON. Nobody is answered without the
 * credential: in a header, or in the path for the one form that has no header for it.
 */
export function tokenDialect(credential: string): Dialect<CredentialHolder> {
  return {
    surface: 'identity',
    checks: ['route', 'caller', 'body'],
    version: () => '',
    caller: async ({ request }) => callerOf(request, credential),
    nobody: () => holder,
    scope: async () => '/',
    authorize: async () => undefined,
    refusals: {
      noRoute: tokenFaults.nothingHere,
      noMethod: (request) => tokenFaults.wrongMethod(request.method),
      malformedTarget: tokenFaults.malformed,
      bodyTooLarge: (_request, bytesMax) => tokenFaults.tooLarge(bytesMax),
      malformedBody: tokenFaults.malformed,
      invalid: tokenFaults.malformed,
      notImplemented: (_request, what) => tokenFaults.notImplemented(what),
      internal: tokenFaults.internal,
      unavailable: tokenFaults.unavailable,
    },
    spell,
    dress: (reply) => ({
      ...reply,
      headers: { 'Cache-Control': 'no-store', ...reply.headers },
      contentType: 'application/json; charset=utf-8',
    }),
  };
}

/** OAuth's error, but on App Service and in Cloud Shell, which have forms and some words of their own. */
function spell(fault: Fault, { route, requestId: correlationId }: HttpRequest): Reply {
  const { status, code, message, headers = {}, values = [] } = fault;
  const own = (key: string): string | undefined => values.find((one) => one.key === key)?.value;
  if (route.path === tokenPaths.appService) {
    const statusCode = Number(own('appServiceStatus') ?? status);
    const json = { statusCode, message: own('appService') ?? message, correlationId };
    return { status: statusCode, headers, json };
  }
  if (route.segments[0] === 'cloudshell') {
    const said = { code: own('cloudShellCode') ?? code, message: own('cloudShell') ?? message };
    return { status, headers, json: { error: said } };
  }
  return { status, headers, json: { error: code, error_description: message } };
}

function callerOf(request: HttpRequest, credential: string): CredentialHolder | Fault {
  const [first = '', second = ''] = request.route.segments;
  if (first === 'metadata') {
    const refused = metadataFault(request);
    if (isFault(refused)) return refused;
  }
  const { headers } = request;
  const presented =
    first === 'cloudshell'
      ? decodeSegment(second)
      : (headers['x-identity-header'] ?? headers['secret']);
  return isSame(presented ?? '', credential) ? holder : tokenFaults.credentialMissing();
}

/**
 * A browser or a proxy that was tricked into asking cannot send the one header and sends the other.
 * Source: https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service#security-and-authentication
 */
function metadataFault({ headers }: HttpRequest): Fault | undefined {
  if (headers['metadata']?.toLowerCase() !== 'true') return tokenFaults.metadataMissing();
  return headers['x-forwarded-for'] === undefined ? undefined : tokenFaults.forwarded();
}

function isSame(presented: string, expected: string): boolean {
  const [left, right] = [Buffer.from(presented), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
