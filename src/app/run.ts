import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { CloudName } from '#cloud/cloud.ts';
import type { Compat } from '#cloud/compat.ts';
import type { Log } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { type CommandEnd, holdSignals, runUntilEnd, type SignalHold } from './command.ts';
import { type Config, ownEnvironment } from './config.ts';
import { askServer } from './control-client.ts';
import {
  type ClientEnvironment,
  cloudEnvironment,
  credentialVariables,
  foreignCredentialVariables,
} from './environment.ts';
import { noReadyIdentity, otherCompat } from './faults.ts';
import { openHouse } from './house.ts';
import {
  type IdentityEndpoint,
  type IdentityForm,
  openIdentityEndpoint,
} from './identity-endpoint.ts';
import { openProxy } from './proxy.ts';
import { type ReadyFiles, readReadyFiles } from './ready-files.ts';
import { readServerRecord, type ServerRecord } from './server-record.ts';

export interface RunOptions {
  readonly config: Config;
  readonly command: readonly string[];
  readonly cloud: CloudName;
  readonly hasCredentials: boolean;
  readonly allowsInternet: boolean;
  /** Name or resource id of the managed identity that the command runs as, instead of the ready identity. */
  readonly identity?: string;
  /** Where the command shall think that it runs when it has a managed identity. */
  readonly identityForm: IdentityForm;
  /** The side that was asked for by name; a running Batten must be on it. */
  readonly compat?: Compat;
  /** Seed of the Batten that is made when none is running. */
  readonly seedPath?: string;
  readonly log: Log;
  /** Told what the person at the terminal should know. */
  readonly tell: (line: string) => void;
}

/** Longest time to find out whether a server is alive, in milliseconds. */
const probeMillisecondsMax = 3000;

/**
 * Runs a command for which Azure's host names are Batten: that of the data folder when its server is alive, else one of its own that
 * ends with the command and leaves nothing behind. Throws a `StartRefusal` when the command cannot be started.
 */
export async function runCommand(options: RunOptions): Promise<CommandEnd> {
  // Held from the start: a signal that comes early must not leave a Batten behind.
  using signals = holdSignals();
  const batten = (await runningBatten(options)) ?? (await ownBatten(options));
  try {
    return await runBehindProxy(options, batten, signals);
  } finally {
    await batten.close();
  }
}

async function runBehindProxy(
  options: RunOptions,
  batten: BattenInUse,
  signals: SignalHold,
): Promise<CommandEnd> {
  const { files, dataFolder } = batten;
  const { server, trust, readiness } = files;
  const { allowsInternet, cloud, identity } = options;
  const hasCredentials = options.hasCredentials && identity === undefined;
  if (hasCredentials && readiness === undefined) {
    throw noReadyIdentity(options.config.dataFolder);
  }
  await using endpoint =
    identity === undefined ? undefined : await endpointOf(options, batten, identity);
  const proxy = await openProxy({
    server,
    roots: await readFile(trust.rootsFile, 'utf8'),
    allowsInternet,
    instanceMetadata: endpoint?.instanceMetadata,
    random: machineRandom(),
    onRefusal: (refusal) => options.tell(refusal.text.trimEnd()),
  });
  try {
    const given = {
      ...cloudEnvironment(readiness, server.url, trust, cloud),
      ...endpoint?.variables,
      ...azureCliVariables(ownEnvironment(), dataFolder),
    };
    const environment = commandEnvironment(ownEnvironment(), given, proxy.url, hasCredentials);
    return await runUntilEnd(options.command, environment, signals);
  } finally {
    await proxy.close();
  }
}

function endpointOf(
  { cloud, log, identityForm: form }: RunOptions,
  { dataFolder, keyFile, files }: BattenInUse,
  identity: string,
): Promise<IdentityEndpoint> {
  const subscriptionId = files.readiness?.identity.subscriptionId;
  const key = keyFile === undefined ? {} : { keyFile };
  return openIdentityEndpoint({ dataFolder, ...key, identity, form, subscriptionId, cloud, log });
}

/**
 * A configuration folder of its own for `az`: the person's own sign-ins to Azure must neither be sent to Batten nor be overwritten by it.
 * One that the person named is kept.
 */
function azureCliVariables(own: ClientEnvironment, dataFolder: string): ClientEnvironment {
  const name = 'AZURE_CONFIG_DIR';
  return own[name] === undefined ? { [name]: join(dataFolder, 'azure-cli') } : {};
}

/** A Batten to run a command against. */
interface BattenInUse {
  readonly files: ReadyFiles;
  readonly dataFolder: string;
  /** File with the sealing key when it is not `key` in the data folder. */
  readonly keyFile?: string | undefined;
  close(): Promise<void>;
}

async function runningBatten(options: RunOptions): Promise<BattenInUse | undefined> {
  const server = await readServerRecord(options.config.dataFolder);
  if (server === undefined) return undefined;
  const files = await readReadyFiles(options.config);
  const isOurs = await isAlive(server, await readFile(files.trust.rootsFile, 'utf8'));
  if (isOurs) await expectCompat(options);
  const { dataFolder, keyFile } = options.config;
  return isOurs ? { files, dataFolder, keyFile, close: async () => {} } : undefined;
}

async function ownBatten(options: RunOptions): Promise<BattenInUse> {
  options.tell(
    `no Batten runs on ${options.config.dataFolder}, so this command gets its own, which ends with it`,
  );
  const { seedPath, log, config } = options;
  const { compat } = config;
  const { issuerCaFile } = options.config;
  const house = await openHouse({
    ...{ log, compat },
    ...(seedPath === undefined ? {} : { seedPath }),
    ...(issuerCaFile === undefined ? {} : { issuerCaFile }),
  });
  const { server, certificates } = house;
  const files = { server, trust: certificates, readiness: await house.readiness() };
  return { files, dataFolder: house.dataFolder, close: () => house.close() };
}

/** Throws a `StartRefusal` when the running Batten is on another side than the one that was asked for. */
async function expectCompat({ config: { dataFolder }, compat }: RunOptions): Promise<void> {
  if (compat === undefined) return;
  const { compat: found } = await askServer(dataFolder, 'status');
  if (found !== compat) throw otherCompat(dataFolder, String(found));
}

/** True when what listens at the recorded place has a certificate of this data folder. */
function isAlive(server: ServerRecord, roots: string): Promise<boolean> {
  return new Promise((resolve) => {
    const { address, port } = server;
    const socket = connect({ host: address, port, servername: 'localhost', ca: roots });
    const end = (isOurs: boolean) => {
      socket.destroy();
      resolve(isOurs);
    };
    socket.setTimeout(probeMillisecondsMax, () => end(false));
    socket.once('secureConnect', () => end(socket.authorized));
    socket.once('error', () => end(false));
  });
}

/**
 * The environment of the command: its own, without other identities and ways around the proxy, then ours. Batten's own address is the one
 * that goes without the proxy.
 */
export function commandEnvironment(
  own: ClientEnvironment,
  variables: ClientEnvironment,
  proxyUrl: string,
  hasCredentials: boolean,
): ClientEnvironment {
  const left = new Set(hasCredentials ? [] : credentialVariables);
  const taken = new Set([...foreignCredentialVariables, ...credentialVariables]);
  const kept = Object.entries(own).filter(([name]) => !taken.has(name));
  const given = Object.entries(variables).filter(([name]) => !left.has(name));
  const direct = 'localhost,127.0.0.1,::1';
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(given),
    CURL_CA_BUNDLE: variables['SSL_CERT_FILE'] ?? '',
    HTTPS_PROXY: proxyUrl,
    https_proxy: proxyUrl,
    HTTP_PROXY: proxyUrl,
    http_proxy: proxyUrl,
    ALL_PROXY: proxyUrl,
    all_proxy: proxyUrl,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: '1',
  };
}
