import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';

/** What kind of event the log keeps. */
export type RecordedKind = 'signIn' | 'activity' | 'refusal';

/** One event: who tried what, and why it was or was not done. It holds no secret and no token. */
export interface RecordedEvent {
  /** Request id, which the reply carried too; `batten why` looks it up. */
  readonly id: string;
  /** Civil time, as of all that Batten dates: a log that a moved clock tells in two times says nothing. */
  readonly at: Instant;
  readonly kind: RecordedKind;
  readonly surface: string;
  readonly tenantId?: string;
  /** Object id or application id of whoever asked, as far as known. */
  readonly principalId?: string;
  /** Code of the refusal, empty when it was granted. */
  readonly code: string;
  /** What explains it: the token as read, tests, assignments considered, action and scope. */
  readonly facts: JsonObject;
}

/** A place in the order of time: when an event was noted, and its number among all. */
export interface EventPlace {
  readonly at: Instant;
  readonly sequence: number;
}

/** Which events of a tenant are wanted, and from where on. */
export interface EventQuery {
  readonly tenantId: string;
  readonly kind: RecordedKind;
  readonly surface: string;
  /** First and last instant, both included; absent means no bound. */
  readonly from?: Instant;
  readonly until?: Instant;
  /** The newest first. */
  readonly isDescending: boolean;
  /** Only what comes behind this place in the order that is asked for. */
  readonly after?: EventPlace;
  readonly limit: number;
}

/** An event with its place. */
export interface PlacedEvent extends RecordedEvent {
  readonly place: EventPlace;
}

/** Reads what was noted, events that are not written yet included. */
export interface EventReader {
  /** The events of a time, found by an index. */
  list(query: EventQuery): Promise<readonly PlacedEvent[]>;
  /** Every event of one request id, the oldest first. */
  ofRequest(id: string): Promise<readonly RecordedEvent[]>;
}

/** Takes events off the acknowledged path: `note` returns at once and never fails the request. */
export interface Recorder {
  note(event: RecordedEvent): void;
}
