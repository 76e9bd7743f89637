import type { Instant } from '#kernel/instant.ts';
import { statement, type WriteTransaction } from '#store/store.ts';
import { opaqueHashOf } from './opaque-text.ts';
import { addSpentGrant, removeExpiredSpentGrants } from './spent-grant.store.ts';
import type { UserGrant } from './user-grant.ts';

/** How long a code can be redeemed, in seconds. Source: Entra's guide says about ten minutes. */
export const codeLifetimeSeconds = 600;

/** How the client will prove that it asked for the code. Source: RFC 7636. */
export interface CodeChallenge {
  readonly method: 'S256' | 'plain';
  readonly value: string;
}

/** What a code stands for. */
export interface AuthorizationCode extends UserGrant {
  /** Exactly as it stood in the request. */
  readonly redirectUri: string;
  /** It did not stand there: the application's default one was taken. */
  readonly isDefaultRedirectUri?: boolean;
  readonly codeChallenge?: CodeChallenge;
  /** Repeated in the id token, byte for byte. */
  readonly nonce?: string;
  /** Whoever redeems it says for which one. */
  readonly isOfSeveralResources?: boolean;
  /** The id token says when she proved who she is. */
  readonly wantsAuthTime?: boolean;
  readonly expiresAt: Instant;
}

/** Stores a code by its hash, and forgets those whose time is over. */
export async function addAuthorizationCode(
  tx: WriteTransaction,
  code: string,
  facts: AuthorizationCode,
  now: Instant,
): Promise<void> {
  await tx.run(deleteExpired, forgottenBefore(now));
  await removeExpiredSpentGrants(tx, now);
  await tx.run(insertOne, opaqueHashOf(code), facts.expiresAt, JSON.stringify(facts));
}

/**
 * Takes a code out of the store: one DELETE, so that it is redeemed once however many ask. What it
 * stood for is returned even when its time is over; undefined when there is no such code.
 */
export async function takeAuthorizationCode(
  tx: WriteTransaction,
  code: string,
): Promise<AuthorizationCode | undefined> {
  const codeHash = opaqueHashOf(code);
  const row = await tx.one(deleteOne, codeHash);
  if (row === undefined) return undefined;
  const facts = JSON.parse(row.document) as AuthorizationCode;
  await addSpentGrant(tx, codeHash, facts.grantId, facts.expiresAt);
  return facts;
}

/** An expired code is kept for as long again, so that it is refused as expired and not as unknown. */
function forgottenBefore(now: Instant): number {
  return now - codeLifetimeSeconds * 1_000_000;
}

const insertOne = statement(
  'authorizationCode.insert',
  'INSERT INTO authorization_code (code_hash, expires_at, document) VALUES (?, ?, ?)',
);

const deleteOne = statement<{ document: string }>(
  'authorizationCode.take',
  'DELETE FROM authorization_code WHERE code_hash = ? RETURNING document',
);

const deleteExpired = statement(
  'authorizationCode.deleteExpired',
  'DELETE FROM authorization_code WHERE expires_at <= ?',
);
