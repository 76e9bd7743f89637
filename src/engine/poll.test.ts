import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { endVanished, loseNodes, takeNodeReport } from './news.ts';
import type { NodeReport } from './node-message.ts';
import { answerPoll } from './poll.ts';
import type { JournalRecord, PollMessage, PollReply } from './protocol.ts';
import { cancel, enqueue, groupCounts, removeNode } from './queue.ts';
import { runSpec } from './test-engine.ts';
import { begunOf, endedOf, type TestRoom, testFacts, testRoom } from './test-room.ts';

/** Says something as the agent of the session. */
function say(world: TestRoom, message: Partial<PollMessage> = {}): Promise<PollReply> {
  const empty = { session: 'session', records: [], nodes: [], forgotten: [] };
  return answerPoll(world.room, { ...empty, ...message });
}

function hello(world: TestRoom, runs: readonly string[], session = 'next'): Promise<PollReply> {
  return say(world, { session, hello: { facts: testFacts, runs, nodes: [] } });
}

function counts(world: TestRoom, group = 'job'): Promise<object> {
  return world.room.store.read((tx) => groupCounts(tx, { owner: 'acme', group }));
}

test('a poll hands out as many runs as there are slots, in the order of queueing', async () => {
  const world = await testRoom(2);
  await world.queue('job', ['a', 'b', 'c']);
  const first = await say(world);
  assert.deepEqual(
    first.starts.map((start) => start.directory),
    ['workitems/job/job-1/a', 'workitems/job/job-1/b'],
  );
  assert.deepEqual(first.starts[0]?.refusedPorts, [8443]);
  assert.deepEqual(await counts(world), { queued: 1, active: 2 });
  assert.deepEqual(world.heard, []);
  const [a] = first.starts;
  assert.ok(a);
  const second = await say(world, { records: [begunOf(a), endedOf(a, 4)] });
  assert.equal(second.acknowledged, 2);
  assert.equal(second.starts.length, 1);
  assert.deepEqual(world.heard, ['started a', 'exited a']);
  assert.deepEqual(await counts(world), { queued: 0, active: 2 });
  await world.close();
});

test('groups go by priority, then by age, and none beyond its bound', async () => {
  const world = await testRoom(5);
  await world.queue('old', ['old-1', 'old-2', 'old-3'], { parallelMax: 1 });
  await world.queue('new', ['new-1', 'new-2']);
  await world.queue('urgent', ['urgent-1'], { priority: 5 });
  await world.queue('elsewhere', ['elsewhere-1'], { pool: 'other', priority: 9 });
  const { starts } = await say(world);
  const tasks = starts.map((start) => start.directory.split('/').at(-1));
  assert.deepEqual(tasks, ['urgent-1', 'old-1', 'new-1', 'new-2']);
  assert.deepEqual(await counts(world, 'old'), { queued: 2, active: 1 });
  await world.close();
});

test('what is told twice, or of another life or attempt, changes nothing', async () => {
  const world = await testRoom(1);
  await world.queue('job', ['a']);
  const [a] = (await say(world)).starts;
  assert.ok(a);
  const strangers: readonly JournalRecord[] = [
    { ...endedOf(a), epoch: a.epoch + 1 },
    { ...endedOf(a), attempt: 2 },
    { ...endedOf(a), id: 'unknown' },
  ];
  for (const record of strangers) await say(world, { records: [record] });
  assert.deepEqual(world.heard, []);
  const story = [begunOf(a), begunOf(a), endedOf(a), endedOf(a, 1), begunOf(a)];
  await say(world, { records: story });
  await say(world, { records: story });
  assert.deepEqual(world.heard, ['started a', 'exited a']);
  assert.deepEqual(await counts(world), { queued: 0, active: 0 });
  await world.close();
});

test('a session that is not known is asked for a hello, and nothing it told is taken', async () => {
  const world = await testRoom(1);
  await world.queue('job', ['a']);
  const [a] = (await say(world)).starts;
  assert.ok(a);
  const reply = await say(world, { session: 'stranger', records: [endedOf(a)] });
  assert.equal(reply.helloWanted, true);
  assert.equal(reply.acknowledged, undefined);
  assert.deepEqual(world.heard, []);
  await world.close();
});

test('a hello makes good what was lost: starts again, kills again, ends what vanished', async () => {
  const world = await testRoom(4);
  await world.queue('job', ['begun', 'cancelled', 'held', 'lost']);
  const { starts } = await say(world);
  const [begun, cancelled, held, lost] = starts;
  assert.ok(begun && cancelled && held && lost);
  await say(world, { records: [begunOf(begun)] });
  await world.room.store.write((tx) =>
    cancel(world.room, tx, runSpec('cancelled', '', { group: 'job' })),
  );
  const reply = await hello(world, [held.id]);
  assert.deepEqual(
    reply.starts.map((start) => start.id),
    [lost.id],
  );
  assert.deepEqual(
    reply.kills.map((kill) => [kill.id, kill.why]),
    [[cancelled.id, 'cancelled']],
  );
  assert.equal(reply.makeNodes.length, 1);
  assert.deepEqual(world.heard, ['started begun', 'vanished begun']);
  assert.equal((await say(world)).helloWanted, true);
  await world.close();
});

test('a run that ended is not ended again as vanished', async () => {
  const world = await testRoom(1);
  await world.queue('job', ['a']);
  const [a] = (await say(world)).starts;
  assert.ok(a);
  const { room } = world;
  await say(world, { records: [begunOf(a), endedOf(a)] });
  await room.store.write((tx) => endVanished(room, tx, a.id, 'late'));
  assert.deepEqual(world.heard, ['started a', 'exited a']);
  await world.close();
});

test('one record that cannot be taken is not acknowledged, and the others are taken', async () => {
  const world = await testRoom(2);
  await world.queue('job', ['bad', 'good']);
  const [bad, good] = (await say(world)).starts;
  assert.ok(bad && good);
  const { observer } = world.room;
  let isBroken = true;
  Object.assign(world.room, {
    observer: {
      ...observer,
      runEnded: async (...heard: Parameters<typeof observer.runEnded>) => {
        if (isBroken && heard[1].task === 'bad') throw new Error('a bug');
        return observer.runEnded(...heard);
      },
    },
  });
  const records = [begunOf(bad, 1), endedOf(bad, 0, 2), begunOf(good, 3), endedOf(good, 0, 4)];
  assert.equal((await say(world, { records })).acknowledged, 1);
  assert.deepEqual(world.heard, ['started bad', 'started good', 'exited good']);
  isBroken = false;
  assert.equal((await say(world, { records: records.slice(1) })).acknowledged, 4);
  assert.deepEqual(world.heard.slice(3), ['exited bad']);
  await world.close();
});

test('a poll without news waits until something is queued', async () => {
  const world = await testRoom(1);
  await say(world);
  const waiting = say(world);
  await world.queue('job', ['a']);
  assert.equal((await waiting).starts.length, 1);
  await world.close();
});

test('a node is told ready once, lost once, and gone after its last run', async () => {
  const world = await testRoom(1);
  const { room } = world;
  await world.queue('job', ['a']);
  const [a] = (await say(world)).starts;
  assert.ok(a);
  const { owner, pool, node, epoch } = a;
  const life = { owner, pool, node, epoch };
  const tell = (report: NodeReport): Promise<void> =>
    room.store.write((tx) => takeNodeReport(room, tx, report, testFacts));
  await tell({ ...life, state: 'ready', rootDirectory: '/n' });
  await tell({ ...life, state: 'gone' });
  await room.store.write((tx) => loseNodes(room, tx));
  await room.store.write((tx) => loseNodes(room, tx));
  await tell({ ...life, epoch: epoch + 1, state: 'ready', rootDirectory: '/n' });
  await tell({ ...life, state: 'ready', rootDirectory: '/n' });
  assert.deepEqual(world.heard, ['node lost', 'node ready']);
  await room.store.write((tx) => removeNode(room, tx, life));
  const kills = await say(world);
  assert.deepEqual(
    kills.kills.map((kill) => kill.why),
    ['nodeRemoved'],
  );
  assert.deepEqual(kills.removeNodes, []);
  const ended = { ...endedOf(a), outcome: { kind: 'nodeRemoved' } } as JournalRecord;
  assert.deepEqual((await say(world, { records: [ended] })).removeNodes, [life]);
  await tell({ ...life, state: 'gone' });
  await tell({ ...life, state: 'gone' });
  assert.deepEqual(world.heard.slice(2), ['nodeRemoved a', 'node gone']);
  await world.close();
});

test('what a run needs is sealed in the database', async () => {
  const world = await testRoom(1);
  await world.queue('job', []);
  const environment = [{ name: 'TOKEN', value: 'very-secret-value' }];
  const httpUrl = 'http://files/x?sig=secret-signature';
  const resourceFiles = [{ httpUrl, filePath: 'x' }];
  const spec = runSpec('a', 'secret-command', { environment, resourceFiles });
  await world.room.store.write((tx) => enqueue(world.room, tx, [spec]));
  const files = ['', '-wal'].map((end) => readFileSync(world.databasePath + end, 'latin1'));
  for (const secret of ['very-secret-value', 'secret-signature', 'secret-command']) {
    assert.ok(!files.join('').includes(secret), secret);
  }
  const [start] = (await say(world)).starts;
  assert.deepEqual(start?.environment, environment);
  assert.deepEqual(start?.resourceFiles, resourceFiles);
  assert.equal(start?.commandLine, 'secret-command');
  await world.close();
});

test('large runs are handed out over several polls', async () => {
  const world = await testRoom(3);
  await world.queue('job', []);
  const value = 'x'.repeat(1_000_000);
  const environment = Array.from({ length: 8 }, (_, index) => ({ name: `V${index}`, value }));
  const specs = ['a', 'b', 'c'].map((task) => runSpec(task, '/bin/true', { environment }));
  await world.room.store.write((tx) => enqueue(world.room, tx, specs));
  const first = await say(world);
  assert.equal(first.starts.length, 1);
  assert.equal((await say(world)).helloWanted, true);
  const held = first.starts.map((start) => start.id);
  const second = await hello(world, held);
  assert.equal(second.starts.length, 1);
  held.push(...second.starts.map((start) => start.id));
  const third = await hello(world, held, 'again');
  assert.equal(third.starts.length, 1);
  assert.equal(new Set([...held, third.starts[0]?.id]).size, 3);
  await world.close();
});

test('the same attempt queued twice is a bug, and the first stays', async () => {
  const world = await testRoom(1);
  await world.queue('job', ['a']);
  await assert.rejects(world.queue('job', ['b', 'a']));
  assert.deepEqual(await counts(world), { queued: 1, active: 0 });
  await world.close();
});
