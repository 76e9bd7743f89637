import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchResourceFile } from './download.ts';

let server: Server;
let base = '';
let folder = '';
const asked: string[] = [];
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'batten-fetch-'));
  server = createServer((request, response) => {
    const url = request.url ?? '';
    asked.push(url);
    if (url === '/file') response.end('content');
    else if (url === '/metadata') response.writeHead(302, { location: secret }).end();
    else if (url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (url === '/cut') response.writeHead(200, { 'content-length': '9' }).write('abc', cut);
    else response.writeHead(403).end('no');
    function cut(): void {
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});

const secret = 'http://169.254.169.254/metadata/identity';
const open = { refusedPorts: [], ownAddresses: [] };
const never = new AbortController().signal;

test('a file is fetched into a folder that is made, with mode 0770 unless another is asked for', async () => {
  const file = { httpUrl: `${base}/file`, filePath: 'a/b' };
  assert.equal(await fetchResourceFile(file, folder, open, never), undefined);
  assert.equal(readFileSync(join(folder, 'a/b'), 'utf8'), 'content');
  assert.equal(statSync(join(folder, 'a/b')).mode & 0o777, 0o770);
  const other = { ...file, filePath: 'c', fileMode: '0400' };
  assert.equal(await fetchResourceFile(other, folder, open, never), undefined);
  assert.equal(statSync(join(folder, 'c')).mode & 0o777, 0o400);
});

const refusals: readonly [string, string, string, RegExp][] = [
  ['an absolute path', '/file', '/tmp/x', /leaves/],
  ['a path upwards', '/file', 'a/../../x', /leaves/],
  ['an empty path', '/file', '', /leaves/],
  ['a redirect to the metadata service', '/metadata', 'x', /linkLocal/],
  ['an endless redirect', '/loop', 'x', /redirects too often/],
  ['a refusal', '/other', 'x', /answered 403/],
  ['a body that is cut off', '/cut', 'cut', /could not be fetched/],
];
for (const [name, path, filePath, text] of refusals) {
  test(`${name} is no resource file`, async () => {
    const file = { httpUrl: `${base}${path}`, filePath };
    assert.match((await fetchResourceFile(file, folder, open, never)) ?? '', text);
    assert.equal(existsSync(join(folder, 'x')), false);
  });
}

test("Batten's own ports are not asked, by address or by name", async () => {
  const { port } = server.address() as AddressInfo;
  const rule = { refusedPorts: [port], ownAddresses: [] };
  const before = [...asked];
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '2130706433']) {
    const file = { httpUrl: `http://${host}:${port}/file`, filePath: 'own' };
    const text = await fetchResourceFile(file, folder, rule, never);
    assert.match(text ?? '', /batten|EGRESS/, host);
  }
  assert.deepEqual(asked, before);
  assert.ok(!readdirSync(folder).includes('own'));
});

test('a fetch ends when its run does', async () => {
  const file = { httpUrl: `${base}/file`, filePath: 'late' };
  const text = await fetchResourceFile(file, folder, open, AbortSignal.abort());
  assert.match(text ?? '', /could not be fetched/);
  assert.equal(existsSync(join(folder, 'late')), false);
});
