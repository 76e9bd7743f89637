import type { Migration } from '#store/store.ts';

/** The schema of what the house itself remembers: the seed that was applied, the ready identity, and where civil time was moved to. */
export const appMigrations: readonly Migration[] = [
  {
    room: 'app',
    number: 1,
    statements: [
      `CREATE TABLE applied_seed (
         digest TEXT NOT NULL PRIMARY KEY,
         applied_at BIGINT NOT NULL
       )`,
      // One row at most: what `batten env` hands out, sealed as a whole.
      `CREATE TABLE ready_identity (
         only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
         sealed TEXT NOT NULL
       )`,
    ],
  },
  {
    room: 'app',
    number: 2,
    statements: [
      // One row at most, and only while civil time is moved. Both in microseconds; a frozen clock has only the second.
      `CREATE TABLE civil_clock (
         only_one INTEGER NOT NULL PRIMARY KEY CHECK (only_one = 1),
         ahead BIGINT,
         frozen_at BIGINT
       )`,
    ],
  },
];
