import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, statement, type WriteTransaction } from '#store/store.ts';
import { noFailures, type SignInFailures } from './lockout.ts';

/** The wrong passwords of a user since the last right one. */
export async function findSignInFailures(
  tx: ReadTransaction,
  tenantId: string,
  userId: string,
): Promise<SignInFailures> {
  const row = await tx.one(selectOne, fold(tenantId), fold(userId));
  return row === undefined ? noFailures : (JSON.parse(row.document) as SignInFailures);
}

/** Keeps them. */
export async function putSignInFailures(
  tx: WriteTransaction,
  tenantId: string,
  userId: string,
  failures: SignInFailures,
): Promise<void> {
  await tx.run(upsertOne, fold(tenantId), fold(userId), JSON.stringify(failures));
}

/** Forgets them, after the right password. */
export async function removeSignInFailures(
  tx: WriteTransaction,
  tenantId: string,
  userId: string,
): Promise<void> {
  await tx.run(deleteOne, fold(tenantId), fold(userId));
}

const selectOne = statement<{ document: string }>(
  'signInFailure.select',
  'SELECT document FROM sign_in_failure WHERE tenant_id = ? AND user_id = ?',
);

const upsertOne = statement(
  'signInFailure.upsert',
  `INSERT INTO sign_in_failure (tenant_id, user_id, document) VALUES (?, ?, ?)
   ON CONFLICT (tenant_id, user_id) DO UPDATE SET document = excluded.document`,
);

const deleteOne = statement(
  'signInFailure.delete',
  'DELETE FROM sign_in_failure WHERE tenant_id = ? AND user_id = ?',
);
