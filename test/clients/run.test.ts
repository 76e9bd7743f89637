import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { battenCommand, startChildBatten } from '#app/child-batten.ts';
import { BatchClient, BatchSharedKeyCredentials, clouds } from '#client/client.ts';

const batten = await startChildBatten();
after(() => batten.stop());
const program = fileURLToPath(new URL('run-program.ts', import.meta.url));

const { env, agent } = batten;
const credentials = new BatchSharedKeyCredentials(
  env['AZURE_BATCH_ENDPOINT'] ?? '',
  env['AZURE_BATCH_ACCOUNT'] ?? '',
  env['AZURE_BATCH_ACCESS_KEY'] ?? '',
);
await BatchClient.open(credentials, { agent }).jobs.add({
  id: 'seen',
  poolInfo: { poolId: 'none' },
});

/** Runs a command under `batten run` beside the server. */
async function run(words: readonly string[], options: readonly string[] = []) {
  const all = [battenCommand, 'run', '--data', batten.dataFolder, ...options, '--', ...words];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const exitCode = await new Promise<number | null>((ended) => child.once('close', ended));
  return {
    exitCode,
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
  };
}

for (const { name, batchAudience, loginHosts } of clouds) {
  test(`unmodified clients sign in and list jobs at the hosts of the ${name} cloud`, async () => {
    const words = [process.execPath, program, batchAudience, `https://${loginHosts[0]}`];
    const { exitCode, stdout, stderr } = await run(words, ['--cloud', name]);
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      audiences: [batchAudience, batchAudience],
      jobs: ['seen'],
      refused: 401,
    });
  });
}

const example = fileURLToPath(new URL('run-client.ts', import.meta.url));

for (const { name } of clouds) {
  test(`our own client lists jobs in the ${name} cloud as the README has it`, async () => {
    const { exitCode, stdout, stderr } = await run(
      [process.execPath, example, name],
      ['--cloud', name],
    );
    assert.deepEqual([exitCode, stdout], [0, 'seen\n'], stderr);
  });
}

const firstExample = fileURLToPath(new URL('../../examples/list-jobs.js', import.meta.url));

test("the README's first example lists jobs, and without an identity nothing", async () => {
  const words = [process.execPath, firstExample];
  const { exitCode, stdout, stderr } = await run(words);
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^https:\/\/\S+\.batch\.azure\.com has 1 jobs\nseen active\n$/);
  const unknown = await run(words, ['--no-credentials']);
  assert.deepEqual([unknown.exitCode, unknown.stdout], [1, '']);
});

test('with --no-credentials nobody is signed in', async () => {
  const words = [process.execPath, program, 'https://batch.core.windows.net/', ''];
  const { exitCode, stderr } = await run(words, ['--no-credentials']);
  assert.equal(exitCode, 1);
  assert.match(stderr, /EnvironmentCredential/);
});

test('an authority of one cloud gives no token for the Batch of another', async () => {
  const words = [process.execPath, program, 'https://batch.chinacloudapi.cn/', ''];
  const { exitCode, stderr } = await run(words, ['--cloud', 'public']);
  assert.equal(exitCode, 1);
  assert.match(stderr, /AADSTS500011/);
});

test('a host that is none of Azure is not reached', async () => {
  const script = "fetch('https://contoso.example/').catch(() => process.exit(7))";
  const { exitCode, stderr } = await run([process.execPath, '-e', script]);
  assert.equal(exitCode, 7);
  assert.match(stderr, /contoso\.example/);
});
