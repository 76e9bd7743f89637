import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { cannotRun } from './faults.ts';

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals };

/** Signals that are passed on to the command. */
const passedSignals: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
];

/** The signals of this process, kept for a command; disposing gives them back. */
export interface SignalHold extends Disposable {
  /** Passes on to the command what came before it, and what comes from now on. */
  passTo(child: ChildProcess): void;
}

/** Takes the signals over that would end this process. */
export function holdSignals(): SignalHold {
  const early: NodeJS.Signals[] = [];
  let command: ChildProcess | undefined;
  const pass = (signal: NodeJS.Signals): void => {
    // A terminal sends its own SIGINT to parent and child alike; passing it on would count twice.
    const isShared = signal === 'SIGINT' && process.stdin.isTTY;
    if (command === undefined) early.push(signal);
    else if (!isShared) command.kill(signal);
  };
  for (const signal of passedSignals) process.on(signal, pass);
  return {
    passTo(child) {
      command = child;
      for (const signal of early.splice(0)) child.kill(signal);
    },
    [Symbol.dispose]() {
      for (const signal of passedSignals) process.off(signal, pass);
    },
  };
}

/** Starts a command with exactly this environment and waits for its end. Throws a `StartRefusal` when it cannot be started. */
export async function runUntilEnd(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
  signals: SignalHold,
): Promise<CommandEnd> {
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: 'inherit', env: environment });
  const end = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', ({ code = 'it could not be started' }: NodeJS.ErrnoException) => {
      const isMissing = code === 'ENOENT';
      reject(cannotRun(program, isMissing ? 'there is no such program' : code, isMissing));
    });
    child.once('exit', (exitCode, signal) => {
      resolve(
        signal === null ? { kind: 'exited', exitCode: exitCode ?? 1 } : { kind: 'killed', signal },
      );
    });
  });
  signals.passTo(child);
  return end;
}

/** The exit code by which a shell reports a death by signal. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
