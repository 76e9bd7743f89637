import { checkUserPassword } from '#authority/check-password.ts';
import { type ForeignKeys, openForeignKeys } from '#authority/foreign-key.ts';
import { openSigningKeys } from '#authority/keys.ts';
import { type LimitSettings, type Limits, openLimits } from '#authority/limits.ts';
import {
  keepSigningKeys,
  type RotatedKey,
  rotateSigningKeys,
} from '#authority/rotate-signing-keys.ts';
import { authoritySurface } from '#authority/surface.ts';
import { consentForTenant } from '#authority/tenant-consent.ts';
import { batchObserver } from '#batch/observer.ts';
import { type Cloud, clouds } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import { type OpenEngine, openEngine } from '#engine/open-engine.ts';
import type { CheckPassword, ConsentForAll } from '#graph/room.ts';
import { type Guard, openGuard } from '#guard/authorize.ts';
import { outboundDocuments } from '#http/outbound.ts';
import type { Surface } from '#http/pipeline.ts';
import type { MovableClock } from '#kernel/clock.ts';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { openPolicies, type Policies } from '#rbac/policy.ts';
import type { OpenRecorder } from '#record/recorder.ts';
import type { Store } from '#store/store.ts';
import { inCivilTime } from './civil-observer.ts';
import type { Isolation } from './isolation.ts';
import { type Door, type LateSurface, lateSurface } from './late-surface.ts';

/** What every room is built from. */
export interface Ground {
  readonly store: Store;
  readonly seal: Seal;
  readonly clock: MovableClock;
  readonly random: Random;
  readonly log: Log;
  readonly recorder: OpenRecorder;
  /** Whether the safer way is taken where it differs from Azure's. */
  readonly compat: Compat;
  readonly limitSettings?: LimitSettings;
  readonly dataFolder: string;
  /** True when everything ends with this process. */
  readonly isEphemeral: boolean;
  /** Told how tasks are isolated, each time a node agent comes. */
  readonly isolationFound: (isolation: Isolation) => void;
  /** Certificates, in PEM, that outside issuers are trusted by beside the machine's own. */
  readonly issuerRoots?: string;
  /** Ports on which Batten listens now. */
  readonly ownPorts: () => readonly number[];
}

/** What the surfaces behind the guard are built from. */
export interface RoomParts extends Ground {
  readonly guard: Guard;
  readonly policies: Policies;
  readonly engine: OpenEngine;
  readonly clouds: readonly Cloud[];
}

/** The surfaces by name, and what must be closed with them. */
export interface Rooms {
  readonly surfaces: ReadonlyMap<string, Door>;
  /** Opens the surfaces that no request has asked for yet, and with Batch the work that no request does. Returns all. */
  openAll(): Promise<readonly Surface[]>;
  /** Rotates the signing keys of every cloud: announced two days before, or at once. */
  rotateKeys(timing: 'announced' | 'atOnce'): Promise<readonly RotatedKey[]>;
  close(): Promise<void>;
}

/**
 * Wires the rooms: who is asked by whom is written here and in `resource-manager.ts` and nowhere else. The authority and the engine are ready
 * when this resolves; the other surfaces, whose schemas take most of a start, come with their first request.
 */
export async function openRooms(ground: Ground): Promise<Rooms> {
  const keys = await openSigningKeys(ground);
  const keeper = keepSigningKeys({ ...ground, keys });
  const policies = openPolicies(ground);
  const guard = openGuard({ ...ground, keys, foreignKeys: openIssuers(ground), policies });
  const engine = await openTaskEngine(ground);
  // A password is guessed at as often through Graph as on the pages: both count in one.
  const limits = openLimits(ground.clock, ground.limitSettings);
  const late = lateSurfaces({ ...ground, guard, policies, engine, clouds, limits });
  const foreignKeys = openIssuers(ground);
  const authority = authoritySurface({ ...ground, keys, foreignKeys, clouds, limits });
  return {
    surfaces: new Map<string, Door>([['authority', authority], ...late]),
    async openAll() {
      const opened = [authority];
      for (const surface of late.values()) opened.push(await surface.open());
      return opened;
    },
    rotateKeys: (timing) => rotateSigningKeys({ ...ground, keys }, timing),
    async close() {
      await keeper.close();
      for (const surface of late.values()) await surface.close();
      await engine.close();
    },
  };
}

/** For guard and authority one each: issuers that registrations name do not crowd out those that the operator trusts. */
function openIssuers(ground: Ground): ForeignKeys {
  return openForeignKeys({ ...ground, fetchDocument: outboundDocuments(ground) });
}

/** Each is imported when it is opened: importing them is most of what opening takes. */
function lateSurfaces(
  parts: RoomParts & { readonly limits: Limits },
): ReadonlyMap<string, LateSurface> {
  const checkPassword: CheckPassword = (user, password, remoteAddress) =>
    checkUserPassword(parts, user, password, remoteAddress);
  const consentForAll: ConsentForAll = (consent, request) =>
    consentForTenant(parts, consent, request);
  return new Map([
    ['batch', lateSurface(async () => (await import('#batch/surface.ts')).batchSurface(parts))],
    [
      'arm',
      lateSurface(async () => (await import('./resource-manager.ts')).resourceManager(parts)),
    ],
    [
      'graph',
      lateSurface(async () =>
        (await import('#graph/surface.ts')).graphSurface({
          ...parts,
          checkPassword,
          consentForAll,
        }),
      ),
    ],
  ]);
}

/** The engine tells the batch room what happened, and the batch room asks the engine back: one of them must come late. */
async function openTaskEngine(ground: Ground): Promise<OpenEngine> {
  let engine: OpenEngine | undefined;
  const opened = (): OpenEngine => {
    if (engine === undefined) throw new Error('the engine is asked before it is open');
    return engine;
  };
  const observer = batchObserver({ ...ground, engine: opened });
  engine = await openEngine({
    ...ground,
    observer: inCivilTime(observer, ground.clock),
    ephemeral: ground.isEphemeral,
    agentUp: ({ isolation }) => ground.isolationFound(isolation),
  });
  return engine;
}
