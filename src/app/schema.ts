import { armMigrations } from '#arm/migrations.ts';
import { authorityMigrations } from '#authority/migrations.ts';
import { accountMigrations } from '#batch/migrations/account.ts';
import { batchMigrations } from '#batch/migrations.ts';
import { directoryMigrations } from '#directory/migrations.ts';
import { engineMigrations } from '#engine/migrations.ts';
import { identityMigrations } from '#identity/migrations.ts';
import { rbacMigrations } from '#rbac/migrations.ts';
import { recordMigrations } from '#record/migrations.ts';
import type { Migration } from '#store/store.ts';
import { appMigrations } from './migrations.ts';

/** The schema of the whole house. */
export const migrations: readonly Migration[] = [
  ...appMigrations,
  ...recordMigrations,
  ...directoryMigrations,
  ...rbacMigrations,
  ...authorityMigrations,
  ...armMigrations,
  ...identityMigrations,
  ...accountMigrations,
  ...engineMigrations,
  ...batchMigrations,
];
