import type { HttpRequest } from '#http/request.ts';
import { sessionLifetimeSeconds } from './sign-in-session.store.ts';

/**
 * The one cookie of the sign-in pages. Before a sign-in it binds forms to their browser, afterwards
 * it is the session; a sign-in always gives a new one. Pages of other sites send it along, as they
 * must for silent sign-in in a frame, so every form also carries a token.
 */
const cookieName = '__Host-BattenSignIn';

/** The browser's cookie, if it has one of ours. */
export function browserCookieOf(request: HttpRequest): string | undefined {
  const pairs = (request.headers['cookie'] ?? '').split(';').map((pair) => pair.trim());
  const found = pairs.find((pair) => pair.startsWith(`${cookieName}=`));
  const value = found?.slice(cookieName.length + 1);
  return value !== undefined && /^[\w-]{64}$/.test(value) ? value : undefined;
}

/** The header that gives the browser a cookie, until it is closed or for 90 days. */
export function cookieHeader(value: string, isPersistent: boolean): string {
  const age = isPersistent ? `; Max-Age=${sessionLifetimeSeconds.persistent}` : '';
  return `${cookieName}=${value}; Path=/; Secure; HttpOnly; SameSite=None${age}`;
}

/** The header that takes the cookie away. */
export function clearedCookieHeader(): string {
  return `${cookieName}=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0`;
}
