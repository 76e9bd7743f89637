import { chmod, opendir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Removes a directory with everything in it. Directories that a task closed even to its own user
 * (module caches are often read-only) are opened first. Links are removed, never followed.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await openUp(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function openUp(root: string): Promise<void> {
  const waiting = [root];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    await chmod(at, 0o700);
    for await (const entry of await opendir(at)) {
      if (entry.isDirectory()) waiting.push(join(at, entry.name));
    }
  }
}
