import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { parseArgs } from 'node:util';
import { agentLock, engineFolders, serverSocket, tokenFile } from '#engine/paths.ts';
import type { MachineFacts } from '#engine/protocol.ts';
import { machineClock } from '#kernel/clock.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { machineRandom } from '#kernel/random.ts';
import { takeLock } from '#store/lock.ts';
import { Agent } from './agent.ts';
import { closeInherited } from './inherited.ts';
import { findSandboxTool, startLauncher } from './sandbox.ts';
import { ServerLink } from './server-link.ts';

/**
 * Entry of the node agent. The server starts it, detached, when the lock of the data folder is
 * free; it outlives the server and ends itself when it has been an orphan without work for the idle
 * time. With `--ephemeral` it ends everything when its standard input ends.
 */
/** Time in which another agent may come to an ephemeral launcher, in milliseconds. */
const orphanMillisecondsMax = 5000;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    isolation: { type: 'string' },
    hide: { type: 'string', multiple: true, default: [] },
    grace: { type: 'string' },
    idle: { type: 'string' },
    ephemeral: { type: 'boolean', default: false },
  },
});
closeInherited();
if (values.data === undefined) throw new Error('--data is missing');
const dataFolder = realpathSync(values.data);
const folders = engineFolders(dataFolder);
for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 });

const lock = takeLock(agentLock(folders));
if (lock === undefined) process.exit(0);

const tool = values.isolation === 'none' ? undefined : findSandboxTool(folders);
const idleMillisecondsMax = Number(values.idle);
const agent = new Agent({
  session: machineRandom().guid(),
  server: new ServerLink(serverSocket(folders), readFileSync(tokenFile(folders), 'utf8').trim()),
  launcher: {
    folders,
    start: () =>
      startLauncher(tool, {
        folders,
        dataFolder,
        hidden: values.hide,
        graceMilliseconds: Number(values.grace),
        idleMillisecondsMax,
        orphanMillisecondsMax: values.ephemeral ? orphanMillisecondsMax : undefined,
      }).pid,
  },
  facts: machineFacts(tool === undefined ? 'none' : 'node'),
  clock: machineClock(),
  idleMillisecondsMax,
  isHomeless: () => !existsSync(tokenFile(folders)),
  exit: () => process.exit(0),
});
if (values.ephemeral) process.stdin.resume().on('close', () => agent.end());
await agent.run();

function machineFacts(level: MachineFacts['isolation']): MachineFacts {
  const manifest = new URL('../../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  const outer = addresses.find((one) => one.family === 'IPv4' && !one.internal);
  const boot = /^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'));
  return {
    agentVersion: version,
    hostName: hostname(),
    address: outer?.address ?? '127.0.0.1',
    bootedAt: instantOfSeconds(Number(boot?.[1] ?? 0)),
    isolation: level,
  };
}
