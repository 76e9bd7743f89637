import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { constants, userInfo } from 'node:os';
import { join } from 'node:path';
import type { RunOutcome } from '#engine/engine.ts';
import { launcherTexts } from '#engine/faults.ts';
import { pathBelow } from '#engine/paths.ts';
import type { KillMessage, RunName, StartMessage } from '#engine/protocol.ts';
import { ownAddresses } from '#http/egress.ts';
import type { Clock } from '#kernel/clock.ts';
import { fetchResourceFile } from './download.ts';
import { environmentOf } from './environment.ts';
import { systemCodeOf } from './error-code.ts';
import { nodeRoot } from './files.ts';
import type { OpenRun, Unnumbered } from './journal.ts';
import { bootId, findTree, isAlive, readProcess, signalAll } from './process-tree.ts';
import { splitWords } from './words.ts';

/** What a run needs of its launcher. */
export interface RunParts {
  readonly nodesFolder: string;
  readonly clock: Clock;
  /** From SIGTERM to SIGKILL. */
  readonly graceMilliseconds: number;
  readonly write: (record: Unnumbered) => void;
  /** Called once, after the end is in the journal. */
  readonly over: (run: Run) => void;
}

type Ending = KillMessage['why'] | 'wallClock';

/** How often a process that is no child of ours is looked at, and how often a dying tree is. */
const watchMilliseconds = 100;
const treeMilliseconds = 10;
/**
 * Rounds of SIGKILL before a tree is given up; only a process in an uninterruptible wait survives
 * them.
 */
const killRoundsMax = 500;

/** One attempt of a task, from the intent in the journal to its end there. */
export class Run {
  readonly name: RunName;
  /** Absolute directory. */
  readonly directory: string;
  /** Resolves after the end is in the journal. */
  readonly done: Promise<void>;
  readonly #parts: RunParts;
  readonly #stop = new AbortController();
  #resolveDone: () => void = () => {};
  #pid: number | undefined;
  #ending: Ending | undefined;
  #over = false;
  #wallClock: NodeJS.Timeout | undefined;

  private constructor(parts: RunParts, name: RunName, directory: string) {
    this.#parts = parts;
    this.name = { id: name.id, epoch: name.epoch, attempt: name.attempt };
    this.directory = directory;
    this.done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
  }

  /**
   * Writes the intent and starts; what comes of it is in the journal. `ready` is awaited before the
   * directory is touched.
   */
  static start(parts: RunParts, message: StartMessage, ready: Promise<unknown>): Run {
    const root = nodeRoot(parts.nodesFolder, message);
    const directory = root === undefined ? undefined : pathBelow(root, message.directory);
    const run = new Run(parts, message, directory ?? '');
    const { wallClockMilliseconds } = message;
    parts.write({
      kind: 'begun',
      ...run.name,
      at: parts.clock.real(),
      directory: run.directory,
      ...(wallClockMilliseconds === undefined ? {} : { wallClockMilliseconds }),
    });
    run.#limit(wallClockMilliseconds);
    if (root === undefined || directory === undefined) {
      run.#end(notStarted(launcherTexts.badDirectory));
    } else {
      void ready.then(() => run.#prepare(message, root, directory));
    }
    return run;
  }

  /**
   * Takes over a run that an earlier launcher began: it is watched while its process lives, else it
   * has vanished.
   */
  static adopt(
    parts: RunParts,
    open: OpenRun,
    marked: { pid: number; startTicks: number } | undefined,
  ): Run {
    const run = new Run(parts, open.begun, open.begun.directory);
    const found = open.spawned ?? marked;
    const isOfThisBoot = open.spawned === undefined || open.spawned.bootId === bootId;
    if (found === undefined || !isOfThisBoot || !isAlive(found.pid, found.startTicks)) {
      run.#endTree(() => run.#end({ kind: 'vanished', text: launcherTexts.vanished }));
      return run;
    }
    run.#pid = found.pid;
    const { wallClockMilliseconds, at } = open.begun;
    if (wallClockMilliseconds !== undefined) {
      const ran = Math.max(0, (parts.clock.real() - at) / 1000);
      run.#limit(Math.max(0, wallClockMilliseconds - ran));
    }
    run.#watch(found.pid, found.startTicks);
    return run;
  }

  /** Ends it: SIGTERM to the whole tree, after the grace SIGKILL until nothing of it is left. */
  kill(why: Ending): void {
    if (this.#ending !== undefined || this.#over) return;
    this.#ending = why;
    this.#stop.abort();
    if (this.#pid === undefined) return;
    signalAll(findTree(this.name.id, this.#pid), 'SIGTERM');
    setTimeout(() => {
      if (!this.#over) signalAll(findTree(this.name.id, this.#pid), 'SIGKILL');
    }, this.#parts.graceMilliseconds);
  }

  /**
   * Kills its tree at once because everything ends; the journal keeps it open, so the next launcher
   * calls it vanished.
   */
  destroy(): void {
    signalAll(findTree(this.name.id, this.#pid), 'SIGKILL');
  }

  async #prepare(message: StartMessage, root: string, directory: string): Promise<void> {
    const workingDirectory = join(directory, 'wd');
    try {
      mkdirSync(workingDirectory, { recursive: true });
    } catch (error) {
      return this.#end(notStarted(launcherTexts.prepareFailed(systemCodeOf(error))));
    }
    const { refusedPorts, resourceFiles } = message;
    for (const file of resourceFiles) {
      const rule = { refusedPorts, ownAddresses: ownAddresses() };
      const text = await fetchResourceFile(file, workingDirectory, rule, this.#stop.signal);
      if (this.#ending !== undefined) break;
      if (text === undefined) continue;
      const { httpUrl, filePath } = file;
      return this.#end({ kind: 'resourceFailed', url: withoutQuery(httpUrl), filePath, text });
    }
    if (this.#ending !== undefined) return this.#end({ kind: this.#ending });
    this.#spawn(message, root, directory, workingDirectory);
  }

  #spawn(message: StartMessage, root: string, directory: string, workingDirectory: string): void {
    const split = splitWords(message.commandLine);
    if ('problem' in split) {
      this.#end(notStarted(launcherTexts[`${split.problem}Command`]));
      return;
    }
    const [program = '', ...parameters] = split.words;
    const environment = environmentOf(message.environment, {
      id: this.name.id,
      pool: message.pool,
      node: message.node,
      nodeRoot: root,
      taskDirectory: directory,
      workingDirectory,
      userName,
    });
    const outputs: number[] = [];
    try {
      outputs.push(openSync(join(directory, 'stdout.txt'), 'w', 0o644));
      outputs.push(openSync(join(directory, 'stderr.txt'), 'w', 0o644));
      const child = spawn(program, parameters, {
        cwd: workingDirectory,
        env: { ...environment },
        detached: true,
        stdio: ['ignore', outputs[0], outputs[1]],
      });
      this.#follow(child, program);
    } catch (error) {
      this.#end(notStarted(launcherTexts.launchFailed(program, systemCodeOf(error))));
    } finally {
      for (const output of outputs) closeSync(output);
    }
  }

  #follow(child: ChildProcess, program: string): void {
    child.once('error', (error) => {
      const code = systemCodeOf(error);
      if (child.pid !== undefined) return;
      this.#end(
        code === 'ENOENT'
          ? {
              kind: 'notStarted',
              problem: 'programNotFound',
              text: launcherTexts.programNotFound(program),
            }
          : notStarted(launcherTexts.launchFailed(program, code)),
      );
    });
    const { pid } = child;
    if (pid === undefined) return;
    this.#pid = pid;
    const startTicks = readProcess(pid)?.startTicks ?? 0;
    this.#parts.write({ kind: 'spawned', ...this.name, pid, startTicks, bootId });
    child.once('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
      if (this.#ending !== undefined) {
        this.#endTree(() => this.#end(this.#endingOutcome({ kind: 'exited', exitCode })));
      } else {
        // UNVERIFIED: what it left behind in its own process group ends with it; a task on Azure
        // that leaves a child would settle it.
        signalAll([-pid], 'SIGKILL');
        this.#end({ kind: 'exited', exitCode });
      }
    });
  }

  /** Looks after a process that is not our child; how it ends cannot be seen, only that it does. */
  #watch(pid: number, startTicks: number): void {
    const timer = setInterval(() => {
      if (isAlive(pid, startTicks)) return;
      clearInterval(timer);
      const unseen: RunOutcome = { kind: 'vanished', text: launcherTexts.vanishedWhileAway };
      this.#endTree(() => this.#end(this.#endingOutcome(unseen)));
    }, watchMilliseconds);
  }

  #endingOutcome(otherwise: RunOutcome): RunOutcome {
    return this.#ending === undefined ? otherwise : { kind: this.#ending };
  }

  /** Kills what is left of the tree, then goes on. */
  #endTree(then: () => void): void {
    let rounds = 0;
    const round = (): void => {
      const left = findTree(this.name.id, undefined);
      if (left.length === 0 || ++rounds > killRoundsMax) {
        then();
        return;
      }
      signalAll(left, 'SIGKILL');
      setTimeout(round, treeMilliseconds);
    };
    round();
  }

  #limit(milliseconds: number | undefined): void {
    if (milliseconds === undefined) return;
    const step = Math.min(milliseconds, timerMillisecondsMax);
    this.#wallClock = setTimeout(() => {
      if (milliseconds > step) this.#limit(milliseconds - step);
      else this.kill('wallClock');
    }, step);
  }

  #end(outcome: RunOutcome): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#wallClock);
    this.#parts.write({ kind: 'ended', ...this.name, at: this.#parts.clock.real(), outcome });
    this.#parts.over(this);
    this.#resolveDone();
  }
}

/** Longest delay of a timer of Node, in milliseconds. */
const timerMillisecondsMax = 2_147_483_647;

/**
 * The end of a run that was killed before it came here; in the journal it keeps the run from ever
 * beginning.
 */
export function endOfUnknown(message: KillMessage, clock: Clock): Unnumbered {
  const { id, epoch, attempt, why } = message;
  return { kind: 'ended', id, epoch, attempt, at: clock.real(), outcome: { kind: why } };
}

function notStarted(text: string): RunOutcome {
  return { kind: 'notStarted', problem: 'launchFailed', text };
}

function withoutQuery(address: string): string {
  return address.split(/[?#]/)[0] ?? '';
}

/** The user that runs everything here; a user without a name has its number. */
const userName = nameOfUser();

function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 0);
  }
}
