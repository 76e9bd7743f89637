import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEnd, RunSpec } from './engine.ts';
import { type EngineWorld, engineWorld, runSpec } from './test-engine.ts';
import { commandsBelow, killPart } from './test-processes.ts';

/** Waits until a file outside of any sandbox has text, and returns it. */
async function textOf(path: string): Promise<string> {
  const limit = AbortSignal.timeout(10_000);
  for (;;) {
    const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
    if (text !== '') return text;
    limit.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function directoryOf(world: EngineWorld, task: string): string {
  return join(world.folder, 'data/nodes/acme/pool/node-1/workitems/job/job-1', task);
}

test('a task that runs goes on while there is no server, and the next server hears its end', async () => {
  const world = await engineWorld(2, { ephemeral: false, idleMillisecondsMax: 500 });
  const script = 'echo up; until [ -e go ]; do sleep 0.02; done; exit 5';
  const spec = runSpec('adopted', `/bin/sh -c '${script}'`);
  await world.store.write((tx) => world.engine.enqueue(tx, [spec]));
  await world.until('the start', () => world.heard.starts.length === 1);
  const directory = directoryOf(world, 'adopted');
  await textOf(join(directory, 'stdout.txt'));
  await world.engine.close();
  assert.equal(world.heard.ends.length, 0);
  const next = await world.reopen();
  const queued = runSpec('second', '/bin/true');
  await next.run(queued);
  await next.run(runSpec('opener', `/bin/sh -c '> ${join(directory, 'wd', 'go')}'`));
  await next.until('the end', () => next.heard.ends.some((one) => one.run.task === 'adopted'));
  const end = next.heard.ends.find((one) => one.run.task === 'adopted')?.end;
  assert.deepEqual(end?.outcome, { kind: 'exited', exitCode: 5 });
  assert.ok(!next.heard.starts.some((run) => run.task === 'adopted'), 'it was started again');
  await next.close();
});

/** Starts a command that prints, and waits until it has. */
async function running(world: EngineWorld, task: string, script: string): Promise<RunSpec> {
  const spec = runSpec(task, `/bin/sh -c 'echo up; ${script}'`);
  await world.store.write((tx) => world.engine.enqueue(tx, [spec]));
  await textOf(join(directoryOf(world, task), 'stdout.txt'));
  return spec;
}

async function endOf(world: EngineWorld, { task }: RunSpec): Promise<RunEnd['outcome']> {
  const find = (): RunEnd | undefined => world.heard.ends.find((one) => one.run.task === task)?.end;
  await world.until(`the end of ${task}`, () => find() !== undefined);
  const end = find();
  assert.ok(end);
  return end.outcome;
}

test("when the agent dies, its tasks and their ends are the next one's", async () => {
  const world = await engineWorld(2);
  const waits = await running(world, 'waits', 'until [ -e go ]; do sleep 0.02; done; exit 6');
  assert.equal(killPart(world.folder, 'agent'), 1);
  writeFileSync(join(directoryOf(world, 'waits'), 'wd/go'), '');
  assert.deepEqual(await endOf(world, waits), { kind: 'exited', exitCode: 6 });
  await world.close();
});

test('when the launcher dies, its tasks go on, can be killed, and end as vanished', async () => {
  const world = await engineWorld(3);
  const waits = await running(world, 'waits', 'until [ -e go ]; do sleep 0.02; done');
  const cancelled = await running(world, 'cancelled', 'setsid sleep 68 & exec sleep 69');
  assert.equal(killPart(world.folder, 'launcher'), 1);
  await world.run(runSpec('next', '/bin/true'));
  assert.equal(world.heard.ends.length, 1);
  writeFileSync(join(directoryOf(world, 'waits'), 'wd/go'), '');
  assert.equal((await endOf(world, waits)).kind, 'vanished');
  await world.store.write((tx) => world.engine.cancel(tx, cancelled));
  assert.deepEqual(await endOf(world, cancelled), { kind: 'cancelled' });
  assert.equal(world.heard.starts.length, 3);
  const [end] = await world.run(runSpec('left', "/bin/sh -c 'cat /proc/[0-9]*/cmdline > all'"));
  assert.deepEqual(end?.outcome, { kind: 'exited', exitCode: 0 });
  const all = readFileSync(join(directoryOf(world, 'left'), 'wd/all'), 'latin1');
  assert.ok(!all.includes('sleep\u000068') && !all.includes('sleep\u000069'));
  await world.close();
});

test('when the whole sandbox dies, its tasks end as vanished and the next ones run', async (context) => {
  const world = await engineWorld(2);
  const gone = await running(world, 'gone', 'exec sleep 70');
  if (killPart(world.folder, 'sandbox') > 0) {
    assert.equal((await endOf(world, gone)).kind, 'vanished');
    const [end] = await world.run(runSpec('next', '/bin/true'));
    assert.deepEqual(end?.outcome, { kind: 'exited', exitCode: 0 });
  } else {
    context.skip('this machine has no user namespaces');
  }
  await world.close();
});

test('a data folder may have a long path', async () => {
  const world = await engineWorld(1, {}, join('a'.repeat(100), 'b'.repeat(100)));
  const spec = runSpec('long', '/bin/echo far');
  await world.run(spec);
  const path = `${spec.directory}/stdout.txt`;
  const place = { owner: 'acme', pool: 'pool', node: 'node-1', path };
  const read = await world.engine.readFile(place);
  assert.ok('stream' in read);
  assert.equal(String(Buffer.concat(await read.stream.toArray())), 'far\n');
  await world.close();
});

test('an ephemeral engine takes its tasks along when it closes', async () => {
  const world = await engineWorld(1);
  const spec = runSpec('left', `/bin/sh -c 'echo up; exec sleep 65'`);
  await world.store.write((tx) => world.engine.enqueue(tx, [spec]));
  await textOf(join(directoryOf(world, 'left'), 'stdout.txt'));
  assert.ok(commandsBelow(world.folder).length > 0);
  await world.close();
  assert.deepEqual(commandsBelow(world.folder), []);
});

test('without isolation a run is killed with its tree too, and the node says that it has none', async () => {
  const world = await engineWorld(1, { isolation: 'none' });
  const ready = world.heard.nodes[0]?.change;
  assert.equal(ready?.state === 'ready' && ready.facts.isolation, 'none');
  const script = 'setsid sleep 66 & echo $!; exec sleep 67';
  const spec = runSpec('tree', `/bin/sh -c '${script}'`);
  const going = world.run(spec);
  const child = Number(await textOf(join(directoryOf(world, 'tree'), 'stdout.txt')));
  assert.ok(existsSync(`/proc/${child}`));
  await world.store.write((tx) => world.engine.cancel(tx, spec));
  const [end] = await going;
  assert.deepEqual(end?.outcome, { kind: 'cancelled' });
  const state = existsSync(`/proc/${child}`) ? readFileSync(`/proc/${child}/stat`, 'latin1') : '';
  assert.doesNotMatch(state, /\) [RSD] /);
  await world.close();
});

const strangers: readonly [string, Readonly<Record<string, string>>, string, number][] = [
  ['without a token', {}, '/v1/poll', 401],
  ['with another token', { authorization: 'Bearer guess' }, '/v1/poll', 401],
  ['with another token at the files', { authorization: 'Bearer guess' }, '/v1/files/1', 401],
];
test('the door of the agents opens to the agent token only', async () => {
  const world = await engineWorld(1);
  const data = join(world.folder, 'data');
  const token = readFileSync(join(data, 'engine/agent-token'), 'utf8').trim();
  const own = { authorization: `Bearer ${token}` };
  const known: typeof strangers = [
    ['with a body that is no message', own, '/v1/poll', 400],
    ['at a path that does not exist', own, '/v1/other', 404],
    ['with a file nobody asked for', own, '/v1/files/1', 410],
  ];
  for (const [name, headers, path, status] of [...strangers, ...known]) {
    const answered = await new Promise((resolve, reject) => {
      const socketPath = join(data, 'engine/server.sock');
      const going = request({ socketPath, path, headers, method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      going.on('error', reject);
      going.end('{}');
    });
    assert.equal(answered, status, name);
  }
  const [end] = await world.run(runSpec('still', '/bin/true'));
  assert.deepEqual(end?.outcome, { kind: 'exited', exitCode: 0 });
  await world.close();
});

test('when the data folder is removed, agent and tasks end', async () => {
  const world = await engineWorld(1, { ephemeral: false });
  await running(world, 'left', 'exec sleep 71');
  await world.close();
  const limit = AbortSignal.timeout(10_000);
  while (commandsBelow(world.folder).length > 0) {
    limit.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
