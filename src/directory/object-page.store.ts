import { fold } from '#kernel/ids.ts';
import { type ReadTransaction, type Statement, statement } from '#store/store.ts';

/** The kinds of objects that a directory lists. */
export type DirectoryObjectKind = 'application' | 'servicePrincipal' | 'user' | 'group';

/** What every directory object has. */
export interface DirectoryObjectIds {
  readonly tenantId: string;
  readonly objectId: string;
}

/** Objects of a tenant in the order of their ids, behind an id, at most `limit`: one step of a walk that never holds them all. */
export async function pageOfObjects<T extends DirectoryObjectIds>(
  tx: ReadTransaction,
  kind: DirectoryObjectKind,
  tenantId: string,
  after: string,
  limit: number,
): Promise<readonly T[]> {
  const rows = await tx.all(statements[kind].page, fold(tenantId), after, limit);
  return rows.map((row) => JSON.parse(row.document) as T);
}

/** The object of a kind with this object id. */
export async function findObject<T extends DirectoryObjectIds>(
  tx: ReadTransaction,
  kind: DirectoryObjectKind,
  tenantId: string,
  objectId: string,
): Promise<T | undefined> {
  const row = await tx.one(statements[kind].one, fold(tenantId), fold(objectId));
  return row === undefined ? undefined : (JSON.parse(row.document) as T);
}

/** How many objects of a kind a tenant has. */
export async function countObjects(
  tx: ReadTransaction,
  kind: DirectoryObjectKind,
  tenantId: string,
): Promise<number> {
  return (await tx.one(statements[kind].count, fold(tenantId)))?.count ?? 0;
}

interface KindStatements {
  readonly page: Statement<{ document: string }>;
  readonly one: Statement<{ document: string }>;
  readonly count: Statement<{ count: number }>;
}

function statementsOf(kind: DirectoryObjectKind, table: string): KindStatements {
  return {
    page: statement(
      `objectPage.page.${kind}`,
      `SELECT document FROM ${table} WHERE tenant_id = ? AND object_id > ?
       ORDER BY object_id LIMIT ?`,
    ),
    one: statement(
      `objectPage.one.${kind}`,
      `SELECT document FROM ${table} WHERE tenant_id = ? AND object_id = ?`,
    ),
    count: statement(
      `objectPage.count.${kind}`,
      `SELECT count(*) AS count FROM ${table} WHERE tenant_id = ?`,
    ),
  };
}

const statements: Readonly<Record<DirectoryObjectKind, KindStatements>> = {
  application: statementsOf('application', 'application'),
  servicePrincipal: statementsOf('servicePrincipal', 'service_principal'),
  user: statementsOf('user', 'user_account'),
  group: statementsOf('group', 'directory_group'),
};
