import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { battenCommand } from '#app/child-batten.ts';

/**
 * `node bench/start.ts`: how long `batten up` takes to its readiness and to its first token, cold once and warm several times, in
 * milliseconds; Node's own start, measured beside it, is taken off. Nothing is asserted.
 */

const warmStarts = 10;

interface Start {
  readonly readyMilliseconds: number;
  readonly tokenMilliseconds: number;
}

async function main(): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'batten-bench-'));
  try {
    const bare = medianOf(Array.from({ length: warmStarts }, bareNodeMilliseconds));
    const cold = await start(dataFolder);
    const warm: Start[] = [];
    while (warm.length < warmStarts) warm.push(await start(dataFolder));
    print('node itself', bare, bare);
    print('cold start', cold.readyMilliseconds - bare, cold.tokenMilliseconds - bare);
    print(
      `warm start, median of ${warmStarts}`,
      medianOf(warm.map((one) => one.readyMilliseconds)) - bare,
      medianOf(warm.map((one) => one.tokenMilliseconds)) - bare,
    );
  } finally {
    await rm(dataFolder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Starts a server, gets one token, and stops it again. */
async function start(dataFolder: string): Promise<Start> {
  const begun = performance.now();
  const words = [battenCommand, 'up', '--json', '--port', '0', '--data', dataFolder];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const readyMilliseconds = performance.now() - begun;
  const { environment } = JSON.parse(line) as { environment: Record<string, string> };
  await firstToken(environment);
  const tokenMilliseconds = performance.now() - begun;
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { readyMilliseconds, tokenMilliseconds };
}

async function firstToken(environment: Readonly<Record<string, string>>): Promise<void> {
  const { BATTEN_URL: url, AZURE_TENANT_ID: tenantId, BATTEN_CA_FILE: roots = '' } = environment;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: environment['AZURE_CLIENT_ID'] ?? '',
    client_secret: environment['AZURE_CLIENT_SECRET'] ?? '',
    scope: 'https://batch.core.windows.net//.default',
  });
  const call = request(`${url}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    ca: await readFile(roots),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    agent: false,
  });
  call.end(form.toString());
  const [response] = await once(call, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200)
    throw new Error(`the token request failed: ${response.statusCode}`);
}

function bareNodeMilliseconds(): number {
  const begun = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return performance.now() - begun;
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function print(name: string, ready: number, token: number): void {
  process.stdout.write(
    `${name.padEnd(32)} ready ${ready.toFixed(0)} ms, token ${token.toFixed(0)} ms\n`,
  );
}

await main();
