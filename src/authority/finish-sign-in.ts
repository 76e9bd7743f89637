import type { User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { addSeconds } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { GivenAdminConsent } from './admin-consent.ts';
import { isAdminConsentRequest } from './admin-consent-request.ts';
import { addAuthorizationCode, codeLifetimeSeconds } from './authorization-code.store.ts';
import { type AuthorizeRequest, wantsAuthTime } from './authorize-request.ts';
import type { Staying } from './browser-cookie.ts';
import type { DeviceApproval } from './device-code.store.ts';
import { isDeviceRequest } from './device-request.ts';
import { type ApprovedDevice, approveDevice } from './device-sign-in.ts';
import { newOpaqueText } from './opaque-text.ts';
import { namesSeveralResources, scopeOfFirst } from './requested-permissions.ts';
import { judgeResponseTokens } from './response-tokens.ts';
import type { AuthorityRoom } from './room.ts';
import { attemptOver } from './sign-in.faults.ts';
import { type AttemptKey, endSignInAttempt, type SignInAttempt } from './sign-in-attempt.store.ts';
import {
  addSessionClient,
  addSignInSession,
  type SignInSession,
  sessionLifetimeSeconds,
} from './sign-in-session.store.ts';
import type { NextStep } from './sign-in-step.ts';
import type { UserGrant } from './user-grant.ts';
import { clientInfoOf } from './user-token-claims.ts';
import type { JudgedTokens } from './user-tokens.ts';

/** The end of the pages, with a cookie when the sign-in made a session. */
export type Finished = (GivenAnswer | GivenAdminConsent | ApprovedDevice) & {
  readonly user: User;
  readonly cookie?: { readonly value: string; readonly staying: Staying };
};

/** The application gets a code, tokens that are still to be signed, or both. */
export interface GivenAnswer {
  readonly kind: 'answer';
  readonly request: AuthorizeRequest;
  readonly code?: string;
  readonly judged?: JudgedTokens;
  readonly sessionId: string;
  readonly clientInfo: string;
}

/**
 * Ends an attempt: the session begins beside those of other accounts, under a cookie that nobody saw
 * before, and whoever waits has an answer.
 */
export async function finishSignIn(
  tx: WriteTransaction,
  http: HttpRequest,
  key: AttemptKey,
  { request, staysSignedIn, hidesStayPage }: SignInAttempt,
  done: Extract<NextStep, { kind: 'done' }>,
  room: AuthorityRoom,
): Promise<Finished | Fault> {
  const { user, proved } = done;
  if (!(await endSignInAttempt(tx, key))) return attemptOver();
  const now = room.clock.civil();
  const isPersistent = staysSignedIn === true;
  const { tenantId, objectId: userId } = user;
  const { passwordMark, sessionId } = proved;
  const who = { tenantId, userId, passwordMark, sessionId, authenticatedAt: proved.at };
  const stays = isPersistent || proved.isPersistent === true ? { staysSignedIn: true } : {};
  const approval = { ...who, ...stays, grantId: room.random.guid() };
  const given = await give(tx, http, request, done, approval, room);
  if (isFault(given)) return given;
  const finished = { ...given, user };
  const { clientId } = request;
  if (proved.by === 'session') {
    await addSessionClient(tx, { cookie: key.cookie, sessionId }, clientId, now);
    return finished;
  }
  const value = newOpaqueText(room.random);
  const lifetime = sessionLifetimeSeconds[isPersistent ? 'persistent' : 'once'];
  const expiresAt = addSeconds(now, lifetime);
  const quiet = hidesStayPage === true ? { hidesStayPage } : {};
  const session = { ...who, isPersistent, ...quiet, expiresAt, clientIds: [clientId] };
  const cookies = { before: key.cookie, next: value };
  const sessions = await addSignInSession(tx, cookies, session, now);
  return { ...finished, cookie: { value, staying: stayingOf(sessions) } };
}

function stayingOf(sessions: readonly SignInSession[]): Staying {
  if (sessions.every(({ isPersistent }) => isPersistent)) return 'all';
  return sessions.some(({ isPersistent }) => isPersistent) ? 'some' : 'none';
}

/** What whoever asked for the sign-in gets. */
async function give(
  tx: WriteTransaction,
  http: HttpRequest,
  request: SignInAttempt['request'],
  done: Extract<NextStep, { kind: 'done' }>,
  approval: DeviceApproval,
  room: AuthorityRoom,
): Promise<GivenAnswer | GivenAdminConsent | ApprovedDevice | Fault> {
  const { tenantId, userId, sessionId } = approval;
  if (isDeviceRequest(request)) {
    return approveDevice(tx, request, approval, room.clock.civil());
  }
  if (isAdminConsentRequest(request)) return { kind: 'adminConsent', request, tenantId };
  const types = request.responseTypes;
  const grant = { ...approval, ...askedOf(request), cloud: http.reach.cloud };
  const code = types.includes('code') ? await giveCode(tx, request, grant, room) : undefined;
  const wantsTokens = types.includes('id_token') || types.includes('token');
  const judged = wantsTokens
    ? await judgeResponseTokens(tx, http, request, { ...done, grant }, room)
    : undefined;
  if (isFault(judged)) return judged;
  return {
    kind: 'answer',
    request,
    ...(code === undefined ? {} : { code }),
    ...(judged === undefined ? {} : { judged }),
    sessionId,
    clientInfo: clientInfoOf(userId, tenantId),
  };
}

function askedOf({ clientId, redirectKind, scope, resource }: AuthorizeRequest) {
  const ofCode = { clientId, redirectKind, scope: scopeOfFirst(scope) };
  return { ...ofCode, ...(resource === undefined ? {} : { resource }) };
}

async function giveCode(
  tx: WriteTransaction,
  request: AuthorizeRequest,
  grant: UserGrant,
  room: AuthorityRoom,
): Promise<string> {
  const now = room.clock.civil();
  const { redirectUri, namesNoRedirectUri, codeChallenge, nonce, scope } = request;
  const code = newOpaqueText(room.random, '1.');
  const facts = {
    ...grant,
    redirectUri,
    ...(namesNoRedirectUri === true ? { isDefaultRedirectUri: true } : {}),
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
    ...(nonce === undefined ? {} : { nonce }),
    ...(namesSeveralResources(scope) ? { isOfSeveralResources: true } : {}),
    ...(wantsAuthTime(request) ? { wantsAuthTime: true } : {}),
    expiresAt: addSeconds(now, codeLifetimeSeconds),
  };
  await addAuthorizationCode(tx, code, facts, now);
  return code;
}
