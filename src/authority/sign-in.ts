import { findApplicationByAppId } from '#directory/application.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type { AdminConsentRequest } from './admin-consent-request.ts';
import { consentPageNeeded, nobodySignedIn } from './authorize.faults.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { placeOfSignIn } from './device-request.ts';
import { type Finished, finishSignIn } from './finish-sign-in.ts';
import { namedUser, nameUser } from './named-user.ts';
import { newOpaqueText } from './opaque-text.ts';
import type { AuthorityRoom } from './room.ts';
import { newAttemptKey } from './sealed-attempt.ts';
import { shownOf } from './shown-permissions.ts';
import { type AttemptKey, keepSignInAttempt, type SignInAttempt } from './sign-in-attempt.store.ts';
import { findSignInSession } from './sign-in-session.store.ts';
import { type NextStep, nextStep } from './sign-in-step.ts';
import {
  type FirstStep,
  findSignedInUser,
  firstStep,
  isRecent,
  type SignedInUser,
} from './sign-in-user.ts';
import type { Tenancy } from './tenancy.ts';

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

/** Begins a sign-in in a browser: with who is signed in there already, or with a page. */
export async function beginSignIn(
  tx: WriteTransaction,
  http: HttpRequest,
  request: AuthorizeRequest | AdminConsentRequest,
  tenancy: Tenancy,
  cookie: string | undefined,
  room: AuthorityRoom,
): Promise<Waiting | Finished | Fault> {
  const now = room.clock.civil();
  const found = await findSignedInUser(tx, cookie, tenancy, now);
  const signedIn = isRecent(found, request.maxAgeSeconds, now) ? found : undefined;
  const { loginHint = found !== signedIn ? found?.user.userPrincipalName : undefined } = request;
  const hinted = loginHint === undefined ? undefined : await nameUser(tx, tenancy, loginHint, room);
  const first = firstStep(request.prompt, fitOf(signedIn, loginHint), hinted !== undefined);
  if (first === 'nobody') return nobodySignedIn();
  const key = newAttemptKey(cookie ?? newOpaqueText(room.random), now);
  const attempt = attemptOf(request, first, signedIn, hinted);
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
  request: AuthorizeRequest | AdminConsentRequest,
  first: FirstStep,
  signedIn: SignedInUser | undefined,
  hinted: SignInAttempt['user'],
): SignInAttempt {
  const isOwn = first === 'useSession' || first === 'account';
  if (isOwn && signedIn !== undefined) return withSession({ request }, signedIn, first);
  return first === 'password' && hinted !== undefined ? { request, user: hinted } : { request };
}

/** Takes over who is signed in; on the page of accounts she only is offered. */
export function withSession(
  attempt: SignInAttempt,
  { session, user }: SignedInUser,
  first: FirstStep,
): SignInAttempt {
  const { authenticatedAt: at, passwordMark, sessionId, isPersistent } = session;
  const named = { ...attempt, user: namedUser(user) };
  if (first !== 'useSession') return named;
  return { ...named, authenticated: { at, passwordMark, sessionId, isPersistent, by: 'session' } };
}

/** Goes on after someone proved who she is: to the next page, or to the end. */
export async function proceed(
  tx: WriteTransaction,
  http: HttpRequest,
  key: AttemptKey,
  attempt: SignInAttempt,
  room: AuthorityRoom,
): Promise<Waiting | Finished | Fault> {
  const place = placeOfSignIn(attempt.request, http, room.clouds);
  const step = await nextStep(tx, attempt, place);
  if (isFault(step)) return step;
  if (step.kind === 'done') return finishSignIn(tx, http, key, attempt, step, room);
  const settled = step.kind === 'stay' ? await settledStay(tx, key, attempt, room) : undefined;
  if (settled !== undefined) return proceed(tx, http, key, settled, room);
  if (attempt.request.prompt === 'none') return silentRefusal(tx, attempt);
  const { shown: _before, ...rest } = attempt;
  const kept = step.kind === 'consent' ? { ...rest, shown: shownOf(step.wanted) } : rest;
  return { kind: 'page', key: await keepSignInAttempt(tx, key, kept, room), attempt: kept, step };
}

/**
 * The attempt with the answer of the browser's last session, when "Don't show this again" came with
 * it. Signing out ends the session, and the question comes back. UNVERIFIED: how long Entra
 * remembers; the same browser weeks later would settle it.
 */
async function settledStay(
  tx: ReadTransaction,
  { cookie }: AttemptKey,
  attempt: SignInAttempt,
  { clock }: AuthorityRoom,
): Promise<SignInAttempt | undefined> {
  const last = await findSignInSession(tx, cookie, clock.civil());
  if (last?.hidesStayPage !== true) return undefined;
  return { ...attempt, staysSignedIn: last.isPersistent, hidesStayPage: true };
}

async function silentRefusal(tx: WriteTransaction, { request }: SignInAttempt): Promise<Fault> {
  const application = await findApplicationByAppId(tx, request.clientId);
  return consentPageNeeded(request.clientId, application?.displayName ?? request.clientId);
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
