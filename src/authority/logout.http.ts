import { findApplicationByAppId } from '#directory/application.store.ts';
import type { Application } from '#directory/application.ts';
import { findUser } from '#directory/user.store.ts';
import { type Call, operationsOf, type Reply } from '#http/operation.ts';
import { type QueryParameter, queryValue } from '#http/target.ts';
import { sameName } from '#kernel/ids.ts';
import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import { browserCookieOf, clearedCookieHeader } from './browser-cookie.ts';
import type { Anyone } from './dialect.ts';
import {
  type LogoutRequest,
  logoutParameters,
  onwardAddress,
  readLogout,
  toldApplications,
} from './logout.ts';
import type { AuthorityRoom } from './room.ts';
import {
  findSignInSession,
  removeSignInSession,
  type SignInSession,
} from './sign-in-session.store.ts';
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
  readonly isEnded: boolean;
  readonly onward: string | undefined;
  readonly told: readonly ToldApplication[];
}

/**
 * Ends the session of the browser, and tells the applications that it signed in to. It goes on only
 * to an address of the application that is named, else of one of these.
 */
async function signOut(
  { request }: Call<Anyone>,
  parameters: readonly QueryParameter[],
  room: AuthorityRoom,
): Promise<Reply> {
  const asked = readLogout((name) => queryValue(parameters, name));
  const cookie = browserCookieOf(request);
  const { isEnded, onward, told } = await room.store.write((tx) =>
    endSession(tx, asked, cookie, room),
  );
  const headers = isEnded ? { 'Set-Cookie': clearedCookieHeader() } : {};
  if (onward !== undefined && told.length === 0) {
    return { status: 302, headers: { ...headers, Location: onward } };
  }
  const page = signedOutPage(request, told, onward);
  return { ...page, headers: { ...page.headers, ...headers } };
}

async function endSession(
  tx: WriteTransaction,
  asked: LogoutRequest,
  cookie: string | undefined,
  room: AuthorityRoom,
): Promise<SignedOut> {
  const now = room.clock.civil();
  const session = cookie === undefined ? undefined : await findSignInSession(tx, cookie, now);
  const signedInTo = await applicationsOf(tx, session?.clientIds ?? []);
  const candidates =
    asked.clientId === undefined ? signedInTo : await applicationsOf(tx, [asked.clientId]);
  const onward = onwardAddress(asked, candidates);
  if (session !== undefined && !(await isMeant(tx, session, asked))) {
    return { isEnded: false, onward, told: [] };
  }
  if (cookie !== undefined) await removeSignInSession(tx, cookie);
  const told = session === undefined ? [] : toldApplications(session.sessionId, signedInTo);
  return { isEnded: true, onward, told };
}

/** False when the request is about another account than the browser is signed in with. */
async function isMeant(
  tx: ReadTransaction,
  { tenantId, userId }: SignInSession,
  { userName }: LogoutRequest,
): Promise<boolean> {
  if (userName === undefined) return true;
  const user = await findUser(tx, tenantId, userId);
  return user === undefined || sameName(user.userPrincipalName, userName);
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
