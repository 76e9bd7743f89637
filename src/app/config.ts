import { homedir, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { type Compat, compats } from '#cloud/compat.ts';
import { fold } from '#kernel/ids.ts';
import type { LogLevel } from '#kernel/log.ts';
import { badSetting } from './faults.ts';

/** What the command line and the environment say together; the command line wins. */
export interface Config {
  /** Absolute path of the one folder that holds everything. */
  readonly dataFolder: string;
  /** File with the sealing key when it is not `key` in the data folder. */
  readonly keyFile?: string;
  /** File of certificates, in PEM, that outside issuers are trusted by beside the machine's own. */
  readonly issuerCaFile?: string;
  readonly logLevel: LogLevel;
  /** Which side is taken where Azure's way and the safe way differ. */
  readonly compat: Compat;
  /** Token requests that one application may send from one address in a minute. */
  readonly tokenRequestsPerMinute?: number;
}

/** Port that `batten up` listens on when none is given. */
export const defaultPort = 8443;
/** Address that `batten up` listens on when none is given. */
export const defaultHost = '127.0.0.1';

const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/**
 * Reads the environment. The data folder is `--data`, else `BATTEN_DATA`, else `batten` in the user's state folder
 * (`XDG_STATE_HOME`, `~/.local/state`). `BATTEN_KEY_FILE` names the sealing key, `BATTEN_LOG` the level of the log (`warn`),
 * `BATTEN_ISSUER_CA_FILE` certificates for outside issuers.
 * The side between Azure and safe is `--compat`, else `BATTEN_COMPAT`, else `azure`; `BATTEN_TOKEN_REQUESTS_PER_MINUTE` is unlimited. Throws a `StartRefusal` for a value that a
 * setting cannot have.
 */
export function readConfig(flags: {
  readonly data?: string | undefined;
  readonly compat?: string | undefined;
}): Config {
  const { BATTEN_COMPAT, BATTEN_DATA, BATTEN_KEY_FILE, BATTEN_LOG, XDG_STATE_HOME } = process.env;
  const { BATTEN_ISSUER_CA_FILE, BATTEN_TOKEN_REQUESTS_PER_MINUTE: tokenRequests } = process.env;
  const stateFolder = XDG_STATE_HOME || join(homedir(), '.local', 'state');
  return {
    dataFolder: resolve(flags.data || BATTEN_DATA || join(stateFolder, 'batten')),
    ...(BATTEN_KEY_FILE ? { keyFile: resolve(BATTEN_KEY_FILE) } : {}),
    ...(BATTEN_ISSUER_CA_FILE ? { issuerCaFile: resolve(BATTEN_ISSUER_CA_FILE) } : {}),
    logLevel: logLevelOf(BATTEN_LOG || 'warn'),
    ...(tokenRequests ? { tokenRequestsPerMinute: tokenRequestsOf(tokenRequests) } : {}),
    compat:
      flags.compat === undefined
        ? compatOf('BATTEN_COMPAT', BATTEN_COMPAT || 'azure')
        : compatOf('--compat', flags.compat),
  };
}

/** A copy of the environment of this process, for a command that is started from it. */
export function ownEnvironment(): Readonly<Record<string, string>> {
  const copy: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined) copy[name] = value;
  }
  return copy;
}

/** Reads a port number from the command line; 0 takes any free one. */
export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw badSetting('--port', text, 'a number from 0 to 65535');
}

/** Host names under which this machine may be reached without any name service, folded. */
export function machineNames(): readonly string[] {
  const own = fold(hostname());
  return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(own)
    ? ['localhost', ...(own === 'localhost' ? [] : [own])]
    : ['localhost'];
}

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function compatOf(name: string, text: string): Compat {
  const found = compats.find((compat) => compat === text);
  if (found === undefined) throw badSetting(name, text, `one of ${compats.join(', ')}`);
  return found;
}

function tokenRequestsOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw badSetting('BATTEN_TOKEN_REQUESTS_PER_MINUTE', text, 'a number from 1 to 999999999');
}

function logLevelOf(text: string): LogLevel {
  const found = logLevels.find((level) => level === text);
  if (found === undefined) throw badSetting('BATTEN_LOG', text, `one of ${logLevels.join(', ')}`);
  return found;
}
