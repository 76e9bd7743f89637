import type { HttpRequest } from '#http/request.ts';
import { reopened, sessionLifetimeSeconds } from './sign-in-session.store.ts';

/**
 * The cookie of the sign-in pages. Before a sign-in it binds forms to their browser, afterwards it
 * is the session; a sign-in always gives a new one. Pages of other sites send it along, as they
 * must for silent sign-in in a frame, so every form also carries a token.
 */
const cookieName = '__Host-BattenSignIn';

/**
 * The same value once more, where some accounts stay when the browser is closed and some do not:
 * a browser that sends this one alone was closed.
 */
const stayingName = '__Host-BattenStay';

/** Which accounts of a browser outlive it. */
export type Staying = 'none' | 'some' | 'all';

/** What names the browser, if it has a cookie of ours. */
export function browserCookieOf(request: HttpRequest): string | undefined {
  const stays = sentValueOf(request, stayingName);
  return sentValueOf(request, cookieName) ?? (stays === undefined ? undefined : reopened(stays));
}

function sentValueOf(request: HttpRequest, name: string): string | undefined {
  const pairs = (request.headers['cookie'] ?? '').split(';').map((pair) => pair.trim());
  const found = pairs.find((pair) => pair.startsWith(`${name}=`));
  const value = found?.slice(name.length + 1);
  return value !== undefined && /^[\w-]{64}$/.test(value) ? value : undefined;
}

/** The headers that give the browser a value, until it is closed, for 90 days, or both. */
export function givenCookies(value: string, staying: Staying): readonly string[] {
  const days = sessionLifetimeSeconds.persistent;
  switch (staying) {
    case 'none':
      return [cookieOf(cookieName, value)];
    case 'some':
      return [cookieOf(cookieName, value), cookieOf(stayingName, value, days)];
    case 'all':
      return [cookieOf(cookieName, value, days)];
  }
}

/** The headers that take away what the browser has. */
export function clearedCookies(request: HttpRequest): readonly string[] {
  const isStaying = sentValueOf(request, stayingName) !== undefined;
  return [cookieName, ...(isStaying ? [stayingName] : [])].map((name) => cookieOf(name, '', 0));
}

function cookieOf(name: string, value: string, seconds?: number): string {
  const age = seconds === undefined ? '' : `; Max-Age=${seconds}`;
  return `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=None${age}`;
}
