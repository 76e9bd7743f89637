import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { waitUntil } from '#client/client.ts';
import { running } from './batten-command.ts';

const file = join(import.meta.dirname, 'abandoned-batten.ts');
const abandoned = /^abandoned (.+)$/m;

test('a Batten ends with a file of tests that throws before it could be stopped', async (t) => {
  const { until, ended } = running(t, process.execPath, [file, 'throws']);
  const [, folder = ''] = abandoned.exec(await until(abandoned)) ?? [];
  const { exitCode } = await ended;
  assert.equal(exitCode, 1);
  await gone(folder);
});

test('a Batten ends with a program that is killed, and leaves no folder', async (t) => {
  const { child, until, ended } = running(t, process.execPath, [file, 'waits']);
  const [, folder = ''] = abandoned.exec(await until(abandoned)) ?? [];
  assert.ok(existsSync(folder));
  child.kill('SIGKILL');
  assert.equal((await ended).signal, 'SIGKILL');
  await gone(folder);
});

/** Waits until the folder is removed, which is the last thing that its server does. */
async function gone(folder: string): Promise<void> {
  assert.ok(folder.length > 0);
  const isThere = async () => existsSync(folder);
  await waitUntil('the folder is gone', isThere, (there) => !there, {
    deadlineSeconds: 30,
    intervalSeconds: 0.05,
  });
}
