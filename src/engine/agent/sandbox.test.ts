import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type SandboxTool, sandboxCommand } from './sandbox-command.ts';

const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

/**
 * Runs a shell script in a sandbox over a fresh data folder; undefined where the tool cannot make
 * one.
 */
function runIn(tool: SandboxTool, script: string): string | undefined {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'batten-sandbox-')));
  try {
    const [data, keys] = [join(folder, 'data'), join(folder, 'keys')];
    const disk = join(folder, 'disk');
    const [nodes, launcher] = [join(data, 'nodes'), join(data, 'launcher')];
    for (const one of [nodes, launcher, keys]) mkdirSync(one, { recursive: true });
    for (const one of [data, keys]) writeFileSync(join(one, 'secret'), 'secret');
    writeFileSync(disk, 'everything');
    const sandbox = { data, nodes, launcher, hidden: [keys], disks: [disk] };
    const shell = ['sh', '-c', `cd ${folder}; ${script}; exit 0`];
    const [program = '', ...parameters] = sandboxCommand(tool, sandbox, user, shell);
    const ran = spawnSync(program, parameters, { encoding: 'utf8', timeout: 5000 });
    return ran.status === 0 ? ran.stdout : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const scripts: readonly [string, string, string][] = [
  ['the data folder holds only what is put back', 'ls data', 'launcher\nnodes\n'],
  ['a disk is empty', 'cat disk', ''],
  ['hidden folders are empty', 'ls -A keys', ''],
  [
    'nothing can be written beside what is put back',
    'touch data/x keys/x; ls -A data keys',
    'data:\nlauncher\nnodes\n\nkeys:\n',
  ],
  ['what is put back can be written', 'echo a > data/nodes/x; cat data/nodes/x', 'a\n'],
  [
    'the cover cannot be taken off',
    'umount data keys; ls -A data keys',
    'data:\nlauncher\nnodes\n\nkeys:\n',
  ],
  [
    'nor by root of another namespace',
    'unshare --user --map-root-user --mount umount data keys; ls -A keys',
    '',
  ],
  ['the first process shows no more', 'ls -A /proc/1/root$(pwd)/keys 2>/dev/null', ''],
  ['the user is the same as outside', 'id -u', `${user.uid}\n`],
];
for (const tool of ['unshare', 'bwrap'] as const) {
  const isHere = runIn(tool, 'echo here') === 'here\n';
  for (const [name, script, expected] of scripts) {
    test(`${tool}: ${name}`, { skip: !isHere && `${tool} makes no sandbox here` }, () => {
      assert.equal(runIn(tool, script), expected);
    });
  }
}
