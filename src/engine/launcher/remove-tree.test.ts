import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeTree } from './remove-tree.ts';

test('closed and read-only directories go, and what links point to stays', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'batten-remove-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const [tree, outside] = [join(folder, 'tree'), join(folder, 'outside')];
  mkdirSync(join(tree, 'cache/module/deep'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'kept'), '');
  writeFileSync(join(tree, 'cache/module/deep/file'), '');
  symlinkSync(outside, join(tree, 'cache/link'));
  chmodSync(join(tree, 'cache/module/deep'), 0);
  chmodSync(join(tree, 'cache/module'), 0o555);
  chmodSync(join(tree, 'cache'), 0o500);
  await removeTree(tree);
  assert.equal(existsSync(tree), false);
  assert.deepEqual(readdirSync(outside), ['kept']);
});

test('what is not there is removed already', async () => {
  await removeTree(join(tmpdir(), 'batten-remove-none/x'));
});
