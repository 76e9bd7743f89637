/**
 * The database port. Domain functions live beside their nouns (`task.store.ts`), take a transaction and plain data, and
 * return plain data; drivers know nothing of what they store.
 */

/** What a column may hold. Times are integer microseconds, documents are JSON text, truth is 0 or 1. */
export type SqlValue = string | number | null | Uint8Array;

/** A row as a statement returns it. */
export type SqlRow = { readonly [column: string]: SqlValue };

/** One named SQL text with `?` parameters, prepared once per connection. The row type is what the author promises. */
export interface Statement<Row extends SqlRow = SqlRow> {
  readonly name: string;
  readonly sql: string;
  /** Never set; carries the row type. */
  readonly row?: Row;
}

/** Declares a statement. The name is unique in the program: `task.insert`. */
export function statement<Row extends SqlRow = SqlRow>(name: string, sql: string): Statement<Row> {
  return { name, sql };
}

/** Reads within one consistent snapshot. */
export interface ReadTransaction {
  /** Every row. */
  all<Row extends SqlRow>(
    statement: Statement<Row>,
    ...values: readonly SqlValue[]
  ): Promise<readonly Row[]>;
  /** The first row, or undefined. */
  one<Row extends SqlRow>(
    statement: Statement<Row>,
    ...values: readonly SqlValue[]
  ): Promise<Row | undefined>;
  /**
   * What `read` makes of stored rows, kept until anything is committed, by whoever; asked again under the same words before that, it
   * costs no statement. It follows from the words and the rows alone: no clock, no chance, nothing else of the request. Whoever gets it
   * shares it, and changes nothing in it. In a write it is read each time.
   */
  remembered<T>(words: readonly string[], read: () => Promise<T>): Promise<T>;
}

/** Reads and writes that take effect together or not at all. `one` and `all` also serve `... RETURNING`. */
export interface WriteTransaction extends ReadTransaction {
  /** Runs a statement and returns how many rows it changed. */
  run(statement: Statement, ...values: readonly SqlValue[]): Promise<number>;
  /** Runs `action` once, after the transaction is durable; never when it failed or was rolled back. */
  afterCommit(action: () => void): void;
}

/**
 * A durable store. A body awaits nothing but its transaction, and may be run again by drivers that retry, so it has no
 * effect outside of it. A write body that throws, or that returns a fault, leaves nothing behind.
 */
export interface Store {
  read<T>(body: (transaction: ReadTransaction) => Promise<T>): Promise<T>;
  /** Resolves after the change is on disk. */
  write<T>(body: (transaction: WriteTransaction) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One numbered step of a room's schema; never edited once merged. Runs in one transaction with its own record. */
export interface Migration {
  readonly room: string;
  readonly number: number;
  readonly statements: readonly string[];
}
