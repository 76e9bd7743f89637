import { strictlyAfter } from '#kernel/clock.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { NameConflict } from './application.store.ts';
import { indexNames } from './object-name.store.ts';
import { removePrincipal } from './principal-removal.store.ts';

/**
 * A person of a tenant. The password hash is kept apart and leaves the store only through `passwordHashOfUser`.
 * Source: https://learn.microsoft.com/graph/api/resources/user
 */
export interface User {
  readonly tenantId: string;
  readonly objectId: string;
  readonly userPrincipalName: string;
  readonly displayName: string;
  readonly accountEnabled: boolean;
  readonly givenName?: string;
  readonly surname?: string;
  readonly mail?: string;
  readonly mailNickname?: string;
  readonly jobTitle?: string;
  /** Her password is to be changed before anyone signs in with it. */
  readonly mustChangePassword?: boolean;
  readonly lastPasswordChangeAt?: Instant;
  /** Sign-ins before this instant, and their refresh tokens, count no more; absent when none were taken back. */
  readonly signInSessionsValidFrom?: Instant;
  readonly createdAt: Instant;
  /** Graph properties that are kept and read back and decide nothing, by their wire names. */
  readonly profile?: JsonObject;
}

/** Stores a user. Without a hash (`passwordHashOf`, made before the transaction) nobody can sign in as her. */
export async function addUser(
  tx: WriteTransaction,
  basis: User,
  passwordHash?: string,
): Promise<User | NameConflict> {
  const user = { ...basis, tenantId: fold(basis.tenantId), objectId: fold(basis.objectId) };
  const { tenantId, objectId, userPrincipalName } = user;
  if ((await findUser(tx, tenantId, userPrincipalName)) !== undefined) return nameTaken(user);
  const text = JSON.stringify(user);
  await tx.run(insertUser, tenantId, objectId, fold(userPrincipalName), passwordHash ?? null, text);
  await indexNames(tx, 'user', user);
  return user;
}

/** Stores a changed user under her object id; she may have another name now. */
export async function updateUser(tx: WriteTransaction, user: User): Promise<User | NameConflict> {
  const { tenantId, objectId, userPrincipalName } = user;
  const holder = await findUser(tx, tenantId, userPrincipalName);
  if (holder !== undefined && holder.objectId !== objectId) return nameTaken(user);
  const text = JSON.stringify(user);
  await tx.run(updateDocument, fold(userPrincipalName), text, tenantId, objectId);
  await indexNames(tx, 'user', user);
  return user;
}

/** Replaces the password hash. Every sign-in and refresh token that was given under the old one ends with it. */
export async function setPasswordHash(
  tx: WriteTransaction,
  user: User,
  passwordHash: string,
): Promise<void> {
  await tx.run(updateHash, passwordHash, user.tenantId, user.objectId);
}

/**
 * Ends every session and every refresh token that a user has, each time under a later instant. False when there is no such user.
 * Source: https://learn.microsoft.com/graph/api/user-revokesigninsessions
 */
export async function revokeSignIns(
  tx: WriteTransaction,
  tenantId: string,
  userId: string,
  at: Instant,
): Promise<boolean> {
  const row = await tx.one(selectById, fold(tenantId), fold(userId));
  if (row === undefined) return false;
  const user = JSON.parse(row.document) as User;
  const signInSessionsValidFrom = strictlyAfter(user.signInSessionsValidFrom, at);
  await updateUser(tx, { ...user, signInSessionsValidFrom });
  return true;
}

/** Removes a user with everything that names her in the directory. False when there is none. */
export async function deleteUser(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<boolean> {
  const keys = [fold(tenantId), fold(objectId)] as const;
  if ((await tx.run(deleteOne, ...keys)) === 0) return false;
  await removePrincipal(tx, ...keys);
  return true;
}

/** The user of a tenant with this object id or user principal name. */
export async function findUser(
  tx: ReadTransaction,
  tenantId: string,
  idOrUpn: string,
): Promise<User | undefined> {
  const folded = fold(idOrUpn);
  const row = await tx.one(selectUser, fold(tenantId), folded, folded);
  return row === undefined ? undefined : (JSON.parse(row.document) as User);
}

/** The stored hash, to be verified after the transaction with `isPassword`. */
export async function passwordHashOfUser(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<string | undefined> {
  const row = await tx.one(selectHash, fold(tenantId), fold(objectId));
  return row?.password_hash ?? undefined;
}

/** Her name, when another user of the tenant has it. */
function nameTaken({ userPrincipalName }: User): NameConflict {
  return { conflict: 'userPrincipalName', value: userPrincipalName };
}

const insertUser = statement(
  'user.insert',
  `INSERT INTO user_account
     (tenant_id, object_id, user_principal_name_folded, password_hash, document)
   VALUES (?, ?, ?, ?, ?)`,
);

const selectUser = statement<{ document: string }>(
  'user.select',
  `SELECT document FROM user_account
   WHERE tenant_id = ? AND (object_id = ? OR user_principal_name_folded = ?)`,
);

const selectById = statement<{ document: string }>(
  'user.selectById',
  'SELECT document FROM user_account WHERE tenant_id = ? AND object_id = ?',
);

const updateDocument = statement(
  'user.update',
  `UPDATE user_account SET user_principal_name_folded = ?, document = ?
   WHERE tenant_id = ? AND object_id = ?`,
);

const updateHash = statement(
  'user.updateHash',
  'UPDATE user_account SET password_hash = ? WHERE tenant_id = ? AND object_id = ?',
);

const deleteOne = statement(
  'user.delete',
  'DELETE FROM user_account WHERE tenant_id = ? AND object_id = ?',
);

const selectHash = statement<{ password_hash: string | null }>(
  'user.selectHash',
  'SELECT password_hash FROM user_account WHERE tenant_id = ? AND object_id = ?',
);
