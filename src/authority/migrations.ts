import type { Migration } from '#store/store.ts';

/** Schema of what the authority stores: the signing keys. */
export const authorityMigrations: readonly Migration[] = [
  {
    room: 'authority',
    number: 1,
    statements: [
      `CREATE TABLE signing_key (
        cloud TEXT NOT NULL,
        key_id TEXT NOT NULL,
        certificate TEXT NOT NULL,
        sealed_private_key TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (cloud, key_id)
      )`,
    ],
  },
];
