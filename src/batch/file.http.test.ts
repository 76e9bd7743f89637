import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { BatchWorld, poolBody } from './test-world.ts';

let world: BatchWorld;
beforeEach(async () => {
  world = await BatchWorld.open();
  await world.ask('POST', '/pools', { body: poolBody('p', { targetDedicatedNodes: 1 }) });
  await world.engine.bringUp();
  await world.ask('POST', '/jobs', { body: { id: 'J', poolInfo: { poolId: 'p' } } });
  await world.ask('POST', '/jobs/j/tasks', { body: { id: 'T', commandLine: 'true' } });
});
afterEach(() => world.close());

async function run(): Promise<void> {
  const { files } = world.engine;
  await world.engine.exit('t');
  files.set('workitems/J/job-1/T/stdout.txt', '0123456789');
  files.set('workitems/J/job-1/T/wd/a b.txt', 'deep');
  files.set('workitems/J/job-1/T/wd/sub/data.bin', 'x');
  files.set('workitems/J/job-1/other/stdout.txt', 'not yours');
}

const file = (name: string, headers = {}) =>
  world.ask('GET', `/jobs/j/tasks/t/files/${name}`, { headers });

test('a file is read with the headers that were recorded, and without an ETag', async () => {
  await run();
  const answer = await file('stdout.txt');
  assert.deepEqual([answer.status, answer.text], [200, '0123456789']);
  assert.equal(answer.headers['Content-Type'], 'text/plain');
  assert.equal(answer.headers['ocp-batch-file-isdirectory'], 'False');
  assert.equal(answer.headers['ocp-batch-file-mode'], '0o100644');
  assert.equal(
    answer.headers['ocp-batch-file-url'],
    'https%3A%2F%2Fcontoso.westeurope.batch.azure.com%2Fjobs%2Fj%2Ftasks%2Ft%2Ffiles%2Fstdout.txt',
  );
  assert.ok(answer.headers['Last-Modified']);
  assert.deepEqual(
    [answer.headers['ETag'], answer.headers['Content-Length']],
    [undefined, undefined],
  );
});

test('HEAD gives the length and no body', async () => {
  await run();
  const answer = await world.ask('HEAD', '/jobs/j/tasks/t/files/wd%2Fa%20b.txt', { as: 'key' });
  assert.deepEqual([answer.status, answer.text, answer.headers['Content-Length']], [200, '', '4']);
  const directory = await world.ask('HEAD', '/jobs/j/tasks/t/files/wd');
  assert.equal(directory.headers['ocp-batch-file-isdirectory'], 'True');
  assert.equal((await world.ask('HEAD', '/jobs/j/tasks/t/files/none')).status, 404);
});

test('an encoded slash is part of the one path segment', async () => {
  await run();
  assert.equal((await file('wd%2Fa%20b.txt')).text, 'deep');
  assert.equal((await file('wd/a%20b.txt')).json.code, 'InvalidUri');
});

const ranges: readonly (readonly [header: string, status: number, text: string])[] = [
  ['bytes=1-2', 200, '12'],
  ['bytes=7-', 200, '789'],
  ['bytes=8-99', 200, '89'],
  ['bytes=10-11', 416, 'InvalidRange'],
  ['bytes=3-2', 400, 'InvalidHeaderValue'],
  ['bytes=-3', 400, 'InvalidHeaderValue'],
  ['lines=1-2', 400, 'InvalidHeaderValue'],
];

for (const [header, status, text] of ranges) {
  test(`ocp-range ${header} answers ${status}`, async () => {
    await run();
    const answer = await file('stdout.txt', { 'ocp-range': header });
    assert.equal(answer.status, status);
    assert.equal(status === 200 ? answer.text : answer.json.code, text);
    assert.equal(answer.headers['Content-Range'], undefined);
  });
}

for (const path of [
  '..%2Fother%2Fstdout.txt',
  'wd%2F..%2F..%2Fother%2Fstdout.txt',
  '..',
  'none.txt',
  '..%5Cother',
]) {
  test(`the path ${path} reaches nothing`, async () => {
    await run();
    assert.equal((await file(path)).json.code, 'FileNotFound');
  });
}

test('a directory is no file', async () => {
  await run();
  assert.deepEqual([(await file('wd')).status, (await file('wd')).json.code], [403, 'IOError']);
});

test('a task that has not run has no files', async () => {
  for (const path of ['files', 'files/stdout.txt']) {
    const answer = await world.ask('GET', `/jobs/j/tasks/t/${path}`);
    assert.deepEqual([answer.status, answer.json.code], [409, 'TaskFilesUnavailable']);
  }
});

test('a list shows one level or all, files with properties and directories without', async () => {
  await run();
  const top = await world.ask('GET', '/jobs/j/tasks/t/files');
  assert.deepEqual(top.json.value, [
    {
      name: 'stdout.txt',
      url: 'https://contoso.westeurope.batch.azure.com/jobs/J/tasks/T/files/stdout.txt',
      isDirectory: false,
      properties: {
        lastModified: '2026-11-20T09:00:00.1234Z',
        contentLength: '10',
        contentType: 'text/plain',
        fileMode: '0o100644',
      },
    },
    {
      name: 'wd',
      url: 'https://contoso.westeurope.batch.azure.com/jobs/J/tasks/T/files/wd',
      isDirectory: true,
    },
  ]);
  const names = async (query: string) => {
    const answer = await world.ask('GET', `/jobs/j/tasks/t/files?recursive=true${query}`);
    return answer.json.value.map(({ name }: { name: string }) => name);
  };
  assert.deepEqual(await names(''), ['stdout.txt', 'wd', 'wd/a b.txt', 'wd/sub/data.bin']);
  assert.deepEqual(await names("&$filter=startswith(name,'wd/')"), [
    'wd/a b.txt',
    'wd/sub/data.bin',
  ]);
  assert.deepEqual(await names('&maxresults=1'), ['stdout.txt']);
});

test('a file is not sent again to who has it', async () => {
  await run();
  const { headers } = await file('stdout.txt');
  const again = await file('stdout.txt', { 'if-modified-since': headers['Last-Modified'] });
  assert.deepEqual([again.status, again.text], [304, '']);
});
