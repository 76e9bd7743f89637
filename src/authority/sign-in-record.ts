import type { User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold, isGuid } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Recorder } from '#record/record.ts';
import type { GrantedTokens } from './grant.ts';
import type { Tenancy } from './tenancy.ts';

/** Parameters that the log may keep: never a secret, an assertion or a code. */
const keptParameters = ['grant_type', 'client_id', 'username', 'scope', 'resource'] as const;

/** Longest value that the log keeps, in characters. */
const keptCharactersMax = 300;

/** Notes a sign-in, granted or refused, under the request id that the reply carries. */
export function noteSignIn(
  recorder: Recorder,
  request: HttpRequest,
  tenancy: Tenancy | undefined,
  parameters: ReadonlyMap<string, string> | Fault,
  outcome: GrantedTokens | Fault,
): void {
  const asked = isFault(parameters) ? {} : keptOf(parameters);
  const place = placeOf(request);
  const tenantId = tenancy?.kind === 'tenant' ? tenancy.tenant.tenantId : undefined;
  const principalId = isFault(outcome) ? asked.client_id : outcome.principalId;
  recorder.note({
    id: request.requestId,
    at: request.receivedAt,
    kind: 'signIn',
    surface: 'authority',
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(principalId === undefined ? {} : { principalId }),
    code: isFault(outcome) ? outcome.code : '',
    facts: {
      ...place,
      ...asked,
      ...(isFault(outcome) ? { message: outcome.message, reason: outcome.reason } : outcome.facts),
    } satisfies JsonObject,
  });
}

/** Notes how a sign-in through the pages ended, or which of its steps was refused. */
export function noteInteractive(
  recorder: Recorder,
  request: HttpRequest,
  clientId: string,
  outcome: User | Fault,
  user?: { readonly tenantId: string; readonly userId: string; readonly name: string },
): void {
  const known = isFault(outcome)
    ? user
    : { ...outcome, userId: outcome.objectId, name: outcome.userPrincipalName };
  recorder.note({
    id: request.requestId,
    at: request.receivedAt,
    kind: 'signIn',
    surface: 'authority',
    ...(known === undefined ? {} : { tenantId: known.tenantId, principalId: known.userId }),
    code: isFault(outcome) ? outcome.code : '',
    facts: {
      ...placeOf(request),
      isInteractive: true,
      client_id: clientId.slice(0, keptCharactersMax),
      userPrincipalName: known?.name.slice(0, keptCharactersMax),
      ...(isFault(outcome) ? { message: outcome.message } : {}),
    },
  });
}

/** Where a sign-in came from, and the id by which its client knows it. */
function placeOf(request: HttpRequest) {
  const name = 'client-request-id';
  const sent = request.headers[name] ?? queryValue(request.query, name);
  return {
    path: request.route.path.slice(0, keptCharactersMax),
    cloud: request.reach.cloud,
    ipAddress: request.remoteAddress,
    ...(sent !== undefined && isGuid(sent) ? { correlationId: fold(sent) } : {}),
  };
}

function keptOf(
  parameters: ReadonlyMap<string, string>,
): Partial<Record<(typeof keptParameters)[number], string>> {
  const kept: Partial<Record<(typeof keptParameters)[number], string>> = {};
  for (const name of keptParameters) {
    const value = parameters.get(name);
    if (value !== undefined) kept[name] = value.slice(0, keptCharactersMax);
  }
  return kept;
}
