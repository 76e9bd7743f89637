import { clouds } from '#cloud/cloud.ts';
import type { Instant } from '#kernel/instant.ts';
import type { Log } from '#kernel/log.ts';
import { newStoredKey, type SigningKeyParts, type SigningKeys } from './keys.ts';
import {
  addSigningKey,
  listSigningKeys,
  removeSigningKey,
  rescheduleSigningKey,
  type StoredSigningKey,
} from './signing-key.store.ts';
import { askedKeyStart, dueKeyStart, outlivedKeys } from './signing-key-schedule.ts';

/** What rotation works with: the store, and the keys of this process, which see it at once. */
export interface RotationParts extends SigningKeyParts {
  readonly keys: SigningKeys;
}

/** A key that will sign. */
export interface RotatedKey {
  readonly cloud: string;
  readonly keyId: string;
  readonly signsFrom: Instant;
}

/**
 * Rotates the signing keys of every cloud because someone asked. `announced`: the next key is
 * published now and signs in two days, so that no reader of the key document misses it; one that is
 * announced already stays as it is. `atOnce`: the next key signs from now on, which clients that
 * remember the key document notice. The tokens of the old key stay good either way.
 */
export async function rotateSigningKeys(
  parts: RotationParts,
  timing: 'announced' | 'atOnce',
): Promise<readonly RotatedKey[]> {
  const now = parts.clock.civil();
  const rotated = await Promise.all(
    clouds.map(async ({ name: cloud }) => {
      const keys = await keysOf(cloud, parts);
      const next = keys.find(({ signsFrom }) => signsFrom > now);
      if (next === undefined) return addKey(cloud, keys, askedKeyStart(keys, now, timing), parts);
      if (timing === 'announced') return next;
      const signsFrom = askedKeyStart(keys.slice(0, keys.indexOf(next)), now, 'atOnce');
      await parts.store.write((tx) => rescheduleSigningKey(tx, next, signsFrom));
      return { ...next, signsFrom };
    }),
  );
  await parts.keys.reload();
  return rotated.map(({ cloud, keyId, signsFrom }) => ({ cloud, keyId, signsFrom }));
}

/**
 * Does what is due: announces the next key of a cloud whose newest one has signed for nearly six
 * weeks of civil time, and removes the keys whose every token has expired.
 */
export async function tendSigningKeys(parts: RotationParts): Promise<void> {
  const now = parts.clock.civil();
  let isChanged = false;
  for (const { name: cloud } of clouds) {
    const keys = await keysOf(cloud, parts);
    const outlived = outlivedKeys(keys, now);
    if (outlived.length > 0) {
      await parts.store.write(async (tx) => {
        for (const key of outlived) await removeSigningKey(tx, key);
      });
    }
    const signsFrom = dueKeyStart(keys, now);
    if (signsFrom !== undefined) await addKey(cloud, keys, signsFrom, parts);
    isChanged ||= outlived.length > 0 || signsFrom !== undefined;
  }
  if (isChanged) await parts.keys.reload();
}

/** How often it is looked whether something is due, in milliseconds. */
const tendMilliseconds = 60_000;

/**
 * Tends the keys from now on, once a minute, without keeping the process alive. A failure is logged
 * and tried again: the present key goes on signing.
 */
export function keepSigningKeys(parts: RotationParts & { readonly log: Log }): {
  close(): Promise<void>;
} {
  let running = Promise.resolve();
  const tend = () => {
    running = running
      .then(() => tendSigningKeys(parts))
      .catch((error: unknown) => parts.log.error({ error }, 'the signing keys were not tended'));
  };
  const timer = setInterval(tend, tendMilliseconds);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}

async function keysOf(
  cloud: string,
  { store }: RotationParts,
): Promise<readonly StoredSigningKey[]> {
  const stored = await store.read(listSigningKeys);
  return stored.filter((key) => key.cloud === cloud);
}

/** Stores a new key, unless another server did so meanwhile; the one that was stored is returned. */
async function addKey(
  cloud: string,
  known: readonly StoredSigningKey[],
  signsFrom: Instant,
  parts: RotationParts,
): Promise<StoredSigningKey> {
  const made = await newStoredKey(cloud, signsFrom, parts);
  const newest = known.at(-1)?.signsFrom;
  if (newest === undefined) throw new Error(`the cloud ${cloud} has no signing key`);
  const isAdded = await parts.store.write((tx) => addSigningKey(tx, made, newest));
  return isAdded ? made : ((await keysOf(cloud, parts)).at(-1) ?? made);
}
