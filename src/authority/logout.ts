import type { Application } from '#directory/application.ts';
import { sameName } from '#kernel/ids.ts';
import { parseToken } from './json-web-signature.ts';
import { isLoginHint, nameInLoginHint } from './login-hint.ts';
import { redirectKindOf } from './redirect-uri.ts';
import type { SignInSession } from './sign-in-session.store.ts';
import type { ToldApplication } from './signed-out-page.ts';

/** What a browser that signs out was sent with. */
export interface LogoutRequest {
  /** Where it wants to go on to, as written. */
  readonly redirectUri: string | undefined;
  readonly state: string | undefined;
  /** The application that sent it, as far as it says. Nothing proves it. */
  readonly clientId: string | undefined;
  /** The account that shall be signed out; absent: whichever is signed in. */
  readonly userName: string | undefined;
  /** The session that shall end, where it is one of this browser. */
  readonly sessionId: string | undefined;
}

/** The parameters that are read, in the query or in the form. */
export const logoutParameters: readonly string[] = [
  ...['post_logout_redirect_uri', 'state', 'id_token_hint', 'logout_hint', 'client_id'],
];

/**
 * Reads a request to sign out. A `logout_hint` that is no `login_hint` claim names nobody, as on
 * Entra, where a user's name is none.
 * Sources: https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc#send-a-sign-out-request,
 * https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/6082
 * UNVERIFIED: that `sid` of an `id_token_hint` spares the question which account is meant; two
 * accounts in one browser would settle it.
 */
export function readLogout(parameter: (name: string) => string | undefined): LogoutRequest {
  const hint = parameter('id_token_hint');
  // It only picks whose addresses count and who signs out, which anybody may, so nothing is verified.
  const { aud, sid } = (hint === undefined ? undefined : parseToken(hint)?.claims) ?? {};
  const named = parameter('logout_hint');
  return {
    redirectUri: parameter('post_logout_redirect_uri'),
    state: parameter('state'),
    clientId: typeof aud === 'string' ? aud : parameter('client_id'),
    userName: named !== undefined && isLoginHint(named) ? nameInLoginHint(named) : undefined,
    sessionId: typeof sid === 'string' ? sid : undefined,
  };
}

/** An account of the browser that is asked to sign out. */
export interface LeavingAccount {
  readonly session: SignInSession;
  /** Absent: the user is no longer there. */
  readonly userName: string | undefined;
  /** Could still sign in: neither disabled nor revoked. */
  readonly isLive: boolean;
}

/**
 * Which sessions end: that of the account or the session that is named, else the only one that is
 * live, with what is left of others. Undefined: there are several, and the person says which.
 */
export function endedSessions(
  accounts: readonly LeavingAccount[],
  { userName, sessionId }: LogoutRequest,
): readonly SignInSession[] | undefined {
  const sessionsOf = (some: readonly LeavingAccount[]) => some.map(({ session }) => session);
  if (userName !== undefined) {
    return sessionsOf(
      accounts.filter((one) => one.userName === undefined || sameName(one.userName, userName)),
    );
  }
  const named = accounts.filter(({ session }) => session.sessionId === sessionId);
  if (named.length > 0) return sessionsOf(named);
  return accounts.filter(({ isLive }) => isLive).length > 1 ? undefined : sessionsOf(accounts);
}

/**
 * Where the browser goes on to: the address that it asked for, with the state, when one of these
 * applications registered it for sign-ins. Undefined: it stays.
 */
export function onwardAddress(
  { redirectUri, state }: LogoutRequest,
  applications: readonly Application[],
): string | undefined {
  if (redirectUri === undefined) return undefined;
  const isKnown = applications.some((one) => redirectKindOf(one, redirectUri) !== undefined);
  if (!isKnown) return undefined;
  if (state === undefined) return redirectUri;
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}state=${encodeURIComponent(state)}`;
}

/**
 * The applications that hear of it: those that the session signed in to and that have an address for
 * it. They hear `sid` and, as from Entra, no `iss`.
 * Sources: https://github.com/MicrosoftDocs/entra-docs/issues/333,
 * https://github.com/OpenIDC/mod_auth_openidc/pull/855
 * UNVERIFIED: that the application which sent the browser hears of it too; one sign-out would settle
 * it.
 */
export function toldApplications(
  sessionId: string,
  applications: readonly Application[],
): readonly ToldApplication[] {
  return applications.flatMap(({ displayName, profile }) => {
    const { logoutUrl } = profile;
    const url = typeof logoutUrl === 'string' ? URL.parse(logoutUrl) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) return [];
    url.hash = '';
    url.search += `${url.search === '' ? '' : '&'}sid=${encodeURIComponent(sessionId)}`;
    return [{ displayName, address: url.href }];
  });
}
