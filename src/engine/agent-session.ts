import type { FileMessage, ForgetMessage, NodeLife } from './node-message.ts';
import type { KillMessage, MachineFacts } from './protocol.ts';

/** What waits to be told to the agent, besides starts. */
export interface Outbox {
  readonly makeNodes: NodeLife[];
  readonly removeNodes: NodeLife[];
  readonly kills: KillMessage[];
  readonly forgets: ForgetMessage[];
  readonly files: FileMessage[];
}

/**
 * One life of the agent process, as long as this server's. Everything in it can be made anew from
 * the database by a hello.
 */
export class AgentSession {
  readonly id: string;
  readonly facts: MachineFacts;
  outbox: Outbox = emptyOutbox();
  /** True when something changed that may let a queued run be placed. */
  mayClaim = true;
  /** True when the next poll must be a hello. */
  mustCompare = false;
  /** True when the agent is to end everything and itself. */
  mustEnd = false;
  #wake: (() => void) | undefined;
  #woken = false;

  constructor(id: string, facts: MachineFacts) {
    this.id = id;
    this.facts = facts;
  }

  /** Asks for another hello. */
  compareAgain(): void {
    this.mustCompare = true;
    this.wake();
  }

  /** Has the agent end everything and itself. */
  end(): void {
    this.mustEnd = true;
    this.wake();
  }

  /** Adds to what is told, and answers the poll that waits. */
  tell(add: (outbox: Outbox) => void): void {
    add(this.outbox);
    this.wake();
  }

  /** Takes what is to be told now. */
  takeOutbox(): Outbox {
    const taken = this.outbox;
    this.outbox = emptyOutbox();
    return taken;
  }

  get hasNews(): boolean {
    return Object.values(this.outbox).some((list) => list.length > 0);
  }

  /** Answers the poll that waits, or the next one. */
  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  /** Resolves when somebody wakes it, or after the time. Only one poll waits at a time. */
  async news(milliseconds: number): Promise<void> {
    this.#wake?.();
    if (!this.#woken) {
      let timer: NodeJS.Timeout | undefined;
      let mine: (() => void) | undefined;
      await new Promise<void>((resolve) => {
        mine = resolve;
        this.#wake = resolve;
        timer = setTimeout(resolve, milliseconds);
      });
      clearTimeout(timer);
      // A later poll may have taken its place.
      if (this.#wake === mine) this.#wake = undefined;
    }
    this.#woken = false;
  }
}

function emptyOutbox(): Outbox {
  return { makeNodes: [], removeNodes: [], kills: [], forgets: [], files: [] };
}
