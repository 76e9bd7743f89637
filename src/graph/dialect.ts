import type { Cloud } from '#cloud/cloud.ts';
import type { Caller } from '#directory/caller.ts';
import type { Guard } from '#guard/authorize.ts';
import { type BearerProblem, isBearerProblem } from '#guard/bearer.ts';
import type { Checked, Dialect } from '#http/dialect.ts';
import type { AccessRequest, Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { decodeSegment } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';
import { type AllowedChange, activityOf } from './activity.ts';
import { expandedReads } from './expand.ts';
import { factsOf } from './facts.store.ts';
import {
  invalidToken,
  meNeedsUser,
  requestDenied,
  type TokenRefusal,
  unknownGraphVersion,
} from './faults.ts';
import { decideGraph, type GraphGround } from './permission.ts';
import { refusalEvent } from './refusal-record.ts';
import { graphRefusals } from './refusals.ts';
import { administratorsOnly, nobodyToConsent } from './registered-application.faults.ts';
import {
  audiencesOf,
  isAtItsHost,
  isOfRegistrations,
  portalException,
} from './registered-application.ts';
import { graphContentType } from './reply.ts';

export interface GraphDialectParts {
  readonly guard: Guard;
  readonly store: Store;
  readonly recorder: Recorder;
  readonly clouds: readonly Cloud[];
}

/** How Microsoft Graph knows its callers, decides, refuses and dresses its replies. */
export function graphDialect(parts: GraphDialectParts): Dialect<Caller> {
  const changes = new WeakMap<HttpRequest, AllowedChange>();
  return {
    surface: 'graph',
    checks: ['version', 'caller', 'route', 'body', 'permission', 'validation'],
    version: ({ request }) => versionOf(request, parts.clouds),
    caller: (checked) => callerOf(parts, checked.request),
    nobody: () => nobody,
    scope: async (checked) => scopeOf(checked.request),
    authorize: async (checked, caller, requests) => {
      const wanted = [...requests, ...expandedReads(checked.request.query, requests)];
      const outcome = await authorize(parts, checked, caller, wanted);
      if (outcome !== undefined && isFault(outcome)) return outcome;
      if (outcome !== undefined) changes.set(checked.request, outcome);
      return undefined;
    },
    refusals: graphRefusals,
    spell,
    dress(reply, checked) {
      const change = changes.get(checked.request);
      if (change !== undefined) parts.recorder.note(activityOf(checked.request, change, reply));
      return dressed(reply, checked);
    },
  };
}

/** `v1.0` or `beta`; the page of OpenID Connect and the portal's own service have no version. */
function versionOf(request: HttpRequest, clouds: readonly Cloud[]): string | Fault {
  const [version = '', ...rest] = request.route.segments;
  if (!isAtItsHost(request, clouds)) return unknownGraphVersion(version);
  if (isOfRegistrations(request)) return '';
  if (version === 'v1.0' || version === 'beta') return version;
  const isUserInfo = `${version}/${rest.join('/')}`.toLowerCase() === 'oidc/userinfo';
  return isUserInfo ? '' : unknownGraphVersion(version);
}

/** Graph has no anonymous operation, so nothing ever acts as this. */
const nobody: Caller = {
  tenantId: '',
  objectId: '',
  principalType: 'ServicePrincipal',
  appId: '',
  displayName: '',
  principalIds: [],
  directoryRoleIds: [],
  oauthScopes: [],
  appRoles: [],
  claims: {},
};

async function callerOf(parts: GraphDialectParts, request: HttpRequest): Promise<Caller | Fault> {
  const cloud = parts.clouds.find((one) => one.name === request.reach.cloud);
  if (cloud === undefined) throw new Error(`the cloud ${request.reach.cloud} is not enabled`);
  const outcome = await parts.guard.caller(request, {
    audiences: audiencesOf(request, cloud),
    cloud: cloud.name,
  });
  if (!isBearerProblem(outcome)) {
    const isAlone = isOfRegistrations(request) && outcome.principalType !== 'User';
    return isAlone ? nobodyToConsent() : (otherTenant(request, outcome) ?? outcome);
  }
  return invalidToken(
    tokenRefusal[outcome.problem],
    authorizationUri(cloud, request),
    outcome.problem,
  );
}

/**
 * What is answered when the path names a tenant that is not the token's.
 * UNVERIFIED: the code; a request to /v1.0/{another tenant}/users would settle it.
 */
function otherTenant({ reach }: HttpRequest, { tenantId }: Caller): Fault | undefined {
  const named = reach.labels['tenant'];
  if (named === undefined || sameName(named, tenantId)) return undefined;
  return requestDenied('the path names another tenant than the token');
}

const tokenRefusal: Readonly<Record<BearerProblem['problem'], TokenRefusal>> = {
  missing: 'missing',
  malformed: 'malformed',
  badSignature: 'badSignature',
  unknownIssuer: 'badSignature',
  issuerUnreachable: 'issuerUnreachable',
  wrongCloud: 'badSignature',
  wrongAudience: 'wrongAudience',
  expired: 'outsideLifetime',
  notYetValid: 'outsideLifetime',
  unknownPrincipal: 'unknownCaller',
  disabled: 'unknownCaller',
  revoked: 'outsideLifetime',
};

function authorizationUri(cloud: Cloud, request: HttpRequest): string {
  const { explicit, origin } = request.reach;
  const base = explicit ? origin : `https://${cloud.loginHosts[0] ?? ''}`;
  return `${base}/common/oauth2/authorize`;
}

/** `/applications/{key}` of the object that the path names, or `/` for the directory as a whole. */
function scopeOf(request: HttpRequest): string {
  const [, first = '', ...rest] = request.route.segments;
  if (first.toLowerCase() === 'me') return '/me';
  // What /directory holds are collections themselves: /directory/deletedItems/{key}.
  const [collection = '', key] = first.toLowerCase() === 'directory' ? rest : [first, ...rest];
  const decoded = key === undefined ? undefined : decodeSegment(key);
  return decoded === undefined ? '/' : `/${collection.toLowerCase()}/${decoded}`;
}

/** The refusal; or the change that was allowed, when it is one, to be noted once it is known how it went. */
async function authorize(
  parts: GraphDialectParts,
  checked: Checked<Caller>,
  caller: Caller,
  requests: readonly AccessRequest[],
): Promise<AllowedChange | Fault | undefined> {
  // Whatever the token allows: an application is told before it is judged.
  if (isOfMe(checked.request) && caller.principalType !== 'User') return meNeedsUser();
  const now = checked.request.receivedAt;
  const operationId = checked.operation?.id ?? '';
  let ground: GraphGround | undefined;
  for (const request of requests) {
    const facts = await parts.store.read((tx) => factsOf(tx, caller, request.scope, now));
    const decision = decideGraph(caller, request, facts);
    if (!decision.granted) {
      const { reason } = decision;
      const refusedAccess = { caller, operationId, access: request, reason };
      parts.recorder.note(refusalEvent(checked.request, refusedAccess));
      const refused = isOfRegistrations(checked.request) ? administratorsOnly : requestDenied;
      return refused(reason);
    }
    ground = decision.by;
  }
  // Who consents notes it herself, in the words of every consent.
  if (isOfRegistrations(checked.request)) return undefined;
  const changes = requests.filter((request) => !request.action.endsWith('/read'));
  if (ground === undefined || changes.length === 0) return undefined;
  return { caller, operationId, requests: changes, ground };
}

/** True for the address of whoever calls, and what is below it. */
function isOfMe({ route }: HttpRequest): boolean {
  return route.segments[1]?.toLowerCase() === 'me';
}

/** Recorded: `date` has whole seconds and no zone, and both ids are the same unless the client sent its own. */
function spell(fault: Fault, request: HttpRequest): Reply {
  return {
    status: fault.status,
    headers: { ...fault.headers },
    contentType: 'application/json',
    json: isOfRegistrations(request) ? portalException(fault, request) : graphError(fault, request),
  };
}

function graphError({ code, message }: Fault, request: HttpRequest): JsonObject {
  const innerError = {
    date: isoOf(request.receivedAt).slice(0, 19),
    'request-id': request.requestId,
    'client-request-id': clientRequestId(request),
  };
  return { error: { code, message, innerError } };
}

/** Recorded: every reply has these; OData-Version only with a body that is no error. */
function dressed(reply: Reply, { request }: Checked<Caller>): Reply {
  const hasResult = reply.json !== undefined && reply.status < 400;
  return {
    ...reply,
    ...(hasResult ? { contentType: graphContentType } : {}),
    headers: {
      'Cache-Control': 'no-cache',
      ...(hasResult ? { 'OData-Version': '4.0' } : {}),
      'request-id': request.requestId,
      'client-request-id': clientRequestId(request),
      ...(request.reach.explicit ? {} : strictTransport),
      ...reply.headers,
    },
  };
}

/** Only on Azure's names: a browser would hold it against everything else that runs on localhost. */
const strictTransport = { 'Strict-Transport-Security': 'max-age=31536000' };

function clientRequestId(request: HttpRequest): string {
  const sent = request.headers['client-request-id'];
  return sent !== undefined && /^[\w-]{1,64}$/.test(sent) ? sent : request.requestId;
}
