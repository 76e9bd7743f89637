import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { opaqueHashOf } from './opaque-text.ts';

/**
 * How long a browser stays signed in, in seconds: a day, or 90 days for who chose to stay.
 * Source: https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
 */
export const sessionLifetimeSeconds = { once: 24 * 3600, persistent: 90 * 24 * 3600 } as const;

/** An account that is signed in in a browser, beside others or alone. */
export interface SignInSession {
  /** `sid`, which says nothing about the cookie. */
  readonly sessionId: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly authenticatedAt: Instant;
  readonly passwordMark: string;
  readonly expiresAt: Instant;
  /** Chose to stay signed in. */
  readonly isPersistent: boolean;
  /** Asked not to be asked again whether to stay. */
  readonly hidesStayPage?: boolean;
  /** The applications that she signed in to: signing out may lead back to one of them. */
  readonly clientIds: readonly string[];
}

/** Most applications that a session remembers; the oldest are forgotten. */
const clientIdsMax = 100;

/** Most accounts in one browser. UNVERIFIED: Entra's own number; signing in that often would settle it. */
export const sessionsMax = 10;

/** A cookie as it names a browser that was closed since: only accounts that stay are left of it. */
export function reopened(cookie: string): string {
  return `${reopenedPrefix}${cookie}`;
}

/** No cookie of ours has such a character. */
const reopenedPrefix = '~';

/**
 * The accounts of a cookie whose time is not over, the last one who proved herself first. Nobody
 * has two sessions in one browser.
 */
export async function findSignInSessions(
  tx: ReadTransaction,
  cookie: string,
  now: Instant,
): Promise<readonly SignInSession[]> {
  const row = await tx.one(selectOne, hashOf(cookie), now);
  if (row === undefined) return [];
  const wasClosed = cookie.startsWith(reopenedPrefix);
  return sessionsIn(row.document).filter(
    ({ expiresAt, isPersistent }) => now < expiresAt && (isPersistent || !wasClosed),
  );
}

/**
 * Signs an account in under a new cookie, which takes over whoever else was signed in under the one
 * before. The oldest is signed out when there are too many. Says who is signed in now.
 */
export async function addSignInSession(
  tx: WriteTransaction,
  cookies: { readonly before: string; readonly next: string },
  session: SignInSession,
  now: Instant,
): Promise<readonly SignInSession[]> {
  await tx.run(deleteExpired, now);
  const before = await findSignInSessions(tx, cookies.before, now);
  const others = before.filter((one) => !isOfSameUser(one, session));
  const sessions = [session, ...others].slice(0, sessionsMax);
  await tx.run(deleteOne, hashOf(cookies.before));
  await writeSessions(tx, cookies.next, sessions);
  return sessions;
}

/** Remembers that the user of a session signed in to an application, too. */
export async function addSessionClient(
  tx: WriteTransaction,
  { cookie, sessionId }: { readonly cookie: string; readonly sessionId: string },
  clientId: string,
  now: Instant,
): Promise<void> {
  const sessions = await findSignInSessions(tx, cookie, now);
  const found = sessions.find((one) => one.sessionId === sessionId);
  if (found === undefined || found.clientIds.includes(clientId)) return;
  const clientIds = [...found.clientIds, clientId].slice(-clientIdsMax);
  const changed = sessions.map((one) => (one === found ? { ...one, clientIds } : one));
  await writeSessions(tx, cookie, changed);
}

/** Signs accounts out of the browser. Says who is still signed in. */
export async function removeSignInSessions(
  tx: WriteTransaction,
  cookie: string,
  ended: readonly SignInSession[],
  now: Instant,
): Promise<readonly SignInSession[]> {
  const ids = new Set(ended.map(({ sessionId }) => sessionId));
  const sessions = await findSignInSessions(tx, cookie, now);
  const left = sessions.filter(({ sessionId }) => !ids.has(sessionId));
  if (left.length < sessions.length) await writeSessions(tx, cookie, left);
  return left;
}

/** True for two sessions of one user, which never stand side by side. */
export function isOfSameUser(
  one: Pick<SignInSession, 'tenantId' | 'userId'>,
  other: Pick<SignInSession, 'tenantId' | 'userId'>,
): boolean {
  return one.tenantId === other.tenantId && one.userId === other.userId;
}

/** The row lives as long as the last of its accounts. */
async function writeSessions(
  tx: WriteTransaction,
  cookie: string,
  sessions: readonly SignInSession[],
): Promise<void> {
  const hash = hashOf(cookie);
  if (sessions.length === 0) {
    await tx.run(deleteOne, hash);
    return;
  }
  const expiresAt = Math.max(...sessions.map((one) => one.expiresAt));
  await tx.run(upsertOne, hash, expiresAt, JSON.stringify({ sessions }));
}

function hashOf(cookie: string): string {
  return opaqueHashOf(cookie.replace(reopenedPrefix, ''));
}

/** A row of before there could be several is one account, at first without a list of applications. */
function sessionsIn(document: string): readonly SignInSession[] {
  const stored = JSON.parse(document) as
    | { readonly sessions: readonly SignInSession[] }
    | Omit<SignInSession, 'clientIds'>;
  return 'sessions' in stored ? stored.sessions : [{ clientIds: [], ...stored }];
}

const upsertOne = statement(
  'signInSession.upsert',
  `INSERT INTO sign_in_session (cookie_hash, expires_at, document) VALUES (?, ?, ?)
   ON CONFLICT (cookie_hash)
   DO UPDATE SET expires_at = excluded.expires_at, document = excluded.document`,
);

const selectOne = statement<{ document: string }>(
  'signInSession.select',
  'SELECT document FROM sign_in_session WHERE cookie_hash = ? AND expires_at > ?',
);

const deleteOne = statement(
  'signInSession.delete',
  'DELETE FROM sign_in_session WHERE cookie_hash = ?',
);

const deleteExpired = statement(
  'signInSession.deleteExpired',
  'DELETE FROM sign_in_session WHERE expires_at <= ?',
);
