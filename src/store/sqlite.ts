import { DatabaseSync } from 'node:sqlite';
import { isFault, UnavailableError } from '#kernel/fault.ts';
import { migrationPlan } from './migrate.ts';
import { Connection, currentTurn, judgeTurn } from './sqlite-connection.ts';
import { Memory, readOnce } from './sqlite-reading.ts';
import type {
  Migration,
  ReadTransaction,
  SqlRow,
  SqlValue,
  Statement,
  Store,
  WriteTransaction,
} from './store.ts';

/** How long a statement waits for another process that holds the database, in milliseconds. */
const busyMillisecondsMax = 5000;

interface QueuedWrite {
  readonly run: (transaction: SqliteTransaction) => Promise<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

interface FinishedWrite {
  readonly write: QueuedWrite;
  readonly value?: unknown;
  readonly error?: unknown;
  readonly failed: boolean;
  readonly afterCommit: readonly (() => void)[];
}

/**
 * The embedded store: one file in WAL mode with `synchronous=FULL`. All writes that were asked for in one turn of the event
 * loop become one durable transaction, with one savepoint each, so a refusal or a bug in one leaves the others alone;
 * a COMMIT that fails rejects them all. Reads use their own connection and see only what is committed.
 */
export class SqliteStore implements Store {
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #memory: Memory;
  #queue: QueuedWrite[] = [];
  #draining: Promise<void> | undefined;
  #lastRead: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(path: string, migrations: readonly Migration[]) {
    const database = new DatabaseSync(path, { timeout: busyMillisecondsMax });
    try {
      database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;');
      migrate(database, migrations);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#writer = new Connection(database);
    const reader = new DatabaseSync(path, { timeout: busyMillisecondsMax });
    reader.exec('PRAGMA query_only=ON');
    this.#reader = new Connection(reader);
    this.#memory = new Memory();
  }

  read<T>(body: (transaction: ReadTransaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    const turn = this.#lastRead.then(() => readOnce(this.#reader, this.#memory, body));
    this.#lastRead = turn.catch(() => undefined);
    return turn;
  }

  write<T>(body: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('the store is closed'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run: body, resolve, reject });
      this.#draining ??= new Promise((done) => setImmediate(() => void this.#drain().then(done)));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    await this.#lastRead;
    this.#reader.database.close();
    this.#writer.database.close();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      await this.#commit(batch);
    }
    this.#draining = undefined;
  }

  async #commit(batch: readonly QueuedWrite[]): Promise<void> {
    const { database } = this.#writer;
    const finished: FinishedWrite[] = [];
    try {
      database.exec('BEGIN IMMEDIATE');
      for (const write of batch) finished.push(await this.#runOne(write));
      database.exec('COMMIT');
      this.#memory.lookAgain();
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      const reason = unavailableOr(error);
      for (const write of batch) write.reject(reason);
      return;
    }
    for (const one of finished) {
      if (one.failed) {
        one.write.reject(one.error);
      } else {
        for (const action of one.afterCommit) action();
        one.write.resolve(one.value as never);
      }
    }
  }

  async #runOne(write: QueuedWrite): Promise<FinishedWrite> {
    const { database } = this.#writer;
    const transaction = new SqliteTransaction(this.#writer);
    database.exec('SAVEPOINT one');
    const began = currentTurn();
    try {
      const value = await write.run(transaction);
      judgeTurn(began);
      const refused = isFault(value);
      database.exec(refused ? 'ROLLBACK TO one; RELEASE one' : 'RELEASE one');
      const afterCommit = refused ? [] : transaction.actions;
      return { write, value, failed: false, afterCommit };
    } catch (error) {
      // Some errors (disk full, input/output) end the whole transaction by themselves; then all of it is rejected.
      if (!database.isTransaction) throw error;
      database.exec('ROLLBACK TO one; RELEASE one');
      return { write, error: unavailableOr(error), failed: true, afterCommit: [] };
    }
  }
}

/**
 * Opens a database for reading alone, beside a server that may be running on it or not. Nothing is migrated. Throws when there is no
 * database.
 */
export function openSqliteForReading(path: string): Pick<Store, 'read' | 'close'> {
  const connection = new Connection(
    new DatabaseSync(path, { readOnly: true, timeout: busyMillisecondsMax }),
  );
  return {
    async read(body) {
      return readOnce(connection, new Memory(), body);
    },
    async close() {
      connection.database.close();
    },
  };
}

class SqliteTransaction implements WriteTransaction {
  readonly actions: (() => void)[] = [];
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async all<Row extends SqlRow>(
    statement: Statement<Row>,
    ...values: readonly SqlValue[]
  ): Promise<readonly Row[]> {
    return this.#connection.prepare(statement).all(...values) as unknown as readonly Row[];
  }

  async one<Row extends SqlRow>(
    statement: Statement<Row>,
    ...values: readonly SqlValue[]
  ): Promise<Row | undefined> {
    return this.#connection.prepare(statement).get(...values) as unknown as Row | undefined;
  }

  async run(statement: Statement, ...values: readonly SqlValue[]): Promise<number> {
    refuseUnreadable(statement, values);
    return Number(this.#connection.prepare(statement).run(...values).changes);
  }

  /** A write may have changed what it reads. */
  remembered<T>(_words: readonly string[], read: () => Promise<T>): Promise<T> {
    return read();
  }

  afterCommit(action: () => void): void {
    this.actions.push(action);
  }
}

/** SQLite takes integers of 64 bits and refuses to read them back as numbers: such a row would fail every later list. */
function refuseUnreadable(statement: Statement, values: readonly SqlValue[]): void {
  for (const value of values) {
    if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      throw new Error(`${statement.name}: ${value} cannot be read back`);
    }
  }
}

/** SQLite's primary result codes for what may pass: busy, locked, input/output error, disk full. */
const passingCodes = [5, 6, 10, 13];

function unavailableOr(error: unknown): unknown {
  const code = (error as { errcode?: unknown }).errcode;
  if (typeof code !== 'number' || !passingCodes.includes(code & 0xff)) return error;
  return new UnavailableError('the database cannot be written now', { cause: error });
}

function migrate(database: DatabaseSync, migrations: readonly Migration[]): void {
  database.exec(
    'CREATE TABLE IF NOT EXISTS migration (room TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (room, number))',
  );
  const applied = database.prepare('SELECT room, number FROM migration').all() as unknown as {
    room: string;
    number: number;
  }[];
  const record = database.prepare('INSERT INTO migration (room, number) VALUES (?, ?)');
  for (const step of migrationPlan(applied, migrations)) {
    database.exec('BEGIN IMMEDIATE');
    try {
      for (const sql of step.statements) database.exec(sql);
      record.run(step.room, step.number);
      database.exec('COMMIT');
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  }
}
