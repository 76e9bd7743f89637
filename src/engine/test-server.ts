import { join } from 'node:path';
import { machineClock } from '#kernel/clock.ts';
import { machineLog } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { statement } from '#store/store.ts';
import { engineMigrations } from './migrations.ts';
import { openEngine } from './open-engine.ts';
import { runSpec } from './test-engine.ts';

/**
 * A server for the kill test: it queues `task-0` to `task-(count-1)` in small transactions, notes
 * in the same transactions what it queued and what the observer heard, prints `ended N` after each
 * end, and ends on SIGTERM. It may be killed and started again at any moment.
 */
const [dataFolder = '', countText = '0', idleText = '0'] = process.argv.slice(2);
const count = Number(countText);
const batch = 10;

const insertQueued = statement('test.queued', 'INSERT INTO test_queued (task) VALUES (?)');
const insertStart = statement('test.start', 'INSERT INTO test_start (task) VALUES (?)');
const insertEnd = statement('test.end', 'INSERT INTO test_end (task, outcome) VALUES (?, ?)');
const countRows = (name: string) =>
  statement<{ n: number }>(`test.count.${name}`, `SELECT count(*) AS n FROM ${name}`);
const countQueued = countRows('test_queued');
const countEnds = countRows('test_end');
const countNodes = countRows('engine_node');

const store = new SqliteStore(join(dataFolder, 'batten.db'), [
  ...engineMigrations,
  {
    room: 'test',
    number: 1,
    statements: [
      'CREATE TABLE test_queued (task TEXT NOT NULL)',
      'CREATE TABLE test_start (task TEXT NOT NULL)',
      'CREATE TABLE test_end (task TEXT NOT NULL, outcome TEXT NOT NULL)',
    ],
  },
]);
const random = machineRandom();
const engine = await openEngine({
  store,
  seal: sealWith(Buffer.alloc(32, 7), random),
  clock: machineClock(),
  random,
  log: machineLog('warn'),
  dataFolder,
  graceMilliseconds: 300,
  idleMillisecondsMax: Number(idleText),
  observer: {
    nodeChanged: async () => {},
    runStarted: async (tx, run) => {
      await tx.run(insertStart, run.task);
    },
    runEnded: async (tx, run, end) => {
      await tx.run(insertEnd, run.task, end.outcome.kind);
      const ended = await tx.one(countEnds);
      tx.afterCommit(() => process.stdout.write(`ended ${ended?.n}\n`));
    },
  },
});
process.once('SIGTERM', async () => {
  await engine.close();
  await store.close();
  process.exit(0);
});

await store.write(async (tx) => {
  if (((await tx.one(countNodes))?.n ?? 0) > 0) return;
  await engine.addNodes(tx, [{ owner: 'acme', pool: 'pool', node: 'node-1', slots: 8 }]);
  await engine.setGroup(tx, { owner: 'acme', group: 'job', pool: 'pool', priority: 0 });
});
for (let queued = 0; queued < count; ) {
  queued = await store.write(async (tx) => {
    const from = (await tx.one(countQueued))?.n ?? 0;
    const to = Math.min(count, from + batch);
    for (let index = from; index < to; index++) {
      const task = `task-${index}`;
      const script = `echo ${task} >> "$SHARED/log"; sleep 0.0${index % 7}; exit ${index % 3}`;
      const shared = { name: 'SHARED', value: `\${nodeRoot}/shared`, expand: true };
      const spec = runSpec(task, `/bin/sh -c '${script}'`, { environment: [shared] });
      await engine.enqueue(tx, [spec]);
      await tx.run(insertQueued, task);
    }
    return to;
  });
}
