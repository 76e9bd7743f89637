import type { Migration } from '#store/store.ts';

/** The schema of role definitions and role assignments. Every key begins with its tenant. */
export const rbacMigrations: readonly Migration[] = [
  {
    room: 'rbac',
    number: 1,
    statements: [
      `CREATE TABLE role_definition (
         tenant_id TEXT NOT NULL,
         id TEXT NOT NULL,
         role_name TEXT NOT NULL,
         role_name_folded TEXT NOT NULL,
         description TEXT NOT NULL,
         assignable_scopes TEXT NOT NULL,
         permission_sets TEXT NOT NULL,
         created_at BIGINT NOT NULL,
         updated_at BIGINT NOT NULL,
         created_by TEXT,
         updated_by TEXT,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, role_name_folded)
       )`,
      `CREATE TABLE role_assignment (
         tenant_id TEXT NOT NULL,
         id TEXT NOT NULL,
         scope TEXT NOT NULL,
         scope_folded TEXT NOT NULL,
         principal_id TEXT NOT NULL,
         principal_type TEXT NOT NULL,
         role_definition_id TEXT NOT NULL,
         description TEXT,
         created_at BIGINT NOT NULL,
         updated_at BIGINT NOT NULL,
         created_by TEXT,
         updated_by TEXT,
         PRIMARY KEY (tenant_id, id),
         UNIQUE (tenant_id, scope_folded, principal_id, role_definition_id)
       )`,
      `CREATE TABLE rbac_epoch (
         tenant_id TEXT NOT NULL PRIMARY KEY,
         epoch BIGINT NOT NULL
       )`,
    ],
  },
];
