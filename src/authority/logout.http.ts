import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import { findUser } from '#directory/user.store.ts';
import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import { type QueryParameter, queryValue } from '#http/target.ts';
import type { Instant } from '#kernel/instant.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { browserCookieOf, clearedCookies } from './browser-cookie.ts';
import type { Anyone } from './dialect.ts';
import { leavingAccountPage } from './leaving-account-page.ts';
import {
  endedSessions,
  type LeavingAccount,
  type LogoutRequest,
  logoutParameters,
  onwardAddress,
  readLogout,
  toldApplications,
} from './logout.ts';
import type { AuthorityRoom } from './room.ts';
import { findSignInSessions, removeSignInSessions } from './sign-in-session.store.ts';
import { findSignedInUsers } from './sign-in-user.ts';
import { signedOutPage, type ToldApplication } from './signed-out-page.ts';

const operation = operationsOf<Anyone, AuthorityRoom>();

const logout = {
  permission: 'anonymous',
  reply: { 200: 'stream', 302: 'empty' },
  source:
    'https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request',
} as const;
const byQuery = { ...logout, method: 'GET', query: logoutParameters } as const;
const byForm = { ...logout, method: 'POST', bodyKind: 'form' } as const;
const paths = {
  v1: '/{tenant}/oauth2/logout',
  v2: '/{tenant}/oauth2/v2.0/logout',
} as const;

/** Where a browser signs out, of every tenant alike. */
export const logoutOperations = [
  operation({ ...byQuery, id: 'Authority_LogoutV2', path: paths.v2, handler: signOutByQuery }),
  operation({ ...byQuery, id: 'Authority_LogoutV1', path: paths.v1, handler: signOutByQuery }),
  operation({ ...byForm, id: 'Authority_PostLogoutV2', path: paths.v2, handler: signOutByForm }),
  operation({ ...byForm, id: 'Authority_PostLogoutV1', path: paths.v1, handler: signOutByForm }),
];

function signOutByQuery(call: Call<Anyone>, room: AuthorityRoom): Promise<Reply> {
  return signOut(call, call.request.query, room);
}

function signOutByForm(call: Call<Anyone>, room: AuthorityRoom): Promise<Reply> {
  return signOut(call, call.body as readonly QueryParameter[], room);
}

/** What signing out leaves to do in the browser. */
interface SignedOut {
  /** Nobody is signed in there any more. */
  readonly isEmpty: boolean;
  readonly onward: string | undefined;
  readonly told: readonly ToldApplication[];
  /** Account names, where the person has to say which one signs out; nothing has ended yet. */
  readonly offered: readonly string[];
}

/**
 * Ends a session of the browser, and tells the applications that it signed in to. It goes on only
 * to an address of the application that is named, else of one of these.
 */
async function signOut(
  { request }: Call<Anyone>,
  parameters: readonly QueryParameter[],
  room: AuthorityRoom,
): Promise<Reply> {
  const asked = readLogout((name) => queryValue(parameters, name));
  const cookie = browserCookieOf(request);
  const { isEmpty, onward, told, offered } = await room.store.write((tx) =>
    endSessions(tx, asked, cookie, room),
  );
  if (offered.length > 0) return leavingAccountPage(request, asked, offered, onward);
  const cleared = isEmpty ? { cookies: clearedCookies(request) } : {};
  return onward !== undefined && told.length === 0
    ? { status: 302, headers: { Location: onward }, ...cleared }
    : { ...signedOutPage(request, told, onward), ...cleared };
}

async function endSessions(
  tx: WriteTransaction,
  asked: LogoutRequest,
  cookie: string | undefined,
  { clock }: AuthorityRoom,
): Promise<SignedOut> {
  const now = clock.civil();
  const accounts = cookie === undefined ? [] : await findLeavingAccounts(tx, cookie, now);
  const clientIds = accounts.flatMap(({ session }) => session.clientIds);
  const named = asked.clientId === undefined ? clientIds : [asked.clientId];
  const onward = onwardAddress(asked, await applicationsOf(tx, named));
  const ended = endedSessions(accounts, asked);
  if (ended === undefined) {
    const live = accounts.filter(({ isLive }) => isLive);
    const offered = live.flatMap(({ userName }) => userName ?? []);
    return { isEmpty: false, onward, told: [], offered };
  }
  const left = cookie === undefined ? [] : await removeSignInSessions(tx, cookie, ended, now);
  const told: ToldApplication[] = [];
  for (const session of ended) {
    const applications = await applicationsOf(tx, session.clientIds);
    told.push(...toldApplications(session.sessionId, applications));
  }
  return { isEmpty: left.length === 0, onward, told, offered: [] };
}

async function findLeavingAccounts(
  tx: ReadTransaction,
  cookie: string,
  now: Instant,
): Promise<readonly LeavingAccount[]> {
  const anywhere = { kind: 'alias', alias: 'organizations' } as const;
  const signedIn = await findSignedInUsers(tx, cookie, anywhere, now);
  const live = new Set(signedIn.map(({ session }) => session.sessionId));
  const accounts: LeavingAccount[] = [];
  for (const session of await findSignInSessions(tx, cookie, now)) {
    const user = await findUser(tx, session.tenantId, session.userId);
    const isLive = live.has(session.sessionId);
    accounts.push({ session, userName: user?.userPrincipalName, isLive });
  }
  return accounts;
}

async function applicationsOf(
  tx: ReadTransaction,
  clientIds: readonly string[],
): Promise<readonly Application[]> {
  const found: Application[] = [];
  for (const clientId of clientIds) {
    const application = await findApplicationByAppId(tx, clientId);
    if (application !== undefined) found.push(application);
  }
  return found;
}
