import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Listener, listenOnPath, type RawHandler } from '#http/listen.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import { agentDoor } from './agent-door.ts';
import { AgentKeeper } from './agent-keeper.ts';
import type { Engine, EngineObserver } from './engine.ts';
import { loseNodes } from './news.ts';
import { NodeFiles } from './node-files.ts';
import { type EngineFolders, engineFolders, serverSocket, socketName, tokenFile } from './paths.ts';
import { answerPoll } from './poll.ts';
import type { MachineFacts, PollReply } from './protocol.ts';
import {
  addNodes,
  cancel,
  enqueue,
  forgetFiles,
  groupCounts,
  removeGroup,
  removeNode,
  setGroup,
} from './queue.ts';
import type { EngineRoom } from './room.ts';

/** What an engine is opened with. */
export interface EngineParts {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly observer: EngineObserver;
  /**
   * Batten's data folder; it exists. The engine keeps its own things in `engine`, `launcher` and
   * `nodes` below it.
   */
  readonly dataFolder: string;
  /**
   * The agent and everything it runs end with this process or with `close`; for tests and `run`
   * without a server.
   */
  readonly ephemeral?: boolean;
  /** `node` (the default) where the machine can, `none` without trying. */
  readonly isolation?: 'node' | 'none';
  /** Folders that tasks find empty; the person's ssh, Azure and AWS keys when absent. */
  readonly hidden?: readonly string[];
  /** Ports on which Batten listens now. Resource files are not fetched from them. */
  readonly ownPorts?: () => readonly number[];
  /**
   * Told what machine the agent is on and how tasks are isolated there, each time an agent says
   * hello.
   */
  readonly agentUp?: (facts: MachineFacts) => void;
  /** From SIGTERM to SIGKILL of a task, in milliseconds. */
  readonly graceMilliseconds?: number;
  /** How long an agent without server and work stays, in milliseconds. */
  readonly idleMillisecondsMax?: number;
}

/** An engine that runs. */
export type OpenEngine = Engine & {
  /**
   * Ends this server's part. Agent, launcher and tasks go on for the next server, unless they are
   * ephemeral.
   */
  close(): Promise<void>;
};

/**
 * UNVERIFIED: how long Azure waits between SIGTERM and SIGKILL; a recorded termination would settle
 * it.
 */
const defaultGraceMilliseconds = 5000;
/** Long enough for a server to be started again, short enough to leave nothing behind. */
const defaultIdleMilliseconds = 15_000;

/**
 * Opens the engine on a data folder, whose lock the caller holds: makes the agent's token, listens
 * on a Unix socket for the agent, and starts one when none is alive. Rows come from
 * `engineMigrations`.
 */
export async function openEngine(parts: EngineParts): Promise<OpenEngine> {
  const dataFolder = realpathSync(parts.dataFolder);
  const folders = engineFolders(dataFolder);
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const room: EngineRoom = {
    ...parts,
    ownPorts: parts.ownPorts ?? (() => []),
    session: undefined,
    files: new Map(),
  };
  const files = new NodeFiles(room);
  const polls = new Set<Promise<PollReply>>();
  const wake = (session: string): void => {
    if (room.session?.id === session) room.session.wake();
  };
  const door = agentDoor({
    token: agentToken(folders, parts.random),
    poll: (message) => {
      if (message.hello !== undefined) greet(parts, message.hello.facts);
      const answer = keeper.during(answerPoll(room, message));
      polls.add(answer);
      return answer.finally(() => polls.delete(answer));
    },
    wake,
    broken: (session) => {
      wake(session);
      keeper.suspect();
    },
    files,
    log: parts.log,
  });
  const listener = await listenAt(serverSocket(folders), door);
  const keeper = keeperOf(parts, dataFolder);
  return {
    ...engineOf(room, files),
    async close() {
      const { session } = room;
      if (parts.ephemeral === true) session?.end();
      await keeper.close();
      await listener.close(0);
      room.session = undefined;
      session?.wake();
      await Promise.allSettled(polls);
    },
  };
}

/**
 * Passes on what machine the agent is on; that tasks are not isolated there is said also in the
 * log.
 */
function greet(parts: EngineParts, facts: MachineFacts): void {
  if (facts.isolation === 'none' && parts.isolation !== 'none') {
    parts.log.warn({ host: facts.hostName }, 'tasks can read the data folder: no user namespaces');
  }
  parts.agentUp?.(facts);
}

/**
 * The caller holds the data folder's lock, so a socket that is there belongs to a server that died.
 */
async function listenAt(socket: string, door: RawHandler): Promise<Listener> {
  rmSync(socket, { force: true });
  const listener = await listenOnPath(door, socketName(socket));
  chmodSync(socket, 0o600);
  return listener;
}

function keeperOf(parts: EngineParts, dataFolder: string): AgentKeeper {
  const { store, log } = parts;
  return new AgentKeeper({
    ephemeral: false,
    isolation: 'node',
    hidden: keyFolders(),
    graceMilliseconds: defaultGraceMilliseconds,
    idleMillisecondsMax: defaultIdleMilliseconds,
    ...parts,
    dataFolder,
    silent: () => {
      store
        .write((tx) => loseNodes(parts, tx))
        .catch((error) => log.error({ error: String(error) }, 'lost nodes were not noted'));
    },
  });
}

function engineOf(room: EngineRoom, files: NodeFiles): Engine {
  return {
    addNodes: (tx, nodes) => addNodes(room, tx, nodes),
    removeNode: (tx, node) => removeNode(room, tx, node),
    setGroup: (tx, group) => setGroup(room, tx, group),
    removeGroup: (tx, group) => removeGroup(room, tx, group),
    enqueue: (tx, runs) => enqueue(room, tx, runs),
    cancel: (tx, run) => cancel(room, tx, run),
    forgetFiles: (tx, place) => forgetFiles(room, tx, place),
    groupCounts,
    statFile: (place) => files.stat(place),
    listFiles: (place, recursive) => files.list(place, recursive),
    readFile: (place, range) => files.read(place, range),
  };
}

/** The agent's secret, made on first use. */
function agentToken(folders: EngineFolders, random: Random): string {
  const path = tokenFile(folders);
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (token !== '') return token;
  } catch {
    // There is none yet.
  }
  const token = random.bytes(32).toString('base64url');
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return token;
}

function keyFolders(): readonly string[] {
  return ['.ssh', '.azure', '.aws'].map((name) => join(homedir(), name));
}
