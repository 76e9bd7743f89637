import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { type EngineWorld, engineWorld, runSpec } from './test-engine.ts';

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

/** Pids whose command line names the folder. */
function processesOf(folder: string): readonly string[] {
  return readdirSync('/proc').filter((entry) => {
    try {
      return (
        /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/cmdline`, 'latin1').includes(folder)
      );
    } catch {
      return false;
    }
  });
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

test('an ephemeral engine takes its tasks along when it closes', async () => {
  const world = await engineWorld(1);
  const spec = runSpec('left', `/bin/sh -c 'echo up; exec sleep 65'`);
  await world.store.write((tx) => world.engine.enqueue(tx, [spec]));
  await textOf(join(directoryOf(world, 'left'), 'stdout.txt'));
  assert.ok(processesOf(world.folder).length > 0);
  await world.close();
  assert.deepEqual(processesOf(world.folder), []);
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
