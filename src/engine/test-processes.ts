import { readdirSync, readFileSync } from 'node:fs';

/** The processes of an engine, for tests that kill them. */
export type EnginePart = 'server' | 'agent' | 'launcher' | 'sandbox';

/** How the command line of each part looks. */
const looks: Readonly<Record<EnginePart, (words: readonly string[]) => boolean>> = {
  server: (words) => words[1]?.endsWith('/test-server.ts') === true,
  agent: (words) => words[1]?.endsWith('/agent/main.ts') === true,
  launcher: (words) => words[1]?.endsWith('/launcher/main.ts') === true,
  sandbox: (words) => words[0] === 'unshare' || words[0] === 'bwrap',
};

/** The living processes of a part whose command line names something below `folder`. */
export function pidsOf(folder: string, part: EnginePart): readonly number[] {
  return commandsBelow(folder).flatMap(({ pid, words }) => (looks[part](words) ? [pid] : []));
}

/** Kills a part with SIGKILL and returns how many processes that were. */
export function killPart(folder: string, part: EnginePart): number {
  const pids = pidsOf(folder, part);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in the meantime.
    }
  }
  return pids.length;
}

/** Every process whose command line names something below `folder`. */
export function commandsBelow(
  folder: string,
): readonly { readonly pid: number; readonly words: readonly string[] }[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words.some((word) => word.startsWith(folder)) ? [{ pid, words }] : [];
    } catch {
      return [];
    }
  });
}
