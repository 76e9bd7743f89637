import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { opaqueHashOf } from './opaque-text.ts';

/**
 * How long a browser stays signed in, in seconds: a day, or 90 days for who chose to stay.
 * Source: https://learn.microsoft.com/entra/identity-platform/configurable-token-lifetimes
 */
export const sessionLifetimeSeconds = { once: 24 * 3600, persistent: 90 * 24 * 3600 } as const;

/** A browser in which a user is signed in. */
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

/** Stores a session by the hash of its cookie, and forgets those whose time is over. */
export async function addSignInSession(
  tx: WriteTransaction,
  cookie: string,
  session: SignInSession,
  now: Instant,
): Promise<void> {
  await tx.run(deleteExpired, now);
  await tx.run(insertOne, opaqueHashOf(cookie), session.expiresAt, JSON.stringify(session));
}

/** The session of a cookie, unless its time is over. */
export async function findSignInSession(
  tx: ReadTransaction,
  cookie: string,
  now: Instant,
): Promise<SignInSession | undefined> {
  const row = await tx.one(selectOne, opaqueHashOf(cookie), now);
  if (row === undefined) return undefined;
  // Sessions of before this was remembered have no list.
  return { clientIds: [], ...(JSON.parse(row.document) as Omit<SignInSession, 'clientIds'>) };
}

/** Remembers that the user of a session signed in to an application, too. */
export async function addSessionClient(
  tx: WriteTransaction,
  cookie: string,
  clientId: string,
  now: Instant,
): Promise<void> {
  const session = await findSignInSession(tx, cookie, now);
  if (session === undefined || session.clientIds.includes(clientId)) return;
  const clientIds = [...session.clientIds, clientId].slice(-clientIdsMax);
  await tx.run(updateOne, JSON.stringify({ ...session, clientIds }), opaqueHashOf(cookie));
}

/** Signs the browser out. */
export async function removeSignInSession(tx: WriteTransaction, cookie: string): Promise<void> {
  await tx.run(deleteOne, opaqueHashOf(cookie));
}

const insertOne = statement(
  'signInSession.insert',
  'INSERT INTO sign_in_session (cookie_hash, expires_at, document) VALUES (?, ?, ?)',
);

const selectOne = statement<{ document: string }>(
  'signInSession.select',
  'SELECT document FROM sign_in_session WHERE cookie_hash = ? AND expires_at > ?',
);

const updateOne = statement(
  'signInSession.update',
  'UPDATE sign_in_session SET document = ? WHERE cookie_hash = ?',
);

const deleteOne = statement(
  'signInSession.delete',
  'DELETE FROM sign_in_session WHERE cookie_hash = ?',
);

const deleteExpired = statement(
  'signInSession.deleteExpired',
  'DELETE FROM sign_in_session WHERE expires_at <= ?',
);
