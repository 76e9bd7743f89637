import { DatabaseSync } from 'node:sqlite';

/** A lock that the operating system gives back when its process dies, however it dies. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the lock at `path` (a file that is created), or returns undefined when another live process holds it. It is an
 * exclusive SQLite transaction, since Node has no advisory file locks of its own.
 */
export function takeLock(path: string): FolderLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('PRAGMA journal_mode=DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return code === 5 || code === 6;
}
