import type { Readable } from 'node:stream';
import type { Clock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Store } from '#store/store.ts';
import type { AgentSession } from './agent-session.ts';
import type { EngineObserver } from './engine.ts';
import type { FileMessage } from './node-message.ts';

/** What the server's half of the engine works with. */
export interface EngineRoom {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly observer: EngineObserver;
  /** Ports on which Batten listens now; tasks' resource files are not fetched from there. */
  readonly ownPorts: () => readonly number[];
  /** The agent that said hello to this server last. */
  session: AgentSession | undefined;
  /** File requests that were not answered yet, by their id. */
  readonly files: Map<string, AwaitedFile>;
}

/** A file request, and who takes the body of its answer. */
export interface AwaitedFile {
  readonly message: FileMessage;
  readonly take: (body: Readable) => void;
}

/** A random name that is used once. */
export function freshId(random: Random): string {
  return random.bytes(12).toString('hex');
}
