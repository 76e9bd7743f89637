import { findApplicationByAppId } from '#directory/application.store.ts';
import { findTenant } from '#directory/tenant.store.ts';
import type { HttpRequest } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type { AdminConsentRequest } from './admin-consent-request.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { chooseAccount, type WantedAccount } from './choose-account.ts';
import { consentPageNeeded } from './consent.faults.ts';
import { placeOfSignIn } from './device-request.ts';
import { type Finished, finishSignIn } from './finish-sign-in.ts';
import { namedUser, nameUser } from './named-user.ts';
import { newOpaqueText } from './opaque-text.ts';
import type { AuthorityRoom } from './room.ts';
import { newAttemptKey } from './sealed-attempt.ts';
import { shownOf } from './shown-permissions.ts';
import { nobodyHinted, nobodySignedIn, severalSignedIn } from './sign-in.faults.ts';
import { type AttemptKey, keepSignInAttempt, type SignInAttempt } from './sign-in-attempt.store.ts';
import { findSignInSessions, isOfSameUser } from './sign-in-session.store.ts';
import { type NextStep, nextStep } from './sign-in-step.ts';
import { findSignedInUsers, type SignedInUser } from './sign-in-user.ts';
import { findTenancy, type Tenancy } from './tenancy.ts';

/** A page that waits for the person. */
export interface Waiting {
  readonly kind: 'page';
  readonly key: AttemptKey;
  readonly attempt: SignInAttempt;
  readonly step:
    | {
        readonly kind: 'userName' | 'password';
        readonly error?: 'wrong' | 'locked' | 'unknown';
      }
    | {
        readonly kind: 'account';
        /** Account names of those who are signed in. */
        readonly accounts: readonly string[];
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
  const here = cookie === undefined ? [] : await findSignedInUsers(tx, cookie, tenancy, now);
  const choice = chooseAccount(here, await wantedBy(tx, request), now);
  const key = newAttemptKey(cookie ?? newOpaqueText(room.random), now);
  const attempt = { request };
  switch (choice.kind) {
    case 'nobody':
      return nobodySignedIn();
    case 'nobodyHinted':
      return nobodyHinted();
    case 'several':
      return severalSignedIn();
    case 'take':
      return proceed(tx, http, key, withSession(attempt, choice.account), room);
    case 'offer':
      return accountsOffered(key, attempt, choice.accounts);
    case 'prove': {
      const { userName: name } = choice;
      const user = name === undefined ? undefined : await nameUser(tx, tenancy, name, room);
      return user === undefined
        ? { kind: 'page', key, attempt, step: { kind: 'userName' } }
        : { kind: 'page', key, attempt: { request, user }, step: { kind: 'password' } };
    }
  }
}

/**
 * What a request says of the account that it wants. UNVERIFIED: that `domain_hint` tells accounts
 * apart, and that one which no tenant has says nothing; two accounts in one browser would settle it.
 */
async function wantedBy(
  tx: ReadTransaction,
  request: AuthorizeRequest | AdminConsentRequest,
): Promise<WantedAccount> {
  const { prompt, maxAgeSeconds, loginHint: userName, sessionId, domainHint } = request;
  const domain = domainHint === undefined ? undefined : await findTenancy(tx, domainHint);
  return { prompt, maxAgeSeconds, userName, sessionId, domain };
}

/** The page on which the person picks one of the accounts that are signed in, or another. */
export function accountsOffered(
  key: AttemptKey,
  attempt: SignInAttempt,
  offered: readonly SignedInUser[],
): Waiting {
  const accounts = offered.map(({ user }) => user.userPrincipalName);
  return { kind: 'page', key, attempt, step: { kind: 'account', accounts } };
}

/** Takes over who is signed in. */
export function withSession(
  attempt: SignInAttempt,
  { session, user }: SignedInUser,
): SignInAttempt {
  const { authenticatedAt: at, passwordMark, sessionId, isPersistent } = session;
  const authenticated = { at, passwordMark, sessionId, isPersistent, by: 'session' } as const;
  return { ...attempt, user: namedUser(user), authenticated };
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
 * The attempt with the answer of her last session in this browser, when "Don't show this again" came
 * with it. Signing out ends the session, and the question comes back. UNVERIFIED: how long Entra
 * remembers; the same browser weeks later would settle it.
 */
async function settledStay(
  tx: ReadTransaction,
  { cookie }: AttemptKey,
  attempt: SignInAttempt,
  { clock }: AuthorityRoom,
): Promise<SignInAttempt | undefined> {
  const { user } = attempt;
  const sessions = await findSignInSessions(tx, cookie, clock.civil());
  const last = sessions.find((one) => user !== undefined && isOfSameUser(one, user));
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
