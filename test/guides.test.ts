import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestContext, test } from 'node:test';

const clone = resolve(import.meta.dirname, '..');
const guides = ['service-principal', 'custom-role', 'clock', 'tokens', 'sign-in-from-typescript'];

/** Longest time that a guide may take, in milliseconds. */
const guideMillisecondsMax = 120_000;

/** The shell blocks of a page, in order, as one script that stops at the first failure. */
function scriptOf(page: string): string {
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
  assert.ok(blocks.length > 0, 'the page has no shell block');
  const batten = `npx() { shift; '${process.execPath}' '${join(clone, 'bin', 'batten.js')}' "$@"; }`;
  return ['set -euo pipefail', batten, ...blocks].join('\n');
}

async function start(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'batten-guide-'));
  const batten = join(clone, 'bin', 'batten.js');
  const server = spawn(
    process.execPath,
    [batten, 'up', '--port', '0', '--json', '--dev-clock', '--data', folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.after(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  await once(createInterface(server.stdout), 'line');
  return folder;
}

for (const guide of guides) {
  test(`each block of the guide ${guide} does what the page says`, async (t) => {
    const missing = ['bash', 'curl', 'openssl'].find(
      (tool) => spawnSync(tool, ['--version']).error,
    );
    if (missing !== undefined) return t.skip(`${missing} is not on this machine`);
    const page = readFileSync(join(clone, 'docs', 'guides', `${guide}.md`), 'utf8');
    const folder = await start(t);
    const shell = await new Promise<{ failed: boolean; text: string }>((done) => {
      execFile(
        'bash',
        ['-c', scriptOf(page)],
        { cwd: clone, timeout: guideMillisecondsMax, env: { ...process.env, BATTEN_DATA: folder } },
        (error, stdout, stderr) => done({ failed: error !== null, text: `${stdout}\n${stderr}` }),
      );
    });
    assert.equal(shell.failed, false, shell.text);
  });
}
