import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type ChildBatten, startChildBatten } from '#app/child-batten.ts';
import { batten, type Ended, temporaryFolder } from './batten-command.ts';

let server: ChildBatten;
before(async () => {
  server = await startChildBatten();
});
after(() => server.stop());

/** `batten run` on the running server, with a program for Node as its command. */
function runNode(
  t: TestContext,
  program: string,
  options: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const command = [process.execPath, '--input-type=module', '-e', program];
  return batten(t, ['run', '--data', server.dataFolder, ...options, '--', ...command], variables)
    .ended;
}

/** Signs in as the ready service principal at the authority that the environment names, and prints whose token it got. */
const signIn = `
  const { AZURE_AUTHORITY_HOST: host, AZURE_TENANT_ID: tenant, BATTEN_ARM_ENDPOINT: arm } = process.env;
  const reply = await fetch(host + '/' + tenant + '/oauth2/v2.0/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: process.env.AZURE_CLIENT_ID,
      client_secret: process.env.AZURE_CLIENT_SECRET,
      scope: arm + '/.default',
    }),
  });
  const { access_token: token = '' } = await reply.json();
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url'));
  const listed = await fetch(arm + '/subscriptions?api-version=2022-12-01', {
    headers: { authorization: 'Bearer ' + token },
  });
  const jobs = await fetch(process.env.AZURE_BATCH_ENDPOINT + '/jobs?api-version=2022-10-01.16.0');
  console.log([host, reply.status, claims.aud, listed.status, jobs.status].join(' '));
`;

test("in every cloud the command reaches Batten by Azure's own names", async (t) => {
  const rows = [
    ['public', 'https://login.microsoftonline.com 200 https://management.azure.com 200 401\n'],
    ['china', 'https://login.chinacloudapi.cn 200 https://management.chinacloudapi.cn 200 401\n'],
    [
      'usgov',
      'https://login.microsoftonline.us 200 https://management.usgovcloudapi.net 200 401\n',
    ],
  ] as const;
  for (const [cloud, line] of rows) {
    const ended = await runNode(t, signIn, ['--cloud', cloud]);
    assert.deepEqual([ended.stdout, ended.stderr, ended.exitCode], [line, '', 0]);
  }
});

test('a wrong secret is refused behind the proxy as anywhere', async (t) => {
  const ended = await runNode(t, `process.env.AZURE_CLIENT_SECRET = 'wrong';${signIn}`);
  assert.equal(ended.stdout, 'https://login.microsoftonline.com 401  401 401\n');
});

test('a host that is none of Azure is refused, and the person is told once', async (t) => {
  const program = `
    for (const host of ['example.org', 'example.org', 'vault.azure.net'])
      await fetch('https://' + host).then(() => console.log('reached'), () => console.log('refused'));
  `;
  const ended = await runNode(t, program);
  assert.equal(ended.stdout, 'refused\nrefused\nrefused\n');
  const told = ended.stderr
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('batten run: '));
  assert.deepEqual(told, [
    'batten run: Batten does not answer for example.org; batten run --allow-internet lets the command reach other hosts.',
    'batten run: Batten does not answer for vault.azure.net; batten run --allow-internet lets the command reach other hosts.',
  ]);
});

test('with --allow-internet another host is reached, and what is meant for Azure still is not', async (t) => {
  const program = `
    import { createServer } from 'node:http';
    const other = createServer((request, response) => response.end('other')).listen(0, '127.0.0.2');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address();
    for (const url of ['http://127.0.0.2:' + port, 'http://169.254.169.254/metadata', 'http://management.azure.com/'])
      console.log(await fetch(url).then((reply) => reply.text(), () => 'refused'));
    other.close();
  `;
  const open = await runNode(t, program, ['--allow-internet']);
  assert.equal(open.stdout, 'other\nrefused\nrefused\n');
  const closed = await runNode(t, program);
  assert.equal(closed.stdout, 'refused\nrefused\nrefused\n');
});

test('the proxy is nobody else’s: without its credential it leads nowhere', async (t) => {
  const program = `
    import { request } from 'node:http';
    const proxy = new URL(process.env.HTTPS_PROXY);
    const attempt = (headers) => new Promise((resolve) => {
      const call = request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: 'login.microsoftonline.com:443', headers });
      call.once('connect', (reply, socket) => { socket.destroy(); resolve(reply.statusCode); });
      call.end();
    });
    const basic = (text) => ({ 'proxy-authorization': 'Basic ' + Buffer.from(text).toString('base64') });
    console.log(await attempt({}), await attempt(basic('batten:guess')), await attempt(basic(proxy.username + ':' + proxy.password)));
  `;
  assert.equal((await runNode(t, program)).stdout, '407 407 200\n');
});

test('absolute-form requests, which some clients send even for https, are answered', async (t) => {
  const program = `
    import { request } from 'node:http';
    const proxy = new URL(process.env.HTTPS_PROXY);
    const path = 'https://login.chinacloudapi.cn/common/discovery/instance?api-version=1.1&authorization_endpoint=https://login.chinacloudapi.cn/common/oauth2/v2.0/authorize';
    const headers = { host: 'login.chinacloudapi.cn', 'proxy-authorization': 'Basic ' + Buffer.from(proxy.username + ':' + proxy.password).toString('base64') };
    const call = request({ host: proxy.hostname, port: proxy.port, path, headers });
    call.once('response', async (reply) => {
      let body = '';
      for await (const chunk of reply) body += chunk;
      console.log(reply.statusCode, JSON.parse(body).tenant_discovery_endpoint);
    });
    call.end();
  `;
  assert.match((await runNode(t, program)).stdout, /^200 https:\/\/login\.[a-z.]+\.cn\//);
});

test('exit code and signals pass through', async (t) => {
  const inShell = (script: string, words: readonly string[] = []) =>
    batten(t, ['run', '--data', server.dataFolder, '--', 'sh', '-c', script, 'sh', ...words]);
  assert.equal((await inShell('exit 7').ended).exitCode, 7);
  assert.equal((await inShell('exit 0').ended).exitCode, 0);
  assert.equal((await inShell('printf %s "$1"', ['--cloud']).ended).stdout, '--cloud');
  const killed = await inShell('kill -KILL $$').ended;
  assert.deepEqual([killed.exitCode, killed.signal], [null, 'SIGKILL']);
  const trapping = inShell(
    'trap "echo heard; exit 5" TERM; echo ready; while :; do sleep 0.1; done',
  );
  await trapping.until(/ready/);
  trapping.child.kill('SIGTERM');
  const heard = await trapping.ended;
  assert.deepEqual([heard.exitCode, heard.stdout], [5, 'ready\nheard\n']);
  const plain = inShell('echo ready; exec sleep 60');
  await plain.until(/ready/);
  plain.child.kill('SIGINT');
  assert.equal((await plain.ended).signal, 'SIGINT');
});

test('a command that cannot be started is one line, with the exit code that a shell would give', async (t) => {
  const folder = await temporaryFolder(t);
  const file = join(folder, 'data');
  await writeFile(file, 'no program', { mode: 0o600 });
  const start = (word: string) => batten(t, ['run', '--data', server.dataFolder, '--', word]).ended;
  const missing = await start('no-such-program-here');
  assert.equal(missing.exitCode, 127);
  assert.equal(
    missing.stderr,
    'batten: cannot run no-such-program-here: there is no such program\n',
  );
  const closed = await start(file);
  assert.equal(closed.exitCode, 126);
  assert.equal(closed.stderr, `batten: cannot run ${file}: EACCES\n`);
});

const printEnvironment = 'console.log(JSON.stringify(process.env))';

test('other identities and ways around the proxy are taken out of the environment', async (t) => {
  const own = {
    AZURE_USERNAME: 'someone',
    AZURE_CLIENT_CERTIFICATE_PATH: '/some/certificate',
    AZURE_FEDERATED_TOKEN_FILE: '/some/token',
    IDENTITY_ENDPOINT: 'http://127.0.0.1:1/',
    NO_PROXY: '*',
    no_proxy: '.azure.com',
    KEPT: 'yes',
  };
  const found = JSON.parse((await runNode(t, printEnvironment, [], own)).stdout);
  assert.equal(found.KEPT, 'yes');
  assert.deepEqual([found.NO_PROXY, found.no_proxy], Array(2).fill('localhost,127.0.0.1,::1'));
  for (const name of [
    'AZURE_USERNAME',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_FEDERATED_TOKEN_FILE',
    'IDENTITY_ENDPOINT',
  ]) {
    assert.equal(found[name], undefined, name);
  }
  const { env } = server;
  for (const name of [
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_BATCH_ACCESS_KEY',
    'BATTEN_URL',
    'BATTEN_CA_FILE',
  ]) {
    assert.equal(found[name], env[name], name);
  }
  assert.equal(found.AZURE_BATCH_ENDPOINT, 'https://mybatchaccount.westeurope.batch.azure.com');
  assert.equal(found.NODE_USE_ENV_PROXY, '1');
  assert.match(found.HTTPS_PROXY, /^http:\/\/batten:[\w-]{32}@127\.0\.0\.1:\d+$/);
});

test("az keeps what it knows beside Batten's data, unless the person named a folder", async (t) => {
  const program = 'console.log(process.env.AZURE_CONFIG_DIR)';
  const own = await runNode(t, program);
  assert.equal(own.stdout, `${join(server.dataFolder, 'azure-cli')}\n`);
  const named = await runNode(t, program, [], { AZURE_CONFIG_DIR: '/named' });
  assert.equal(named.stdout, '/named\n');
});

test('--no-credentials leaves the ready identity out, and what was there before', async (t) => {
  const own = { AZURE_CLIENT_ID: 'mine', AZURE_CLIENT_SECRET: 'mine too' };
  const ended = await runNode(t, printEnvironment, ['--no-credentials'], own);
  const found = JSON.parse(ended.stdout);
  for (const name of [
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_BATCH_ACCESS_KEY',
    'BATTEN_USERNAME',
    'BATTEN_PASSWORD',
  ]) {
    assert.equal(found[name], undefined, name);
  }
  assert.equal(found.AZURE_TENANT_ID, server.env['AZURE_TENANT_ID']);
  assert.equal(found.AZURE_AUTHORITY_HOST, 'https://login.microsoftonline.com');
});

test('a side that was asked for is that of the running Batten, or the command does not run', async (t) => {
  const program = "console.log('ran')";
  const same = await runNode(t, program, ['--compat', 'azure']);
  assert.equal(same.stdout, 'ran\n');
  const other = await runNode(t, program, ['--compat', 'hardened']);
  assert.deepEqual([other.exitCode, other.stdout], [1, '']);
  assert.match(other.stderr, /^batten: the Batten on .* runs with --compat azure; .*\n$/);
  const unsaid = await runNode(t, program, [], { BATTEN_COMPAT: 'hardened' });
  assert.equal(unsaid.stdout, 'ran\n');
});

const passwordGrant = `
  const { AZURE_AUTHORITY_HOST: host, AZURE_TENANT_ID: tenant } = process.env;
  const reply = await fetch(host + '/' + tenant + '/oauth2/v2.0/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
      username: process.env.BATTEN_USERNAME,
      password: process.env.BATTEN_PASSWORD,
      scope: 'https://management.azure.com/.default',
    }),
  });
  console.log(reply.status);
`;

test('a Batten of its own is on the side that was asked for', async (t) => {
  const data = join(await temporaryFolder(t), 'data');
  const command = [process.execPath, '--input-type=module', '-e', passwordGrant];
  for (const [side, status] of [
    ['azure', 200],
    ['hardened', 400],
  ] as const) {
    const words = ['run', '--data', data, '--compat', side, '--', ...command];
    assert.equal((await batten(t, words).ended).stdout, `${status}\n`, side);
  }
});

test('where no server runs, the command gets a Batten of its own, of which nothing is left', async (t) => {
  const folder = await temporaryFolder(t);
  const temporary = join(folder, 'tmp');
  await mkdir(temporary);
  const data = join(folder, 'data');
  const command = [process.execPath, '--input-type=module', '-e', signIn];
  const words = ['run', '--data', data, '--', ...command];
  const ended = await batten(t, words, { TMPDIR: temporary }).ended;
  assert.equal(
    ended.stdout,
    'https://login.microsoftonline.com 200 https://management.azure.com 200 401\n',
  );
  assert.match(ended.stderr, /^batten run: no Batten runs on .*, so this command gets its own/);
  // Node's own cache of compiled code is the one thing that stays.
  const left = (await readdir(temporary)).filter((name) => name !== 'node-compile-cache');
  assert.deepEqual(left, []);
  assert.deepEqual(await readdir(folder), ['tmp']);
});
