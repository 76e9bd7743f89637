import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { isAlive, readProcess } from '#engine/launcher/process-tree.ts';
import { lineChannel } from '#engine/lines.ts';
import { readJson } from '#engine/message.ts';
import type { FileMessage } from '#engine/node-message.ts';
import { type EngineFolders, launcherSocket, socketName } from '#engine/paths.ts';
import {
  type LauncherCommand,
  type LauncherNews,
  launcherNews,
  messageBytesMax,
} from '#engine/protocol.ts';
import type { Clock } from '#kernel/clock.ts';

/** What the link needs, and whom it tells. */
export interface LauncherLinkParts {
  readonly folders: EngineFolders;
  readonly clock: Clock;
  /** Starts a launcher and returns the process that stands for it. */
  readonly start: () => number | undefined;
  readonly news: (news: LauncherNews) => void;
  /** The connection was lost; `news` hears `attached` when there is another. */
  readonly lost: () => void;
}

/**
 * How often a launcher that does not answer is tried, and how long one that lives may take to
 * listen, in milliseconds.
 */
const retryMilliseconds = 20;
const listenMillisecondsMax = 10_000;
/** Between two starts. */
const restartMillisecondsMin = 500;
/** How long a launcher may take to end everything. */
const endMillisecondsMax = 3000;

/** The agent's connection to its launcher, which is started when there is none. */
export class LauncherLink {
  readonly #parts: LauncherLinkParts;
  #say: ((command: LauncherCommand) => void) | undefined;
  #socket: Socket | undefined;
  #silentSince: number | undefined;
  #startedAt: number | undefined;
  #closed = false;

  constructor(parts: LauncherLinkParts) {
    this.#parts = parts;
    this.#connect();
  }

  get isUp(): boolean {
    return this.#say !== undefined;
  }

  /**
   * Says a command; what is said while the connection is down is lost, and repeated by the agent
   * when it is up again.
   */
  say(command: LauncherCommand): void {
    this.#say?.(command);
  }

  /**
   * Opens a connection of its own for one file request; the answer is what the socket yields until
   * its end.
   */
  openFile(file: FileMessage): Socket {
    const socket = connect(socketName(launcherSocket(this.#parts.folders)));
    socket.write(`${JSON.stringify({ op: 'file', file } satisfies LauncherCommand)}\n`);
    return socket;
  }

  /** Ends the launcher with everything that runs; resolves when it is gone, or after a while. */
  async end(): Promise<void> {
    this.#closed = true;
    const socket = this.#socket;
    if (socket === undefined || this.#say === undefined) return;
    const gone = new Promise<void>((resolve) => socket.once('close', resolve));
    this.#say({ op: 'end' });
    const late = new Promise<void>((resolve) => setTimeout(resolve, endMillisecondsMax));
    await Promise.race([gone, late]);
    const holder = this.#holder();
    if (holder !== undefined) process.kill(holder, 'SIGKILL');
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(socketName(launcherSocket(this.#parts.folders)));
    this.#socket = socket;
    socket.on('error', () => socket.destroy());
    socket.on('connect', () => {
      this.#silentSince = undefined;
      const say = lineChannel(socket, messageBytesMax, (line) => {
        const news = readJson(launcherNews, line);
        if (news === undefined) return socket.destroy();
        if (news.op === 'attached') this.#say = say;
        this.#parts.news(news);
      });
      say({ op: 'attach' } satisfies LauncherCommand);
    });
    socket.on('close', () => {
      const wasUp = this.#say !== undefined;
      this.#say = undefined;
      if (wasUp) this.#parts.lost();
      this.#startIfDead();
      setTimeout(() => this.#connect(), retryMilliseconds);
    });
  }

  /**
   * A launcher whose process lives is given time to listen: it may be on its way up, inside its
   * sandbox.
   */
  #startIfDead(): void {
    if (this.#closed) return;
    const now = this.#parts.clock.steadyMilliseconds();
    this.#silentSince ??= now;
    const holder = this.#holder();
    if (holder !== undefined) {
      if (now - this.#silentSince < listenMillisecondsMax) return;
      process.kill(holder, 'SIGKILL');
    }
    if (this.#startedAt !== undefined && now - this.#startedAt < restartMillisecondsMin) return;
    this.#startedAt = now;
    this.#silentSince = now;
    const pid = this.#parts.start();
    const startTicks = pid === undefined ? undefined : readProcess(pid)?.startTicks;
    if (startTicks !== undefined) writeFileSync(this.#holderFile(), `${pid} ${startTicks}\n`);
  }

  /** The living process that stands for the launcher: its sandbox, or itself. */
  #holder(): number | undefined {
    try {
      const [pid = 0, ticks = 0] = readFileSync(this.#holderFile(), 'utf8').split(' ').map(Number);
      return isAlive(pid, ticks) ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  #holderFile(): string {
    return join(this.#parts.folders.agent, 'launcher.pid');
  }
}
