import { findApplicationByAppId } from '#directory/application.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { User } from '#directory/user.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { addSeconds } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { addAuthorizationCode, codeLifetimeSeconds } from './authorization-code.store.ts';
import { attemptOver, consentPageNeeded, nobodySignedIn } from './authorize.faults.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import type { DeviceApproval } from './device-code.store.ts';
import { isDeviceRequest } from './device-request.ts';
import { type ApprovedDevice, approveDevice } from './device-sign-in.ts';
import { newOpaqueText } from './opaque-text.ts';
import { type AuthorityRoom, cloudOf } from './room.ts';
import {
  type AttemptKey,
  addSignInAttempt,
  removeSignInAttempt,
  type SignInAttempt,
  updateSignInAttempt,
} from './sign-in-attempt.store.ts';
import {
  addSignInSession,
  removeSignInSession,
  sessionLifetimeSeconds,
} from './sign-in-session.store.ts';
import { type NextStep, nextStep } from './sign-in-step.ts';
import {
  type FirstStep,
  findNamedUser,
  findSignedInUser,
  firstStep,
  type SignedInUser,
} from './sign-in-user.ts';
import type { Tenancy } from './tenancy.ts';
import { clientInfoOf } from './user-token-claims.ts';

/** A page that waits for the person. */
export interface Waiting {
  readonly kind: 'page';
  readonly key: AttemptKey;
  readonly attempt: SignInAttempt;
  readonly step:
    | {
        readonly kind: 'userName' | 'password' | 'account';
        readonly error?: 'wrong' | 'locked' | 'unknown';
      }
    | { readonly kind: 'device'; readonly remoteAddress: string }
    | Exclude<NextStep, { readonly kind: 'done' }>;
}

/** The end of the pages, with a cookie when the sign-in made a session. */
export type Finished = (GivenCode | ApprovedDevice) & {
  readonly user: User;
  readonly cookie?: { readonly value: string; readonly isPersistent: boolean };
};

/** The application has its code. */
export interface GivenCode {
  readonly kind: 'code';
  readonly request: AuthorizeRequest;
  readonly code: string;
  readonly sessionId: string;
  readonly clientInfo: string;
}

/** Begins a sign-in in a browser: with who is signed in there already, or with a page. */
export async function beginSignIn(
  tx: WriteTransaction,
  http: HttpRequest,
  request: AuthorizeRequest,
  tenancy: Tenancy,
  cookie: string | undefined,
  room: AuthorityRoom,
): Promise<Waiting | Finished | Fault> {
  const now = room.clock.civil();
  const signedIn = await findSignedInUser(tx, cookie, tenancy, now);
  const { loginHint } = request;
  const hinted = loginHint === undefined ? undefined : await findNamedUser(tx, tenancy, loginHint);
  const first = firstStep(request.prompt, fitOf(signedIn, loginHint), hinted !== undefined);
  if (first === 'nobody') return nobodySignedIn();
  const key = {
    token: newOpaqueText(room.random),
    cookie: cookie ?? newOpaqueText(room.random),
  };
  const attempt = attemptOf(request, first, signedIn, hinted);
  await addSignInAttempt(tx, key, attempt, now);
  if (first !== 'useSession') return { kind: 'page', key, attempt, step: { kind: first } };
  return proceed(tx, http, key, attempt, room);
}

function fitOf(
  signedIn: SignedInUser | undefined,
  loginHint: string | undefined,
): 'none' | 'fits' | 'other' {
  if (signedIn === undefined) return 'none';
  const { userPrincipalName } = signedIn.user;
  return loginHint === undefined || sameName(loginHint, userPrincipalName) ? 'fits' : 'other';
}

function attemptOf(
  request: AuthorizeRequest,
  first: FirstStep,
  signedIn: SignedInUser | undefined,
  hinted: User | undefined,
): SignInAttempt {
  const isOwn = first === 'useSession' || first === 'account';
  if (isOwn && signedIn !== undefined) return withSession({ request }, signedIn, first);
  return first === 'password' && hinted !== undefined
    ? { request, user: namedUser(hinted) }
    : { request };
}

/** Takes over who is signed in; on the page of accounts she only is offered. */
export function withSession(
  attempt: SignInAttempt,
  { session, user }: SignedInUser,
  first: FirstStep,
): SignInAttempt {
  const { authenticatedAt: at, passwordMark, sessionId } = session;
  const named = { ...attempt, user: namedUser(user) };
  if (first !== 'useSession') return named;
  return { ...named, authenticated: { at, passwordMark, sessionId, by: 'session' } };
}

/** How an attempt names a user. */
export function namedUser(user: User): NonNullable<SignInAttempt['user']> {
  return { tenantId: user.tenantId, userId: user.objectId, name: user.userPrincipalName };
}

/** Goes on after someone proved who she is: to the next page, or to the end. */
export async function proceed(
  tx: WriteTransaction,
  http: HttpRequest,
  key: AttemptKey,
  attempt: SignInAttempt,
  room: AuthorityRoom,
): Promise<Waiting | Finished | Fault> {
  const place = { cloud: cloudOf(room.clouds, http.reach), reach: http.reach };
  const step = await nextStep(tx, attempt, place);
  if (isFault(step)) return step;
  if (step.kind === 'done') return finish(tx, key, attempt, step, room);
  if (attempt.request.prompt === 'none') return silentRefusal(tx, attempt);
  const { shown: _before, ...rest } = attempt;
  const kept = step.kind === 'consent' ? { ...rest, shown: shownOf(step.wanted) } : rest;
  await updateSignInAttempt(tx, key, kept);
  return { kind: 'page', key, attempt: kept, step };
}

async function silentRefusal(tx: WriteTransaction, { request }: SignInAttempt): Promise<Fault> {
  const application = await findApplicationByAppId(tx, request.clientId);
  return consentPageNeeded(request.clientId, application?.displayName ?? request.clientId);
}

function shownOf(wanted: Extract<NextStep, { kind: 'consent' }>['wanted']) {
  return wanted.map(({ resource, permissions }) => ({
    resourceId: resource.objectId,
    oauthScopes: permissions.map(({ value }) => value),
  }));
}

/** Ends the attempt: the session begins, under a cookie that nobody saw before, and who waits has her answer. */
async function finish(
  tx: WriteTransaction,
  key: AttemptKey,
  { request, staysSignedIn }: SignInAttempt,
  { user, proved }: Extract<NextStep, { kind: 'done' }>,
  room: AuthorityRoom,
): Promise<Finished | Fault> {
  if (!(await removeSignInAttempt(tx, key))) return attemptOver();
  const now = room.clock.civil();
  const isPersistent = staysSignedIn === true;
  const { tenantId, objectId: userId } = user;
  const { passwordMark, sessionId } = proved;
  const who = { tenantId, userId, passwordMark, sessionId, authenticatedAt: proved.at };
  const approval = { ...who, grantId: room.random.guid() };
  const given = isDeviceRequest(request)
    ? await approveDevice(tx, request, approval, now)
    : await giveCode(tx, request, approval, room);
  if (isFault(given)) return given;
  const done = { ...given, user };
  if (proved.by === 'session') return done;
  const value = newOpaqueText(room.random);
  const lifetime = sessionLifetimeSeconds[isPersistent ? 'persistent' : 'once'];
  await removeSignInSession(tx, key.cookie);
  const session = { ...who, isPersistent, expiresAt: addSeconds(now, lifetime) };
  await addSignInSession(tx, value, session, now);
  return { ...done, cookie: { value, isPersistent } };
}

async function giveCode(
  tx: WriteTransaction,
  request: AuthorizeRequest,
  approval: DeviceApproval,
  room: AuthorityRoom,
): Promise<GivenCode> {
  const now = room.clock.civil();
  const code = newOpaqueText(room.random, '1.');
  const { clientId, redirectKind, redirectUri, scope, resource, codeChallenge, nonce } = request;
  const facts = {
    ...approval,
    ...{ clientId, redirectKind, redirectUri, scope },
    ...(resource === undefined ? {} : { resource }),
    ...(codeChallenge === undefined ? {} : { codeChallenge }),
    ...(nonce === undefined ? {} : { nonce }),
    expiresAt: addSeconds(now, codeLifetimeSeconds),
  };
  await addAuthorizationCode(tx, code, facts, now);
  const { tenantId, userId, sessionId } = approval;
  return { kind: 'code', request, code, sessionId, clientInfo: clientInfoOf(userId, tenantId) };
}

/** Names for the frame of a page: the application, and the organization once it is known. */
export async function frameNames(
  tx: ReadTransaction,
  { request, user }: SignInAttempt,
  tenancy: Tenancy | undefined,
): Promise<{ readonly appName: string; readonly organization: string | undefined }> {
  const application = await findApplicationByAppId(tx, request.clientId);
  const named = tenancy?.kind === 'tenant' ? tenancy.tenant.tenantId : user?.tenantId;
  const tenant = named === undefined ? undefined : await findTenant(tx, named);
  return {
    appName: application?.displayName ?? request.clientId,
    organization: tenant?.displayName,
  };
}
