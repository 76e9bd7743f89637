import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { batten, running, temporaryFolder } from './batten-command.ts';

type Variables = Readonly<Record<string, string>>;

/** The names of `env` are a contract. */
const contractNames = [
  'AZURE_AUTHORITY_HOST',
  'AZURE_BATCH_ACCESS_KEY',
  'AZURE_BATCH_ACCOUNT',
  'AZURE_BATCH_ENDPOINT',
  'AZURE_CLIENT_ID',
  'AZURE_CLIENT_SECRET',
  'AZURE_SUBSCRIPTION_ID',
  'AZURE_TENANT_ID',
  'BATTEN_ARM_ENDPOINT',
  'BATTEN_CA_FILE',
  'BATTEN_GRAPH_ENDPOINT',
  'BATTEN_LOCATION',
  'BATTEN_PASSWORD',
  'BATTEN_RESOURCE_GROUP',
  'BATTEN_URL',
  'BATTEN_USERNAME',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'SSL_CERT_FILE',
];

/** A token request with these variables: the status, and what was said. */
async function signIn(variables: Variables): Promise<{ status: number; body: string }> {
  const { BATTEN_URL: url, AZURE_TENANT_ID: tenantId, BATTEN_CA_FILE: roots = '' } = variables;
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: variables['AZURE_CLIENT_ID'] ?? '',
    client_secret: variables['AZURE_CLIENT_SECRET'] ?? '',
    scope: 'https://management.azure.com/.default',
  });
  const call = request(`${url}/${tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    ca: await readFile(roots),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    agent: false,
  });
  call.end(form.toString());
  const [response] = await once(call, 'response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

test('a first start makes an identity ready, and a second start on the folder finds it', async (t) => {
  const data = await temporaryFolder(t);
  const up = batten(t, ['up', '--port', '0', '--data', data]);
  const card = await up.until(/^Next .*$/m);
  const printed = await batten(t, ['env', '--format', 'json', '--data', data]).ended;
  const variables = JSON.parse(printed.stdout) as Variables;
  assert.deepEqual(Object.keys(variables).sort(), contractNames);
  for (const name of ['BATTEN_URL', 'AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET', 'BATTEN_PASSWORD']) {
    assert.ok(card.includes(variables[name] ?? name), `the card shows ${name}`);
  }
  assert.match(card, /user +admin@contoso\.onmicrosoft\.com +password \S+\n/);
  assert.equal((await signIn(variables)).status, 200);
  const wrong = await signIn({ ...variables, AZURE_CLIENT_SECRET: 'wrong' });
  assert.equal(wrong.status, 401);
  assert.match(wrong.body, /AADSTS7000215/);

  const second = await batten(t, ['up', '--port', '0', '--data', data]).ended;
  assert.equal(second.exitCode, 1);
  assert.equal(
    second.stderr,
    `batten: another Batten is running on ${data}; stop it, or choose another folder with --data\n`,
  );
  assert.equal(second.stdout, '');
  assert.equal((await signIn(variables)).status, 200, 'the first server goes on');

  up.child.kill('SIGTERM');
  assert.equal((await up.ended).exitCode, 0);
  const whileDown = await batten(t, ['env', '--format', 'json', '--data', data]).ended;
  assert.equal(whileDown.stdout, printed.stdout);

  const again = batten(t, ['up', '--port', '0', '--data', data, '--json']);
  const ready = JSON.parse(await again.until(/\n/)) as { url: string; environment: Variables };
  const moved = JSON.parse(
    printed.stdout.replaceAll(variables['BATTEN_URL'] ?? '', ready.url),
  ) as Variables;
  assert.deepEqual(ready.environment, moved);
  assert.equal((await signIn(moved)).status, 200);
  again.child.kill('SIGINT');
  assert.equal((await again.ended).exitCode, 130);
});

test('the shell form survives any value', async (t) => {
  const data = await temporaryFolder(t);
  const folder = join(data, "it's $HOME `here`");
  const up = batten(t, ['up', '--port', '0', '--data', folder, '--json']);
  await up.until(/\n/);
  const script = 'eval "$("$0" "$1" env --data "$2")" && printf %s "$BATTEN_CA_FILE"';
  const words = ['-c', script, process.execPath, join(import.meta.dirname, '../bin/batten.js')];
  const shell = await running(t, 'sh', [...words, folder]).ended;
  assert.equal(shell.stdout, join(folder, 'certificates', 'roots.pem'));
  up.child.kill('SIGTERM');
  await up.ended;
});

test('everything in the folder is for its owner alone, and no secret is in the database', async (t) => {
  const data = join(await temporaryFolder(t), 'new');
  const up = batten(t, ['up', '--port', '0', '--data', data, '--json']);
  const { environment } = JSON.parse(await up.until(/\n/)) as { environment: Variables };
  up.child.kill('SIGTERM');
  const { stderr } = await up.ended;
  assert.equal((await stat(data)).mode & 0o777, 0o700);
  assert.equal((await stat(join(data, 'key'))).mode & 0o777, 0o600);
  const names = await readdir(data);
  assert.ok(names.includes('batten.db') && names.includes('ready.json'));
  for (const name of names.filter((one) => /^batten\.db|^ready\.json/.test(one))) {
    const bytes = (await readFile(join(data, name))).toString('latin1');
    for (const secret of ['AZURE_CLIENT_SECRET', 'AZURE_BATCH_ACCESS_KEY', 'BATTEN_PASSWORD']) {
      assert.ok(!bytes.includes(environment[secret] ?? secret), `${secret} in ${name}`);
    }
  }
  assert.equal(stderr, '');
});

test('a key file that others can read is closed with a warning, and the operator’s own is refused', async (t) => {
  const data = await temporaryFolder(t);
  const start = () => batten(t, ['up', '--port', '0', '--data', data, '--json']);
  const first = start();
  await first.until(/\n/);
  first.child.kill('SIGTERM');
  await first.ended;
  const key = join(data, 'key');
  await chmod(key, 0o644);
  const second = start();
  await second.until(/\n/);
  second.child.kill('SIGTERM');
  const { stderr } = await second.ended;
  assert.match(stderr, /others could read the key file; now only its owner can/);
  assert.ok(!stderr.includes((await readFile(key, 'utf8')).trim()));
  assert.equal((await stat(key)).mode & 0o777, 0o600);
  const named = join(data, 'named-key');
  await writeFile(named, await readFile(key), { mode: 0o600 });
  await chmod(named, 0o604);
  const refused = await batten(t, ['up', '--port', '0', '--data', data], {
    BATTEN_KEY_FILE: named,
  }).ended;
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /^batten: the key file .* cannot be used: everybody on .*\n$/);
  assert.equal((await stat(named)).mode & 0o777, 0o604);
});

test('what stands in the way of a start is one clear line, and the exit code is not zero', async (t) => {
  const folder = await temporaryFolder(t);
  const taken = createServer();
  t.after(() => taken.close());
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const path = (name: string) => join(folder, name);
  await writeFile(path('file'), 'not a folder');
  await writeFile(path('bad.yaml'), 'tenants:\n  - displayName: X\n');
  await writeFile(path('short-key'), 'short');
  await mkdir(path('garbage'));
  await writeFile(path('garbage/key'), Buffer.alloc(32, 1), { mode: 0o600 });
  await mkdir(path('keyless'));
  await writeFile(path('keyless/batten.db'), '');
  await writeFile(
    path('garbage/batten.db'),
    'this is no database, whatever its name says'.repeat(100),
  );
  const fresh = () => ['--data', path(`fresh-${++folders}`)];
  let folders = 0;
  const rows: readonly (readonly [readonly string[], number, RegExp, Variables?])[] = [
    [['up', ...fresh(), '--port', String(port)], 1, /port \d+ on 127.0.0.1 is in use/],
    [['up', ...fresh(), '--port', '0', '--host', '192.0.2.1'], 1, /cannot listen on 192.0.2.1/],
    [['up', ...fresh(), '--port', 'x'], 2, /--port is "x"; it must be a number/],
    [
      ['up', ...fresh(), '--port', '0', '--seed', path('bad.yaml')],
      1,
      /tenants\.0\.domains: it is missing/,
    ],
    [['up', ...fresh(), '--port', '0', '--seed', path('none.yaml')], 1, /it does not exist/],
    [['up', '--port', '0', '--data', path('file')], 1, /the data folder .*file cannot be used/],
    [
      ['up', '--port', '0', '--data', path('garbage')],
      1,
      /the data folder .*garbage cannot be used/,
    ],
    [['up', '--port', '0', '--data', path('keyless')], 1, /the key file .* it is missing, and /],
    [['up', ...fresh(), '--colour'], 2, /unknown option '--colour'/],
    [['up', ...fresh(), 'now'], 2, /too many arguments/],
    [['down'], 2, /unknown command 'down'/],
    [['env', ...fresh()], 1, /has not run on .* yet; start it once with batten up/],
    [['env', ...fresh(), '--format', 'xml'], 2, /--format is "xml"; it must be sh or json/],
    [
      ['run', '--cloud', 'mars', '--', 'true'],
      2,
      /--cloud is "mars"; it must be one of public, china, usgov/,
    ],
    [['run'], 2, /missing required argument 'command'/],
    [
      ['up', ...fresh(), '--port', '0'],
      1,
      /the key file .*short-key cannot be used/,
      { BATTEN_KEY_FILE: path('short-key') },
    ],
    [
      ['up', ...fresh(), '--port', '0'],
      2,
      /BATTEN_LOG is "loud"; it must be/,
      { BATTEN_LOG: 'loud' },
    ],
    [['up', ...fresh(), '--compat', 'safe'], 2, /--compat is "safe"; it must be one of azure, /],
    [['run', '--compat', 'safe', '--', 'true'], 2, /--compat is "safe"; it must be one of /],
    [['up', ...fresh()], 2, /BATTEN_COMPAT is "safe"; it must be/, { BATTEN_COMPAT: 'safe' }],
    [
      ['up', ...fresh()],
      2,
      /BATTEN_TOKEN_REQUESTS_PER_MINUTE is "0"; it must be a number from 1/,
      { BATTEN_TOKEN_REQUESTS_PER_MINUTE: '0' },
    ],
  ];
  for (const [words, exitCode, line, variables] of rows) {
    const ended = await batten(t, words, variables).ended;
    const told = `${words.join(' ')}: ${ended.stderr}`;
    assert.equal(ended.exitCode, exitCode, told);
    assert.match(ended.stderr, line, told);
    assert.equal(ended.stderr.trimEnd().split('\n').length, 1, told);
    assert.equal(ended.stdout, '', told);
  }
  assert.equal(await readFile(path('file'), 'utf8'), 'not a folder');
});

test('data of a newer Batten, or of another key, are refused untouched', async (t) => {
  const data = await temporaryFolder(t);
  const up = batten(t, ['up', '--port', '0', '--data', data, '--json']);
  await up.until(/\n/);
  up.child.kill('SIGTERM');
  await up.ended;
  const key = await readFile(join(data, 'key'));
  await writeFile(join(data, 'key'), Buffer.alloc(32, 9));
  const locked = await batten(t, ['up', '--port', '0', '--data', data]).ended;
  assert.equal(locked.exitCode, 1);
  assert.match(locked.stderr, /^batten: the data folder .* was sealed with another key; .*\n$/);
  const sealed = await batten(t, ['env', '--data', data]).ended;
  assert.equal(sealed.exitCode, 1);
  assert.match(sealed.stderr, /^batten: the data folder .* was sealed with another key; .*\n$/);
  await writeFile(join(data, 'key'), key);
  const database = new DatabaseSync(join(data, 'batten.db'));
  database.exec("INSERT INTO migration (room, number) VALUES ('batch', 9000)");
  database.close();
  const newer = await batten(t, ['up', '--port', '0', '--data', data]).ended;
  assert.equal(newer.exitCode, 1);
  assert.match(newer.stderr, /^batten: the data was written by a newer Batten .*\n$/);
});

test('SIGTERM to npm itself ends the server with 0', async (t) => {
  const data = await temporaryFolder(t);
  // npm writes a log below its home.
  const words = ['start', '--silent', '--', '--port', '0', '--data', data, '--json'];
  const npm = running(t, 'npm', words, { HOME: await temporaryFolder(t) });
  const { pid } = JSON.parse(await npm.until(/\n/)) as { pid: number };
  assert.notEqual(pid, npm.child.pid);
  npm.child.kill('SIGTERM');
  assert.equal((await npm.ended).exitCode, 0);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

test('beyond loopback no identity is made ready unless it is asked for', async (t) => {
  const data = await temporaryFolder(t);
  const plain = join(data, 'plain');
  const up = batten(t, ['up', '--port', '0', '--host', '0.0.0.0', '--data', plain]);
  assert.match(await up.until(/^Next .*$/m), /ready identity +none/);
  const env = await batten(t, ['env', '--data', plain]).ended;
  assert.equal(env.exitCode, 1);
  assert.match(env.stderr, /^batten: .* has no ready identity: .*\n$/);
  up.child.kill('SIGTERM');
  await up.ended;
  const asked = ['up', '--port', '0', '--host', '0.0.0.0', '--ready-identity', '--json'];
  const ready = batten(t, [...asked, '--data', join(data, 'asked')]);
  const { environment } = JSON.parse(await ready.until(/\n/)) as { environment: Variables };
  assert.equal((await signIn(environment)).status, 200);
  ready.child.kill('SIGTERM');
  await ready.ended;
});

test('the folder comes from the option, else BATTEN_DATA, else the state folder', async (t) => {
  const folder = await temporaryFolder(t);
  const variables = { XDG_STATE_HOME: join(folder, 'state') };
  const rows: readonly (readonly [readonly string[], Variables, string])[] = [
    [
      ['--data', join(folder, 'option')],
      { ...variables, BATTEN_DATA: join(folder, 'named') },
      'option',
    ],
    [[], { ...variables, BATTEN_DATA: join(folder, 'named') }, 'named'],
    [[], variables, 'state/batten'],
    [[], { HOME: join(folder, 'home') }, 'home/.local/state/batten'],
  ];
  for (const [words, environment, expected] of rows) {
    const { stderr } = await batten(t, ['env', ...words], environment).ended;
    assert.ok(stderr.includes(`has not run on ${join(folder, expected)} yet`), stderr);
  }
});

test('version prints the version of the package', async (t) => {
  const manifest = await readFile(join(import.meta.dirname, '../package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const ended = await batten(t, ['version']).ended;
  assert.deepEqual([ended.exitCode, ended.stdout, ended.stderr], [0, `${version}\n`, '']);
});
