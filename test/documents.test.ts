import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = dirname(import.meta.dirname);
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const pages = globSync(['*.md', 'docs/**/*.md'], { cwd: root }).map((path) =>
  path.replaceAll('\\', '/'),
);

/** Targets of the links of a page, blocks of code left out. */
function linksOf(text: string): readonly string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => target);
}

/** The anchors that a page's headings make. Source: https://docs.github.com/get-started/writing-on-github */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

for (const page of pages) {
  test(`what ${page} links to in this repository is there`, () => {
    const text = read(page);
    const broken = linksOf(text).filter((link) => {
      if (/^[a-z]+:/.test(link)) return false;
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).has(anchor);
    });
    assert.deepEqual(broken, []);
  });
}

for (const folder of ['docs/adr', 'docs/guides']) {
  test(`${folder}/README.md lists every page of its folder`, () => {
    const listed = new Set(linksOf(read(`${folder}/README.md`)));
    const there = globSync('*.md', { cwd: join(root, folder) }).filter((x) => x !== 'README.md');
    assert.ok(there.length > 0);
    assert.deepEqual(
      there.filter((name) => !listed.has(name)),
      [],
    );
  });
}

test('no two decisions have one number, and each is titled by its own', () => {
  const files = globSync('0*.md', { cwd: join(root, 'docs', 'adr') }).sort();
  const numbers = files.map((name) => Number(name.slice(0, 4)));
  assert.deepEqual(
    numbers,
    files.map((_, index) => index + 1),
  );
  const titled = files.map((name) => Number(/^# (\d+)\. /.exec(read(`docs/adr/${name}`))?.[1]));
  assert.deepEqual(titled, numbers);
});

test('README.md names every command and every setting, and none that is not there', () => {
  const readme = read('README.md');
  const section = (title: string): string =>
    readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
  const commands = [...read('src/cli/main.ts').matchAll(/\.command\('(\w+)'\)/g)].map((x) => x[1]);
  const rows = [...section('Commands').matchAll(/^\| `(\w+)/gm)].map((x) => x[1]);
  assert.deepEqual(rows.sort(), commands.sort());
  const inCode = new Set(read('src/app/config.ts').match(/\bBATTEN_[A-Z_]+/g));
  const inReadme = new Set(section('Settings').match(/\bBATTEN_[A-Z_]+/g));
  assert.deepEqual([...inReadme].sort(), [...inCode].sort());
});
