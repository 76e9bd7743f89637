// Builds the package that is published: dist/ compiled from src/, beside bin/ and the licence.
// It is staged in .pack/ of the destination (the clone when none is named), never as dist/ in the
// clone, where bin/batten.js would prefer a stale build to the sources. Prints the tarball's path.
// `npm publish .pack` publishes the same files.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const source = join(root, 'src');
const destination = resolve(process.argv[2] ?? root);
const stage = join(destination, '.pack');
const dist = join(stage, 'dist');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

if (!existsSync(join(source, 'cli', 'main.ts'))) {
  fail('src/cli/main.ts does not exist, so the package would have no command.');
}
rmSync(stage, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
compile();
copyAssets();
writeManifests();
copyRest();
console.log(join(destination, pack()));

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  run(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', dist]);
}

/** Copies what the sources read at run time: every file that is neither TypeScript nor tests. */
function copyAssets() {
  cpSync(source, dist, {
    recursive: true,
    filter: (path) => extname(path) !== '.ts' && !/(^|[/\\])(fixtures|testdata)$/.test(path),
  });
}

/** Copies what is published as it stands: what the manifest lists beside dist/, and what npm always takes. */
function copyRest() {
  const names = [...manifest.files, 'LICENSE', 'README.md'].filter((name) => name !== 'dist');
  for (const name of names.filter((one) => existsSync(join(root, one)))) {
    cpSync(join(root, name), join(stage, name), { recursive: true });
  }
}

function writeManifests() {
  // Inside dist/ this is the nearest package.json, so `#room/file.ts` means the compiled file.
  writeJson(join(dist, 'package.json'), { type: 'module', imports: { '#*.ts': './*.js' } });

  const exports = Object.fromEntries(
    Object.entries(manifest.exports).flatMap(([name, path]) => {
      if (!path.startsWith('./src/')) return [[name, path]];
      const target = path.replace('./src/', './dist/').replace(/\.ts$/, '');
      if (existsSync(join(stage, `${target}.js`))) {
        return [[name, { types: `${target}.d.ts`, default: `${target}.js` }]];
      }
      process.stderr.write(`pack: left out the export ${name}, since ${path} does not exist\n`);
      return [];
    }),
  );
  const { devDependencies, allowScripts, scripts, imports, ...kept } = manifest;
  writeJson(join(stage, 'package.json'), { ...kept, exports });
}

function pack() {
  const out = run('npm', ['pack', stage, '--offline', '--json', '--pack-destination', destination]);
  const report = JSON.parse(out.slice(out.search(/^[[{]/m)));
  // npm 11 answers an array; later ones an object keyed by package name.
  return (Array.isArray(report) ? report : Object.values(report))[0].filename;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  try {
    return execFileSync(command, args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch (error) {
    const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    return fail(`${output}${command} failed.`);
  }
}

/**
 * @param {string} path
 * @param {object} value
 */
function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * @param {string} reason
 * @returns {never}
 */
function fail(reason) {
  process.stderr.write(`pack: ${reason}\n`);
  process.exit(1);
}
