import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';
import type { SigningKeys } from './keys.ts';

/** What the authority's operations work with. */
export interface AuthorityRoom {
  readonly store: Store;
  readonly keys: SigningKeys;
  readonly clock: Clock;
  readonly random: Random;
  readonly recorder: Recorder;
}
