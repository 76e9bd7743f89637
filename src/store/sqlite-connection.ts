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

/** Which turn of the event loop this is; a turn that nobody asked for has no number of its own. */
export function currentTurn(): number {
  if (!isTurnWatched) {
    isTurnWatched = true;
    setImmediate(() => {
      isTurnWatched = false;
      turn += 1;
    });
  }
  return turn;
}

let turn = 0;
let isTurnWatched = false;

/** Throws when a body that began in another turn awaited something else than its transaction: it would hold the database for others. */
export function judgeTurn(began: number): void {
  if (currentTurn() !== began) {
    throw new Error('a transaction body awaited something else than its transaction');
  }
}
