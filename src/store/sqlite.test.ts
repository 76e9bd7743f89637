import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fault, isFault } from '#kernel/fault.ts';
import { takeLock } from './lock.ts';
import { migrationPlan, NewerSchemaError } from './migrate.ts';
import { SqliteStore } from './sqlite.ts';
import { type Migration, type ReadTransaction, statement } from './store.ts';

const shelf: Migration = {
  room: 'test',
  number: 1,
  statements: ['CREATE TABLE shelf (name TEXT PRIMARY KEY, count INTEGER NOT NULL)'],
};
const insert = statement('shelf.insert', 'INSERT INTO shelf (name, count) VALUES (?, ?)');
const select = statement<{ name: string; count: number }>(
  'shelf.select',
  'SELECT name, count FROM shelf ORDER BY name',
);

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'batten-store-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function open(t: TestContext, path = folder(t), migrations = [shelf]): SqliteStore {
  const store = new SqliteStore(join(path, 'batten.db'), migrations);
  t.after(() => store.close());
  return store;
}

const names = (store: SqliteStore) =>
  store.read(async (tx) => (await tx.all(select)).map((row) => row.name));

test('writes of one turn are kept together, each in its own savepoint', async (t) => {
  const store = open(t);
  const outcomes = await Promise.allSettled([
    store.write((tx) => tx.run(insert, 'a', 1)),
    store.write((tx) => tx.run(insert, 'a', 2)),
    store.write((tx) => tx.run(insert, 'b', 3)),
  ]);
  assert.deepEqual(
    outcomes.map((outcome) => outcome.status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(await names(store), ['a', 'b']);
});

test('a body that returns a fault leaves nothing behind and runs no action', async (t) => {
  const store = open(t);
  let ran = false;
  const outcome = await store.write(async (tx) => {
    await tx.run(insert, 'a', 1);
    tx.afterCommit(() => {
      ran = true;
    });
    return fault(409, 'Refused', 'no');
  });
  assert.ok(isFault(outcome));
  assert.deepEqual(await names(store), []);
  assert.equal(ran, false);
});

test('an action runs after the commit, when readers see the change', async (t) => {
  const store = open(t);
  const seen = Promise.withResolvers<readonly string[]>();
  await store.write(async (tx) => {
    await tx.run(insert, 'a', 1);
    tx.afterCommit(() => void names(store).then(seen.resolve, seen.reject));
  });
  assert.deepEqual(await seen.promise, ['a']);
});

test('a reader never sees half of a transaction', async (t) => {
  const store = open(t);
  const writing = store.write(async (tx) => {
    await tx.run(insert, 'a', 1);
    await tx.run(insert, 'b', 1);
  });
  assert.equal((await names(store)).length % 2, 0);
  await writing;
  assert.deepEqual(await names(store), ['a', 'b']);
});

test('a body that awaits something else than its transaction is rolled back as a bug', async (t) => {
  const store = open(t);
  const slow = store.write(async (tx) => {
    await tx.run(insert, 'a', 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
  });
  await assert.rejects(slow, /awaited something else/);
  assert.deepEqual(await names(store), []);
});

test('a reader cannot write', async (t) => {
  const store = open(t);
  const select2 = statement('shelf.sneak', 'DELETE FROM shelf RETURNING name');
  await store.write((tx) => tx.run(insert, 'a', 1));
  await assert.rejects(
    store.read((tx) => tx.all(select2)),
    /readonly/,
  );
  assert.deepEqual(await names(store), ['a']);
});

/** Reads the names as a reader that remembers does, and counts how often it had to look. */
function remembering(store: SqliteStore) {
  const counted = { looked: 0 };
  const read = () =>
    store.read((tx) =>
      tx.remembered(['names'], async () => {
        counted.looked += 1;
        return (await tx.all(select)).map((row) => row.name);
      }),
    );
  return { counted, read };
}

test('what was read is remembered until something is committed', async (t) => {
  const store = open(t);
  const { counted, read } = remembering(store);
  await store.write((tx) => tx.run(insert, 'a', 1));
  assert.deepEqual([await read(), await read(), await read()], [['a'], ['a'], ['a']]);
  assert.equal(counted.looked, 1);
  await store.write((tx) => tx.run(insert, 'b', 1));
  assert.deepEqual(
    [await read(), await read()],
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  );
  assert.equal(counted.looked, 2);
});

test('a read after a commit sees it, though another one looked in the same turn before', async (t) => {
  const store = open(t);
  const { counted, read } = remembering(store);
  let before: readonly string[] | undefined;
  await store.write(async (tx) => {
    void read().then((found) => {
      before = found;
    });
    await tx.run(insert, 'a', 1);
    // Gives way until the read has ended, in the turn that commits.
    while (before === undefined) await undefined;
  });
  assert.deepEqual([before, await read()], [[], ['a']]);
  assert.equal(counted.looked, 2);
});

test('what another process commits is seen by the next read', async (t) => {
  const path = folder(t);
  const store = open(t, path);
  const other = open(t, path);
  const { counted, read } = remembering(store);
  assert.deepEqual(await read(), []);
  await other.write((tx) => tx.run(insert, 'a', 1));
  assert.deepEqual(await read(), ['a']);
  assert.equal(counted.looked, 2);
});

test('a snapshot that began before a commit remembers nothing beyond its end', async (t) => {
  const store = open(t);
  const { read } = remembering(store);
  const early = store.read(async (tx) => {
    const before = await tx.all(select);
    await tx.remembered(['names'], async () => before.map((row) => row.name));
  });
  const writing = store.write((tx) => tx.run(insert, 'a', 1));
  await Promise.all([early, writing]);
  assert.deepEqual(await read(), ['a']);
});

test('what is remembered and what is read belong to one state, whatever is committed between', async (t) => {
  const store = open(t);
  const look = async (tx: ReadTransaction) => (await tx.all(select)).map((row) => row.name);
  const recall = (tx: ReadTransaction) => tx.remembered(['names'], () => look(tx));
  assert.deepEqual(await store.read(recall), []);
  let runs = 0;
  // The reader gives way so often that the write commits between its two steps.
  const reading = Promise.withResolvers<readonly (readonly string[])[]>();
  await store.write(async (tx) => {
    const read = store.read(async (reader) => {
      runs += 1;
      const recalled = await recall(reader);
      for (let step = 0; step < 200; step++) await undefined;
      const both = [recalled, await look(reader)];
      await reader.remembered(['both'], async () => both);
      return both;
    });
    read.then(reading.resolve, reading.reject);
    await tx.run(insert, 'a', 1);
  });
  assert.deepEqual(await reading.promise, [['a'], ['a']]);
  assert.equal(runs, 2);
  const kept = await store.read((tx) => tx.remembered(['both'], async () => []));
  assert.deepEqual(kept, [['a'], ['a']]);
});

test('a write remembers nothing, neither what it changed nor what it took back', async (t) => {
  const store = open(t);
  const { read } = remembering(store);
  assert.deepEqual(await read(), []);
  const seen: (readonly string[])[] = [];
  await store.write(async (tx) => {
    const look = async () => (await tx.all(select)).map((row) => row.name);
    seen.push(await tx.remembered(['names'], look));
    await tx.run(insert, 'a', 1);
    seen.push(await tx.remembered(['names'], look));
    return fault(409, 'Refused', 'no');
  });
  assert.deepEqual(seen, [[], ['a']]);
  assert.deepEqual(await read(), []);
});

test('words that differ only in where they are parted are other words', async (t) => {
  const store = open(t);
  const under = (...words: readonly string[]) =>
    store.read((tx) => tx.remembered(words, async () => words.length));
  assert.deepEqual([await under('a1:b'), await under('a', 'b'), await under('1:a1:b')], [1, 2, 1]);
  assert.deepEqual([await under('', 'a'), await under('a', ''), await under('a')], [2, 2, 1]);
  assert.equal(await under('0:1:a'), 1);
});

test('words of a stranger take up no more than so much memory', async (t) => {
  const store = open(t);
  let looked = 0;
  const under = (word: string) =>
    store.read((tx) =>
      tx.remembered([word], async () => {
        looked += 1;
        return word;
      }),
    );
  for (let time = 0; time < 2; time++) await under('x'.repeat(1000));
  assert.equal(looked, 2);
  for (let count = 0; count < 2500; count++) await under(`${count}`);
  assert.equal(await under('0'), '0');
  assert.equal(looked, 2503);
});

test('a number that could not be read back fails its write and keeps nothing', async (t) => {
  const store = open(t);
  for (const count of [2 ** 53, -(2 ** 53), 1e300, Number.NaN]) {
    const write = store.write((tx) => tx.run(insert, 'a', count));
    await assert.rejects(write, /cannot be read back/);
  }
  assert.deepEqual(await names(store), []);
  await store.write((tx) => tx.run(insert, 'a', Number.MAX_SAFE_INTEGER));
  assert.deepEqual(await names(store), ['a']);
});

test('two statements of one name are a bug', async (t) => {
  const store = open(t);
  const other = statement('shelf.insert', 'DELETE FROM shelf');
  await store.write((tx) => tx.run(insert, 'a', 1));
  await assert.rejects(
    store.write((tx) => tx.run(other)),
    /two statements/,
  );
});

test('what was acknowledged is there after opening again', async (t) => {
  const path = folder(t);
  const first = new SqliteStore(join(path, 'batten.db'), [shelf]);
  await first.write((tx) => tx.run(insert, 'a', 1));
  await first.close();
  await assert.rejects(
    first.read((tx) => tx.all(select)),
    /closed/,
  );
  assert.deepEqual(await names(open(t, path)), ['a']);
});

test('migrations run once, in order, and a newer schema is refused untouched', async (t) => {
  const path = folder(t);
  const wider: Migration = {
    room: 'test',
    number: 2,
    statements: ["ALTER TABLE shelf ADD COLUMN colour TEXT NOT NULL DEFAULT 'white'"],
  };
  const first = new SqliteStore(join(path, 'batten.db'), [shelf]);
  await first.write((tx) => tx.run(insert, 'a', 1));
  await first.close();
  const second = new SqliteStore(join(path, 'batten.db'), [shelf, wider]);
  const colour = statement<{ colour: string }>('shelf.colour', 'SELECT colour FROM shelf');
  assert.deepEqual(await second.read((tx) => tx.one(colour)), { __proto__: null, colour: 'white' });
  await second.close();
  assert.throws(() => new SqliteStore(join(path, 'batten.db'), [shelf]), NewerSchemaError);
});

test('a migration that fails leaves the schema as it was', (t) => {
  const path = folder(t);
  const broken: Migration = {
    room: 'test',
    number: 2,
    statements: ['CREATE TABLE extra (a INTEGER)', 'CREATE TABLE extra (a INTEGER)'],
  };
  assert.throws(() => new SqliteStore(join(path, 'batten.db'), [shelf, broken]));
  const store = open(t, path);
  return assert.rejects(
    store.read((tx) => tx.all(statement('extra.all', 'SELECT a FROM extra'))),
    /no such table/,
  );
});

test('the numbers of a room have no gap and no double', () => {
  const gap: Migration = { room: 'test', number: 3, statements: [] };
  assert.throws(() => migrationPlan([], [shelf, gap]), /should be number 2/);
  assert.throws(() => migrationPlan([], [shelf, shelf]), /share a room/);
});

test('a lock is held by one holder only and is free again after release', (t) => {
  const path = join(folder(t), 'lock');
  const first = takeLock(path);
  assert.ok(first !== undefined);
  assert.equal(takeLock(path), undefined);
  first.release();
  const second = takeLock(path);
  assert.ok(second !== undefined);
  second.release();
});
