/**
 * What makes the namespaces: util-linux's `unshare`, or bubblewrap where only that one may (some
 * distributions allow it by name).
 */
export type SandboxTool = 'unshare' | 'bwrap';

/** Absolute folders without symbolic links; `nodes` and `launcher` lie below `data`. */
export interface SandboxFolders {
  /** Tasks find it empty, but for the next two. */
  readonly data: string;
  readonly nodes: string;
  readonly launcher: string;
  /** Tasks find these folders empty. */
  readonly hidden: readonly string[];
  /** Disks that the user may read: tasks find `/dev/null` in their place. */
  readonly disks: readonly string[];
}

/** Who runs in the sandbox: the same user as outside. */
export interface SandboxUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A program and its arguments that run `command` in a user, process and mount namespace of its own.
 */
export function sandboxCommand(
  tool: SandboxTool,
  folders: SandboxFolders,
  user: SandboxUser,
  command: readonly string[],
): readonly string[] {
  switch (tool) {
    case 'unshare':
      return unshareCommand(folders, user, command);
    case 'bwrap':
      return bwrapCommand(folders, user, command);
  }
}

/**
 * Runs the command until it ends by itself, or has failed three times in a row; one that was killed
 * is started again at once. The shell also collects orphans when it is the first process.
 */
const keepRunning = `
failures=0
while [ "$failures" -lt 3 ]; do
  "$@" &
  wait $!
  status=$?
  [ "$status" -ne 0 ] || exit 0
  if [ "$status" -gt 128 ]; then failures=0; else failures=$((failures + 1)); sleep 1; fi
done
`;

/**
 * The first process under `unshare`, as root of the user namespace: it lays an empty file system
 * over the data folder, puts the nodes' and the launcher's folders back and hides the others.
 * Root's tasks are root still, so disks are hidden too. The command runs in a second user
 * namespace, in which nobody has power over these mounts.
 */
const mountScript = `
data=$1 nodes=$2 launcher=$3 uid=$4 gid=$5 hidden=$6 disks=$7
shift 7
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
while [ "$disks" -gt 0 ]; do
  mount --bind /dev/null "$1" || exit 77
  shift; disks=$((disks - 1))
done
cd "$nodes" || exit 78
set -- unshare --user --map-user="$uid" --map-group="$gid" -- "$@"
`;

function unshareCommand(
  { data, nodes, launcher, hidden, disks }: SandboxFolders,
  { uid, gid }: SandboxUser,
  command: readonly string[],
): readonly string[] {
  return [
    ...['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child'],
    ...['--mount-proc', 'sh', '-c', mountScript + keepRunning, 'batten-init'],
    ...[data, nodes, launcher, String(uid), String(gid)],
    ...[String(hidden.length), String(disks.length), ...hidden, ...disks],
    ...command,
  ];
}

/** Bubblewrap binds from the root as it was, and collects orphans itself. */
function bwrapCommand(
  { data, nodes, launcher, hidden, disks }: SandboxFolders,
  { uid, gid }: SandboxUser,
  command: readonly string[],
): readonly string[] {
  return [
    ...['bwrap', '--unshare-user', '--uid', String(uid), '--gid', String(gid), '--unshare-pid'],
    // Started by root it would keep every capability, and the command could take the covers off.
    ...['--cap-drop', 'ALL'],
    ...['--dev-bind', '/', '/', '--proc', '/proc', '--tmpfs', data],
    ...['--bind', nodes, nodes, '--bind', launcher, launcher, '--remount-ro', data],
    ...hidden.flatMap((folder) => ['--tmpfs', folder, '--remount-ro', folder]),
    ...disks.flatMap((disk) => ['--dev-bind', '/dev/null', disk]),
    ...['--chdir', nodes, '--', 'sh', '-c', keepRunning, 'batten-init', ...command],
  ];
}
