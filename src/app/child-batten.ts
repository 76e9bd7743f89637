import { ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent } from 'node:https';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A Batten of its own, run as a person would run it: the tour and the tests of official clients start one each. */
export interface ChildBatten extends AsyncDisposable {
  /** What `batten env` prints, under the same names. */
  readonly env: Readonly<Record<string, string>>;
  readonly dataFolder: string;
  /** Trusts Batten's two roots and nothing else. */
  readonly agent: Agent;
  /** Ends the server as SIGTERM does and removes its data. Resolves with the server's exit code. */
  stop(): Promise<number | null>;
}

/** The command, for child processes: `[process.execPath, battenCommand, 'run', ...]`. */
export const battenCommand = fileURLToPath(new URL('../../bin/batten.js', import.meta.url));

/**
 * Starts a Batten on a free port with a data folder that did not exist before. It ends with this program in every case, and does not keep it
 * alive. Rejects with what it wrote when it does not start.
 */
export async function startChildBatten(...options: readonly string[]): Promise<ChildBatten> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'batten-'));
  const words = ['up', '--json', '--port', '0', '--data', dataFolder, ...options];
  const preload = ['--import', import.meta.resolve('#app/end-with-starter.ts')];
  const child = spawn(process.execPath, [...preload, battenCommand, ...words], { stdio: 'pipe' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async (): Promise<number | null> => {
    child.ref();
    child.kill('SIGTERM');
    const code = await ended;
    rmSync(dataFolder, { recursive: true, force: true, maxRetries: 5 });
    return code;
  };
  try {
    const { environment: env } = await readinessOf(child);
    for (const one of [child, ...child.stdio]) {
      if (one instanceof ChildProcess || one instanceof Socket) one.unref();
    }
    const agent = new Agent({ ca: readFileSync(env['BATTEN_CA_FILE'] ?? ''), keepAlive: true });
    return {
      env,
      dataFolder,
      agent,
      stop,
      [Symbol.asyncDispose]: async () => void (await stop()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The one line of `up --json`. */
async function readinessOf(
  child: ChildProcess,
): Promise<{ readonly environment: Readonly<Record<string, string>> }> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('a child process has no pipes');
  const complaints: string[] = [];
  stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()));
  for await (const line of createInterface({ input: stdout })) {
    stdout.resume();
    return JSON.parse(line) as { readonly environment: Readonly<Record<string, string>> };
  }
  throw new Error(`Batten did not start: ${complaints.join('').trim()}`);
}
