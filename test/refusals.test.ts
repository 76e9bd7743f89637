import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { everyFault, type ListedFault } from '#app/reference-constructors.ts';
import { refusalsPage } from '#app/reference-refusals.ts';

const root = join(import.meta.dirname, '..');

let faults: readonly ListedFault[] = [];
before(async () => {
  faults = await everyFault();
});

test('docs/reference/refusals.md is what npm run docs writes', () => {
  const page = readFileSync(join(root, 'docs', 'reference', 'refusals.md'), 'utf8');
  assert.ok(page === refusalsPage(faults), 'the page is stale: run npm run docs');
});

/** The files of refusals of these rooms alone are not read: no client of a surface hears them. */
const offTheWire = ['app/faults.ts', 'client/faults.ts', 'engine/faults.ts'];

/** They make any refusal: from status and number, or of another one in the words of another page. */
const makers = ['authority/consent.faults.ts deniedAccess', 'authority/faults.ts refusal'];

test('every exported function that is declared to return a fault is listed', () => {
  const listed = new Set(faults.map(({ file, name }) => `${file} ${name}`));
  const files = globSync('**/*faults.ts', { cwd: join(root, 'src') }).filter(
    (file) => !offTheWire.includes(file),
  );
  const declared = files.flatMap((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    const names = text.matchAll(
      /^(?:export (?:function|const) | {2})(\w+)(?:: | = )?\([^;]*?\): Fault\b/gm,
    );
    return [...names].map(([, name]) => `${file} ${name}`);
  });
  assert.ok(declared.length > 0);
  assert.deepEqual(
    declared.filter((name) => !listed.has(name)),
    makers,
  );
});

test('every refusal that is listed is told by something', () => {
  const sources = globSync('**/*.ts', { cwd: join(root, 'src') })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'));
  const uses = new Map<string, number>();
  for (const [word] of sources.flatMap((text) => [...text.matchAll(/(?<![\w$])[a-z]\w*/g)])) {
    uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  // Once where it is made.
  const untold = faults.filter(({ name }) => (uses.get(name) ?? 0) < 2);
  assert.deepEqual(
    untold.map(({ file, name }) => `${file} ${name}`),
    [],
  );
});

test('every refusal has a status that refuses and a code that programs can compare', () => {
  assert.ok(faults.length > 0);
  const odd = faults.filter(({ fault: { status, code } }) => {
    const refuses = status === 304 || (status >= 400 && status < 600);
    return !refuses || !/^[A-Za-z][\w.]*$/.test(code);
  });
  assert.deepEqual(odd, []);
});

test('the page shows each refusal with status, code, evidence and text, under its file, and counts the evidence', () => {
  const kind = 'fault' as const;
  const page = refusalsPage([
    {
      file: 'a/faults.ts',
      name: 'gone',
      fault: { kind, status: 404, code: 'Gone', message: 'a|b\nc', evidence: 'recorded' },
    },
    { file: 'b/faults.ts', name: 'odd', fault: { kind, status: 501, code: 'Odd', message: 'no' } },
  ]);
  const lines = page.split('\n');
  assert.deepEqual(
    lines.filter((line) => /^\| (recorded|documented|unverified|own) /.test(line)),
    ['| recorded | 1 |', '| documented | 0 |', '| unverified | 0 |', '| own | 1 |'],
  );
  const at = lines.indexOf('## [a/faults.ts](../../src/a/faults.ts)');
  assert.equal(lines[at + 4], '| gone | 404 | `Gone` | recorded | a\\|b c |');
  assert.equal(lines.at(-2), '| odd | 501 | `Odd` | own | no |');
});
