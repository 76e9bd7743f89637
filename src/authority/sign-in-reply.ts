import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { adminConsentAnswer, adminConsentRefusal } from './admin-consent.ts';
import { type AdminConsentRequest, isAdminConsentRequest } from './admin-consent-request.ts';
import { errorPage, languageQueryOf, textsOf } from './answer-page.ts';
import { codeAnswer, faultAnswer } from './authorize-answer.ts';
import type { AuthorizeRequest } from './authorize-request.ts';
import { browserCookieOf, givenCookies } from './browser-cookie.ts';
import { deniedAccess } from './consent.faults.ts';
import { approvalPage, consentPage } from './consent-pages.ts';
import { deviceCodeDeclined } from './device.faults.ts';
import { deviceConfirmPage, deviceDeclinedPage, deviceDonePage } from './device-pages.ts';
import { isDeviceRequest, type SignInRequest } from './device-request.ts';
import type { DeclinedDevice } from './device-sign-in.ts';
import type { Finished } from './finish-sign-in.ts';
import { newPasswordPage } from './new-password-page.ts';
import { type Page, pageReply } from './page.ts';
import { passwordExpired } from './password.faults.ts';
import { policySourcesOf } from './redirect-uri.ts';
import { signResponseTokens } from './response-tokens.ts';
import type { AuthorityRoom } from './room.ts';
import { sealAttempt } from './sealed-attempt.ts';
import { shownCodes } from './sign-in.faults.ts';
import { beginSignIn, frameNames, type Waiting } from './sign-in.ts';
import {
  accountPage,
  type PageFrame,
  passwordPage,
  staySignedInPage,
  userNamePage,
} from './sign-in-pages.ts';
import { noteInteractive } from './sign-in-record.ts';
import { findTenancy, type Tenancy } from './tenancy.ts';
import type { Texts } from './texts.ts';

/** Begins a sign-in in the browser that asks for it, and answers with its first page, or with its end. */
export async function firstReply(
  http: HttpRequest,
  room: AuthorityRoom,
  request: AuthorizeRequest | AdminConsentRequest,
  tenancy: Tenancy,
): Promise<Reply> {
  const cookie = browserCookieOf(http);
  const outcome = await room.store.write((tx) =>
    beginSignIn(tx, http, request, tenancy, cookie, room),
  );
  return signInReply(http, room, request, outcome);
}

/** A refusal that is shown to the person and recorded: nothing says yet that an application may hear it. */
export function refusedPage(
  http: HttpRequest,
  room: AuthorityRoom,
  clientId: string,
  fault: Fault,
): Reply {
  noteInteractive(room.recorder, http, clientId, fault);
  return errorPage(fault, http);
}

/** The outcome of one step of a sign-in as a reply; every end is recorded. */
export async function signInReply(
  http: HttpRequest,
  room: AuthorityRoom,
  request: SignInRequest,
  outcome: Waiting | Finished | DeclinedDevice | Fault,
): Promise<Reply> {
  if (isFault(outcome)) {
    noteInteractive(room.recorder, http, request.clientId, outcome);
    return refusalReply(http, request, outcome);
  }
  if (outcome.kind === 'page') return waitingReply(http, room, outcome);
  if (outcome.kind === 'declined') {
    noteInteractive(room.recorder, http, request.clientId, deviceCodeDeclined());
    return deviceDeclinedPage(http, outcome.appName);
  }
  noteInteractive(room.recorder, http, request.clientId, outcome.user);
  const reply = await finishedReply(http, room, outcome);
  const { cookie } = outcome;
  if (cookie === undefined) return reply;
  return { ...reply, cookies: givenCookies(cookie.value, cookie.staying) };
}

async function finishedReply(
  http: HttpRequest,
  room: AuthorityRoom,
  outcome: Finished,
): Promise<Reply> {
  switch (outcome.kind) {
    case 'answer': {
      const { request, code, judged } = outcome;
      const tokens =
        judged === undefined ? [] : await signResponseTokens(judged, request, code, room);
      return codeAnswer(http, request, { ...outcome, tokens });
    }
    case 'adminConsent':
      return adminConsentAnswer(http, outcome);
    case 'approved':
      return deviceDonePage(http, outcome.appName);
  }
}

/** What an application hears that asked for an administrator's consent: no from her, or that she is of another tenant. */
const toldToAdministrators: ReadonlySet<string> = new Set(['AADSTS65004', 'AADSTS50020']);

/** The application hears what it can act on; the rest is shown to the person, if she looks. */
function refusalReply(http: HttpRequest, request: SignInRequest, fault: Fault): Reply {
  if (isDeviceRequest(request)) return errorPage(fault, http);
  if (isAdminConsentRequest(request)) {
    return toldToAdministrators.has(fault.code)
      ? adminConsentRefusal(http, request, deniedAccess(fault))
      : errorPage(fault, http);
  }
  const isShown = shownCodes.has(fault.code) && request.prompt !== 'none';
  return isShown ? errorPage(fault, http) : faultAnswer(http, request, fault);
}

async function waitingReply(
  http: HttpRequest,
  room: AuthorityRoom,
  waiting: Waiting,
): Promise<Reply> {
  const { key, attempt } = waiting;
  const { tenantName } = attempt.request;
  const names = await room.store.read(async (tx) =>
    frameNames(tx, attempt, await findTenancy(tx, tenantName)),
  );
  const base = new URL(linkBase(http.reach)).pathname.replace(/\/$/, '');
  const formBase = `${base}/${encodeURIComponent(tenantName)}`;
  const token = key.token ?? sealAttempt(room.seal, key, attempt);
  const formQuery = languageQueryOf(http);
  const frame = { ...names, texts: textsOf(http), formBase, formQuery, token };
  const rights = { formActions: formActionsOf(attempt.request) };
  const reply = pageReply(pageOf(frame, waiting), rights, statusOf(http, room, waiting));
  if (browserCookieOf(http) === key.cookie) return reply;
  return { ...reply, cookies: givenCookies(key.cookie, 'none') };
}

/** A page that is a refusal as well is recorded, and answered as one. */
function statusOf(http: HttpRequest, room: AuthorityRoom, { attempt, step }: Waiting): number {
  if (step.kind === 'newPassword' && step.error === undefined) {
    noteInteractive(room.recorder, http, attempt.request.clientId, passwordExpired(), attempt.user);
  }
  if (step.kind !== 'approval') return 200;
  noteInteractive(room.recorder, http, attempt.request.clientId, step.refused, attempt.user);
  return step.refused.status;
}

/** The forms of a sign-in for a device lead nowhere else. */
function formActionsOf(request: SignInRequest): readonly string[] {
  return isDeviceRequest(request) ? [] : policySourcesOf(request.redirectUri);
}

function pageOf(frame: PageFrame, { attempt, step }: Waiting): Page {
  const name = attempt.user?.name ?? attempt.request.loginHint ?? '';
  switch (step.kind) {
    case 'userName':
      return userNamePage(frame, name, errorText(frame.texts, step.error));
    case 'password':
      return passwordPage(frame, name, errorText(frame.texts, step.error));
    case 'account':
      return accountPage(frame, step.accounts);
    case 'stay':
      return staySignedInPage(frame, name);
    case 'newPassword':
      return newPasswordPage(frame, name, step.error);
    case 'device':
      return deviceConfirmPage(frame, step.remoteAddress);
    case 'consent':
      return consentPage(frame, name, step.wanted, step.audience);
    case 'approval':
      return approvalPage(frame, name, `${step.refused.code}: ${step.refused.message}`);
  }
}

function errorText(
  texts: Texts,
  error: 'wrong' | 'locked' | 'unknown' | undefined,
): string | undefined {
  switch (error) {
    case 'wrong':
      return texts.passwordWrong;
    case 'locked':
      return texts.accountLocked;
    case 'unknown':
      return texts.userNameUnknown;
    case undefined:
      return undefined;
  }
}
