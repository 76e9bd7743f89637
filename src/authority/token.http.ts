import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import type { QueryParameter } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { isWaiting } from './device-grant.ts';
import { type Anyone, jsonContentType } from './dialect.ts';
import { malformedRequest, missingParameter, unsupportedGrant } from './faults.ts';
import {
  clientParameters,
  type Grant,
  type GrantedTokens,
  grants,
  type TokenEndpoint,
  type TokenRequest,
} from './grant.ts';
import { judgeGrant } from './hardened.ts';
import { limitRefusals, limitRequests } from './limits.ts';
import { type AuthorityRoom, cloudOf } from './room.ts';
import { noteSignIn } from './sign-in-record.ts';
import { adfsTenancy, namedTenancy, type Tenancy } from './tenancy.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const source =
  'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow';
const token = {
  method: 'POST',
  permission: 'anonymous',
  bodyKind: 'form',
  reply: { 200: 'json' },
  source,
} as const;

/** The token endpoints: v2, v1, and the one whose path begins with adfs. */
export const tokenOperations = [
  operation({
    ...token,
    id: 'Authority_GetTokenV2',
    path: '/{tenant}/oauth2/v2.0/token',
    handler: (call, room) => answer(call, room, 'v2', (tx) => namedTenancy(tx, call.params.tenant)),
  }),
  operation({
    ...token,
    id: 'Authority_GetTokenV1',
    path: '/{tenant}/oauth2/token',
    handler: (call, room) => answer(call, room, 'v1', (tx) => namedTenancy(tx, call.params.tenant)),
  }),
  operation({
    ...token,
    id: 'Authority_GetTokenAdfs',
    path: '/adfs/oauth2/token',
    handler: (call, room) => answer(call, room, 'adfs', adfsTenancy),
  }),
];

/** Tenant, form, grant, then what the grant itself checks; every outcome is recorded. */
async function answer(
  call: Call<Anyone>,
  room: AuthorityRoom,
  endpoint: TokenEndpoint,
  readTenancy: (tx: ReadTransaction) => Promise<Tenancy | Fault>,
): Promise<Reply | Fault> {
  const { request } = call;
  const tenancy = await room.store.read(readTenancy);
  const parameters = parametersOf(call.body as readonly QueryParameter[]);
  const clientId = isFault(parameters) ? '' : fold(parameters.get('client_id') ?? '');
  const outcome =
    limitRequests(room.limits, request, clientId) ??
    (await grantTokens(call, room, endpoint, tenancy, parameters));
  if (!isWaiting(outcome)) {
    noteSignIn(room.recorder, request, isFault(tenancy) ? undefined : tenancy, parameters, outcome);
  }
  if (isFault(outcome)) return limitRefusals(room.limits, request, clientId, outcome);
  return {
    status: 200,
    headers: { 'x-ms-clitelem': '1,0,0,,' },
    contentType: jsonContentType,
    json: endpoint === 'v1' ? answerV1(outcome) : answerV2(outcome),
  };
}

async function grantTokens(
  call: Call<Anyone>,
  room: AuthorityRoom,
  endpoint: TokenEndpoint,
  tenancy: Tenancy | Fault,
  parameters: ReadonlyMap<string, string> | Fault,
): Promise<GrantedTokens | Fault> {
  if (isFault(tenancy)) return tenancy;
  if (isFault(parameters)) return parameters;
  const grant = grantOf(parameters.get('grant_type'));
  if (isFault(grant)) return grant;
  const refused = judgeGrant(room.compat, grant.grantType);
  if (refused !== undefined) return refused;
  const http = call.request;
  const cloud = cloudOf(room.clouds, http.reach);
  await room.keys.refreshed();
  const request: TokenRequest = { http, endpoint, cloud, tenancy, parameters };
  return await grant.handler(request, room);
}

function grantOf(grantType: string | undefined): Grant | Fault {
  if (grantType === undefined || grantType === '') return missingParameter('grant_type');
  return grants.find((one) => one.grantType === grantType) ?? unsupportedGrant(grantType);
}

const knownParameters: ReadonlySet<string> = new Set([
  ...clientParameters,
  ...grants.flatMap((grant) => grant.parameters),
]);

/**
 * The parameters that some grant reads; one that comes twice is refused, what nobody reads is
 * dropped.
 */
function parametersOf(form: readonly QueryParameter[]): ReadonlyMap<string, string> | Fault {
  const parameters = new Map<string, string>();
  for (const { name, value } of form) {
    if (!knownParameters.has(name)) continue;
    if (parameters.has(name)) return malformedRequest();
    parameters.set(name, value);
  }
  return parameters;
}

/** Recorded answers say one second less than the token lives. */
function secondsLeft(granted: GrantedTokens): number {
  return granted.lifetimeSeconds - 1;
}

/** A token that lives longer than this, in seconds, says when to ask for the next. */
const refreshInAboveSeconds = 2 * 3600;

/**
 * `refresh_in`: half of what is left of a long-lived token.
 * Source: https://github.com/AzureAD/microsoft-authentication-library-for-dotnet, proactive refresh.
 */
function refreshIn(granted: GrantedTokens): number | undefined {
  const isLong = granted.lifetimeSeconds > refreshInAboveSeconds;
  return isLong ? Math.floor(secondsLeft(granted) / 2) : undefined;
}

/** Numbers; for applications nothing beyond what was recorded. */
function answerV2(granted: GrantedTokens): JsonObject {
  const expiresIn = secondsLeft(granted);
  return {
    token_type: 'Bearer',
    scope: granted.user?.scope,
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    refresh_in: refreshIn(granted),
    access_token: granted.accessToken,
    ...besideAccessToken(granted),
  };
}

/** The v1 endpoint writes its numbers as text. */
function answerV1(granted: GrantedTokens): JsonObject {
  const expiresIn = String(secondsLeft(granted));
  return {
    token_type: 'Bearer',
    scope: granted.user?.scope,
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    refresh_in: refreshIn(granted)?.toString(),
    expires_on: String(granted.expiresOn),
    not_before: String(granted.notBefore),
    resource: granted.resource,
    access_token: granted.accessToken,
    ...besideAccessToken(granted),
  };
}

function besideAccessToken({ user }: GrantedTokens): JsonObject {
  if (user === undefined) return {};
  return {
    refresh_token: user.refreshToken,
    refresh_token_expires_in: user.refreshTokenSecondsLeft,
    foci: user.familyId,
    id_token: user.idToken,
    client_info: user.clientInfo,
  };
}
