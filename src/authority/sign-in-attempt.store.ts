import type { Clock } from '#kernel/clock.ts';
import { type Instant, instant } from '#kernel/instant.ts';
import type { Random } from '#kernel/random.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { SignInRequest } from './device-request.ts';
import { newOpaqueText, opaqueHashOf } from './opaque-text.ts';

/** How long a person may take over the pages, in seconds. */
export const attemptLifetimeSeconds = 900;

/**
 * Someone on the way through the pages. What a password proved is a row, so that it is used once, and
 * the pages carry its token; what came before is nowhere kept, but sealed in the page.
 */
export interface SignInAttempt {
  readonly request: SignInRequest;
  /** Who she says she is. */
  readonly user?: { readonly tenantId: string; readonly userId: string; readonly name: string };
  /** Set once she proved it. */
  readonly authenticated?: ProvedUser;
  /** What the consent page showed: nothing else is granted. */
  readonly shown?: readonly ShownPermissions[];
  /** Accepted what was shown. */
  readonly hasConsented?: boolean;
  /** The answer to "Stay signed in?". */
  readonly staysSignedIn?: boolean;
  /** Asked not to be asked that again. */
  readonly hidesStayPage?: boolean;
}

/** A user who proved to be one, now by password or before in this browser. */
export interface ProvedUser {
  readonly at: Instant;
  readonly passwordMark: string;
  readonly sessionId: string;
  /** Chose to stay signed in, when it was before. */
  readonly isPersistent?: boolean;
  readonly by: 'password' | 'session';
}

/** Permissions of one resource as the consent page showed them. */
export interface ShownPermissions {
  /** The API that is given them, where it is not the client itself. */
  readonly holderAppId?: string;
  readonly resourceAppId: string;
  /** Object id of the resource's service principal, as it was when it was shown. */
  readonly resourceId: string;
  readonly oauthScopes: readonly string[];
  /** What an administrator gives the application itself. */
  readonly appRoleIds?: readonly string[];
}

/** What names an attempt: the cookie of its browser, and the token of its row once it has one. */
export interface AttemptKey {
  readonly cookie: string;
  readonly token?: string;
  readonly expiresAt: Instant;
}

/** An attempt with what names it. */
export interface KeyedAttempt {
  readonly key: AttemptKey;
  readonly attempt: SignInAttempt;
}

/** The attempt of a row that this browser began; another browser's is not found, which ends forged forms. */
export async function findSignInAttempt(
  tx: ReadTransaction,
  { token, cookie }: { readonly token: string; readonly cookie: string },
  now: Instant,
): Promise<KeyedAttempt | undefined> {
  const row = await tx.one(selectOne, opaqueHashOf(token), opaqueHashOf(cookie), now);
  if (row === undefined) return undefined;
  const key = { cookie, token, expiresAt: instant(row.expires_at) };
  return { key, attempt: JSON.parse(row.document) as SignInAttempt };
}

/**
 * Keeps how far an attempt has come, and says under which key from now on: a row begins with the
 * password that was right, and ends when its proof is given up. Forgets those whose time is over.
 */
export async function keepSignInAttempt(
  tx: WriteTransaction,
  key: AttemptKey,
  attempt: SignInAttempt,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<AttemptKey> {
  const { token: stored, cookie, expiresAt } = key;
  if (attempt.authenticated?.by !== 'password') {
    await endSignInAttempt(tx, key);
    return { cookie, expiresAt };
  }
  if (stored !== undefined) {
    await tx.run(updateOne, JSON.stringify(attempt), opaqueHashOf(stored));
    return key;
  }
  await tx.run(deleteExpired, clock.civil());
  const token = newOpaqueText(random);
  const hashes = [opaqueHashOf(token), opaqueHashOf(cookie)];
  await tx.run(insertOne, ...hashes, expiresAt, JSON.stringify(attempt));
  return { ...key, token };
}

/** Ends an attempt. False when its row was ended before: its form was sent twice. */
export async function endSignInAttempt(
  tx: WriteTransaction,
  { token }: AttemptKey,
): Promise<boolean> {
  return token === undefined || (await tx.run(deleteOne, opaqueHashOf(token))) > 0;
}

const insertOne = statement(
  'signInAttempt.insert',
  `INSERT INTO sign_in_attempt (token_hash, cookie_hash, expires_at, document)
   VALUES (?, ?, ?, ?)`,
);

const selectOne = statement<{ document: string; expires_at: number }>(
  'signInAttempt.select',
  `SELECT document, expires_at FROM sign_in_attempt
   WHERE token_hash = ? AND cookie_hash = ? AND expires_at > ?`,
);

const updateOne = statement(
  'signInAttempt.update',
  'UPDATE sign_in_attempt SET document = ? WHERE token_hash = ?',
);

const deleteOne = statement(
  'signInAttempt.delete',
  'DELETE FROM sign_in_attempt WHERE token_hash = ?',
);

const deleteExpired = statement(
  'signInAttempt.deleteExpired',
  'DELETE FROM sign_in_attempt WHERE expires_at <= ?',
);
