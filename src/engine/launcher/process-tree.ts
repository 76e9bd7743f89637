import { readdirSync, readFileSync } from 'node:fs';

/** One process as `/proc` shows it. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** `Z` is a zombie: it is dead and only waits to be collected. */
  readonly state: string;
  /** Start time in clock ticks since boot; with the pid it names a process for ever. */
  readonly startTicks: number;
}

/** The variable in every task's environment by which its descendants are found. */
export const markerVariable = 'BATTEN_RUN';

/** What tells this boot of the machine from every other. */
export const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/**
 * Reads one process; undefined when it is gone. Source:
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
export function readProcess(pid: number): ProcessFacts | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Parses `/proc/PID/stat`; the program's name stands in brackets and may hold anything. */
export function parseStat(stat: string): ProcessFacts | undefined {
  const close = stat.lastIndexOf(')');
  const fields = stat.slice(close + 2).split(' ');
  const [state = '', parent, group, session] = fields;
  const pid = Number.parseInt(stat, 10);
  if (close < 0 || !Number.isInteger(pid) || fields.length < 20) return undefined;
  return {
    pid,
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTicks: Number(fields[19]),
  };
}

/** True while exactly this process lives. */
export function isAlive(pid: number, startTicks: number): boolean {
  const found = readProcess(pid);
  return found !== undefined && found.startTicks === startTicks && found.state !== 'Z';
}

/**
 * The living processes of a run: those that carry its mark, and everything that descends from one
 * of them or shares its session or group. A process that cleared its environment, left its session
 * and lost its parent is not found; level `task` is for that.
 */
export function findTree(id: string, root: number | undefined): readonly number[] {
  const all = allProcesses();
  const marked = all.filter((one) => one.pid === root || hasMark(one.pid, id));
  return treeOf(
    all,
    marked.map((one) => one.pid),
  );
}

/** The closure of `roots` over parent, session and group. */
export function treeOf(all: readonly ProcessFacts[], roots: readonly number[]): readonly number[] {
  const found = new Set(roots);
  const leaders = new Set(roots);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const one of all) {
      if (found.has(one.pid)) {
        // A session or group belongs to the run when its leader does.
        leaders.add(one.pid);
      } else if (found.has(one.parent) || leaders.has(one.session) || leaders.has(one.group)) {
        found.add(one.pid);
      }
    }
  }
  return [...found];
}

/** Sends a signal to each process, or group by its negative number, that is still there and ours. */
export function signalAll(pids: readonly number[], signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It is gone already, or belongs to somebody else.
    }
  }
}

/** The process that carries a run's mark and leads its own session: the command itself. */
export function findMarked(id: string): ProcessFacts | undefined {
  return allProcesses().find((one) => one.session === one.pid && hasMark(one.pid, id));
}

function allProcesses(): readonly ProcessFacts[] {
  const all: ProcessFacts[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid <= 1 || pid === process.pid) continue;
    const facts = readProcess(pid);
    if (facts !== undefined && facts.state !== 'Z') all.push(facts);
  }
  return all;
}

function hasMark(pid: number, id: string): boolean {
  try {
    const mark = `${markerVariable}=${id}`;
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
  } catch {
    return false;
  }
}
