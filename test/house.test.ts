import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkFile, checkTracked, type Row, type SourceFile } from './house-rules.ts';

/** The house, ground floor first. A room imports only what its row names, and never upwards. */
const house: readonly Row[] = [
  ['kernel', []],
  ['cloud', ['kernel']],
  ['http', ['kernel']],
  ['store', ['kernel']],
  ['record', ['kernel', 'store']],
  ['engine', ['kernel', 'http', 'store']],
  ['client', ['kernel', 'cloud']],
  ['directory', ['kernel', 'store']],
  ['rbac', ['kernel', 'http', 'store', 'directory']],
  ['authority', ['kernel', 'cloud', 'http', 'store', 'directory', 'record']],
  [
    'guard',
    [
      'kernel',
      'cloud',
      'http',
      'store',
      'authority/key',
      'authority/access-token',
      'authority/foreign-token',
      'directory',
      'rbac',
      'record',
    ],
  ],
  ['arm', ['kernel', 'cloud', 'http', 'store', 'directory', 'guard', 'rbac', 'record']],
  [
    'identity',
    ['kernel', 'cloud', 'http', 'store', 'directory', 'authority', 'guard', 'rbac', 'arm'],
  ],
  ['graph', ['kernel', 'cloud', 'http', 'store', 'guard', 'directory', 'record']],
  ['storage', ['kernel', 'cloud', 'http', 'store', 'guard', 'rbac', 'arm']],
  [
    'batch',
    [
      ...['kernel', 'cloud', 'http', 'store', 'guard', 'rbac', 'arm'],
      ...['identity', 'engine', 'storage'],
    ],
  ],
  [
    'ml',
    [
      ...['kernel', 'cloud', 'http', 'store', 'guard', 'rbac', 'arm'],
      ...['identity', 'engine', 'storage'],
    ],
  ],
  [
    'app',
    [
      ...['kernel', 'cloud', 'http', 'store', 'record', 'engine', 'client', 'directory', 'rbac'],
      ...['authority', 'guard', 'arm', 'identity', 'graph', 'storage', 'batch', 'ml'],
    ],
  ],
  ['cli', ['kernel', 'cloud', 'client', 'app']],
];

const root = join(import.meta.dirname, '..');
const read = (path: string): SourceFile => ({ path, text: readFileSync(join(root, path), 'utf8') });

test('every folder of src is a room of the table, and nothing lies beside the rooms', () => {
  const rooms = new Set(house.map(([room]) => room));
  const entries = readdirSync(join(root, 'src'));
  assert.deepEqual(
    entries.filter((name) => !rooms.has(name)),
    [],
  );
});

test('the table has nineteen rooms, each once, and each row names only rooms below its own', () => {
  assert.equal(new Set(house.map(([room]) => room)).size, 19);
  assert.equal(house.length, 19);
  for (const [floor, [room, mayImport]] of house.entries()) {
    const below = new Set(house.slice(0, floor).map(([name]) => name));
    const upwards = mayImport.filter((entry) => !below.has(entry.split('/')[0] ?? ''));
    assert.deepEqual(upwards, [], `${room} reaches upwards`);
  }
});

test('the wiring room may import every room below it', () => {
  const floor = house.findIndex(([room]) => room === 'app');
  const below = house.slice(0, floor).map(([room]) => room);
  assert.deepEqual([...(house[floor]?.[1] ?? [])].sort(), below.sort());
});

test('every source file keeps the rules of the house', () => {
  const paths = globSync('{src,test,bench}/**/*.ts', { cwd: root }).filter(
    (path) => !path.includes('node_modules') && !path.startsWith('test/clients-other/'),
  );
  assert.ok(paths.length > 0);
  const found = paths.flatMap((path) => checkFile(read(path.replaceAll('\\', '/')), house));
  assert.deepEqual(found, []);
});

test('no tracked file names a path of one machine or a package registry', (t) => {
  const paths = trackedPaths();
  if (paths === undefined) return t.skip('not a git checkout');
  const found = paths
    .filter((path) => existsSync(join(root, path)) && lstatSync(join(root, path)).isFile())
    .map(read)
    .filter(({ text }) => !text.includes('\0'))
    .flatMap((file) => checkTracked(file, registryHosts()));
  assert.deepEqual(found, []);
});

const good = "import { x } from '#kernel/ids.ts';\n";
const samples: readonly (readonly [path: string, text: string, found: RegExp | undefined])[] = [
  // A room enters only the rooms that its row names, by name.
  ['src/http/a.ts', good, undefined],
  ['src/http/a.ts', "import { x } from './sub/b.ts';", undefined],
  ['src/http/sub/a.ts', "import { x } from '../b.ts';", undefined],
  ['src/http/a.ts', "import { x } from '../kernel/ids.ts';", /outside its room/],
  ['src/http/a.ts', "import { x } from '#store/store.ts';", /row of http/],
  ['src/http/a.ts', "import type {\n  X,\n} from '#store/store.ts';", /a\.ts:1 .*row of http/],
  ['src/http/a.ts', "export { x } from '#store/store.ts';", /row of http/],
  ['src/http/a.ts', "export * from '#store/store.ts';", /row of http/],
  ['src/http/a.ts', "import '#store/store.ts';", /row of http/],
  ['src/http/a.ts', "const x = await import('#store/store.ts');", /row of http/],
  ['src/http/a.ts', "type X = import('#store/store.ts').X;", /row of http/],
  ['src/http/a.ts', "import.meta.resolve('#store/store.ts');", /row of http/],
  ['src/http/a.ts', `const x = \`\${await import('#store/store.ts')}\`;`, /row of http/],
  ['src/http/a.ts', "// import '#store/store.ts'\nconst x = 'import(\"#cli/a.ts\")';", undefined],
  ['src/http/a.ts', "const x = '*/*'; import '#store/b.ts'; const y = '/*';", /row of http/],
  ['src/http/a.ts', "const x = /['`]/; import '#store/b.ts';", /row of http/],
  ['src/kernel/a.ts', "import { x } from '#cloud/cloud.ts';", /row of kernel/],
  ['src/cli/a.ts', "import { x } from '#client/client.ts';", undefined],
  ['src/cli/a.ts', "import { x } from '#batch/task.ts';", /row of cli/],
  ['src/guard/a.ts', "import { x } from '#authority/signing-key.store.ts';", undefined],
  ['src/guard/a.ts', "import { x } from '#authority/keys.ts';", undefined],
  ['src/guard/a.ts', "import { x } from '#authority/token.ts';", /row of guard/],
  ['src/http/a.ts', "import { x } from '#kernel';", /entered as/],
  ['src/http/a.ts', "import { x } from '#cellar/a.ts';", /unknown room cellar/],
  ['src/cellar/a.ts', '', /unknown room cellar/],
  ['src/a.ts', '', /no room/],
  // Tests reach down freely; only those under test/ reach everything.
  ['src/rbac/a.test.ts', "import { x } from '#record/record.ts';", undefined],
  ['src/rbac/a.test.ts', "import { x } from '#guard/guard.ts';", /row of rbac/],
  ['test/a.test.ts', "import { x } from '#app/house.ts';", undefined],
  ['test/a.test.ts', "import { x } from '../src/app/house.ts';", /use #room/],
  // Names.
  ['src/http/utils.ts', '', /named utils/],
  ['src/http/common/a.ts', '', /named common/],
  ['src/http/helpers.test.ts', '', /named helpers/],
  ['src/http/types.ts', '', /named types/],
  ['src/http/index.ts', '', /named index/],
  ['src/http/rawTarget.ts', '', /kebab-case/],
  // The clock, chance and the environment of the machine.
  ['src/http/a.ts', 'const x = Date.now();', /reads the clock/],
  ['src/http/a.ts', 'const x = new Date();', /reads the clock/],
  ['src/http/a.ts', 'const x = new Date;', /reads the clock/],
  ['src/http/a.ts', 'const x = new Date(0); let y: Date;', undefined],
  ['src/http/a.ts', `const x = \`at \${Date.now()}\`;`, /reads the clock/],
  ['src/http/a.ts', 'const x = performance.now();', /reads the clock/],
  ['src/http/a.ts', 'const x = process.hrtime.bigint();', /reads the clock/],
  ['src/http/a.ts', "import { hrtime } from 'node:process';", /reads the clock/],
  ['src/http/a.ts', "// Date.now()\nconst x = 'new Date()';", undefined],
  ['src/kernel/clock.ts', 'const x = Date.now();', undefined],
  ['src/http/a.ts', 'const x = Math.random();', /takes chance/],
  ['src/http/a.ts', "import { createHash, randomUUID } from 'node:crypto';", /takes chance/],
  ['src/http/a.ts', "import { createHash } from 'node:crypto';", undefined],
  ['src/http/a.ts', "import { randomBytes } from '#kernel/random.ts';", undefined],
  ['src/http/a.ts', 'const x = crypto.randomInt(4);', /takes chance/],
  ['src/kernel/random.ts', "import { randomBytes } from 'node:crypto';", undefined],
  ['src/http/a.ts', 'const x = process.env.HOME;', /reads the environment/],
  ['src/http/a.ts', "import { env } from 'node:process';", /reads the environment/],
  ['src/http/a.ts', 'const { env } = process;', /reads the environment/],
  ['src/app/config.ts', 'const x = process.env.HOME;', undefined],
  ['src/http/a.test.ts', 'const x = process.env.HOME;', undefined],
  // Types.
  ['src/http/a.ts', `const x = y as ${'any'};`, /as-any/],
  ['test/a.test.ts', `const x = y as ${'any'};`, /as-any/],
  ['src/http/a.ts', "const x = 'as any other';", undefined],
];

for (const [path, text, expected] of samples) {
  const shown = JSON.stringify(text);
  test(`${path} with ${shown} is ${expected === undefined ? 'allowed' : 'refused'}`, () => {
    const found = checkFile({ path, text }, house);
    if (expected === undefined) return assert.deepEqual(found, []);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', expected);
  });
}

test('a path of one machine, a registry and a fetch address in a tracked file are refused', () => {
  const check = (path: string, text: string) => checkTracked({ path, text }, ['packages.test']);
  assert.deepEqual(check('a.md', 'fine\nsee https://example.test/work/1 and ./work/'), []);
  assert.match(check('a.md', `fine\nsee /${'work'}/main`).join(), /^a\.md:2 .*one machine$/);
  assert.match(check('a.md', 'https://packages.test/x').join(), /names the registry/);
  const resolved = '"resolved": "https://elsewhere.test/x.tgz"';
  assert.match(check('package-lock.json', resolved).join(), /fetched/);
});

function trackedPaths(): string[] | undefined {
  try {
    const listed = execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return listed.split('\0').filter((path) => path !== '');
  } catch {
    return undefined;
  }
}

/** A registry at a bare `localhost` or address is left out, since tests name those for themselves. */
function registryHosts(): string[] {
  const configured = URL.parse(process.env.npm_config_registry ?? '')?.host ?? '';
  const usual = ['npmjs', 'yarnpkg'].map((name) => `registry.${name}.`);
  return [...usual, ...(/:\d+$|\.[a-z]{2,}$/i.test(configured) ? [configured] : [])];
}
