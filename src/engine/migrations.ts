import type { Migration } from '#store/store.ts';

/**
 * The engine's tables. A run has a row from its queueing to its end; the batch room keeps what
 * became of it.
 */
export const engineMigrations: readonly Migration[] = [
  {
    room: 'engine',
    number: 1,
    statements: [
      `CREATE TABLE engine_node (
        owner TEXT NOT NULL, pool TEXT NOT NULL, node TEXT NOT NULL,
        epoch BIGINT NOT NULL, slots INTEGER NOT NULL, used INTEGER NOT NULL,
        state TEXT NOT NULL,
        PRIMARY KEY (owner, pool, node))`,
      `CREATE TABLE engine_group (
        owner TEXT NOT NULL, name TEXT NOT NULL,
        id TEXT NOT NULL, pool TEXT NOT NULL, priority INTEGER NOT NULL, parallel_max INTEGER,
        created_at BIGINT NOT NULL, queued INTEGER NOT NULL, active INTEGER NOT NULL,
        PRIMARY KEY (owner, name))`,
      'CREATE UNIQUE INDEX engine_group_id ON engine_group (id)',
      `CREATE INDEX engine_group_waiting ON engine_group (owner, pool, priority DESC, created_at, id)
        WHERE queued > 0`,
      `CREATE TABLE engine_run (
        owner TEXT NOT NULL, name TEXT NOT NULL, task TEXT NOT NULL, attempt INTEGER NOT NULL,
        id TEXT NOT NULL, group_id TEXT NOT NULL, state TEXT NOT NULL, slots INTEGER NOT NULL,
        queued_at BIGINT NOT NULL, spec TEXT NOT NULL,
        pool TEXT, node TEXT, epoch BIGINT, started_at BIGINT, ending TEXT,
        PRIMARY KEY (owner, name, task, attempt))`,
      'CREATE UNIQUE INDEX engine_run_id ON engine_run (id)',
      `CREATE INDEX engine_run_queue ON engine_run (group_id, queued_at, task, attempt)
        WHERE state = 'queued'`,
      `CREATE INDEX engine_run_placed ON engine_run (owner, pool, node) WHERE state <> 'queued'`,
      `CREATE TABLE engine_forget (
        id TEXT NOT NULL PRIMARY KEY,
        owner TEXT NOT NULL, pool TEXT NOT NULL, node TEXT NOT NULL,
        path TEXT NOT NULL, asked_at BIGINT NOT NULL)`,
    ],
  },
];
