import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CloudName } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import { renewFirstPartyApplications } from '#directory/first-party.ts';
import { frontDoor } from '#http/front-door.ts';
import { type Listener, listen, type RawHandler } from '#http/listen.ts';
import { machineClock } from '#kernel/clock.ts';
import { type Log, silentLog } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { openRecorder } from '#record/recorder.ts';
import { NewerSchemaError } from '#store/migrate.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { type Certificates, openCertificates } from './certificates.ts';
import type { ClockMove } from './clock-move.ts';
import { defaultHost, isLoopback, machineNames } from './config.ts';
import { openControl } from './control.ts';
import { controlCommands } from './control-commands.ts';
import {
  lockDataFolder,
  openDataFolder,
  openSeal,
  pathsIn,
  protectKeyFile,
  reasonOf,
  unlessSealedOtherwise,
} from './data-folder.ts';
import { type ClockReading, moveClock, readClock, restoreClock } from './dev-clock.ts';
import {
  type ClientEnvironment,
  cloudEnvironment,
  explicitEnvironment,
  type Readiness,
  readReadiness,
} from './environment.ts';
import {
  cannotListen,
  clockStands,
  dataUnreadable,
  newerData,
  portInUse,
  StartRefusal,
  tlsOnly,
} from './faults.ts';
import type { Isolation } from './isolation.ts';
import { readIssuerRoots } from './issuer-roots.ts';
import { httpsOrigin, reachOf } from './reach.ts';
import { resourceNames } from './resource-names.ts';
import { migrations } from './schema.ts';
import { defaultSeedPath, readSeedFile } from './seed.ts';
import { applySeed } from './seed-apply.ts';
import { type ServerRecord, writeServerRecord } from './server-record.ts';
import { openRooms } from './surfaces.ts';

export interface HouseOptions {
  /** The one folder that holds everything; absent, a temporary one that is removed with the house. */
  readonly dataFolder?: string;
  /** Ends running tasks and their agent with the house; so it is when absent for a temporary folder, and not for a named one. */
  readonly isEphemeral?: boolean;
  /** Address to listen on; loopback when absent. */
  readonly host?: string;
  /** Port to listen on; absent or 0, any free one. */
  readonly port?: number;
  /** Seed file to fill an empty folder from; absent, the seeds' story. */
  readonly seedPath?: string;
  /** File with the sealing key; absent, `key` in the data folder. */
  readonly keyFile?: string;
  /** File of certificates, in PEM, that outside issuers are trusted by beside the machine's own. */
  readonly issuerCaFile?: string;
  /** Makes a ready identity also for a host beyond loopback. */
  readonly wantsReadyIdentity?: boolean;
  /** Takes the safer way where it differs from Azure's when it is `hardened`; `azure` when absent. */
  readonly compat?: Compat;
  /** Lets civil time be moved, and starts where it was left. */
  readonly hasDevClock?: boolean;
  /** Token requests that one application may send from one address in a minute; unlimited when absent. */
  readonly tokenRequestsPerMinute?: number;
  /** Told how tasks are isolated on this machine, some time after the start and again whenever an agent is replaced. */
  readonly isolationFound?: (isolation: Isolation) => void;
  readonly log?: Log;
}

/** A running Batten. */
export interface House {
  readonly dataFolder: string;
  readonly server: ServerRecord;
  readonly certificates: Certificates;
  /** What a client program needs, with explicit addresses; undefined when there is no ready identity. */
  environment(): Promise<ClientEnvironment | undefined>;
  /** The same with the host names of one of Azure's clouds, for a program whose proxy leads here. */
  environmentOf(cloud: CloudName): Promise<ClientEnvironment | undefined>;
  /** The ready identity. */
  readiness(): Promise<Readiness | undefined>;
  /** What its clocks show. */
  clock(): ClockReading;
  /** Moves civil time. Throws a `StartRefusal` when the house was opened without `hasDevClock`, or when that is too far. */
  moveClock(move: ClockMove): Promise<ClockReading>;
  /** Lets running requests finish, then ends. Running tasks go on, unless the house is ephemeral. */
  close(): Promise<void>;
}

/** Undoes one step of opening. */
type Closing = () => Promise<void>;

/** Longest time that running requests may take to finish at the end, in milliseconds. */
const drainMilliseconds = 10_000;
/** How long after the start the surfaces that nobody asked for are opened, in milliseconds: first tokens come first. */
const restMilliseconds = 250;

/**
 * Opens a Batten: its folder, database, keys, certificates, surfaces and port; fills an empty folder from the seed. Throws a
 * `StartRefusal` with one line when something of it cannot be had; then nothing is left open.
 */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const open: Closing[] = [];
  const closeAll = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const close of open.splice(0).reverse()) {
      // Whatever fails to close, the rest is closed: the lock above all.
      await close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    return await openInOrder(options, open, closeAll);
  } catch (error) {
    await closeAll().catch(() => {});
    throw error;
  }
}

async function openInOrder(
  options: HouseOptions,
  open: Closing[],
  close: () => Promise<void>,
): Promise<House> {
  const random = machineRandom();
  const clock = machineClock();
  const log = options.log ?? silentLog;
  const host = options.host ?? defaultHost;
  const { compat = 'azure', hasDevClock = false, tokenRequestsPerMinute } = options;
  const dataFolder = options.dataFolder ?? (await mkdtemp(join(tmpdir(), 'batten-')));
  const isTemporary = options.dataFolder === undefined;
  const { isEphemeral = isTemporary } = options;
  if (isTemporary) open.push(() => rm(dataFolder, { recursive: true, force: true }));
  await openDataFolder(dataFolder);
  const lock = lockDataFolder(dataFolder);
  open.push(async () => lock.release());
  await protectKeyFile(dataFolder, options.keyFile, log);
  const seal = await openSeal(dataFolder, options.keyFile, random);
  const store = openStore(dataFolder);
  open.push(() => store.close());
  await restoreClock({ store, clock, dataFolder }, hasDevClock);
  const recorder = openRecorder({ store, log });
  open.push(() => recorder.close());
  const certificates = await unlessSealedOtherwise(dataFolder, () =>
    openCertificates({
      folder: pathsIn(dataFolder).certificates,
      machineNames: machineNames(),
      seal,
      clock,
      random,
    }),
  );
  const hasReadyIdentity = isLoopback(host) || options.wantsReadyIdentity === true;
  const seed = await readSeedFile(options.seedPath ?? defaultSeedPath);
  const seedParts = { store, seal, random, clock, hasReadyIdentity };
  await applySeed(seedParts, seed, options.seedPath !== undefined);
  await store.write((tx) => renewFirstPartyApplications(tx, resourceNames, random, clock.civil()));
  let port: number | undefined;
  const ownPorts = () => (port === undefined ? [] : [port]);
  const isolationFound = options.isolationFound ?? (() => {});
  const issuerRoots = await readIssuerRoots(options.issuerCaFile);
  const ground = {
    ...{ store, seal, clock, random, log, recorder },
    compat,
    limitSettings: { ...(tokenRequestsPerMinute === undefined ? {} : { tokenRequestsPerMinute }) },
    ...{ dataFolder, isEphemeral, ownPorts, isolationFound },
    ...(issuerRoots === undefined ? {} : { issuerRoots }),
  };
  const rooms = await unlessSealedOtherwise(dataFolder, () => openRooms(ground));
  open.push(() => rooms.close());
  const door = frontDoor({
    reachOf: reachOf(machineNames()),
    surfaces: rooms.surfaces,
    clock,
    random,
    log,
  });
  const listener = await listenOn(host, options.port ?? 0, door, certificates);
  open.push(() => listener.close(drainMilliseconds));
  port = listener.port;
  const rest = setTimeout(() => {
    rooms.openAll().catch((error) => log.error({ error: String(error) }, 'a surface cannot open'));
  }, restMilliseconds);
  open.push(async () => clearTimeout(rest));
  const server = serverRecord(host, listener.port);
  await writeServerRecord(dataFolder, server);
  const commands = controlCommands({
    ...{ store, clock, server, compat, recorder, hasDevClock },
    rotateKeys: rooms.rotateKeys,
  });
  const control = await openControl({ dataFolder, commands, log });
  open.push(() => control.close(0));
  const readiness = () => readReadiness(store, seal);
  return {
    dataFolder,
    server,
    certificates,
    readiness,
    clock: () => readClock(clock),
    async moveClock(move) {
      if (!hasDevClock) throw clockStands();
      return moveClock({ store, clock }, move);
    },
    async environment() {
      const ready = await readiness();
      return ready && explicitEnvironment(ready, server.url, certificates);
    },
    async environmentOf(cloud) {
      const ready = await readiness();
      return ready && cloudEnvironment(ready, server.url, certificates, cloud);
    },
    close,
  };
}

/** Opens the database. Throws a `StartRefusal` when it is newer than this program, or is not a database. */
export function openStore(dataFolder: string): SqliteStore {
  try {
    return new SqliteStore(pathsIn(dataFolder).database, migrations);
  } catch (error) {
    if (error instanceof NewerSchemaError) throw newerData(error.message);
    throw dataUnreadable(dataFolder, reasonOf(error));
  }
}

async function listenOn(
  host: string,
  port: number,
  secure: RawHandler,
  certificates: Certificates,
): Promise<Listener> {
  const plain: RawHandler = async (_request, response) => {
    response.writeHead(tlsOnly.status, { Connection: 'close' });
    response.end(tlsOnly.text);
  };
  const { certificateFor } = certificates;
  try {
    return await listen({ secure, plain, certificateFor }, host, port);
  } catch (error) {
    if (error instanceof StartRefusal) throw error;
    const { code } = error as { code?: unknown };
    throw code === 'EADDRINUSE' ? portInUse(host, port) : cannotListen(host, port, reasonOf(error));
  }
}

function serverRecord(host: string, port: number): ServerRecord {
  const own: Readonly<Record<string, string>> = {
    '0.0.0.0': '127.0.0.1',
    '::': '::1',
    localhost: '127.0.0.1',
  };
  const address = own[host] ?? host;
  const literal = address.includes(':') ? `[${address}]` : address;
  const name = address === '127.0.0.1' ? 'localhost' : literal;
  return { url: httpsOrigin(`${name}:${port}`), address, port, pid: process.pid };
}
