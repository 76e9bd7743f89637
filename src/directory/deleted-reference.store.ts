import { fold } from '#kernel/ids.ts';
import {
  type ReadTransaction,
  type SqlRow,
  type SqlValue,
  type Statement,
  statement,
  type WriteTransaction,
} from '#store/store.ts';

/** A table whose rows hang on directory objects. */
interface Relation {
  readonly table: string;
  /** All columns but `tenant_id`. */
  readonly columns: readonly string[];
  /** The columns among them that hold the id of an object; an empty text names nobody. */
  readonly parties: readonly string[];
}

/** What hangs on an object: a row goes with the first of its parties that is deleted, and comes back with the last. */
const relations: readonly Relation[] = [
  {
    table: 'password_credential',
    columns: ['holder_id', 'key_id', 'display_name', 'hint', 'secret_hash', 'start_at', 'end_at'],
    parties: ['holder_id'],
  },
  {
    table: 'key_credential',
    columns: [
      'holder_id',
      'key_id',
      'display_name',
      'custom_key_identifier',
      'certificate_der',
      'thumbprint_sha1',
      'thumbprint_sha256',
      'start_at',
      'end_at',
      'type',
      'usage',
    ],
    parties: ['holder_id'],
  },
  {
    table: 'federated_credential',
    columns: ['holder_id', 'name_folded', 'credential_id', 'issuer', 'subject', 'document'],
    parties: ['holder_id'],
  },
  {
    table: 'token_lifetime_policy_assignment',
    columns: ['object_id', 'policy_id'],
    parties: ['object_id'],
  },
  {
    table: 'group_member',
    columns: ['group_id', 'member_id'],
    parties: ['group_id', 'member_id'],
  },
  {
    table: 'object_owner',
    columns: ['object_id', 'owner_id'],
    parties: ['object_id', 'owner_id'],
  },
  {
    table: 'directory_role_assignment',
    columns: ['principal_id', 'template_id'],
    parties: ['principal_id'],
  },
  {
    table: 'app_role_assignment',
    columns: ['principal_id', 'resource_id', 'app_role_id', 'assignment_id', 'created_at'],
    parties: ['principal_id', 'resource_id'],
  },
  {
    table: 'permission_grant',
    columns: [
      'grant_id',
      'client_id',
      'resource_id',
      'consent_type',
      'principal_id',
      'oauth_scopes',
    ],
    parties: ['client_id', 'resource_id', 'principal_id'],
  },
];

/** The tables whose rows come back with the object that they hang on. */
export const keptTables: readonly string[] = relations.map(({ table }) => table);

/** Moves every row that hangs on an object which is about to be deleted to where it can be restored from. */
export async function takeReferences(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  const [tenant, id] = [fold(tenantId), fold(objectId)];
  for (const { relation, take } of statements) {
    const ids = relation.parties.map(() => id);
    for (const row of await tx.all(take, tenant, ...ids)) {
      await keepRow(tx, tenant, id, relation.table, textOf(row));
    }
  }
}

/**
 * Puts the kept rows of an object back, which must be there again. A row with a party that is deleted now waits for that one; a row
 * with a party that is gone for good goes too.
 */
export async function restoreReferences(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  const [tenant, id] = [fold(tenantId), fold(objectId)];
  const kept = await tx.all(deleteKept, tenant, id);
  for (const { relation: table, document } of kept) {
    const found = statements.find(({ relation }) => relation.table === table);
    if (found === undefined) throw new Error(`no relation keeps ${table}`);
    const row = rowOf(document);
    const absent = await firstAbsent(tx, tenant, found.relation, row);
    if (absent === undefined) {
      await tx.run(
        found.insert,
        tenant,
        ...found.relation.columns.map((name) => row[name] ?? null),
      );
    } else if ((await tx.one(selectDeleted, tenant, absent)) !== undefined) {
      await keepRow(tx, tenant, absent, table, document);
    }
  }
}

/** Object ids of those who owned a deleted object. */
export async function keptOwnerIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<readonly string[]> {
  const rows = await keptRows(tx, tenantId, objectId, 'object_owner');
  const owned = rows.filter((row) => row['object_id'] === fold(objectId));
  return owned.map((row) => String(row['owner_id']));
}

/** Template ids of the directory roles that a deleted principal held itself. */
export async function keptDirectoryRoleIdsOf(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
): Promise<readonly string[]> {
  const rows = await keptRows(tx, tenantId, objectId, 'directory_role_assignment');
  return rows.map((row) => String(row['template_id']));
}

async function keptRows(
  tx: ReadTransaction,
  tenantId: string,
  objectId: string,
  relation: string,
): Promise<readonly SqlRow[]> {
  const kept = await tx.all(selectKept, fold(tenantId), fold(objectId), relation);
  return kept.map((row) => rowOf(row.document));
}

/** Forgets the kept rows of an object that is gone for good. */
export async function forgetReferences(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  await tx.all(deleteKept, fold(tenantId), fold(objectId));
}

async function keepRow(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
  table: string,
  document: string,
): Promise<void> {
  const last = await tx.one(selectLast, tenantId, objectId);
  const position = (last?.position ?? 0) + 1;
  await tx.run(insertKept, tenantId, objectId, position, table, document);
}

async function firstAbsent(
  tx: ReadTransaction,
  tenantId: string,
  { parties }: Relation,
  row: SqlRow,
): Promise<string | undefined> {
  for (const column of parties) {
    const id = String(row[column] ?? '');
    if (id === '') continue;
    const keys = [tenantId, id];
    const present = await tx.one(selectPresent, ...keys, ...keys, ...keys, ...keys);
    if (present === undefined) return id;
  }
  return undefined;
}

/** A row as JSON; bytes are written as base64 in an object of their own. */
function textOf(row: SqlRow): string {
  return JSON.stringify(row, (_name, value: unknown) =>
    value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value,
  );
}

function rowOf(document: string): SqlRow {
  const written = JSON.parse(document) as Record<string, SqlValue | { readonly base64: string }>;
  const columns = Object.entries(written).map(([name, value]): [string, SqlValue] => [
    name,
    typeof value === 'object' && value !== null && 'base64' in value
      ? Buffer.from(value.base64, 'base64')
      : value,
  ]);
  return Object.fromEntries(columns);
}

const statements: readonly {
  readonly relation: Relation;
  readonly take: Statement;
  readonly insert: Statement;
}[] = relations.map((relation) => {
  const { table, columns, parties } = relation;
  const names = columns.join(', ');
  const named = parties.map((column) => `${column} = ?`).join(' OR ');
  const marks = columns.map(() => '?').join(', ');
  return {
    relation,
    take: statement(
      `deletedReference.take.${table}`,
      `DELETE FROM ${table} WHERE tenant_id = ? AND (${named}) RETURNING ${names}`,
    ),
    insert: statement(
      `deletedReference.restore.${table}`,
      `INSERT INTO ${table} (tenant_id, ${names}) VALUES (?, ${marks}) ON CONFLICT DO NOTHING`,
    ),
  };
});

const insertKept = statement(
  'deletedReference.insert',
  `INSERT INTO deleted_reference (tenant_id, object_id, position, relation, document)
   VALUES (?, ?, ?, ?, ?)`,
);

const deleteKept = statement<{ relation: string; document: string }>(
  'deletedReference.delete',
  `DELETE FROM deleted_reference WHERE tenant_id = ? AND object_id = ?
   RETURNING relation, document`,
);

const selectKept = statement<{ document: string }>(
  'deletedReference.select',
  `SELECT document FROM deleted_reference
   WHERE tenant_id = ? AND object_id = ? AND relation = ? ORDER BY position`,
);

const selectLast = statement<{ position: number }>(
  'deletedReference.selectLast',
  `SELECT position FROM deleted_reference WHERE tenant_id = ? AND object_id = ?
   ORDER BY position DESC LIMIT 1`,
);

const selectDeleted = statement(
  'deletedReference.selectDeleted',
  'SELECT 1 AS found FROM deleted_object WHERE tenant_id = ? AND object_id = ?',
);

const selectPresent = statement(
  'deletedReference.selectPresent',
  `SELECT 1 AS found FROM user_account WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 1 FROM service_principal WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 1 FROM directory_group WHERE tenant_id = ? AND object_id = ?
   UNION ALL SELECT 1 FROM application WHERE tenant_id = ? AND object_id = ?`,
);
