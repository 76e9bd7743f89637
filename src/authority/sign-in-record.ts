import type { User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
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
  const place = {
    path: request.route.path.slice(0, keptCharactersMax),
    cloud: request.reach.cloud,
  };
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
      ...(isFault(outcome) ? { message: outcome.message } : outcome.facts),
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
      path: request.route.path.slice(0, keptCharactersMax),
      cloud: request.reach.cloud,
      client_id: clientId.slice(0, keptCharactersMax),
      userPrincipalName: known?.name,
      ...(isFault(outcome) ? { message: outcome.message } : {}),
    },
  });
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
