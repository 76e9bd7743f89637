import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineClock } from '#kernel/clock.ts';
import { silentLog } from '#kernel/log.ts';
import { AgentKeeper } from './agent-keeper.ts';
import { engineFolders } from './paths.ts';
import { commandsBelow } from './test-processes.ts';

test('an ephemeral agent that was only just started has ended when close returns', async (t) => {
  const dataFolder = mkdtempSync(join(tmpdir(), 'batten-keeper-'));
  t.after(() => rmSync(dataFolder, { recursive: true, force: true }));
  for (const folder of Object.values(engineFolders(dataFolder))) {
    mkdirSync(folder, { recursive: true });
  }
  const keeper = new AgentKeeper({
    dataFolder,
    isolation: 'none',
    hidden: [],
    graceMilliseconds: 100,
    idleMillisecondsMax: 1000,
    ephemeral: true,
    clock: machineClock(),
    log: silentLog,
    silent: () => {},
  });
  await keeper.close();
  assert.deepEqual(commandsBelow(dataFolder), []);
});
