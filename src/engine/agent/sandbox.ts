import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineFolders } from '#engine/paths.ts';
import { type SandboxTool, sandboxCommand } from './sandbox-command.ts';

/** What a launcher is started with. */
export interface LauncherStart {
  readonly folders: EngineFolders;
  readonly dataFolder: string;
  /**
   * Folders that tasks find empty, besides the data folder: keys of the person who runs Batten.
   * Those that exist now are hidden.
   */
  readonly hidden: readonly string[];
  readonly graceMilliseconds: number;
  readonly idleMillisecondsMax: number;
  /** How long the launcher may be without an agent whatever runs; undefined lets the runs go on. */
  readonly orphanMillisecondsMax: number | undefined;
}

const tools: readonly SandboxTool[] = ['unshare', 'bwrap'];
const probeMillisecondsMax = 5000;

/**
 * Tries, with a folder of its own, which tool makes a sandbox here that hides what it must.
 * Undefined: user namespaces do not exist or are forbidden, and tasks can read whatever the person
 * who runs Batten can.
 */
export function findSandboxTool(folders: EngineFolders): SandboxTool | undefined {
  return tools.find((tool) => hides(tool, folders));
}

function hides(tool: SandboxTool, folders: EngineFolders): boolean {
  const trial = realpathSync(mkdtempSync(join(folders.agent, 'probe-')));
  const [nodes, launcher, secret] = ['nodes', 'launcher', 'secret'].map((name) => {
    mkdirSync(join(trial, name));
    return join(trial, name);
  }) as [string, string, string];
  const script = '[ ! -e "$0" ] && [ -d "$1" ] && echo hidden';
  const command = ['sh', '-c', `${script}; exit 0`, secret, nodes];
  const sandbox = { data: trial, nodes, launcher, hidden: [], disks: readableDisks() };
  try {
    const [program = '', ...parameters] = sandboxCommand(tool, sandbox, currentUser(), command);
    const { stdout } = spawnSync(program, parameters, {
      encoding: 'utf8',
      env: shellEnvironment,
      killSignal: 'SIGKILL',
      timeout: probeMillisecondsMax,
    });
    return stdout === 'hidden\n';
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

/**
 * Starts a launcher in its own session, inside a sandbox unless there is no tool for one; it
 * outlives this process. What it complains about goes to `launcher.log`.
 */
export function startLauncher(tool: SandboxTool | undefined, start: LauncherStart): ChildProcess {
  const { folders, dataFolder: data } = start;
  const { nodes, launcher } = folders;
  const hidden = start.hidden.filter((one) => existsSync(one)).map((one) => realpathSync(one));
  const sandbox = { data, nodes, launcher, hidden, disks: readableDisks() };
  const command = launcherCommand(start, tool !== undefined);
  const [program = '', ...parameters] =
    tool === undefined ? command : sandboxCommand(tool, sandbox, currentUser(), command);
  const log = openSync(join(folders.agent, 'launcher.log'), 'a', 0o600);
  try {
    const child = spawn(program, parameters, {
      cwd: nodes,
      detached: true,
      env: shellEnvironment,
      stdio: ['ignore', log, log],
    });
    child.on('error', (error) => process.stderr.write(`no launcher: ${error.message}\n`));
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function launcherCommand(start: LauncherStart, isSandboxed: boolean): readonly string[] {
  const { folders, graceMilliseconds, idleMillisecondsMax, orphanMillisecondsMax } = start;
  return [
    process.execPath,
    fileURLToPath(import.meta.resolve('#engine/launcher/main.ts')),
    ...['--launcher', folders.launcher, '--nodes', folders.nodes],
    ...['--grace', String(graceMilliseconds), '--idle', String(idleMillisecondsMax)],
    ...(orphanMillisecondsMax === undefined ? [] : ['--orphan', String(orphanMillisecondsMax)]),
    ...(isSandboxed ? ['--alone'] : []),
  ];
}

/** The block devices that this user may read, from which everything on a disk could be had. */
function readableDisks(): readonly string[] {
  return ['/dev', '/dev/mapper'].flatMap((folder) => {
    if (!existsSync(folder)) return [];
    const entries = readdirSync(folder, { withFileTypes: true });
    const disks = entries.filter((entry) => entry.isBlockDevice());
    return disks.map((entry) => join(folder, entry.name)).filter(isReadable);
  });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

/** The launcher inherits nothing; the shell only finds `unshare`, `mount` and `mkdir`. */
const shellEnvironment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

function currentUser(): { readonly uid: number; readonly gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}
