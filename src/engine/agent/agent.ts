import { Readable } from 'node:stream';
import { fileTexts } from '#engine/faults.ts';
import type { FileHead, FileMessage, NodeLife, NodeReport } from '#engine/node-message.ts';
import type {
  JournalRecord,
  LauncherNews,
  MachineFacts,
  PollMessage,
  PollReply,
  StartMessage,
} from '#engine/protocol.ts';
import { recordsMax } from '#engine/protocol.ts';
import type { Clock } from '#kernel/clock.ts';
import { LauncherLink, type LauncherLinkParts } from './launcher-link.ts';
import type { ServerLink } from './server-link.ts';

/** What an agent works with. */
export interface AgentParts {
  /** Made at random by this process. */
  readonly session: string;
  readonly server: ServerLink;
  readonly launcher: Pick<LauncherLinkParts, 'folders' | 'start'>;
  readonly facts: MachineFacts;
  readonly clock: Clock;
  /** How long it stays without a server and without a run. */
  readonly idleMillisecondsMax: number;
  /** True when the data folder was removed: nobody will ever ask for what runs. */
  readonly isHomeless: () => boolean;
  readonly exit: () => void;
}

const retryMillisecondsMin = 20;
const retryMillisecondsMax = 500;
/** How long it waits for a launcher before it looks whether there is a server at all. */
const launcherMillisecondsMax = 1000;

/**
 * The node agent: it carries what the server wants to the launcher and what happened back. It keeps
 * nothing on disk: after a restart the launcher's journal and the server's rows, compared in
 * `hello`, say everything.
 */
export class Agent {
  readonly #parts: AgentParts;
  readonly #launcher: LauncherLink;
  /** Starts that were handed to the launcher and have not begun as far as is known. */
  readonly #given = new Map<string, StartMessage>();
  /** Runs that the launcher has begun and that have not ended. */
  readonly #running = new Set<string>();
  readonly #nodes = new Map<string, NodeLife>();
  /** What the launcher told and the server has not yet acknowledged. */
  #records: JournalRecord[] = [];
  #reports: NodeReport[] = [];
  #forgotten: string[] = [];
  #helloNeeded = true;
  #waiting = false;
  #unheardSince: number | undefined;
  #attached: (() => void) | undefined;
  #ended = false;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#launcher = new LauncherLink({
      ...parts.launcher,
      clock: parts.clock,
      news: (news) => this.#hear(news),
      lost: () => {
        // What was under way in that connection is compared again.
        this.#helloNeeded = true;
      },
    });
  }

  /** Polls until everything is over. */
  async run(): Promise<void> {
    let pause = retryMillisecondsMin;
    while (!this.#ended) {
      if (!(await this.#launcherUp())) {
        const isHeard = await this.#parts.server.wake(this.#parts.session);
        if (isHeard) this.#unheardSince = undefined;
        else if (this.#parts.isHomeless() || this.#isIdleOrphan()) return this.end();
        continue;
      }
      const message = this.#message();
      const reply = await this.#poll(message);
      if (reply === undefined) {
        this.#keep(message);
        if (this.#parts.isHomeless() || this.#isIdleOrphan()) return this.end();
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * 2, retryMillisecondsMax);
        continue;
      }
      const stuck =
        message.records.length > 0 && !reply.helloWanted && reply.acknowledged === undefined;
      pause = retryMillisecondsMin;
      this.#unheardSince = undefined;
      this.#take(message, reply);
      // The server could not record it now; it is told why in its own log.
      if (stuck) await new Promise((resolve) => setTimeout(resolve, retryMillisecondsMax));
    }
  }

  /** Ends the launcher with everything that runs, and this process. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#launcher.end().then(this.#parts.exit);
  }

  /**
   * Waits for the launcher, without which nothing true can be said to the server; false when it
   * took too long.
   */
  async #launcherUp(): Promise<boolean> {
    if (this.#launcher.isUp) return true;
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, launcherMillisecondsMax);
      this.#attached = () => {
        clearTimeout(late);
        resolve();
      };
    });
    return this.#launcher.isUp;
  }

  #message(): PollMessage {
    const message = {
      session: this.#parts.session,
      records: this.#records.slice(0, recordsMax),
      nodes: this.#reports,
      forgotten: this.#forgotten,
    };
    this.#reports = [];
    this.#forgotten = [];
    if (!this.#helloNeeded) return message;
    this.#helloNeeded = false;
    const held = new Set([...this.#given.keys(), ...this.#running]);
    for (const record of this.#records) held.add(record.id);
    const nodes = [...this.#nodes.values()];
    return { ...message, hello: { facts: this.#parts.facts, runs: [...held], nodes } };
  }

  async #poll(message: PollMessage): Promise<PollReply | undefined> {
    this.#waiting = true;
    const reply = await this.#parts.server.poll(message);
    this.#waiting = false;
    return reply;
  }

  /** Something is to be told: a poll that waits is called back. */
  #tell(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    void this.#parts.server.wake(this.#parts.session);
  }

  #take(message: PollMessage, reply: PollReply): void {
    if (reply.end || reply.helloWanted) {
      if (reply.end) this.end();
      else this.#keep(message);
      return;
    }
    const { acknowledged } = reply;
    if (acknowledged !== undefined && acknowledged > 0) {
      this.#records = this.#records.filter((record) => record.n > acknowledged);
      this.#launcher.say({ op: 'acknowledge', n: acknowledged });
    }
    for (const node of reply.makeNodes) {
      this.#nodes.set(keyOf(node), node);
      this.#launcher.say({ op: 'makeNode', node });
    }
    for (const kill of reply.kills) this.#launcher.say({ op: 'kill', kill });
    for (const forget of reply.forgets) this.#launcher.say({ op: 'forget', forget });
    for (const start of reply.starts) {
      // A reply that crossed the news of its own run.
      if (this.#holds(start.id)) continue;
      this.#given.set(start.id, start);
      this.#launcher.say({ op: 'start', start });
    }
    for (const node of reply.removeNodes) {
      this.#nodes.delete(keyOf(node));
      this.#launcher.say({ op: 'removeNode', node });
    }
    for (const file of reply.files) this.#answerFile(file);
  }

  /** The server did not take a message: it is said again, after everything was compared. */
  #keep(message: PollMessage): void {
    this.#helloNeeded = true;
    this.#reports.push(...message.nodes);
    this.#forgotten.push(...message.forgotten);
  }

  #answerFile(file: FileMessage): void {
    const { server } = this.#parts;
    const answer = this.#launcher.openFile(file);
    answer.once('connect', () => void server.answerFile(file.id, answer));
    answer.once('error', () => {
      answer.destroy();
      if (!answer.connecting && answer.bytesRead > 0) return;
      const head: FileHead = { problem: 'nodeUnavailable', text: fileTexts.noLauncher };
      void server.answerFile(file.id, Readable.from([`${JSON.stringify(head)}\n`]));
    });
  }

  #hear(news: LauncherNews): void {
    switch (news.op) {
      case 'attached':
        this.#reattach(news.runs);
        break;
      case 'record':
        this.#note(news.record);
        break;
      case 'node':
        this.#reports.push(news.report);
        this.#tell();
        break;
      case 'forgotten':
        this.#forgotten.push(news.id);
        this.#tell();
        break;
    }
  }

  /** A launcher answered: what it holds is what runs; its unacknowledged records follow. */
  #reattach(runs: readonly string[]): void {
    this.#records = [];
    this.#running.clear();
    for (const id of runs) this.#running.add(id);
    // What was on its way to the launcher that went is asked for again in the answer to hello.
    this.#given.clear();
    this.#nodes.clear();
    this.#helloNeeded = true;
    this.#attached?.();
    this.#attached = undefined;
    this.#tell();
  }

  #note(record: JournalRecord): void {
    this.#given.delete(record.id);
    if (record.kind === 'ended') this.#running.delete(record.id);
    else this.#running.add(record.id);
    this.#records.push(record);
    this.#tell();
  }

  #holds(id: string): boolean {
    return this.#running.has(id) || this.#records.some((record) => record.id === id);
  }

  #isIdleOrphan(): boolean {
    const now = this.#parts.clock.steadyMilliseconds();
    this.#unheardSince ??= now;
    const hasWork = this.#running.size > 0 || this.#given.size > 0;
    return !hasWork && now - this.#unheardSince >= this.#parts.idleMillisecondsMax;
  }
}

function keyOf(node: NodeLife): string {
  return `${node.owner}/${node.pool}/${node.node}`;
}
