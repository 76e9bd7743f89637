import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { absentCodes } from './reference-absent-codes.ts';
import type { ListedFault } from './reference-constructors.ts';
import { markdownTable } from './reference-table.ts';

/** A refusal of the authority as the table shows it. */
export interface ListedCode {
  /** The number after `AADSTS`. */
  readonly number: number;
  readonly status: number;
  /** OAuth's `error`. */
  readonly error: string;
  readonly suberror: string;
  /** What the constructor's comment says: when a client is told this. */
  readonly trigger: string;
  readonly evidence: string;
  /** Test files, from the root, that expect the number. */
  readonly tests: readonly string[];
}

/** The refusals with an AADSTS code, in the order of their numbers. */
export function listedCodes(faults: readonly ListedFault[]): readonly ListedCode[] {
  const tests = testTexts();
  const comments = new Map<string, ReadonlyMap<string, string>>();
  const rows = faults.flatMap(({ file, name, fault }) => {
    const number = Number(/^AADSTS(\d+)$/.exec(fault.code)?.[1] ?? Number.NaN);
    if (Number.isNaN(number)) return [];
    const inFile = comments.get(file) ?? commentsIn(file);
    comments.set(file, inFile);
    const named = (key: string) => fault.values?.find((one) => one.key === key)?.value ?? '';
    return [
      {
        ...{ number, status: fault.status, error: named('error'), suberror: named('suberror') },
        trigger: inFile.get(name) ?? '',
        evidence: fault.evidence ?? 'own',
        tests: tests.filter(({ numbers }) => numbers.has(number)).map(({ path }) => path),
      },
    ];
  });
  return rows.sort((one, other) => one.number - other.number);
}

/** The numbers that test files expect as `AADSTS` codes, each with the first file that does. */
export function expectedCodes(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const { path, spelled } of testTexts()) {
    for (const number of spelled) if (!found.has(number)) found.set(number, path);
  }
  return found;
}

/** The page `docs/reference/aadsts.md`: what the authority refuses, and which codes of Entra it has no cause for. */
export function aadstsPage(faults: readonly ListedFault[]): string {
  const codes = listedCodes(faults);
  const head = ['code', 'status', 'error', 'suberror', 'when', 'evidence', 'tests'];
  return [
    introduction,
    markdownTable(head, codes.map(rowOf)),
    '## Codes of Entra ID for which Batten has no cause',
    markdownTable(
      ['code', 'why not'],
      absentCodes.map(({ numbers, why }) => [numbers.map(String).join(', '), why]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

const introduction = `<!-- Made by \`npm run docs\`; do not edit. A test fails when this page is stale. -->
# What the authority refuses: AADSTS codes

Made from the refusals in the sources: the status and the OAuth error by calling each constructor, the cause from its comment, the tests by the numbers that they expect.
A code that no test expects, and a code that a test expects and no refusal has, both fail the build. The evidence says how sure we are that Entra ID answers like this:
*recorded* in a real answer, *documented*, or *unverified*.`;

/** Each link needs the way from docs/reference to the root. */
const toRoot = '../..';

/** More links would say no more. */
const shownTests = 3;

function rowOf(code: ListedCode): readonly string[] {
  const { number, status, error, suberror, trigger, evidence, tests } = code;
  const links = tests.slice(0, shownTests).map((path) => `[${nameOf(path)}](${toRoot}/${path})`);
  const more = tests.length > shownTests ? [`${tests.length - shownTests} more`] : [];
  const all = [...links, ...more].join(', ');
  return [`${number}`, `${status}`, codeOf(error), codeOf(suberror), trigger, evidence, all];
}

/** A word as code; Graph names a code of the authority, and no OAuth error. */
function codeOf(word: string): string {
  return word === '' ? '' : `\`${word}\``;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.test\.ts$/, '');
}

interface TestText {
  readonly path: string;
  /** Every whole number that stands in the file. */
  readonly numbers: ReadonlySet<number>;
  /** Those after `AADSTS`. */
  readonly spelled: ReadonlySet<number>;
}

const root = dirname(dirname(import.meta.dirname));

/** Where answers of the authority are tested; a number elsewhere is a number. */
const testFolders = [
  'src/{authority,client,identity}/*.test.ts',
  'test/*.test.ts',
  'test/{attacks,clients}/*.test.ts',
];

function testTexts(): readonly TestText[] {
  const paths = globSync(testFolders, { cwd: root });
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const numbers = numbersIn(text, /(?<![\d.])(?:AADSTS)?(\d[\d_]*)(?![\d.]*\d)/g);
      return { path, numbers, spelled: numbersIn(text, /AADSTS(\d+)/g) };
    });
}

function numbersIn(text: string, form: RegExp): ReadonlySet<number> {
  return new Set([...text.matchAll(form)].map(([, digits]) => Number(digits?.replaceAll('_', ''))));
}

/** First sentences of the comments above exported functions, without the number that they begin with. */
function commentsIn(file: string): ReadonlyMap<string, string> {
  const text = readFileSync(join(root, 'src', file), 'utf8');
  const found = text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport function (\w+)/g);
  return new Map([...found].map(([, comment = '', name = '']) => [name, firstSentences(comment)]));
}

/** A comment up to its evidence: what comes after `UNVERIFIED:` or `Source:` is for who reads the code. */
function firstSentences(comment: string): string {
  const plain = comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const [said = ''] = plain.split(/\s*(?:UNVERIFIED|Source|Sources)\b/);
  const sentence = said.replace(/^\d+[^:.]*: /, '');
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
