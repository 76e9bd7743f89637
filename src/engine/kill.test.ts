import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '#kernel/random.ts';
import { type EnginePart, killPart, pidsOf } from './test-processes.ts';

const count = 300;
const endsPerKill = 25;
const idleMilliseconds = 1500;
const folder = mkdtempSync(join(tmpdir(), 'batten-kill-'));
const data = join(folder, 'data');
mkdirSync(data);
after(() => {
  for (const part of ['server', 'sandbox', 'agent', 'launcher'] as const) killPart(data, part);
  rmSync(folder, { recursive: true, force: true });
});

function startServer(): ChildProcess {
  const main = fileURLToPath(import.meta.resolve('#engine/test-server.ts'));
  return spawn(process.execPath, [main, data, String(count), String(idleMilliseconds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Looks again until the condition holds. */
async function until(what: string, condition: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(30_000);
  while (!condition()) {
    if (limit.aborted) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Runs servers until every task has ended, killing a part after every few ends. Returns how often
 * each part was killed.
 */
async function runThroughKills(): Promise<Readonly<Record<EnginePart, number>>> {
  const random = seededRandom('kill test');
  const kills: Record<EnginePart, number> = { server: 0, agent: 0, launcher: 0, sandbox: 0 };
  const parts = ['server', 'launcher', 'agent', 'server', 'sandbox', 'agent'] as const;
  let ended = 0;
  let turn = 0;
  let nextKill = endsPerKill;
  while (ended < count) {
    const server = startServer();
    const exited = new Promise((resolve) => server.once('exit', resolve));
    assert.ok(server.stdout);
    const late = setTimeout(() => server.kill('SIGKILL'), 30_000);
    for await (const line of createInterface({ input: server.stdout })) {
      ended = Math.max(ended, Number(line.split(' ')[1]));
      if (ended >= count) break;
      if (ended < nextKill) continue;
      const part = parts[turn % parts.length] ?? 'server';
      const killed = killPart(data, part);
      // It may be on its way up; the next end brings another chance.
      if (killed === 0) continue;
      kills[part] += killed;
      turn++;
      nextKill = ended + 1 + ((random.bytes(1)[0] ?? 0) % (2 * endsPerKill));
    }
    clearTimeout(late);
    if (ended >= count) server.kill('SIGTERM');
    await exited;
  }
  return kills;
}

test('whatever is killed whenever, every queued run has exactly one end and runs at most once', async () => {
  const kills = await runThroughKills();
  for (const part of ['server', 'agent', 'launcher'] as const) {
    assert.ok(kills[part] > 0, `${part} was never killed`);
  }
  const database = new DatabaseSync(join(data, 'batten.db'));
  const rows = (sql: string): readonly Record<string, unknown>[] => database.prepare(sql).all();
  const number = (sql: string): unknown => Object.values(rows(sql)[0] ?? {})[0];
  assert.equal(number('SELECT count(*) FROM test_queued'), count);
  assert.equal(number('SELECT count(DISTINCT task) FROM test_end'), count);
  assert.equal(number('SELECT count(*) FROM test_end'), count);
  assert.equal(number('SELECT count(*) - count(DISTINCT task) FROM test_start'), 0);
  assert.equal(number('SELECT count(*) FROM engine_run'), 0);
  assert.equal(number('SELECT queued + active FROM engine_group'), 0);
  assert.equal(number('SELECT used FROM engine_node'), 0);
  const ran = readFileSync(join(data, 'nodes/acme/pool/node-1/shared/log'), 'utf8').trim();
  const lines = ran.split('\n');
  assert.equal(new Set(lines).size, lines.length, 'a command ran twice');
  const exited = rows("SELECT task FROM test_end WHERE outcome = 'exited'");
  assert.ok(exited.every(({ task }) => lines.includes(String(task))));
  const others = rows("SELECT DISTINCT outcome FROM test_end WHERE outcome <> 'exited'");
  assert.ok(others.every(({ outcome }) => outcome === 'vanished'));
  assert.ok(exited.length > count / 2, `only ${exited.length} of ${count} ended by themselves`);
  database.close();
});

test('an orphan without work ends itself', async () => {
  assert.equal(pidsOf(data, 'server').length, 0);
  await until('the agent to end', () => pidsOf(data, 'agent').length === 0);
  await until('the launcher to end', () => pidsOf(data, 'launcher').length === 0);
  await until('the sandbox to end', () => pidsOf(data, 'sandbox').length === 0);
});
