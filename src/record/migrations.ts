import type { Migration } from '#store/store.ts';

/** The schema of the event log. */
export const recordMigrations: readonly Migration[] = [
  {
    room: 'record',
    number: 1,
    statements: [
      `CREATE TABLE recorded_event (
         sequence BIGINT NOT NULL PRIMARY KEY,
         id TEXT NOT NULL,
         recorded_at BIGINT NOT NULL,
         kind TEXT NOT NULL,
         surface TEXT NOT NULL,
         tenant_id TEXT,
         principal_id TEXT,
         code TEXT NOT NULL,
         facts TEXT NOT NULL
       )`,
      'CREATE INDEX recorded_event_by_id ON recorded_event (id, sequence)',
    ],
  },
  {
    room: 'record',
    number: 2,
    statements: [
      `CREATE INDEX recorded_event_by_time
         ON recorded_event (tenant_id, kind, surface, recorded_at, sequence)`,
    ],
  },
];
