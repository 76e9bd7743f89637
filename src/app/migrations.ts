import type { Migration } from '#store/store.ts';

/** The schema of what the house itself remembers: the seed that was applied, and the ready identity. */
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
    statements: [],
  },
];
