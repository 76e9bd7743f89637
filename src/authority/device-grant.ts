import { findApplicationByAppId } from '#directory/application.store.ts';
import { findServicePrincipalByAppId } from '#directory/service-principal.store.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { unknownClient } from './client.faults.ts';
import { type PresentedClient, presentClient } from './client-authentication.ts';
import {
  deviceCodeDeclined,
  deviceCodeExpired,
  deviceCodePending,
  deviceCodeRedeemed,
  unknownDeviceCode,
} from './device.faults.ts';
import { findDeviceCode, type StoredDeviceCode, takeDeviceCode } from './device-code.store.ts';
import { missingParameter, notForConsumers } from './faults.ts';
import { codeOfOtherTenant, credentialRequired } from './grant.faults.ts';
import type { Grant, GrantedTokens, TokenRequest } from './grant.ts';
import { opaqueHashOf } from './opaque-text.ts';
import { proveClient } from './prove-client.ts';
import { redemptionTenant } from './redeem.ts';
import type { AuthorityRoom } from './room.ts';
import { findSignInClient } from './sign-in-client.ts';
import { signUserTokens } from './sign-user-tokens.ts';
import { findSpentGrant } from './spent-grant.store.ts';
import { endpointName } from './tenancy.ts';
import { type JudgedTokens, judgeUserTokens } from './user-tokens.ts';

/**
 * A device asks whether its person has signed in by now. While it waits each question is one read,
 * and however often it asks it is never told to slow down, since most clients give up at that.
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
 */
const poll: Omit<Grant, 'grantType'> = {
  parameters: ['device_code', 'code', 'scope', 'resource', 'client_info'],
  handler: async (request, room) => {
    const { parameters, tenancy } = request;
    if (tenancy.kind === 'alias' && tenancy.alias === 'consumers') return notForConsumers();
    const presented = await presentClient(request, room);
    if (isFault(presented)) return presented;
    const code = parameters.get('device_code') || parameters.get('code') || '';
    if (code === '') return missingParameter(request.endpoint === 'v1' ? 'code' : 'device_code');
    const refused = await room.store.read((tx) => judgePoll(tx, code, presented, request, room));
    if (refused !== undefined) return refused;
    const judged = await room.store.write((tx) => redeem(tx, code, presented, request, room));
    return isFault(judged) ? judged : signUserTokens(judged, request, room);
  },
};

/** The grant under both of its names: Python uses the long one, all others the short one. */
export const deviceCodeGrants: readonly Grant[] = [
  { grantType: 'device_code', ...poll },
  { grantType: 'urn:ietf:params:oauth:grant-type:device_code', ...poll },
];

/** True for a device that still waits: it asks every few seconds, which is no sign-in to note. */
export function isWaiting(outcome: GrantedTokens | Fault): boolean {
  return isFault(outcome) && outcome.code === deviceCodePending().code;
}

/** Why there is nothing to redeem yet, or never will be. */
async function judgePoll(
  tx: ReadTransaction,
  code: string,
  presented: PresentedClient,
  request: TokenRequest,
  room: AuthorityRoom,
): Promise<Fault | undefined> {
  const unproved = await judgeClient(tx, presented, request, room);
  if (unproved !== undefined) return unproved;
  const found = await findDeviceCode(tx, code);
  if (found === undefined) {
    const grantId = await findSpentGrant(tx, opaqueHashOf(code));
    return grantId === undefined ? unknownDeviceCode() : deviceCodeRedeemed();
  }
  if (!sameName(found.facts.clientId, presented.clientId)) return unknownDeviceCode();
  return judgeAnswer(found, request, room);
}

function judgeAnswer(
  { facts, answer }: StoredDeviceCode,
  { endpoint }: TokenRequest,
  room: AuthorityRoom,
): Fault | undefined {
  if (answer?.kind === 'declined') return deviceCodeDeclined();
  if (room.clock.civil() >= facts.expiresAt) return deviceCodeExpired(endpoint);
  return answer === undefined ? deviceCodePending() : undefined;
}

/**
 * Where the path names no tenant, or one in which nobody used the application yet, only its
 * registration is asked, and a credential is checked once the code is redeemed.
 */
async function judgeClient(
  tx: ReadTransaction,
  presented: PresentedClient,
  request: TokenRequest,
  room: AuthorityRoom,
): Promise<Fault | undefined> {
  const { tenancy } = request;
  const { clientId } = presented;
  if (tenancy.kind === 'tenant') {
    const { tenant } = tenancy;
    const stored = await findServicePrincipalByAppId(tx, tenant.tenantId, clientId);
    const client =
      stored === undefined
        ? await findSignInClient(tx, clientId, tenant)
        : await proveClient(tx, presented, placeOf(request, tenant, room));
    if (isFault(client)) return client;
    if (stored !== undefined) return undefined;
  }
  const application = await findApplicationByAppId(tx, clientId);
  if (application === undefined) return unknownClient(clientId, endpointName(tenancy));
  const isProved = presented.proof.kind !== 'none' || application.isFallbackPublicClient === true;
  return isProved ? undefined : credentialRequired();
}

async function redeem(
  tx: WriteTransaction,
  code: string,
  presented: PresentedClient,
  request: TokenRequest,
  room: AuthorityRoom,
): Promise<JudgedTokens | Fault> {
  const taken = await takeDeviceCode(tx, opaqueHashOf(code));
  // Somebody else who has the code was faster.
  if (taken === undefined) return deviceCodeRedeemed();
  const { facts, approval } = taken;
  const tenant = await redemptionTenant(tx, request, approval.tenantId);
  if (isFault(tenant)) return tenant;
  const client = await proveClient(tx, presented, placeOf(request, tenant, room));
  if (isFault(client)) return client;
  if (approval.tenantId !== tenant.tenantId) return codeOfOtherTenant();
  const { scope, resource, reach } = facts;
  const grant = {
    ...approval,
    cloud: reach.cloud,
    clientId: client.servicePrincipal.appId,
    redirectKind: client.provedBy === 'none' ? ('publicClient' as const) : ('web' as const),
    scope,
    ...(resource === undefined ? {} : { resource }),
  };
  return judgeUserTokens(tx, { request: asBegun(request), tenant, client, grant }, room);
}

/** The person was asked for what the device began with; what its later questions name is not heard. */
function asBegun(request: TokenRequest): TokenRequest {
  const parameters = new Map(request.parameters);
  parameters.delete('scope');
  parameters.delete('resource');
  return { ...request, parameters };
}

function placeOf(
  { cloud, http, parameters }: TokenRequest,
  tenant: Parameters<typeof proveClient>[2]['tenant'],
  room: AuthorityRoom,
): Parameters<typeof proveClient>[2] {
  return {
    cloud,
    reach: http.reach,
    tenant,
    grantType: parameters.get('grant_type') ?? '',
    civilNow: room.clock.civil(),
    realNow: room.clock.real(),
  };
}
