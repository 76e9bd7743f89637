import { addSeconds, type Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { opaqueHashOf } from './opaque-text.ts';
import { addSpentGrant } from './spent-grant.store.ts';
import type { RedirectKind, UserGrant } from './user-grant.ts';

/**
 * How long a refresh token is good, in seconds: 90 days from its own issue, and for single-page
 * applications 24 hours from that of the first one.
 * Source: https://learn.microsoft.com/entra/identity-platform/refresh-tokens#token-lifetime
 */
export const refreshLifetimeSeconds: Readonly<Record<RedirectKind, number>> = {
  web: 90 * 24 * 3600,
  publicClient: 90 * 24 * 3600,
  spa: 24 * 3600,
};

/** What a refresh token stands for. */
export interface RefreshToken extends UserGrant {
  readonly expiresAt: Instant;
}

/** How long an expired token is still known as such, in seconds. */
const keptAfterExpirySeconds = 30 * 24 * 3600;

/** Stores a refresh token by its hash, and forgets those that expired long ago. */
export async function addRefreshToken(
  tx: WriteTransaction,
  token: string,
  facts: RefreshToken,
  now: Instant,
): Promise<void> {
  const { grantId, expiresAt } = facts;
  await tx.run(deleteExpired, addSeconds(now, -keptAfterExpirySeconds));
  await tx.run(insertOne, opaqueHashOf(token), grantId, expiresAt, JSON.stringify(facts));
}

/** What a refresh token stands for, also when its time is over. */
export async function findRefreshToken(
  tx: ReadTransaction,
  token: string,
): Promise<RefreshToken | undefined> {
  const row = await tx.one(selectOne, opaqueHashOf(token));
  return row === undefined ? undefined : (JSON.parse(row.document) as RefreshToken);
}

/** Takes a single-use refresh token out of the store. False when someone was faster. */
export async function spendRefreshToken(
  tx: WriteTransaction,
  token: string,
  facts: RefreshToken,
): Promise<boolean> {
  const tokenHash = opaqueHashOf(token);
  if ((await tx.one(deleteOne, tokenHash)) === undefined) return false;
  await addSpentGrant(tx, tokenHash, facts.grantId, facts.expiresAt);
  return true;
}

/** Removes every refresh token that came from one sign-in. */
export async function removeRefreshTokensOf(tx: WriteTransaction, grantId: string): Promise<void> {
  await tx.run(deleteOfGrant, grantId);
}

const insertOne = statement(
  'refreshToken.insert',
  'INSERT INTO refresh_token (token_hash, grant_id, expires_at, document) VALUES (?, ?, ?, ?)',
);

const selectOne = statement<{ document: string }>(
  'refreshToken.select',
  'SELECT document FROM refresh_token WHERE token_hash = ?',
);

const deleteOne = statement<{ grant_id: string }>(
  'refreshToken.take',
  'DELETE FROM refresh_token WHERE token_hash = ? RETURNING grant_id',
);

const deleteOfGrant = statement(
  'refreshToken.deleteOfGrant',
  'DELETE FROM refresh_token WHERE grant_id = ?',
);

const deleteExpired = statement(
  'refreshToken.deleteExpired',
  'DELETE FROM refresh_token WHERE expires_at <= ?',
);
