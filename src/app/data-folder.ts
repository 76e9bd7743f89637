import { existsSync } from 'node:fs';
import { access, chmod, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#kernel/log.ts';
import type { Random } from '#kernel/random.ts';
import { type Seal, sealKeyBytes, sealWith } from '#kernel/seal.ts';
import { type FolderLock, takeLock } from '#store/lock.ts';
import { replaceFile } from './certificates.ts';
import { badKeyFile, dataInUse, dataUnreadable, wrongKey } from './faults.ts';

/** Where things lie in a data folder. */
export function pathsIn(dataFolder: string) {
  return {
    lock: join(dataFolder, 'lock'),
    database: join(dataFolder, 'batten.db'),
    key: join(dataFolder, 'key'),
    certificates: join(dataFolder, 'certificates'),
    server: join(dataFolder, 'ready.json'),
    control: join(dataFolder, 'control.sock'),
  } as const;
}

/** Makes the folder if need be, readable by its owner alone. Throws a `StartRefusal` when it cannot be used. */
export async function openDataFolder(dataFolder: string): Promise<void> {
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await access(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
    const { mode } = await stat(dataFolder);
    if ((mode & 0o077) !== 0) await chmod(dataFolder, 0o700);
  } catch (error) {
    throw dataUnreadable(dataFolder, reasonOf(error));
  }
}

/** Takes the folder for this process, as long as it lives. Throws a `StartRefusal` when another live server has it. */
export function lockDataFolder(dataFolder: string): FolderLock {
  let lock: FolderLock | undefined;
  try {
    lock = takeLock(pathsIn(dataFolder).lock);
  } catch (error) {
    throw dataUnreadable(dataFolder, reasonOf(error));
  }
  if (lock === undefined) throw dataInUse(dataFolder);
  return lock;
}

/**
 * Opens the seal. Its key lies in `key` (0600) in the data folder, where the first start makes it, or in a file that the operator
 * names and that is never made here. Keys are 32 bytes, raw or as base64 or hexadecimal text. Throws a `StartRefusal`.
 */
export async function openSeal(
  dataFolder: string,
  keyFile: string | undefined,
  random: Random,
): Promise<Seal> {
  const path = keyFile ?? pathsIn(dataFolder).key;
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const isMissing = (error as { code?: unknown }).code === 'ENOENT';
    if (!isMissing || keyFile !== undefined) throw badKeyFile(path, reasonOf(error));
    // Another key would open nothing of what is there, and would hide that the right one is lost.
    if (existsSync(pathsIn(dataFolder).database)) {
      throw badKeyFile(path, 'it is missing, and what the folder holds was sealed with it');
    }
    bytes = random.bytes(sealKeyBytes);
    await replaceFile(path, `${bytes.toString('base64')}\n`, 0o600);
  }
  const key = keyOf(bytes);
  if (key === undefined) throw badKeyFile(path, `it must hold ${sealKeyBytes} bytes`);
  return sealWith(key, random);
}

/**
 * Sees to it that a key that is there is not everybody's. The folder's own is made its owner's again, with a warning; whoever names
 * another file decides on its group, but one that everybody can read is refused by a `StartRefusal`.
 */
export async function protectKeyFile(
  dataFolder: string,
  keyFile: string | undefined,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  // The bits say nothing where another system judges access.
  if (process.platform === 'win32') return;
  const path = keyFile ?? pathsIn(dataFolder).key;
  const mode = await stat(path).then(
    (found) => found.mode,
    () => 0,
  );
  if (keyFile === undefined && (mode & 0o077) !== 0) {
    await chmod(path, 0o600);
    log.warn({ path }, 'others could read the key file; now only its owner can');
  }
  if (keyFile !== undefined && (mode & 0o007) !== 0) {
    throw badKeyFile(path, 'everybody on this machine can read it; take that away with chmod o=');
  }
}

/** Runs what opens sealed things. Throws a `StartRefusal` when they were sealed with another key. */
export async function unlessSealedOtherwise<T>(
  dataFolder: string,
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    const isOtherKey = error instanceof Error && /unable to authenticate data/i.test(error.message);
    throw isOtherKey ? wrongKey(dataFolder) : error;
  }
}

function keyOf(bytes: Buffer): Buffer | undefined {
  if (bytes.length === sealKeyBytes) return bytes;
  const text = bytes.toString('latin1').trim();
  const decoded = /^[0-9a-f]{64}$/i.test(text)
    ? Buffer.from(text, 'hex')
    : Buffer.from(text, 'base64');
  return decoded.length === sealKeyBytes ? decoded : undefined;
}

/** What the system said, without its stack: `EACCES: permission denied`. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split(', ')[0] ?? message;
}
