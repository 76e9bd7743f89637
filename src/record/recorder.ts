import type { Log } from '#kernel/log.ts';
import type { Store } from '#store/store.ts';
import { appendEvents, findEvents, listEvents } from './event.store.ts';
import type { EventReader, RecordedEvent, Recorder } from './record.ts';

/** Events kept when nothing else is asked for. */
export const eventsMax = 100_000;

/**
 * Events that wait in memory for the store; when it fails for long, the oldest of them are
 * forgotten.
 */
const waitingMax = 10_000;
/** Longest time that an event waits for company before it is written, in milliseconds. */
const waitMilliseconds = 100;

export interface RecorderParts {
  readonly store: Store;
  readonly log: Log;
  /** Rows kept; older ones are dropped. */
  readonly limit?: number;
}

/** The event log as it is opened once per process. */
export interface OpenRecorder extends Recorder, EventReader {
  /**
   * The event of a request id; the refusal when a request left several. Sees events that are not
   * written yet.
   */
  find(id: string): Promise<RecordedEvent | undefined>;
  /** Writes what waits. */
  close(): Promise<void>;
}

/**
 * Opens the bounded event log. `note` only remembers; what waits is written together a moment
 * later, in one transaction, off the path of any request. A log that cannot be written is told to
 * the operator and fails no request.
 */
export function openRecorder(parts: RecorderParts): OpenRecorder {
  const limit = parts.limit ?? eventsMax;
  let waiting: RecordedEvent[] = [];
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(async () => {
      const events = waiting;
      if (events.length === 0) return;
      waiting = [];
      try {
        await parts.store.write((transaction) => appendEvents(transaction, events, limit));
      } catch (error) {
        waiting = [...events, ...waiting].slice(-waitingMax);
        parts.log.warn(
          { error: String(error), waiting: waiting.length },
          'events could not be recorded',
        );
      }
    });
    return writing;
  };

  return {
    note(event) {
      waiting.push(event);
      if (waiting.length > waitingMax) waiting.shift();
      timer ??= setTimeout(() => void flush(), waitMilliseconds).unref();
    },
    async find(id) {
      await flush();
      const events = await parts.store.read((transaction) => findEvents(transaction, id));
      return events.find((event) => event.kind === 'refusal') ?? events.at(-1);
    },
    async list(query) {
      await flush();
      return parts.store.read((transaction) => listEvents(transaction, query));
    },
    async ofRequest(id) {
      await flush();
      return parts.store.read((transaction) => findEvents(transaction, id));
    },
    close: flush,
  };
}
