import type { Migration } from '#store/store.ts';

/** The schema of managed identities. Their service principals are the directory's. */
export const identityMigrations: readonly Migration[] = [
  {
    room: 'identity',
    number: 1,
    statements: [
      `CREATE TABLE user_assigned_identity (
         subscription_id TEXT NOT NULL,
         resource_group_folded TEXT NOT NULL,
         name_folded TEXT NOT NULL,
         resource_group TEXT NOT NULL,
         name TEXT NOT NULL,
         tenant_id TEXT NOT NULL,
         location TEXT NOT NULL,
         tags TEXT NOT NULL,
         client_id TEXT NOT NULL UNIQUE,
         principal_id TEXT NOT NULL UNIQUE,
         created_at BIGINT NOT NULL,
         changed_at BIGINT NOT NULL,
         PRIMARY KEY (subscription_id, resource_group_folded, name_folded)
       )`,
    ],
  },
  {
    room: 'identity',
    number: 2,
    statements: [
      // The key begins with the subscription, as every ARM id does.
      `CREATE TABLE resource_identity (
         resource_id_folded TEXT PRIMARY KEY,
         resource_id TEXT NOT NULL,
         tenant_id TEXT NOT NULL,
         client_id TEXT UNIQUE,
         principal_id TEXT UNIQUE,
         user_assigned TEXT NOT NULL
       )`,
    ],
  },
];
