import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { isFault, UnavailableError } from '#kernel/fault.ts';
import { migrationPlan } from './migrate.ts';
import {
  type Migration,
  type ReadTransaction,
  type SqlRow,
  type SqlValue,
  type Statement,
  type Store,
  statement,
  type WriteTransaction,
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
    try {
      const value = await withinOneTurn(write.run(transaction));
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

/** Runs a body in a snapshot of its own. */
async function readOnce<T>(
  connection: Connection,
  memory: Memory,
  body: (transaction: ReadTransaction) => Promise<T>,
): Promise<T> {
  connection.prepare(begin).run();
  try {
    memory.keepIfUnchanged(connection);
    return await withinOneTurn(body(new SqliteTransaction(connection, memory)));
  } finally {
    connection.prepare(commit).run();
  }
}

const begin = statement('sqlite.begin', 'BEGIN');
const commit = statement('sqlite.commit', 'COMMIT');
/** A number that changes with each commit of another connection, in whatever process; within a transaction it is that of its snapshot. */
const dataVersion = statement<{ data_version: number }>(
  'sqlite.dataVersion',
  'PRAGMA data_version',
);

/** Most things that are remembered at once; then all are forgotten. */
const rememberedMax = 2000;
/** Longest words under which something is remembered, in characters: strangers choose some of them. */
const wordsCharactersMax = 500;

/** What the reads of one connection remember. */
class Memory {
  readonly #known = new Map<string, unknown>();
  #version = -1;

  /** Forgets everything unless nothing was committed since the last read. */
  keepIfUnchanged(connection: Connection): void {
    const { data_version: version } = connection.prepare(dataVersion).get() as unknown as {
      readonly data_version: number;
    };
    if (version === this.#version) return;
    this.#known.clear();
    this.#version = version;
  }

  async recall<T>(words: readonly string[], read: () => Promise<T>): Promise<T> {
    const slot = JSON.stringify(words);
    const known = this.#known.get(slot);
    if (known !== undefined) return known as T;
    const value = await read();
    if (slot.length > wordsCharactersMax) return value;
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(slot, value);
    return value;
  }
}

/** One connection with its prepared statements. */
class Connection {
  readonly database: DatabaseSync;
  readonly #prepared = new Map<string, { readonly sql: string; readonly ready: StatementSync }>();

  constructor(database: DatabaseSync) {
    this.database = database;
  }

  prepare(statement: Statement): StatementSync {
    const known = this.#prepared.get(statement.name);
    if (known?.sql === statement.sql) return known.ready;
    if (known !== undefined) throw new Error(`two statements are named ${statement.name}`);
    const ready = this.database.prepare(statement.sql);
    this.#prepared.set(statement.name, { sql: statement.sql, ready });
    return ready;
  }
}

class SqliteTransaction implements WriteTransaction {
  readonly actions: (() => void)[] = [];
  readonly #connection: Connection;
  readonly #memory: Memory | undefined;

  constructor(connection: Connection, memory?: Memory) {
    this.#connection = connection;
    this.#memory = memory;
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

  remembered<T>(words: readonly string[], read: () => Promise<T>): Promise<T> {
    return this.#memory === undefined ? read() : this.#memory.recall(words, read);
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

/** Fails a body that awaited something else than its transaction: it would hold the database for others. */
async function withinOneTurn<T>(body: Promise<T>): Promise<T> {
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
