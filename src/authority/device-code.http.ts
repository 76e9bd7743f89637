import { findApplicationByAppId } from '#directory/application.store.ts';
import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import { type QueryParameter, queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { addSeconds } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction } from '#store/store.ts';
import { parameterTooLong } from './authorize.faults.ts';
import { unknownClient } from './client.faults.ts';
import { readClientId } from './client-id.ts';
import { addDeviceCode, type DeviceCode, deviceCodeLifetimeSeconds } from './device-code.store.ts';
import { devicePageAddress } from './device-pages.ts';
import { deviceTextsIn } from './device-texts.ts';
import { type Anyone, jsonContentType } from './dialect.ts';
import { malformedRequest, notForConsumers } from './faults.ts';
import type { TokenEndpoint } from './grant.ts';
import { tooManyRequests } from './limiter.faults.ts';
import { limitRefusals, limitRequests } from './limits.ts';
import { newOpaqueText } from './opaque-text.ts';
import { readPermissions, readSignInPermissions } from './requested-permissions.ts';
import type { AuthorityRoom } from './room.ts';
import { findSignInClient } from './sign-in-client.ts';
import { noteInteractive } from './sign-in-record.ts';
import { adfsTenancy, endpointName, namedTenancy, type Tenancy } from './tenancy.ts';
import { filled, textsFor } from './texts.ts';
import { newUserCode } from './user-code.ts';
import { singleTenantApplication } from './user-tokens.faults.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const start = {
  method: 'POST',
  permission: 'anonymous',
  bodyKind: 'form',
  query: ['mkt', 'api-version'],
  reply: { 200: 'json' },
  source: 'https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code',
} as const;

/** Where a device without a browser begins a sign-in: v2, v1, and the form whose path begins with adfs. */
export const deviceCodeOperations = [
  operation({
    ...start,
    id: 'Authority_StartDeviceCodeV2',
    path: '/{tenant}/oauth2/v2.0/devicecode',
    handler: ({ params, ...call }, room) => begin(call, room, 'v2', params.tenant),
  }),
  operation({
    ...start,
    id: 'Authority_StartDeviceCodeV1',
    path: '/{tenant}/oauth2/devicecode',
    handler: ({ params, ...call }, room) => begin(call, room, 'v1', params.tenant),
  }),
  operation({
    ...start,
    id: 'Authority_StartDeviceCodeAdfs',
    path: '/adfs/oauth2/devicecode',
    handler: (call, room) => begin(call, room, 'adfs', undefined),
  }),
];

/** How often a client asks, in seconds. Source: recorded Entra, 2025. */
const pollIntervalSeconds = 5;

/** When who was refused because too many codes wait may ask again, in seconds. */
const fullRetrySeconds = 60;

/** Longest permissions that are kept with a code, in bytes of JSON. UNVERIFIED: Entra's own limit. */
const permissionBytesMax = 8_192;

/** Tenant, client, permissions; then the two codes. */
async function begin(
  { request: http, body }: Pick<Call<Anyone>, 'request' | 'body'>,
  room: AuthorityRoom,
  endpoint: TokenEndpoint,
  tenantName: string | undefined,
): Promise<Reply | Fault> {
  const parameters = parametersOf(body as readonly QueryParameter[]);
  if (isFault(parameters)) return refuse(room, http, '', parameters);
  const limited = limitRequests(room.limits, http, fold(parameters.get('client_id') ?? ''));
  if (limited !== undefined) return limited;
  const now = room.clock.civil();
  const expiresAt = addSeconds(now, deviceCodeLifetimeSeconds);
  const asked = await room.store.read(async (tx): Promise<DeviceCode | Fault> => {
    const tenancy =
      tenantName === undefined ? await adfsTenancy(tx) : await namedTenancy(tx, tenantName);
    if (isFault(tenancy)) return tenancy;
    const named = readClientId(parameters.get('client_id'));
    const clientId = isFault(named) ? named : await judgeClient(tx, named, tenancy);
    if (isFault(clientId)) return clientId;
    const [scope, resource] = [parameters.get('scope'), parameters.get('resource')];
    const readAsked = endpoint === 'v1' ? readPermissions : readSignInPermissions;
    const permissions = readAsked(endpoint, { scope, resource });
    if (isFault(permissions)) return permissions;
    const bytes = Buffer.byteLength(JSON.stringify([scope, resource]));
    if (bytes > permissionBytesMax) return parameterTooLong('scope');
    const { reach, remoteAddress } = http;
    const place = { endpoint, tenantName: tenantName ?? endpointName(tenancy), reach };
    const wanted = { scope: scope ?? '', ...(resource === undefined ? {} : { resource }) };
    return { ...place, clientId, ...wanted, remoteAddress, expiresAt };
  });
  if (isFault(asked)) return refuse(room, http, parameters.get('client_id') ?? '', asked);
  const deviceCode = newOpaqueText(room.random);
  const userCode = newUserCode(room.random);
  const texts = { deviceCode, userCode };
  if (!(await room.store.write((tx) => addDeviceCode(tx, texts, asked, now)))) {
    return refuse(room, http, asked.clientId, tooManyRequests(fullRetrySeconds));
  }
  const languages = queryValue(http.query, 'mkt') ?? parameters.get('mkt') ?? '';
  const page = devicePageAddress(http.reach, room.ownPorts?.() ?? []);
  return answer(endpoint, { deviceCode, userCode, page, languages });
}

function refuse(room: AuthorityRoom, http: HttpRequest, clientId: string, fault: Fault): Fault {
  noteInteractive(room.recorder, http, clientId, fault);
  return limitRefusals(room.limits, http, fold(clientId), fault);
}

/** The client by its id in the tenant; where no tenant is named, it must be of several. */
async function judgeClient(
  tx: ReadTransaction,
  clientId: string,
  tenancy: Tenancy,
): Promise<string | Fault> {
  if (tenancy.kind === 'tenant') {
    const client = await findSignInClient(tx, clientId, tenancy.tenant);
    return isFault(client) ? client : client.appId;
  }
  if (tenancy.alias === 'consumers') return notForConsumers();
  const application = await findApplicationByAppId(tx, clientId);
  if (application === undefined) return unknownClient(clientId, tenancy.alias);
  const { appId, displayName, signInAudience } = application;
  return signInAudience === 'AzureADMyOrg' ? singleTenantApplication(appId, displayName) : appId;
}

/** Both names of the address, since clients of v1 read the other one; v1 writes numbers as text. */
function answer(
  endpoint: TokenEndpoint,
  given: {
    readonly deviceCode: string;
    readonly userCode: string;
    readonly page: string;
    readonly languages: string;
  },
): Reply {
  const { deviceCode, userCode, page, languages } = given;
  const numbers = { expires_in: deviceCodeLifetimeSeconds, interval: pollIntervalSeconds };
  const { message } = deviceTextsIn(textsFor(languages));
  const json: JsonObject = {
    user_code: userCode,
    device_code: deviceCode,
    verification_uri: page,
    verification_url: page,
    ...(endpoint === 'v1' ? asText(numbers) : numbers),
    message: filled(message, page, userCode),
  };
  const headers = { 'x-ms-clitelem': '1,0,0,,' };
  return { status: 200, headers, contentType: jsonContentType, json };
}

function asText(numbers: Readonly<Record<string, number>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, `${value}`]));
}

const knownParameters: ReadonlySet<string> = new Set(['client_id', 'scope', 'resource', 'mkt']);

/** The parameters that are read; one that comes twice is refused, what nobody reads is dropped. */
function parametersOf(sent: readonly QueryParameter[]): ReadonlyMap<string, string> | Fault {
  const parameters = new Map<string, string>();
  for (const { name, value } of sent) {
    if (!knownParameters.has(name)) continue;
    if (parameters.has(name)) return malformedRequest();
    parameters.set(name, value);
  }
  return parameters;
}
