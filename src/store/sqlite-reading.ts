import { type Connection, currentTurn, judgeTurn } from './sqlite-connection.ts';
import {
  type ReadTransaction,
  type SqlRow,
  type SqlValue,
  type Statement,
  statement,
} from './store.ts';

/**
 * Runs a body in one snapshot, which is not taken before a statement needs it: a body that is told only what is remembered costs one look at
 * whether that still holds. When something was committed between what it was told and its first statement, it runs once more.
 */
export async function readOnce<T>(
  connection: Connection,
  memory: Memory,
  body: (transaction: ReadTransaction) => Promise<T>,
): Promise<T> {
  const first = new SqliteReading(connection, memory);
  try {
    const value = await runTo(first, body);
    if (!first.isTorn) return value;
  } catch (error) {
    if (!first.isTorn) throw error;
  }
  const second = new SqliteReading(connection, memory);
  second.takeSnapshot();
  return runTo(second, body);
}

async function runTo<T>(
  reading: SqliteReading,
  body: (transaction: ReadTransaction) => Promise<T>,
): Promise<T> {
  const began = currentTurn();
  try {
    return await body(reading);
  } finally {
    reading.end();
    judgeTurn(began);
  }
}

const begin = statement('sqlite.begin', 'BEGIN');
const commit = statement('sqlite.commit', 'COMMIT');
/** A number that changes with each commit of another connection, in whatever process; in a transaction it is that of the snapshot. */
const dataVersion = statement<{ data_version: number }>(
  'sqlite.dataVersion',
  'PRAGMA data_version',
);

/** Most things that are remembered at once; then all are forgotten. */
const rememberedMax = 2000;
/** Longest words under which something is remembered, in characters: strangers choose some of them. */
const wordsCharactersMax = 500;

/** What the reads of one connection remember of one state of the database. */
export class Memory {
  readonly #known = new Map<string, unknown>();
  #version = -1;
  #lookedIn = -1;

  /**
   * Looks whether that state is still the last, once in a turn of the event loop: what came in before the turn began may see what was
   * committed before it came.
   */
  lookOnceInTurn(connection: Connection): void {
    if (this.#lookedIn !== currentTurn()) this.keepIfUnchanged(connection);
  }

  /** This process committed something: the next read of this turn sees it, too. */
  lookAgain(): void {
    this.#lookedIn = -1;
  }

  /** Forgets everything if anything was committed since the last look. True when nothing was. */
  keepIfUnchanged(connection: Connection): boolean {
    const { data_version: version } = connection.prepare(dataVersion).get() as unknown as {
      readonly data_version: number;
    };
    this.#lookedIn = currentTurn();
    if (version === this.#version) return true;
    this.#known.clear();
    this.#version = version;
    return false;
  }

  recall(slot: string): unknown {
    return this.#known.get(slot);
  }

  keep(slot: string, value: unknown): void {
    if (slot.length > wordsCharactersMax) return;
    if (this.#known.size >= rememberedMax) this.#known.clear();
    this.#known.set(slot, value);
  }
}

class SqliteReading implements ReadTransaction {
  readonly #connection: Connection;
  readonly #memory: Memory;
  #hasSnapshot = false;
  #hasRecalled = false;
  /** True when what was recalled is older than the snapshot: nothing that the body made of both may be used. */
  isTorn = false;

  constructor(connection: Connection, memory: Memory) {
    this.#connection = connection;
    this.#memory = memory;
    memory.lookOnceInTurn(connection);
  }

  takeSnapshot(): void {
    if (this.#hasSnapshot) return;
    this.#connection.prepare(begin).run();
    this.#hasSnapshot = true;
    this.isTorn = !this.#memory.keepIfUnchanged(this.#connection) && this.#hasRecalled;
  }

  end(): void {
    if (this.#hasSnapshot) this.#connection.prepare(commit).run();
  }

  async all<Row extends SqlRow>(
    statement: Statement<Row>,
    ...values: readonly SqlValue[]
  ): Promise<readonly Row[]> {
    this.takeSnapshot();
    return this.#connection.prepare(statement).all(...values) as unknown as readonly Row[];
  }

  async one<Row extends SqlRow>(
    statement: Statement<Row>,
    ...values: readonly SqlValue[]
  ): Promise<Row | undefined> {
    this.takeSnapshot();
    return this.#connection.prepare(statement).get(...values) as unknown as Row | undefined;
  }

  async remembered<T>(words: readonly string[], read: () => Promise<T>): Promise<T> {
    const slot = slotOf(words);
    const known = this.#memory.recall(slot);
    if (known !== undefined) {
      this.#hasRecalled = true;
      return known as T;
    }
    const value = await read();
    if (!this.isTorn) this.#memory.keep(slot, value);
    return value;
  }
}

/** One text for some words, and another one for any others: each word comes behind its length. */
function slotOf(words: readonly string[]): string {
  let slot = '';
  for (const word of words) slot += `${word.length}:${word}`;
  return slot;
}
