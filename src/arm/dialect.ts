import { type Cloud, cloudNamed } from '#cloud/cloud.ts';
import type { Caller } from '#directory/caller.ts';
import type { Guard } from '#guard/authorize.ts';
import { type BearerProblem, isBearerProblem } from '#guard/bearer.ts';
import type { Dialect, Issue } from '#http/dialect.ts';
import type { AccessRequest, Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { decodeSegment, queryValue } from '#http/target.ts';
import type { Fault } from '#kernel/fault.ts';
import { isGuid } from '#kernel/ids.ts';
import { isoSevenDigits } from '#kernel/instant.ts';
import { linkedAuthorizationFailed } from '#rbac/faults.ts';
import { parseResourceId, resourceScope, subscriptionOf } from '#rbac/scope.ts';
import type { Store } from '#store/store.ts';
import { armFaults } from './faults.ts';
import { subjectOf } from './provider.ts';
import { findSubscription, tenantOfSubscription } from './subscription.store.ts';

/** The caller of a Resource Manager operation: the verified token, nothing more. */
export type ArmCaller = Caller;

export interface ArmDialectParts {
  readonly store: Store;
  readonly guard: Guard;
}

/** The caller of an anonymous operation: nobody, who may nothing. */
const nobody: ArmCaller = {
  tenantId: '',
  objectId: '',
  principalType: 'User',
  appId: '',
  displayName: '',
  principalIds: [],
  directoryRoleIds: [],
  oauthScopes: [],
  appRoles: [],
  claims: {},
};

/**
 * How Resource Manager speaks: api-version, token, tenant, subscription, authorization, and only
 * then whether the resource exists, so that a path nobody may read says nothing about what is
 * there.
 */
export function armDialect(parts: ArmDialectParts): Dialect<ArmCaller> {
  return {
    surface: 'arm',
    checks: ['version', 'caller', 'route', 'body', 'permission', 'validation'],
    version: ({ request, operation }) => versionOf(request, operation?.permission === 'anonymous'),
    caller: ({ request }) => callerOf(parts, request),
    nobody: () => nobody,
    scope: ({ request }, caller) => scopeOf(parts.store, request, caller),
    authorize: ({ request }, caller, requests) => authorize(parts.guard, request, caller, requests),
    refusals: {
      noRoute,
      noMethod: (request) => armFaults.noMethod(request.method),
      malformedTarget: armFaults.malformedTarget,
      bodyTooLarge: (_request, bytesMax) => armFaults.bodyTooLarge(bytesMax),
      malformedBody: (_request, reason) => armFaults.malformedBody(reason),
      invalid: (_request, issues) => armFaults.malformedBody(textOf(issues)),
      notImplemented: (_request, what) => armFaults.notImplemented(what),
      internal: armFaults.internal,
      unavailable: armFaults.unavailable,
    },
    spell,
    dress: (reply, { request }) => dress(reply, request),
  };
}

/**
 * The audiences that a token for Resource Manager may have: those of the cloud, and the address
 * itself where Batten is reached by one of its own, since clients that are given an endpoint ask
 * for a token for it.
 */
function audiencesOf(request: HttpRequest): readonly string[] {
  const { armAudiences } = cloudOf(request);
  const { explicit, origin } = request.reach;
  return explicit ? [...armAudiences, origin, `${origin}/`] : armAudiences;
}

/** The cloud that a request was reached in. */
export function cloudOf(request: HttpRequest): Cloud {
  return cloudNamed(request.reach.cloud as Cloud['name']);
}

/** The decoded path below the base; undefined when a segment hides a slash or is a dot segment. */
export function pathOf(request: HttpRequest): string | undefined {
  const segments = request.route.segments.map(decodeSegment);
  const isPlain = segments.every(
    (one) => one !== undefined && !one.includes('/') && one !== '.' && one !== '..',
  );
  return isPlain ? `/${segments.join('/')}` : undefined;
}

function versionOf(request: HttpRequest, isAnonymous: boolean): string | Fault {
  const path = pathOf(request);
  if (path === undefined) return armFaults.malformedTarget();
  const version = queryValue(request.query, 'api-version')?.trim() ?? '';
  if (version === '') return armFaults.missingApiVersion();
  const subject = subjectOf(path);
  if (isAnonymous || subject.kind === 'unknownNamespace' || subject.kind === 'unknownType') {
    return version;
  }
  const asked = version.toLowerCase();
  if (subject.apiVersions.includes(asked)) return asked;
  if (subject.kind === 'resources') {
    return armFaults.invalidApiVersion(version, subject.apiVersions);
  }
  const { resourceType, namespace, apiVersions } = subject;
  return armFaults.unsupportedApiVersion(resourceType, namespace, version, apiVersions);
}

async function callerOf(parts: ArmDialectParts, request: HttpRequest): Promise<ArmCaller | Fault> {
  const cloud = cloudOf(request);
  const audiences = audiencesOf(request);
  const caller = await parts.guard.caller(request, { audiences, cloud: cloud.name });
  if (!isBearerProblem(caller)) return caller;
  return tokenFault(caller, audiences, await authorizationUri(parts.store, request));
}

function tokenFault(problem: BearerProblem, audiences: readonly string[], uri: string): Fault {
  switch (problem.problem) {
    case 'missing':
      return armFaults.tokenMissing(uri);
    case 'wrongAudience':
      return armFaults.tokenAudience(problem.audience ?? '', audiences, uri);
    case 'expired':
      return armFaults.tokenExpired(problem.expiresAt, problem.now, uri);
    case 'notYetValid':
      return armFaults.tokenNotYetValid(problem.notBefore, problem.now, uri);
    case 'issuerUnreachable':
      return armFaults.tokenIssuer(problem.issuer ?? '', uri);
    case 'malformed':
    case 'badSignature':
    case 'unknownIssuer':
    case 'wrongCloud':
    case 'unknownPrincipal':
    case 'disabled':
    case 'revoked':
      return armFaults.tokenInvalid(uri);
  }
}

/**
 * Where the next token is to be had: the authority of the subscription's tenant, where the path
 * names one.
 */
async function authorizationUri(store: Store, request: HttpRequest): Promise<string> {
  const subscriptionId = subscriptionOf(pathOf(request) ?? '/');
  const tenantId =
    subscriptionId === undefined
      ? undefined
      : await store.read((transaction) => tenantOfSubscription(transaction, subscriptionId));
  return authorityOf(request, tenantId ?? '');
}

/**
 * Clients compare the host with the clouds they know, so the one that Azure names is used:
 * login.windows.net in public.
 */
function authorityOf(request: HttpRequest, tenantId: string): string {
  if (request.reach.explicit) return `${request.reach.origin}/${tenantId}`;
  const { loginHosts } = cloudOf(request);
  const host = loginHosts.find((one) => one === 'login.windows.net') ?? loginHosts[0];
  return `https://${host}/${tenantId}`;
}

/**
 * The resource that a request is about: a whole ARM path is itself; a collection
 * (`.../batchAccounts`) and an action (`.../listKeys`) are about what stands before their last
 * segment.
 */
async function scopeOf(
  store: Store,
  request: HttpRequest,
  caller: ArmCaller,
): Promise<string | Fault> {
  const path = pathOf(request);
  if (path === undefined) return armFaults.malformedTarget();
  const subscriptionId = subscriptionOf(path);
  if (subscriptionId !== undefined) {
    const refused = await subscriptionFault(store, request, caller, subscriptionId);
    if (refused !== undefined) return refused;
  }
  return resourcePathOf(path);
}

/** Leaves the last segment away where it names a collection or an action. */
export function resourcePathOf(path: string): string {
  const segments = path.split('/').slice(1);
  const { namespace, types, names } = parseResourceId(path);
  const isOpen = namespace === undefined ? segments.length % 2 === 1 : types.length > names.length;
  const kept = isOpen ? segments.slice(0, -1) : segments;
  return `/${kept.join('/')}`;
}

async function subscriptionFault(
  store: Store,
  request: HttpRequest,
  caller: ArmCaller,
  subscriptionId: string,
): Promise<Fault | undefined> {
  if (!isGuid(subscriptionId)) return armFaults.malformedSubscription(subscriptionId);
  const subscription = await store.read((transaction) =>
    findSubscription(transaction, subscriptionId),
  );
  if (subscription === undefined) return armFaults.subscriptionNotFound(subscriptionId);
  if (subscription.tenantId === caller.tenantId) return undefined;
  const { stsHost } = cloudOf(request);
  const issuer = `https://${stsHost}/${caller.tenantId}/`;
  const expected = `https://${stsHost}/${subscription.tenantId}/`;
  return armFaults.tokenTenant(issuer, expected, authorityOf(request, subscription.tenantId));
}

async function authorize(
  guard: Guard,
  request: HttpRequest,
  caller: ArmCaller,
  requests: readonly AccessRequest[],
): Promise<Fault | undefined> {
  const decision = await guard.authorize(caller, requests, request);
  if (decision.allowed) return undefined;
  const [first] = requests;
  const { missing } = decision;
  const { scope } = decision.request;
  if (first === undefined || resourceScope(first.scope) === resourceScope(scope)) {
    return armFaults.authorizationFailed(caller, missing, scope);
  }
  return linkedAuthorizationFailed(caller, first, missing, scope);
}

function noRoute(request: HttpRequest): Fault {
  const path = pathOf(request) ?? '/';
  const subject = subjectOf(path);
  switch (subject.kind) {
    case 'unknownNamespace':
      return armFaults.unknownNamespace(subject.namespace);
    case 'unknownType':
      return armFaults.unknownType(subject.resourceType, subject.namespace);
    case 'type': {
      const { types, namespace = '' } = parseResourceId(path);
      return armFaults.unknownType(types.join('/'), namespace);
    }
    case 'resources':
      return armFaults.noRoute(path);
  }
}

function textOf(issues: readonly Issue[]): string {
  return issues.map(({ path, reason }) => `${path === '' ? 'body' : path}: ${reason}`).join('; ');
}

/**
 * `{"error":{code, message, target, details}}`. The Batch provider adds request id and time to its
 * texts.
 */
function spell(refused: Fault, request: HttpRequest): Reply {
  const { namespace } = parseResourceId(pathOf(request) ?? '/');
  const isGateway = refused.headers?.['x-ms-failure-cause'] === 'gateway';
  const isBatch = namespace?.toLowerCase() === 'microsoft.batch' && !isGateway;
  const tail = `\nRequestId:${request.requestId}\nTime:${isoSevenDigits(request.receivedAt)}`;
  const details = refused.values?.map(({ key, value }) => ({ code: key, message: value }));
  const error = {
    code: refused.code,
    message: isBatch ? `${refused.message}${tail}` : refused.message,
    ...(refused.target === undefined ? {} : { target: refused.target }),
    ...(details === undefined ? {} : { details }),
  };
  return { status: refused.status, headers: refused.headers ?? {}, json: { error } };
}

function dress(reply: Reply, request: HttpRequest): Reply {
  const { requestId, headers, receivedAt } = request;
  const asked = headers['x-ms-correlation-request-id'];
  const clientRequestId = headers['x-ms-client-request-id'];
  const hasBody = reply.json !== undefined || reply.text !== undefined;
  const wantsEcho = headers['x-ms-return-client-request-id']?.toLowerCase() === 'true';
  const stamp = new Date(Math.floor(receivedAt / 1000)).toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    ...reply,
    ...(hasBody ? { contentType: reply.contentType ?? 'application/json; charset=utf-8' } : {}),
    headers: {
      'Cache-Control': 'no-cache',
      Pragma: 'no-cache',
      Expires: '-1',
      'x-ms-request-id': requestId,
      'x-ms-correlation-request-id': asked !== undefined && isGuid(asked) ? asked : requestId,
      'x-ms-routing-request-id': `LOCAL:${stamp}:${requestId}`,
      ...(wantsEcho && clientRequestId !== undefined && isGuid(clientRequestId)
        ? { 'x-ms-client-request-id': clientRequestId }
        : {}),
      'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
      'X-Content-Type-Options': 'nosniff',
      ...reply.headers,
    },
  };
}
