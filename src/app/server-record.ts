import { readFile } from 'node:fs/promises';
import { isJsonObject } from '#kernel/json.ts';
import { replaceFile } from './certificates.ts';
import { pathsIn, reasonOf } from './data-folder.ts';
import { dataUnreadable } from './faults.ts';

/** Where the server of a data folder listens, or last did: the content of `ready.json`. It holds no secret. */
export interface ServerRecord {
  /** Address to be reached at from this machine: `https://localhost:8443`. */
  readonly url: string;
  /** Address to connect to. */
  readonly address: string;
  readonly port: number;
  readonly pid: number;
}

/** Remembers where the server listens, so that `env` and `run` find it. */
export async function writeServerRecord(dataFolder: string, record: ServerRecord): Promise<void> {
  await replaceFile(pathsIn(dataFolder).server, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** Where the server of a folder listens or last did; undefined when none ever ran. Throws a `StartRefusal`. */
export async function readServerRecord(dataFolder: string): Promise<ServerRecord | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(pathsIn(dataFolder).server, 'utf8'));
    return isJsonObject(value) ? (value as unknown as ServerRecord) : undefined;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT') return undefined;
    throw dataUnreadable(dataFolder, reasonOf(error));
  }
}
