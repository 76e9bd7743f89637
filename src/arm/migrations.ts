import type { Migration } from '#store/store.ts';

/** The schema of subscriptions, resource groups and long-running operations. */
export const armMigrations: readonly Migration[] = [
  {
    room: 'arm',
    number: 1,
    statements: [
      `CREATE TABLE subscription (
         tenant_id TEXT NOT NULL,
         id TEXT NOT NULL PRIMARY KEY,
         display_name TEXT NOT NULL,
         created_at BIGINT NOT NULL
       )`,
      'CREATE INDEX subscription_by_tenant ON subscription (tenant_id, id)',
      `CREATE TABLE resource_group (
         subscription_id TEXT NOT NULL,
         name_folded TEXT NOT NULL,
         name TEXT NOT NULL,
         location TEXT NOT NULL,
         tags TEXT NOT NULL,
         created_at BIGINT NOT NULL,
         PRIMARY KEY (subscription_id, name_folded)
       )`,
      `CREATE TABLE long_running_operation (
         subscription_id TEXT NOT NULL,
         id TEXT NOT NULL,
         kind TEXT NOT NULL,
         resource_id TEXT NOT NULL,
         finished_at BIGINT NOT NULL,
         PRIMARY KEY (subscription_id, id)
       )`,
    ],
  },
];
