import type { RotatedKey } from '#authority/rotate-signing-keys.ts';
import type { Compat } from '#cloud/compat.ts';
import type { MovableClock } from '#kernel/clock.ts';
import { isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Recorder } from '#record/record.ts';
import type { Store } from '#store/store.ts';
import { clockMoveOf } from './clock-move.ts';
import type { ControlCommands } from './control.ts';
import { type ClockReading, moveClock, readClock } from './dev-clock.ts';
import { clockStands } from './faults.ts';
import type { ServerRecord } from './server-record.ts';
import { noteToldSignIn } from './told-sign-in.ts';

export interface ControlCommandParts {
  readonly store: Store;
  readonly clock: MovableClock;
  readonly server: ServerRecord;
  readonly compat: Compat;
  readonly recorder: Recorder;
  /** Whether the clock may be moved. */
  readonly hasDevClock: boolean;
  /** Rotates the signing keys: announced two days before, or at once. */
  readonly rotateKeys: (timing: 'announced' | 'atOnce') => Promise<readonly RotatedKey[]>;
}

/** What the command line may have a live server do. No answer holds a secret. */
export function controlCommands(parts: ControlCommandParts): ControlCommands {
  const { clock, server, compat, hasDevClock } = parts;
  return {
    status: async () => ({
      url: server.url,
      pid: server.pid,
      compat,
      clock: wireReading(readClock(clock)),
    }),
    /** Without a move it only tells the time. */
    clock: async ({ move, value }) => {
      if (typeof move !== 'string') return wireReading(readClock(clock));
      if (!hasDevClock) throw clockStands();
      const asked = clockMoveOf(move, typeof value === 'string' ? value : undefined);
      return wireReading(await moveClock(parts, asked));
    },
    keys: async ({ now }) => {
      const rotated = await parts.rotateKeys(now === true ? 'atOnce' : 'announced');
      return {
        keys: rotated.map(({ cloud, keyId, signsFrom }) => ({
          cloud,
          keyId,
          signsFrom: isoOf(signsFrom),
        })),
      };
    },
    /** A managed identity got a token, or was refused one, in a process of its own. */
    signIn: async (told) => ({ noted: noteToldSignIn(parts.recorder, told) }),
    issuers: async (input) => {
      // Loaded here: it brings the schema of seeds along.
      const { changeTrustedIssuers } = await import('./trusted-issuers.ts');
      return changeTrustedIssuers(parts.store, input);
    },
  };
}

/** A reading as the command line prints it as JSON. */
export function wireReading({ civil, real, isFrozen }: ClockReading): JsonObject {
  const aheadSeconds = Math.round((civil - real) / 1_000_000);
  return { civil: isoOf(civil), real: isoOf(real), aheadSeconds, isFrozen };
}
