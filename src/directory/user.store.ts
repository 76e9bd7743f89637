import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import type { NameConflict } from './application.store.ts';

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
  readonly createdAt: Instant;
}

/** Stores a user. Without a hash (`passwordHashOf`, made before the transaction) nobody can sign in as her. */
export async function addUser(
  tx: WriteTransaction,
  basis: User,
  passwordHash?: string,
): Promise<User | NameConflict> {
  const user = { ...basis, tenantId: fold(basis.tenantId), objectId: fold(basis.objectId) };
  const { tenantId, objectId, userPrincipalName } = user;
  if ((await findUser(tx, tenantId, userPrincipalName)) !== undefined) {
    return { conflict: 'userPrincipalName', value: userPrincipalName };
  }
  const text = JSON.stringify(user);
  await tx.run(insertUser, tenantId, objectId, fold(userPrincipalName), passwordHash ?? null, text);
  return user;
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

/** The users of a tenant in the order of their names. */
export async function listUsers(tx: ReadTransaction, tenantId: string): Promise<readonly User[]> {
  const rows = await tx.all(selectUsers, fold(tenantId));
  return rows.map((row) => JSON.parse(row.document) as User);
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

const selectUsers = statement<{ document: string }>(
  'user.selectAll',
  'SELECT document FROM user_account WHERE tenant_id = ? ORDER BY user_principal_name_folded',
);

const selectHash = statement<{ password_hash: string | null }>(
  'user.selectHash',
  'SELECT password_hash FROM user_account WHERE tenant_id = ? AND object_id = ?',
);
