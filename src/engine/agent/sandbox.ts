import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineFolders } from '#engine/paths.ts';

/** How tasks are kept from Batten's own data on this machine. */
export type IsolationLevel = 'node' | 'none';

export interface SandboxParts {
  readonly folders: EngineFolders;
  readonly dataFolder: string;
  /** Folders that tasks find empty, besides the data folder: keys of the person who runs Batten. */
  readonly hidden: readonly string[];
  readonly graceMilliseconds: number;
  readonly idleMillisecondsMax: number;
  /** How long the launcher may be without an agent whatever runs; undefined lets the runs go on. */
  readonly orphanMillisecondsMax: number | undefined;
}

/**
 * The first process of the sandbox, as root of a user namespace of its own: it lays an empty file system over the data folder, puts the nodes'
 * and the launcher's folders back, hides the other folders, and runs the launcher in a second user namespace, in which nobody has
 * power over these mounts. It collects orphans and starts the launcher again until that ends by itself, or fails three times in a row.
 */
const initScript = `
data=$1 nodes=$2 launcher=$3 uid=$4 gid=$5 hidden=$6
shift 6
exec 8<"$nodes" 9<"$launcher" || exit 70
cover() { mount -t tmpfs -o size=64k,mode=700 batten "$1"; }
seal() { mount -o remount,ro,size=64k,mode=700 batten "$1"; }
cover "$data" || exit 71
mkdir -p "$nodes" "$launcher" || exit 72
mount -c --bind /proc/self/fd/8 "$nodes" || exit 73
mount -c --bind /proc/self/fd/9 "$launcher" || exit 74
seal "$data" || exit 75
exec 8<&- 9<&-
while [ "$hidden" -gt 0 ]; do
  cover "$1" && seal "$1" || exit 76
  shift; hidden=$((hidden - 1))
done
cd "$nodes" || exit 77
failures=0
while [ "$failures" -lt 3 ]; do
  unshare --user --map-user="$uid" --map-group="$gid" -- "$@" &
  wait $!
  status=$?
  [ "$status" -ne 0 ] || exit 0
  if [ "$status" -gt 128 ]; then failures=0; else failures=$((failures + 1)); sleep 1; fi
done
`;

const namespaceArguments = [
  '--user',
  '--map-root-user',
  '--mount',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
] as const;

const probeMillisecondsMax = 5000;

/** Tries once, with a folder of its own, whether the sandbox works here and hides what it must. */
export function probeIsolation(folders: EngineFolders): IsolationLevel {
  const trial = mkdtempSync(join(folders.agent, 'probe-'));
  try {
    for (const name of ['nodes', 'launcher', 'secret']) mkdirSync(join(trial, name));
    const inner = ['sh', '-c', '[ ! -e "$0" ] && [ -d "$1" ] && echo hidden || echo seen'];
    inner.push(join(trial, 'secret'), join(trial, 'nodes'));
    const [program, parameters] = sandboxed(
      { data: trial, nodes: join(trial, 'nodes'), launcher: join(trial, 'launcher'), hidden: [] },
      inner,
    );
    const { stdout } = spawnSync(program, parameters, {
      encoding: 'utf8',
      env: shellEnvironment,
      killSignal: 'SIGKILL',
      timeout: probeMillisecondsMax,
    });
    return stdout === 'hidden\n' ? 'node' : 'none';
  } finally {
    rmSync(trial, { recursive: true, force: true });
  }
}

/** Starts a launcher in its own session; it outlives this process. What it complains about goes to `launcher.log`. */
export function startLauncher(level: IsolationLevel, parts: SandboxParts): ChildProcess {
  const { folders } = parts;
  const launcher = [
    fileURLToPath(import.meta.resolve('#engine/launcher/main.ts')),
    ...['--launcher', folders.launcher, '--nodes', folders.nodes],
    ...['--grace', String(parts.graceMilliseconds), '--idle', String(parts.idleMillisecondsMax)],
  ];
  if (parts.orphanMillisecondsMax !== undefined) {
    launcher.push('--orphan', String(parts.orphanMillisecondsMax));
  }
  const hidden = parts.hidden.filter((folder) => existsSync(folder));
  const [program, parameters] =
    level === 'node'
      ? sandboxed(
          {
            data: parts.dataFolder,
            nodes: folders.nodes,
            launcher: folders.launcher,
            hidden,
          },
          [process.execPath, ...launcher, '--alone'],
        )
      : [process.execPath, launcher];
  const log = openSync(join(folders.agent, 'launcher.log'), 'a', 0o600);
  try {
    const child = spawn(program, parameters, {
      cwd: folders.nodes,
      detached: true,
      env: shellEnvironment,
      stdio: ['ignore', log, log],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** The launcher inherits nothing; the shell only finds `unshare`, `mount` and `mkdir`. */
const shellEnvironment = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };

interface SandboxFolders {
  readonly data: string;
  readonly nodes: string;
  readonly launcher: string;
  readonly hidden: readonly string[];
}

function sandboxed(
  folders: SandboxFolders,
  command: readonly string[],
): readonly [string, readonly string[]] {
  const { data, nodes, launcher, hidden } = folders;
  const ids = [String(process.getuid?.() ?? 0), String(process.getgid?.() ?? 0)];
  const script = ['sh', '-c', initScript, 'batten-init', data, nodes, launcher, ...ids];
  return [
    'unshare',
    [...namespaceArguments, ...script, String(hidden.length), ...hidden, ...command],
  ];
}
