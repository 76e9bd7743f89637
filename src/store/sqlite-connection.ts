import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Statement } from './store.ts';

/** One connection with its prepared statements. */
export class Connection {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, { readonly sql: string; readonly ready: StatementSync }>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** The statement, prepared once. Throws when another one has its name. */
  prepare(statement: Statement): StatementSync {
    const known = this.#prepared.get(statement.name);
    if (known?.sql === statement.sql) return known.ready;
    if (known !== undefined) throw new Error(`two statements are named ${statement.name}`);
    const ready = this.database.prepare(statement.sql);
    this.#prepared.set(statement.name, { sql: statement.sql, ready });
    return ready;
  }
}

/** Fails a body that awaited something else than its transaction: it would hold the database for others. */
export async function withinOneTurn<T>(body: Promise<T>): Promise<T> {
  let settled = false;
  let overran = false;
  const watch = setImmediate(() => {
    overran = !settled;
  });
  try {
    return await body;
  } finally {
    settled = true;
    clearImmediate(watch);
    if (overran) {
      // biome-ignore lint/correctness/noUnsafeFinally: the bug must win over the value.
      throw new Error('a transaction body awaited something else than its transaction');
    }
  }
}
