import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { connect } from 'node:tls';
import type { CloudName } from '#cloud/cloud.ts';
import type { Log } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { type Config, ownEnvironment } from './config.ts';
import {
  type ClientEnvironment,
  cloudEnvironment,
  credentialVariables,
  foreignCredentialVariables,
} from './environment.ts';
import { cannotRun, noReadyIdentity } from './faults.ts';
import { openHouse } from './house.ts';
import { openProxy } from './proxy.ts';
import { type ReadyFiles, readReadyFiles } from './ready-files.ts';
import { readServerRecord, type ServerRecord } from './server-record.ts';

export interface RunOptions {
  readonly config: Config;
  readonly command: readonly string[];
  readonly cloud: CloudName;
  readonly hasCredentials: boolean;
  readonly allowsInternet: boolean;
  /** Seed of the Batten that is made when none is running. */
  readonly seedPath?: string;
  readonly log: Log;
  /** Told what the person at the terminal should know. */
  readonly tell: (line: string) => void;
}

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals };

/** Signals that are passed on to the command. */
const passedSignals: readonly NodeJS.Signals[] = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
];

/** Longest time to find out whether a server is alive, in milliseconds. */
const probeMillisecondsMax = 3000;

/**
 * Runs a command for which Azure's host names are Batten: that of the data folder when its server is alive, else one of its own that
 * ends with the command and leaves nothing behind. Throws a `StartRefusal` when the command cannot be started.
 */
export async function runCommand(options: RunOptions): Promise<CommandEnd> {
  const batten = (await runningBatten(options)) ?? (await ownBatten(options));
  try {
    const { server, trust, readiness } = batten.files;
    if (options.hasCredentials && readiness === undefined) {
      throw noReadyIdentity(options.config.dataFolder);
    }
    const proxy = await openProxy({
      server,
      roots: await readFile(trust.rootsFile, 'utf8'),
      allowsInternet: options.allowsInternet,
      random: machineRandom(),
      onRefusal: (refusal) => options.tell(refusal.text.trimEnd()),
    });
    try {
      const variables = cloudEnvironment(readiness, server.url, trust, options.cloud);
      const environment = commandEnvironment(
        ownEnvironment(),
        variables,
        proxy.url,
        options.hasCredentials,
      );
      return await untilEnd(options.command, environment);
    } finally {
      await proxy.close();
    }
  } finally {
    await batten.close();
  }
}

/** A Batten to run a command against. */
interface BattenInUse {
  readonly files: ReadyFiles;
  close(): Promise<void>;
}

async function runningBatten(options: RunOptions): Promise<BattenInUse | undefined> {
  const server = await readServerRecord(options.config.dataFolder);
  if (server === undefined) return undefined;
  const files = await readReadyFiles(options.config);
  const isOurs = await isAlive(server, await readFile(files.trust.rootsFile, 'utf8'));
  return isOurs ? { files, close: async () => {} } : undefined;
}

async function ownBatten(options: RunOptions): Promise<BattenInUse> {
  options.tell(
    `no Batten runs on ${options.config.dataFolder}, so this command gets its own, which ends with it`,
  );
  const { seedPath, log } = options;
  const house = await openHouse({ log, ...(seedPath === undefined ? {} : { seedPath }) });
  const { server, certificates } = house;
  const files = { server, trust: certificates, readiness: await house.readiness() };
  return { files, close: () => house.close() };
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

/** Starts the command and passes signals on until it ends. */
async function untilEnd(
  command: readonly string[],
  environment: ClientEnvironment,
): Promise<CommandEnd> {
  const [program = '', ...words] = command;
  const child = spawn(program, words, { stdio: 'inherit', env: environment });
  const stopPassing = passSignals(child);
  try {
    return await new Promise<CommandEnd>((resolve, reject) => {
      child.once('error', (error: NodeJS.ErrnoException) => {
        const isMissing = error.code === 'ENOENT';
        reject(
          cannotRun(
            program,
            isMissing ? 'there is no such program' : (error.code ?? 'unknown'),
            isMissing,
          ),
        );
      });
      child.once('exit', (exitCode, signal) => {
        resolve(
          signal === null
            ? { kind: 'exited', exitCode: exitCode ?? 1 }
            : { kind: 'killed', signal },
        );
      });
    });
  } finally {
    stopPassing();
  }
}

function passSignals(child: ChildProcess): () => void {
  const passing = passedSignals.map((signal) => {
    // A terminal sends its own SIGINT to parent and child alike; passing it on would count twice.
    const pass = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  return () => {
    for (const stop of passing) stop();
  };
}

/** The exit code by which a shell reports a death by signal. */
export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal];
}
