import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { Agent } from 'node:https';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ask } from './lock/ask.ts';
import { readSource } from './source-text.ts';

/** The package as a user has it: packed, unpacked under node_modules, beside production dependencies alone. */
const root = join(import.meta.dirname, '..');
const home = realpathSync(mkdtempSync(join(tmpdir(), 'batten-pack-')));
const installed = join(home, 'node_modules', 'batten');
const command = join(installed, 'bin', 'batten.js');
const manifest = manifestIn(root);

/** A child sees no setting of this clone, and what it caches goes away with the folder. */
const environment = { PATH: process.env.PATH ?? '', HOME: home, TMPDIR: home };

/** Longest that one command of this file may take, in milliseconds. */
const commandMillisecondsMax = 120_000;
const limited = { timeout: commandMillisecondsMax };

before(() => {
  const pack = join(root, 'scripts', 'pack.mjs');
  const tarball = output(process.execPath, [pack, join(home, 'packed')]).trim();
  mkdirSync(installed, { recursive: true });
  output('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of Object.keys(manifest.dependencies)) {
    const link = join(home, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
});

after(() => {
  endWhatRunsIn(home);
  rmSync(home, { recursive: true, force: true, maxRetries: 10 });
});

test('the package holds every module and data file of src, compiled, and nothing of the tests', () => {
  const shipped = new Set(globSync('**/*', { cwd: join(installed, 'dist') }));
  const sources = globSync('**/*.*', { cwd: join(root, 'src') }).filter(
    (path) => !/\.test\.ts$|(^|\/)(test|fake)-[^/]*\.ts$/.test(path),
  );
  assert.ok(sources.length > 0);
  const expected = sources.map((path) => path.replace(/\.ts$/, '.js'));
  assert.deepEqual(
    expected.filter((path) => !shipped.has(path)),
    [],
  );
  const surplus = [...shipped].filter((path) => /\.test\.|(^|\/)(test|fake)-/.test(path));
  assert.deepEqual(surplus, []);
  for (const name of ['LICENSE', 'seed/article.yaml', 'seed/schema.json']) {
    assert.ok(existsSync(join(installed, name)), `${name} is missing`);
  }
});

test('no module of the package imports what only the clone has installed', () => {
  const own = manifestIn(installed);
  const isOurs = (specifier: string) =>
    /^[.#]/.test(specifier) || isBuiltin(specifier) || packageOf(specifier) in own.dependencies;
  const foreign = globSync('{bin,dist}/**/*.{js,d.ts}', { cwd: installed }).flatMap((path) =>
    readSource(readFileSync(join(installed, path), 'utf8'))
      .modules.map(({ specifier }) => specifier)
      .filter((specifier) => !isOurs(specifier))
      .map((specifier) => `${path} imports ${specifier}`),
  );
  assert.deepEqual(foreign, []);
  assert.deepEqual(
    Object.keys(own).filter((name) => /^(devDep|scripts|imports)/.test(name)),
    [],
  );
});

test('every export of the published manifest leads to a module and its types', () => {
  const targets = Object.values(manifestIn(installed).exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  assert.ok(targets.some((target) => extname(target) === '.js'));
  const missing = targets.filter((target) => !existsSync(join(installed, target)));
  assert.deepEqual(missing, []);
});

test('npm pack of the clone packs nothing, and says what does', () => {
  const words = ['pack', '--dry-run', '--offline', root];
  assert.throws(() => output('npm', words), /npm run pack:dist makes the package/);
});

test('batten version prints the version of the package', () => {
  assert.equal(output(process.execPath, [command, 'version']), `${manifest.version}\n`);
});

test(
  'the unpacked server answers a token request, refuses a wrong secret, and ends with 0',
  limited,
  async () => {
    const data = join(home, 'data');
    const words = [command, 'up', '--port', '0', '--json', '--data', data];
    const server = spawn(process.execPath, words, {
      cwd: home,
      env: environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(server, 'exit');
    try {
      const { url } = await firstLine(server);
      const printed = output(process.execPath, [
        command,
        'env',
        '--format',
        'json',
        '--data',
        data,
      ]);
      const env = JSON.parse(printed) as Record<string, string>;
      assert.equal(env['BATTEN_URL'], url);

      const granted = await askToken(env, env['AZURE_CLIENT_SECRET'] ?? '');
      assert.equal(granted.status, 200, granted.body);
      const { token_type, access_token } = granted.json as Record<string, string>;
      assert.equal(token_type, 'Bearer');
      assert.match(access_token ?? '', /^[\w-]+\.[\w-]+\.[\w-]+$/);

      const refused = await askToken(env, 'not the secret');
      assert.deepEqual([refused.status, refused.code], [401, 'AADSTS7000215']);
      assert.ok(!refused.body.includes('access_token'));
    } finally {
      server.kill('SIGTERM');
    }
    assert.deepEqual(await ended, [0, null]);
  },
);

test('a program beside the package imports it by name and runs a task on a Batten of its own', () => {
  const program = join(home, 'consumer.js');
  copyFileSync(join(import.meta.dirname, 'pack', 'consumer.js'), program);
  assert.equal(output(process.execPath, [program]), 'ran from the package\n');
  const left = readdirSync(home).filter((name) => name.startsWith('batten-'));
  assert.deepEqual(left, [], 'a Batten of one program leaves no data');
});

interface Manifest {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** What a command prints; throws with all it said when it fails or takes too long. */
function output(file: string, words: readonly string[]): string {
  return execFileSync(file, words, {
    cwd: home,
    env: environment,
    encoding: 'utf8',
    timeout: commandMillisecondsMax,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** `name` or `@scope/name`, without the path below it. */
function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

async function firstLine({ stdout }: ChildProcess): Promise<{ readonly url: string }> {
  assert.ok(stdout);
  for await (const line of createInterface({ input: stdout })) {
    stdout.resume();
    return JSON.parse(line) as { readonly url: string };
  }
  throw new Error('the server ended before it was ready');
}

async function askToken(env: Readonly<Record<string, string>>, secret: string) {
  const agent = new Agent({ ca: readFileSync(env['BATTEN_CA_FILE'] ?? '') });
  return ask(
    { env, agent },
    {
      target: `/${env['AZURE_TENANT_ID']}/oauth2/v2.0/token`,
      form: {
        grant_type: 'client_credentials',
        client_id: env['AZURE_CLIENT_ID'] ?? '',
        client_secret: secret,
        scope: 'https://management.azure.com/.default',
      },
    },
  );
}

/** The node agent outlives its server for a while, on purpose; what names this test's own folder ends with the test. */
function endWhatRunsIn(folder: string): void {
  for (const id of existsSync('/proc') ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) continue;
    try {
      if (!readFileSync(join('/proc', id, 'cmdline'), 'utf8').includes(folder)) continue;
      process.kill(Number(id), 'SIGKILL');
    } catch {
      // It ended while it was looked at.
    }
  }
}
