import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import type { HttpRequest } from '#http/request.ts';
import type { QueryParameter } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import { browserCookieOf } from './browser-cookie.ts';
import { checkUserPassword } from './check-password.ts';
import type { DeclinedDevice } from './device-sign-in.ts';
import type { Anyone } from './dialect.ts';
import type { Finished } from './finish-sign-in.ts';
import { namedUser, nameUser, userNameCharactersMax } from './named-user.ts';
import { submitNewPassword } from './new-password.ts';
import type { AuthorityRoom } from './room.ts';
import { isSealedAttempt, openAttempt } from './sealed-attempt.ts';
import { attemptOver } from './sign-in.faults.ts';
import { proceed, type Waiting, withSession } from './sign-in.ts';
import {
  findSignInAttempt,
  type KeyedAttempt,
  keepSignInAttempt,
  type SignInAttempt,
} from './sign-in-attempt.store.ts';
import { noteInteractive } from './sign-in-record.ts';
import { refusedPage, signInReply } from './sign-in-reply.ts';
import { findSignInSessions } from './sign-in-session.store.ts';
import { findSignedInUsers, isRecent } from './sign-in-user.ts';
import { submitConsent } from './submit-consent.ts';
import { findTenancy, type Tenancy } from './tenancy.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

/** What every form of the sign-in pages is declared with. */
export const signInForm = {
  method: 'POST',
  permission: 'anonymous',
  bodyKind: 'form',
  reply: { 200: 'stream', 302: 'empty' },
  source: 'https://learn.microsoft.com/entra/identity/authentication/concept-sign-in-options',
} as const;

/** The forms of the sign-in pages. Each belongs to an attempt of the browser that sends it. */
export const signInOperations = [
  operation({
    ...signInForm,
    id: 'Authority_SubmitLogin',
    path: '/{tenant}/login',
    handler: (call, room) => submitted(call, room, submitLogin),
  }),
  operation({
    ...signInForm,
    id: 'Authority_UpdatePassword',
    path: '/{tenant}/updatepassword',
    handler: (call, room) => submitted(call, room, submitNewPassword),
  }),
  operation({
    ...signInForm,
    id: 'Authority_PickAccount',
    path: '/{tenant}/account',
    handler: (call, room) => submitted(call, room, pickAccount),
  }),
  operation({
    ...signInForm,
    id: 'Authority_SubmitConsent',
    path: '/{tenant}/consent',
    handler: (call, room) => submitted(call, room, submitConsent),
  }),
  operation({
    ...signInForm,
    id: 'Authority_StaySignedIn',
    path: '/{tenant}/kmsi',
    handler: (call, room) => submitted(call, room, staySignedIn),
  }),
];

/** A form that was sent, with the attempt that it belongs to. */
export interface Sent extends KeyedAttempt {
  readonly http: HttpRequest;
  readonly room: AuthorityRoom;
  readonly fields: ReadonlyMap<string, string>;
}

/** Where a form leads. */
export type Outcome = Waiting | Finished | DeclinedDevice | Fault;

/** Finds the attempt that a form belongs to, and answers with what the form does to it. */
export async function submitted(
  call: Call<Anyone>,
  room: AuthorityRoom,
  act: (sent: Sent) => Promise<Outcome>,
): Promise<Reply> {
  const { request: http } = call;
  const entries = (call.body as readonly QueryParameter[]).map(
    ({ name, value }) => [name, value] as const,
  );
  const fields = new Map(entries);
  const found = await attemptOf(http, room, fields.get('flowToken') ?? '');
  if (found === undefined) return refusedPage(http, room, '', attemptOver());
  const outcome = await act({ http, room, ...found, fields });
  return signInReply(http, room, found.attempt.request, outcome);
}

/** The attempt of a form: in a row, or sealed in the form. A session that was signed out proves nothing. */
async function attemptOf(
  http: HttpRequest,
  { store, seal, clock }: AuthorityRoom,
  token: string,
): Promise<KeyedAttempt | undefined> {
  const cookie = browserCookieOf(http);
  if (cookie === undefined) return undefined;
  const now = clock.civil();
  if (!isSealedAttempt(token)) {
    return store.read((tx) => findSignInAttempt(tx, { token, cookie }, now));
  }
  const opened = openAttempt(seal, cookie, token, now);
  const sessionId = opened?.attempt.authenticated?.sessionId;
  if (sessionId === undefined) return opened;
  const sessions = await store.read((tx) => findSignInSessions(tx, cookie, now));
  return sessions.some((one) => one.sessionId === sessionId) ? opened : undefined;
}

/** One form takes the name first and then the password, as Entra's does. */
async function submitLogin(sent: Sent): Promise<Outcome> {
  const { key, attempt, fields } = sent;
  const password = fields.get('passwd');
  if (fields.has('back')) {
    return { kind: 'page', key, attempt, step: { kind: 'userName' } };
  }
  return password === undefined ? submitName(sent) : submitPassword(sent, password);
}

async function submitName({ room, key, attempt, fields }: Sent): Promise<Outcome> {
  const name = (fields.get('loginfmt') ?? '').trim().slice(0, userNameCharactersMax);
  return room.store.write(async (tx): Promise<Outcome> => {
    const tenancy = await tenancyOf(tx, attempt);
    const user = tenancy === undefined ? undefined : await nameUser(tx, tenancy, name, room);
    if (user === undefined) {
      const request = { ...attempt.request, loginHint: name };
      const shown = { ...attempt, request };
      return { kind: 'page', key, attempt: shown, step: { kind: 'userName', error: 'unknown' } };
    }
    // Whatever someone else proved or accepted before her is forgotten.
    const named = { request: attempt.request, user };
    const kept = await keepSignInAttempt(tx, key, named, room);
    return { kind: 'page', key: kept, attempt: named, step: { kind: 'password' } };
  });
}

async function submitPassword(sent: Sent, password: string): Promise<Outcome> {
  const { http, room, key, attempt } = sent;
  const { user } = attempt;
  if (user === undefined) return attemptOver();
  const checked = await checkUserPassword(room, user, password, http.remoteAddress);
  if (isFault(checked)) {
    noteInteractive(room.recorder, http, attempt.request.clientId, checked, user);
    const error = checked.code === 'AADSTS50053' ? 'locked' : 'wrong';
    return { kind: 'page', key, attempt, step: { kind: 'password', error } };
  }
  const authenticated = {
    at: room.clock.civil(),
    passwordMark: checked.passwordMark,
    sessionId: room.random.guid(),
    by: 'password' as const,
  };
  const proved = { ...attempt, authenticated };
  return room.store.write((tx) => proceed(tx, http, key, proved, room));
}

/** Whoever is signed in needs no password again, unless the request wants it proved lately, or now. */
async function pickAccount({ http, room, key, attempt, fields }: Sent): Promise<Outcome> {
  const { request } = attempt;
  const name = fields.get('account') ?? '';
  return room.store.write(async (tx): Promise<Outcome> => {
    const tenancy = await tenancyOf(tx, attempt);
    const now = room.clock.civil();
    const here = tenancy && (await findSignedInUsers(tx, key.cookie, tenancy, now));
    const picked = here?.find(({ user }) => sameName(user.userPrincipalName, name));
    // Whatever someone else proved or accepted before is forgotten.
    const unnamed = { request };
    const isEnough = picked !== undefined && isRecent(picked, request.maxAgeSeconds, now);
    if (isEnough && request.prompt !== 'login') {
      return proceed(tx, http, key, withSession(unnamed, picked), room);
    }
    const next = picked === undefined ? unnamed : { request, user: namedUser(picked.user) };
    const step = { kind: picked === undefined ? 'userName' : 'password' } as const;
    const kept = await keepSignInAttempt(tx, key, next, room);
    return { kind: 'page', key: kept, attempt: next, step };
  });
}

async function staySignedIn({ http, room, key, attempt, fields }: Sent): Promise<Outcome> {
  const answered = {
    ...attempt,
    staysSignedIn: fields.get('stay') === '1' && !fields.has('back'),
    ...(fields.has('DontShowAgain') ? { hidesStayPage: true } : {}),
  };
  return room.store.write((tx) => proceed(tx, http, key, answered, room));
}

/** The tenancy of an attempt's path, if it is still there. */
export function tenancyOf(
  tx: ReadTransaction,
  { request }: SignInAttempt,
): Promise<Tenancy | undefined> {
  return findTenancy(tx, request.tenantName);
}
