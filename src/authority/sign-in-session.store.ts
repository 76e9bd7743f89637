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
}

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
  return row === undefined ? undefined : (JSON.parse(row.document) as SignInSession);
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

const deleteOne = statement(
  'signInSession.delete',
  'DELETE FROM sign_in_session WHERE cookie_hash = ?',
);

const deleteExpired = statement(
  'signInSession.deleteExpired',
  'DELETE FROM sign_in_session WHERE expires_at <= ?',
);
