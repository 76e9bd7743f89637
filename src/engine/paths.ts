import { openSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Where the engine keeps its things below Batten's data folder. */
export interface EngineFolders {
  /** Token, socket and lock of the agent; tasks never see it. */
  readonly agent: string;
  /** Socket and journal of the launcher; inside the sandbox. */
  readonly launcher: string;
  /** The nodes' files; inside the sandbox. */
  readonly nodes: string;
}

/** The engine's folders below a data folder. */
export function engineFolders(dataFolder: string): EngineFolders {
  return {
    agent: join(dataFolder, 'engine'),
    launcher: join(dataFolder, 'launcher'),
    nodes: join(dataFolder, 'nodes'),
  };
}

/** The socket on which the server waits for its agent. */
export function serverSocket(folders: EngineFolders): string {
  return join(folders.agent, 'server.sock');
}

/** The secret that the agent shows to the server; a file of mode 0600. */
export function tokenFile(folders: EngineFolders): string {
  return join(folders.agent, 'agent-token');
}

/** The lock that the living agent holds. */
export function agentLock(folders: EngineFolders): string {
  return join(folders.agent, 'agent.lock');
}

/** The socket on which the launcher waits for its agent. */
export function launcherSocket(folders: EngineFolders): string {
  return join(folders.launcher, 'launcher.sock');
}

/** The directories that Azure Batch makes below a node's root. */
export const nodeDirectories = [
  'applications',
  'fsmounts',
  'shared',
  'startup',
  'volatile',
  'workitems',
] as const;

/**
 * A path below a root from segments that others chose; undefined when it would leave the root
 * (`..`, an absolute path, NUL) or when a segment is empty or `.`. An empty path is the root
 * itself.
 */
export function pathBelow(root: string, path: string): string | undefined {
  if (path === '') return root;
  const segments = path.split('/');
  if (segments.some((one) => one === '' || one === '.' || one === '..' || one.includes('\0'))) {
    return undefined;
  }
  return join(root, ...segments);
}

/**
 * Longest path of a Unix socket in bytes: 108 with its NUL on Linux. Source:
 * https://man7.org/linux/man-pages/man7/unix.7.html
 */
const socketPathBytesMax = 107;

/**
 * A name for a socket that the kernel accepts: a long path is reached through an open descriptor of
 * its folder, which stays open as long as the process.
 */
export function socketName(path: string): string {
  if (Buffer.byteLength(path) <= socketPathBytesMax) return path;
  const folder = dirname(path);
  let descriptor = openFolders.get(folder);
  if (descriptor === undefined) {
    descriptor = openSync(folder, 'r');
    openFolders.set(folder, descriptor);
  }
  return join(`/proc/self/fd/${descriptor}`, basename(path));
}

const openFolders = new Map<string, number>();
