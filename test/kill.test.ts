import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { battenCommand } from '#app/child-batten.ts';
import { BatchClient, BatchSharedKeyCredentials, waitUntil } from '#client/client.ts';
import { killPart } from '#engine/test-processes.ts';

const tasks = 1000;
const kills = 9;

/** The server of a data folder, which can be killed and started again on the same port. */
class Server {
  readonly folder = mkdtempSync(join(tmpdir(), 'batten-kill-'));
  env: Readonly<Record<string, string>> = {};
  #child: ChildProcess | undefined;

  async start(): Promise<void> {
    const port = new URL(this.env['BATTEN_URL'] ?? 'https://localhost:0').port || '0';
    const words = [battenCommand, 'up', '--json', '--port', port, '--data', this.folder];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(child.stdout !== null);
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    this.env = (JSON.parse(line) as { environment: Record<string, string> }).environment;
    this.#child = child;
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    this.#child = undefined;
  }
}

/** How often each task's command ran, as the commands themselves wrote it down on their node. */
function runsOf(folder: string): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const entry of readdirSync(join(folder, 'nodes'), { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('/shared/ran')) continue;
    for (const task of readFileSync(join(folder, 'nodes', entry), 'utf8')
      .trim()
      .split('\n')) {
      runs.set(task, (runs.get(task) ?? 0) + 1);
    }
  }
  return runs;
}

function clientOf(server: Server): BatchClient {
  const { env } = server;
  const name = env['AZURE_BATCH_ACCOUNT'] ?? '';
  const credentials = new BatchSharedKeyCredentials(
    env['AZURE_BATCH_ENDPOINT'] ?? '',
    name,
    env['AZURE_BATCH_ACCESS_KEY'] ?? '',
  );
  const agent = new Agent({ ca: readFileSync(env['BATTEN_CA_FILE'] ?? ''), keepAlive: false });
  return BatchClient.open(credentials, { agent });
}

/** Adds tasks until every one is acknowledged, whatever happens to the server between. */
async function addAll(
  server: Server,
  wanted: readonly { id: string; commandLine: string }[],
): Promise<void> {
  for (let from = 0; from < wanted.length; from += 100) {
    const chunk = wanted.slice(from, from + 100);
    await waitUntil(
      'the tasks to be acknowledged',
      () =>
        clientOf(server)
          .tasks.addAll('job', chunk)
          .then(
            () => true,
            () => false,
          ),
      (added) => added,
      { deadlineSeconds: 30, intervalSeconds: 0.1 },
    );
  }
}

test('kill -9 of server, agent and launcher during a thousand tasks loses none and ends each once', async (t) => {
  if (!existsSync('/proc/self/cmdline')) return t.skip('the processes are found through /proc');
  const server = new Server();
  t.after(async () => {
    await server.end('SIGTERM');
    for (const part of ['agent', 'launcher'] as const) killPart(server.folder, part);
    rmSync(server.folder, { recursive: true, force: true, maxRetries: 5 });
  });
  await server.start();
  const image = { publisher: 'canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts' };
  await clientOf(server).pools.add({
    id: 'pool',
    vmSize: 'standard_d2s_v3',
    targetDedicatedNodes: 2,
    taskSlotsPerNode: 4,
    virtualMachineConfiguration: {
      imageReference: image,
      nodeAgentSKUId: 'batch.node.ubuntu 22.04',
    },
  });
  await clientOf(server).jobs.add({ id: 'job', poolInfo: { poolId: 'pool' } });
  const commandLine = `/bin/sh -c 'echo $AZ_BATCH_TASK_ID >> $AZ_BATCH_NODE_SHARED_DIR/ran; sleep 0.02'`;
  const wanted = Array.from({ length: tasks }, (_, index) => ({ id: `t${index}`, commandLine }));

  const adding = addAll(server, wanted);
  for (let round = 0; round < kills; round++) {
    await new Promise((resolve) => setTimeout(resolve, 250 + 90 * round));
    if (round % 3 === 0) {
      await server.end('SIGKILL');
      await server.start();
    } else {
      const part = round % 3 === 1 ? 'agent' : 'launcher';
      killPart(server.folder, part);
    }
  }
  await adding;

  const ended = await clientOf(server).tasks.waitForAll('job', { deadlineSeconds: 90 });
  assert.equal(ended.length, tasks);
  assert.equal(new Set(ended.map((task) => task.id)).size, tasks);
  const runs = runsOf(server.folder);
  let succeeded = 0;
  for (const task of ended) {
    const ran = runs.get(task.id ?? '') ?? 0;
    const { result, exitCode, failureInfo, retryCount } = task.executionInfo ?? {};
    if (result === 'success') {
      succeeded++;
      assert.deepEqual([exitCode, ran], [0, 1], `${task.id} succeeded by one run`);
    } else {
      assert.equal(result, 'failure');
      assert.ok(failureInfo !== undefined, `${task.id} says why it failed`);
      assert.ok(ran <= 1, `${task.id} was not run again silently`);
    }
    assert.equal(retryCount, 0);
  }
  assert.ok(succeeded > tasks / 2, 'most tasks were not touched by a kill');
  const { taskCounts } = await clientOf(server).jobs.taskCounts('job');
  assert.deepEqual(
    [taskCounts?.active, taskCounts?.running, taskCounts?.completed, taskCounts?.succeeded],
    [0, 0, tasks, succeeded],
  );
});
