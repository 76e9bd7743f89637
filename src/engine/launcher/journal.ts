import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { readJson, shape, whole, word } from '#engine/message.ts';
import type { BegunRecord, EndedRecord, JournalRecord, SpawnedRecord } from '#engine/protocol.ts';
import { journalRecord } from '#engine/protocol.ts';

/** A run that has begun and not ended. */
export interface OpenRun {
  readonly begun: BegunRecord;
  readonly spawned?: SpawnedRecord;
}

/** What a journal says. */
export interface JournalState {
  /** Number of the last record ever written. */
  readonly last: number;
  /** Every record up to this number is on the server's disk. */
  readonly acknowledged: number;
  readonly open: ReadonlyMap<string, OpenRun>;
  /** Records after `acknowledged`, in order. */
  readonly pending: readonly JournalRecord[];
}

/** A record as its author knows it; the journal numbers it. */
export type Unnumbered = Omit<BegunRecord, 'n'> | Omit<SpawnedRecord, 'n'> | Omit<EndedRecord, 'n'>;

/** Bytes after which the file is written anew without what is acknowledged. */
const compactBytes = 1_048_576;

/**
 * The launcher's journal: records are appended before and after each run, numbered from 1 for ever,
 * and told to the agent until they are acknowledged. It outlives the launcher's process; against a
 * crash of the machine, which ends the tasks too, nothing is synced.
 */
export class Journal {
  readonly #path: string;
  #file: number;
  #bytes = 0;
  #last: number;
  #acknowledged: number;
  readonly #open: Map<string, OpenRun>;
  #pending: JournalRecord[];

  constructor(path: string) {
    this.#path = path;
    const state = replay(readOrEmpty(path));
    this.#last = state.last;
    this.#acknowledged = state.acknowledged;
    this.#open = new Map(state.open);
    this.#pending = [...state.pending];
    this.#file = this.#rewrite();
  }

  get open(): ReadonlyMap<string, OpenRun> {
    return this.#open;
  }

  get pending(): readonly JournalRecord[] {
    return this.#pending;
  }

  /** True while the run is open or its end is not acknowledged. */
  holds(id: string): boolean {
    return this.#open.has(id) || this.#pending.some((record) => record.id === id);
  }

  append(fields: Unnumbered): JournalRecord {
    const record: JournalRecord = { ...fields, n: this.#last + 1 };
    this.#write(JSON.stringify(record));
    this.#last = record.n;
    noteOpen(this.#open, record);
    this.#pending.push(record);
    return record;
  }

  /** Everything up to `n` need not be told again. */
  acknowledge(n: number): void {
    const upTo = Math.min(n, this.#last);
    if (upTo <= this.#acknowledged) return;
    this.#acknowledged = upTo;
    const first = this.#pending.findIndex((record) => record.n > upTo);
    this.#pending = first < 0 ? [] : this.#pending.slice(first);
    this.#write(JSON.stringify({ kind: 'acknowledged', n: upTo }));
    if (this.#bytes > compactBytes) {
      closeSync(this.#file);
      this.#file = this.#rewrite();
    }
  }

  #write(line: string): void {
    this.#bytes += writeSync(this.#file, `${line}\n`);
  }

  /** Writes the shortest journal of the same state beside the old one and puts it in its place. */
  #rewrite(): number {
    const fresh = `${this.#path}.new`;
    const file = openSync(fresh, 'w', 0o600);
    writeSync(file, shortest(this.#last, this.#acknowledged, this.#open, this.#pending));
    this.#bytes = fstatSync(file).size;
    renameSync(fresh, this.#path);
    return file;
  }
}

const base = shape({ kind: word('base', 'acknowledged'), n: whole });

/**
 * Reads a journal. A line that was cut off by a crash, or that nobody understands, is passed over.
 */
export function replay(journal: string): JournalState {
  const open = new Map<string, OpenRun>();
  const records: JournalRecord[] = [];
  let last = 0;
  let acknowledged = 0;
  const lines = journal.split('\n');
  // What follows the last line end was never written completely.
  lines.pop();
  for (const line of lines) {
    const record = readJson(journalRecord, line);
    if (record !== undefined) {
      noteOpen(open, record);
      records.push(record);
      last = Math.max(last, record.n);
      continue;
    }
    const mark = readJson(base, line);
    if (mark === undefined) continue;
    last = Math.max(last, mark.n);
    if (mark.kind === 'acknowledged') acknowledged = Math.max(acknowledged, mark.n);
  }
  const pending = records.filter((record) => record.n > acknowledged);
  return { last, acknowledged, open, pending };
}

/** The shortest journal that replays to the given state. */
function shortest(
  last: number,
  acknowledged: number,
  open: ReadonlyMap<string, OpenRun>,
  pending: readonly JournalRecord[],
): string {
  const kept: JournalRecord[] = [];
  for (const { begun, spawned } of open.values()) {
    if (begun.n <= acknowledged) kept.push(begun);
    if (spawned !== undefined && spawned.n <= acknowledged) kept.push(spawned);
  }
  const lines = [
    { kind: 'base', n: last },
    { kind: 'acknowledged', n: acknowledged },
    ...kept,
    ...pending,
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function noteOpen(open: Map<string, OpenRun>, record: JournalRecord): void {
  switch (record.kind) {
    case 'begun':
      open.set(record.id, { begun: record });
      break;
    case 'spawned': {
      const run = open.get(record.id);
      if (run !== undefined) open.set(record.id, { ...run, spawned: record });
      break;
    }
    case 'ended':
      open.delete(record.id);
      break;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
