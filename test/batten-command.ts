import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { battenCommand } from '#app/child-batten.ts';

/** How a command ended, with what it wrote. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with everything written to standard output once it fits; rejects when the command ends before. */
  until(pattern: RegExp): Promise<string>;
}

/** Longest time that one command may take in a test, in milliseconds. */
const commandMillisecondsMax = 60_000;

/** Starts `batten` with these words; it is killed when the test ends or takes too long. */
export function batten(
  t: TestContext,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Running {
  return running(t, process.execPath, [battenCommand, ...words], variables);
}

/** Starts any program in the same way. */
export function running(
  t: TestContext,
  program: string,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Running {
  // The home is empty, so that no test sees the person's own Batten.
  const env = { PATH: pathOfThisProcess(), HOME: join(tmpdir(), 'batten-no-home'), ...variables };
  const child = spawn(program, words, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(import.meta.dirname, '..'),
  });
  t.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const arrived = new EventTarget();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    arrived.dispatchEvent(new Event('data'));
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // Something that the command left behind may hold its output open for ever.
  const late = AbortSignal.timeout(commandMillisecondsMax);
  const ended = once(child, 'close', { signal: late }).then(
    ([exitCode, signal]) => ({
      exitCode: exitCode as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout,
      stderr,
    }),
    () => {
      child.stdout.destroy();
      child.stderr.destroy();
      throw new Error(`${words.join(' ')} did not end: ${stdout}${stderr}`);
    },
  );
  ended.catch(() => {});
  const until = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(stdout)) {
      const outcome = await Promise.race([ended, once(arrived, 'data')]);
      if (!Array.isArray(outcome) && !pattern.test(stdout)) {
        throw new Error(`it ended without ${pattern}: ${stdout}${stderr}`);
      }
    }
    return stdout;
  };
  return { child, ended, until };
}

/** A folder that is removed after the test, with whatever an engine that just ends still writes into it. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-test-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
  return folder;
}

/** The folder of this Node and the system's own. */
function pathOfThisProcess(): string {
  return `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`;
}
