import type { Instant } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';

/** What kind of event the log keeps. */
export type RecordedKind = 'signIn' | 'activity' | 'refusal';

/** One event: who tried what, and why it was or was not done. It holds no secret and no token. */
export interface RecordedEvent {
  /** Request id, which the reply carried too; `batten why` looks it up. */
  readonly id: string;
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

/** Takes events off the acknowledged path: `note` returns at once and never fails the request. */
export interface Recorder {
  note(event: RecordedEvent): void;
}
