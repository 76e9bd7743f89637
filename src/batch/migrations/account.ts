import type { Migration } from '#store/store.ts';

/**
 * The schema of Batch accounts. A name is unique over the whole Batten, since it is a host name.
 */
export const accountMigrations: readonly Migration[] = [
  {
    room: 'batch-account',
    number: 1,
    statements: [
      `CREATE TABLE batch_account (
         name_folded TEXT NOT NULL PRIMARY KEY,
         name TEXT NOT NULL,
         tenant_id TEXT NOT NULL,
         subscription_id TEXT NOT NULL,
         resource_group TEXT NOT NULL,
         resource_group_folded TEXT NOT NULL,
         location TEXT NOT NULL,
         authentication_modes TEXT NOT NULL,
         dedicated_core_quota INTEGER NOT NULL,
         low_priority_core_quota INTEGER NOT NULL,
         pool_quota INTEGER NOT NULL,
         active_job_quota INTEGER NOT NULL,
         tags TEXT NOT NULL,
         created_at BIGINT NOT NULL,
         last_modified_at BIGINT NOT NULL,
         primary_key_sealed TEXT NOT NULL,
         secondary_key_sealed TEXT NOT NULL
       )`,
      `CREATE INDEX batch_account_by_group
         ON batch_account (subscription_id, resource_group_folded, name_folded)`,
    ],
  },
];
