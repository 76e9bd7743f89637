import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machineClock } from '#kernel/clock.ts';
import { takeLock } from '#store/lock.ts';
import { Launcher } from './launcher.ts';

/**
 * Entry of the launcher process. The agent starts it, inside the sandbox where there is one, and
 * passes everything as arguments: the folder of its socket and journal, the folder of the nodes,
 * the grace and the idle time. Exit status 0 says that nothing is to be started in its place.
 */
const { values } = parseArgs({
  options: {
    launcher: { type: 'string' },
    nodes: { type: 'string' },
    grace: { type: 'string' },
    idle: { type: 'string' },
    orphan: { type: 'string' },
    alone: { type: 'boolean', default: false },
  },
});
const { launcher: folder, nodes, grace, idle, orphan, alone } = values;
if (folder === undefined || nodes === undefined) throw new Error('folders are missing');

// Removed with the whole data folder: there is nothing left to serve.
if (!existsSync(folder)) process.exit(0);

// A second launcher on the same journal would write over the first one's records.
const lock = takeLock(join(folder, 'launcher.lock'));
if (lock === undefined) process.exit(0);

const launcher = new Launcher({
  journalPath: join(folder, 'journal'),
  socketPath: join(folder, 'launcher.sock'),
  nodesFolder: nodes,
  clock: machineClock(),
  graceMilliseconds: Number(grace),
  idleMillisecondsMax: Number(idle),
  ...(orphan === undefined ? {} : { orphanMillisecondsMax: Number(orphan) }),
  exit: (everything) => {
    if (everything) endEverything();
    process.exit(0);
  },
});
await launcher.listen();

/**
 * Inside a namespace of its own, -1 is everything in it but its init, which ends when this process
 * has.
 */
function endEverything(): void {
  if (!alone) return;
  try {
    process.kill(-1, 'SIGKILL');
  } catch {
    // There is nothing else in it.
  }
}
