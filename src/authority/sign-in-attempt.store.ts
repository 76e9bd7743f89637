import { addSeconds, type Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { SignInRequest } from './device-request.ts';
import { opaqueHashOf } from './opaque-text.ts';

/** How long a person may take over the pages, in seconds. */
export const attemptLifetimeSeconds = 900;

/** Someone on the way through the pages. The server keeps all of it; the pages carry one token. */
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
}

/** A user who proved to be one, now by password or before in this browser. */
export interface ProvedUser {
  readonly at: Instant;
  readonly passwordMark: string;
  readonly sessionId: string;
  readonly by: 'password' | 'session';
}

/** Permissions of one resource as the consent page showed them. */
export interface ShownPermissions {
  /** Object id of the resource's service principal. */
  readonly resourceId: string;
  readonly oauthScopes: readonly string[];
  /** What an administrator gives the application itself. */
  readonly appRoleIds?: readonly string[];
}

/** The two texts that name an attempt: one in the page, one in the cookie of the browser. */
export interface AttemptKey {
  readonly token: string;
  readonly cookie: string;
}

/** Stores an attempt for one browser, and forgets those whose time is over. */
export async function addSignInAttempt(
  tx: WriteTransaction,
  { token, cookie }: AttemptKey,
  attempt: SignInAttempt,
  now: Instant,
): Promise<void> {
  await tx.run(deleteExpired, now);
  const expiresAt = addSeconds(now, attemptLifetimeSeconds);
  const hashes = [opaqueHashOf(token), opaqueHashOf(cookie)];
  await tx.run(insertOne, ...hashes, expiresAt, JSON.stringify(attempt));
}

/** The attempt that this browser began; another browser's is not found, which ends forged forms. */
export async function findSignInAttempt(
  tx: ReadTransaction,
  { token, cookie }: AttemptKey,
  now: Instant,
): Promise<SignInAttempt | undefined> {
  const row = await tx.one(selectOne, opaqueHashOf(token), opaqueHashOf(cookie), now);
  return row === undefined ? undefined : (JSON.parse(row.document) as SignInAttempt);
}

/** Keeps how far an attempt has come. */
export async function updateSignInAttempt(
  tx: WriteTransaction,
  { token }: AttemptKey,
  attempt: SignInAttempt,
): Promise<void> {
  await tx.run(updateOne, JSON.stringify(attempt), opaqueHashOf(token));
}

/** Ends an attempt. False when it was ended before: its form was sent twice. */
export async function removeSignInAttempt(
  tx: WriteTransaction,
  { token }: AttemptKey,
): Promise<boolean> {
  return (await tx.run(deleteOne, opaqueHashOf(token))) > 0;
}

const insertOne = statement(
  'signInAttempt.insert',
  `INSERT INTO sign_in_attempt (token_hash, cookie_hash, expires_at, document)
   VALUES (?, ?, ?, ?)`,
);

const selectOne = statement<{ document: string }>(
  'signInAttempt.select',
  `SELECT document FROM sign_in_attempt
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
