import type { Cloud } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import type { Reach } from '#http/request.ts';
import type { Clock } from '#kernel/clock.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import type { Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';
import type { ForeignKeys } from './foreign-key.ts';
import type { SigningKeys } from './keys.ts';
import type { Limits } from './limits.ts';

/** What the authority's operations work with. */
export interface AuthorityRoom {
  readonly store: Store;
  readonly keys: SigningKeys;
  /** Keys of the issuers whose tokens are shown as credentials. */
  readonly foreignKeys: ForeignKeys;
  readonly clock: Clock;
  readonly random: Random;
  /** Seals what the pages carry. */
  readonly seal: Seal;
  readonly recorder: Recorder;
  /** Ports of this machine on which Batten listens now; absent where nothing listens. */
  readonly ownPorts?: () => readonly number[];
  /** The enabled clouds. */
  readonly clouds: readonly Cloud[];
  /** Whether the safer way is taken where it differs from Azure's. */
  readonly compat: Compat;
  readonly limits: Limits;
}

/**
 * The cloud that a request fell under. Throws when it is not among them: the front door lets no
 * such request in.
 */
export function cloudOf(clouds: readonly Cloud[], reach: Reach): Cloud {
  const found = clouds.find((cloud) => cloud.name === reach.cloud);
  if (found === undefined) throw new Error(`the cloud ${reach.cloud} is not enabled`);
  return found;
}
