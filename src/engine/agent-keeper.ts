import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import { takeLock } from '#store/lock.ts';
import { agentLock, engineFolders } from './paths.ts';

/** What the keeper needs, and what it starts an agent with. */
export interface AgentKeeperParts {
  readonly dataFolder: string;
  readonly isolation: 'node' | 'none';
  /** Folders that tasks find empty. */
  readonly hidden: readonly string[];
  readonly graceMilliseconds: number;
  readonly idleMillisecondsMax: number;
  /** The agent ends with this process, and everything with it. */
  readonly ephemeral: boolean;
  readonly clock: Clock;
  readonly log: Log;
  /** The agent was not heard for long. */
  readonly silent: () => void;
}

/**
 * How often it is looked after, how long a silence makes it suspect, and how long a start may take,
 * in milliseconds.
 */
const lookMilliseconds = 250;
const suspectMilliseconds = 1000;
const startMillisecondsMax = 5000;
/** Between two starts. */
const restartMillisecondsMin = 500;
/** Silence after which its nodes count as lost, in milliseconds. */
const lostMilliseconds = 30_000;
/** How long an ephemeral agent may take to end everything, in milliseconds. */
const endMillisecondsMax = 6000;
const endLookMilliseconds = 10;

/**
 * Sees to it that there is an agent: the lock of the data folder says whether one lives, whoever
 * started it.
 */
export class AgentKeeper {
  readonly #parts: AgentKeeperParts;
  readonly #timer: NodeJS.Timeout;
  #child: ChildProcess | undefined;
  #heardAt: number;
  #startedAt: number | undefined;
  #polls = 0;
  #lost = false;
  #closed = false;
  #suspected = false;

  constructor(parts: AgentKeeperParts) {
    this.#parts = parts;
    this.#heardAt = parts.clock.steadyMilliseconds();
    this.#startIfNone();
    this.#timer = setInterval(() => this.#look(), lookMilliseconds);
    this.#timer.unref();
  }

  /** Notes that a poll is being answered, which may take long. */
  async during<T>(poll: Promise<T>): Promise<T> {
    this.#polls++;
    this.#lost = false;
    this.#suspected = false;
    try {
      return await poll;
    } finally {
      this.#polls--;
      this.#heardAt = this.#parts.clock.steadyMilliseconds();
      if (this.#suspected) this.#look();
    }
  }

  /** Notes that it may be dead. */
  suspect(): void {
    if (this.#closed) return;
    this.#suspected = true;
    this.#look();
  }

  /** Ends looking after it; an ephemeral agent ends with everything that it runs. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    if (!this.#parts.ephemeral) return;
    this.#child?.stdin?.end();
    const { clock } = this.#parts;
    const limit = clock.steadyMilliseconds() + endMillisecondsMax;
    // One that was only just started has no lock yet, so its process counts too.
    while (this.#childLives() || !this.#isNone()) {
      if (clock.steadyMilliseconds() > limit) {
        // What is killed still writes until the system has ended it.
        this.#child?.kill('SIGKILL');
        if (!this.#childLives()) return;
      }
      await new Promise((resolve) => setTimeout(resolve, endLookMilliseconds));
    }
  }

  #look(): void {
    if (this.#polls > 0 || this.#closed) return;
    const silence = this.#parts.clock.steadyMilliseconds() - this.#heardAt;
    if (this.#suspected || silence > suspectMilliseconds) this.#startIfNone();
    if (silence > lostMilliseconds && !this.#lost) {
      this.#lost = true;
      this.#parts.silent();
    }
  }

  /** True when no agent lives: its lock is free. */
  #isNone(): boolean {
    const lock = takeLock(agentLock(engineFolders(this.#parts.dataFolder)));
    lock?.release();
    return lock !== undefined;
  }

  #childLives(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  #startIfNone(): void {
    const { clock, log } = this.#parts;
    const now = clock.steadyMilliseconds();
    if (this.#startedAt !== undefined) {
      const since = now - this.#startedAt;
      if (since < (this.#childLives() ? startMillisecondsMax : restartMillisecondsMin)) return;
    }
    if (!this.#isNone()) return;
    this.#startedAt = now;
    this.#child = startAgent(this.#parts);
    log.info({ pid: this.#child.pid }, 'a node agent was started');
  }
}

function startAgent(parts: AgentKeeperParts): ChildProcess {
  const log = openSync(join(engineFolders(parts.dataFolder).agent, 'agent.log'), 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(import.meta.resolve('#engine/agent/main.ts')),
        ...['--data', parts.dataFolder, '--isolation', parts.isolation],
        ...['--grace', String(parts.graceMilliseconds)],
        ...['--idle', String(parts.idleMillisecondsMax)],
        ...parts.hidden.flatMap((folder) => ['--hide', folder]),
        ...(parts.ephemeral ? ['--ephemeral'] : []),
      ],
      {
        cwd: parts.dataFolder,
        detached: true,
        env: {},
        stdio: [parts.ephemeral ? 'pipe' : 'ignore', log, log],
      },
    );
    child.on('error', (error) => parts.log.error({ error: String(error) }, 'no agent started'));
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}
