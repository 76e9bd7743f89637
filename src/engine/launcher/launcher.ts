import { mkdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { nodeTexts } from '#engine/faults.ts';
import { lineChannel } from '#engine/lines.ts';
import { readJson } from '#engine/message.ts';
import type { ForgetMessage, NodeLife } from '#engine/node-message.ts';
import { nodeDirectories, pathBelow, socketName } from '#engine/paths.ts';
import {
  type KillMessage,
  type LauncherCommand,
  type LauncherNews,
  launcherCommand,
  messageBytesMax,
  type StartMessage,
} from '#engine/protocol.ts';
import type { Clock } from '#kernel/clock.ts';
import { answerFile, nodeRoot } from './files.ts';
import { Journal, type Unnumbered } from './journal.ts';
import { findMarked } from './process-tree.ts';
import { removeTree } from './remove-tree.ts';
import { endOfUnknown, Run, type RunParts } from './run.ts';

/** What a launcher works with. */
export interface LauncherParts {
  readonly journalPath: string;
  readonly socketPath: string;
  readonly nodesFolder: string;
  readonly clock: Clock;
  readonly graceMilliseconds: number;
  /** How long it stays without an agent and without a run. */
  readonly idleMillisecondsMax: number;
  /** How long it stays without an agent whatever runs; undefined lets the runs go on. */
  readonly orphanMillisecondsMax?: number;
  /**
   * Ends the process; everything that still runs in the sandbox goes with it when `everything` is
   * set.
   */
  readonly exit: (everything: boolean) => void;
}

/**
 * The resident process that starts commands. It listens on a Unix socket for one agent at a time
 * and keeps what happens in a journal, so that agent, server and itself may be killed at any
 * moment. The socket lies inside the sandbox: at level `node` the tasks of one node agent trust
 * each other, since they run as the same user.
 */
export class Launcher {
  readonly #parts: LauncherParts;
  readonly #journal: Journal;
  readonly #runParts: RunParts;
  readonly #runs = new Map<string, Run>();
  /** Removals of directories that are under way, by absolute path. */
  readonly #removals = new Map<string, Promise<void>>();
  #agent: { readonly socket: Socket; readonly say: (news: LauncherNews) => void } | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(parts: LauncherParts) {
    this.#parts = parts;
    this.#journal = new Journal(parts.journalPath);
    this.#runParts = {
      nodesFolder: parts.nodesFolder,
      clock: parts.clock,
      graceMilliseconds: parts.graceMilliseconds,
      write: (record) => this.#write(record),
      over: (run) => this.#over(run),
    };
    for (const open of [...this.#journal.open.values()]) {
      const marked = open.spawned === undefined ? findMarked(open.begun.id) : undefined;
      const run = Run.adopt(this.#runParts, open, marked);
      if (this.#journal.open.has(open.begun.id)) this.#runs.set(open.begun.id, run);
    }
    this.#watchIdleness();
  }

  /** Begins to listen; an earlier launcher's socket is replaced. */
  listen(): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#welcome(socket));
    rmSync(this.#parts.socketPath, { force: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketName(this.#parts.socketPath), () => resolve(server));
    });
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const say = lineChannel(socket, messageBytesMax, (line) => {
      const command = readJson(launcherCommand, line);
      // What cannot be read did not come from an agent of this version.
      if (command === undefined) socket.destroy();
      else this.#obey(command, socket, say);
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      if (this.#agent?.socket !== socket) return;
      this.#agent = undefined;
      this.#watchIdleness();
    });
  }

  #obey(command: LauncherCommand, socket: Socket, say: (news: LauncherNews) => void): void {
    switch (command.op) {
      case 'attach':
        this.#attach(socket, say);
        break;
      case 'makeNode':
        this.#makeNode(command.node);
        break;
      case 'removeNode':
        void this.#removeNode(command.node);
        break;
      case 'start':
        this.#start(command.start);
        break;
      case 'kill':
        this.#kill(command.kill);
        break;
      case 'forget':
        void this.#forget(command.forget);
        break;
      case 'acknowledge':
        this.#journal.acknowledge(command.n);
        break;
      case 'file':
        void answerFile(command.file, this.#parts.nodesFolder, socket);
        break;
      case 'end':
        this.#endAll();
        break;
    }
  }

  #attach(socket: Socket, say: (news: LauncherNews) => void): void {
    this.#agent?.socket.destroy();
    this.#agent = { socket, say };
    clearTimeout(this.#idle);
    const { open, pending } = this.#journal;
    const runs = new Set([...open.keys(), ...pending.map((record) => record.id)]);
    say({ op: 'attached', runs: [...runs] });
    for (const record of pending) say({ op: 'record', record });
  }

  #start(message: StartMessage): void {
    // The same start may come again after a lost reply.
    if (this.#journal.holds(message.id)) return;
    const root = nodeRoot(this.#parts.nodesFolder, message) ?? '';
    const directory = join(root, message.directory);
    const inTheWay = [...this.#removals].filter(([path]) => isWithin(directory, path));
    const ready = Promise.all(inTheWay.map(([, removal]) => removal));
    const run = Run.start(this.#runParts, message, ready);
    if (this.#journal.open.has(message.id)) this.#runs.set(message.id, run);
  }

  #kill(message: KillMessage): void {
    const run = this.#runs.get(message.id);
    if (run !== undefined) run.kill(message.why);
    else if (!this.#journal.holds(message.id)) {
      this.#write(endOfUnknown(message, this.#parts.clock));
    }
  }

  #makeNode(node: NodeLife): void {
    const root = nodeRoot(this.#parts.nodesFolder, node) ?? '';
    try {
      for (const name of nodeDirectories) mkdirSync(join(root, name), { recursive: true });
      this.#tell({ op: 'node', report: { ...node, state: 'ready', rootDirectory: root } });
    } catch (error) {
      const { code } = error as { code?: string };
      const reason = nodeTexts.notMade(code ?? 'unknown');
      this.#tell({ op: 'node', report: { ...node, state: 'failed', reason } });
    }
  }

  async #removeNode(node: NodeLife): Promise<void> {
    const root = nodeRoot(this.#parts.nodesFolder, node);
    if (root !== undefined) await this.#remove(root);
    this.#tell({ op: 'node', report: { ...node, state: 'gone' } });
  }

  async #forget(message: ForgetMessage): Promise<void> {
    const root = nodeRoot(this.#parts.nodesFolder, message);
    const path = root === undefined ? undefined : pathBelow(root, message.path);
    const isOld = path !== undefined && path !== root && wasMadeBefore(path, message.before);
    if (isOld) await this.#remove(path);
    this.#tell({ op: 'forgotten', id: message.id });
  }

  /**
   * Removes a directory when what runs in it has ended; runs that want to begin in it wait until it
   * is gone.
   */
  async #remove(path: string): Promise<void> {
    const before = [...this.#runs.values()].filter((run) => isWithin(run.directory, path));
    const removal = Promise.all(before.map((run) => run.done))
      .then(() => removeTree(path))
      // What cannot be removed stays; nobody waits for it.
      .catch(() => {});
    this.#removals.set(path, removal);
    await removal;
    this.#removals.delete(path);
  }

  #endAll(): void {
    for (const run of this.#runs.values()) run.destroy();
    this.#parts.exit(true);
  }

  #write(record: Unnumbered): void {
    this.#tell({ op: 'record', record: this.#journal.append(record) });
  }

  #tell(news: LauncherNews): void {
    this.#agent?.say(news);
  }

  #over(run: Run): void {
    this.#runs.delete(run.name.id);
    this.#watchIdleness();
  }

  /**
   * Without an agent and without a run it ends after a while; its journal waits for the next one.
   */
  #watchIdleness(): void {
    clearTimeout(this.#idle);
    const { idleMillisecondsMax, orphanMillisecondsMax } = this.#parts;
    if (this.#agent !== undefined) return;
    if (orphanMillisecondsMax !== undefined) {
      this.#idle = setTimeout(() => this.#endAll(), orphanMillisecondsMax);
    } else if (this.#journal.open.size === 0) {
      this.#idle = setTimeout(() => this.#parts.exit(false), idleMillisecondsMax);
    }
  }
}

/** False also when there is nothing there. */
function wasMadeBefore(path: string, microseconds: number): boolean {
  try {
    return statSync(path).birthtimeMs * 1000 <= microseconds;
  } catch {
    return false;
  }
}

function isWithin(path: string, folder: string): boolean {
  for (let at = path; at.length >= folder.length; at = dirname(at)) {
    if (at === folder) return true;
    if (at === dirname(at)) return false;
  }
  return false;
}
