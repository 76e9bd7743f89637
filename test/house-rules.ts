import { posix } from 'node:path';
import { lineAt, readSource } from './source-text.ts';

/** One room: its name, and the rooms (or `room/word`: its files of that word) it may import. */
export type Row = readonly [room: string, mayImport: readonly string[]];

/** A file of the repository by its path from the root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Everything a source file does that the house does not allow, one line each. */
export function checkFile(file: SourceFile, house: readonly Row[]): string[] {
  const source = readSource(file.text);
  const say = (line: number, what: string) => `${file.path}:${line} ${what}`;
  return [
    ...checkName(file.path).map((what) => say(1, what)),
    ...checkRoom(file.path, house).map((what) => say(1, what)),
    ...source.modules.flatMap(({ specifier, line }) =>
      checkImport(file.path, specifier, house).map((what) => say(line, what)),
    ),
    ...checkCode(file.path, source).map(([offset, what]) => say(lineAt(file.text, offset), what)),
  ];
}

const namelessFiles = new Set(
  'utils util common helpers helper types index misc shared lib'.split(' '),
);

function checkName(path: string): string[] {
  const parts = path.split('/').slice(1);
  const nameless = parts
    .map((part) => part.split('.')[0] ?? '')
    .filter((x) => namelessFiles.has(x));
  const file = parts.at(-1) ?? '';
  return [
    ...nameless.map((name) => `is named ${name}: a thing lives with the noun it serves`),
    ...(/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*\.ts$/.test(file) ? [] : ['is not kebab-case']),
  ];
}

function checkRoom(path: string, house: readonly Row[]): string[] {
  const room = roomOf(path);
  if (room === undefined || house.some(([name]) => name === room)) return [];
  return [`stands in ${room === '' ? 'no room' : `the unknown room ${room}`}`];
}

function checkImport(path: string, specifier: string, house: readonly Row[]): string[] {
  if (specifier.startsWith('.')) return checkRelative(path, specifier);
  if (!specifier.startsWith('#')) return [];
  const [, target, rest] = /^#([^/]+)\/(.+)\.ts$/.exec(specifier) ?? [];
  if (target === undefined || rest === undefined) {
    return [`imports ${specifier}: another room is entered as #room/file.ts`];
  }
  if (!house.some(([name]) => name === target)) return [`imports the unknown room ${target}`];
  const room = roomOf(path);
  if (room === undefined || room === target) return [];
  const allowed = isTest(path) ? floorsUpTo(room, house) : rowOf(room, house);
  if (allowed.some((entry) => admits(entry, target, rest))) return [];
  return [`imports ${specifier}, which the row of ${room} does not name`];
}

function checkRelative(path: string, specifier: string): string[] {
  const resolved = posix.join(posix.dirname(path), specifier);
  const room = roomOf(path);
  if (room === undefined) {
    return resolved.startsWith('src/') ? [`imports ${specifier}: use #room/file.ts`] : [];
  }
  const home = room === '' ? 'src/' : `src/${room}/`;
  return resolved.startsWith(home) ? [] : [`imports ${specifier}, outside its room`];
}

/** `authority/key` admits `keys.ts`, `signing-key.store.ts` and no other file of that room. */
function admits(entry: string, target: string, rest: string): boolean {
  const [room, word] = entry.split('/');
  if (room !== target) return false;
  return word === undefined || new RegExp(`(^|[/-])${word}s?([.-]|$)`).test(rest);
}

function rowOf(room: string, house: readonly Row[]): readonly string[] {
  return house.find(([name]) => name === room)?.[1] ?? [];
}

/** A test may build its world from its own floor and every floor below it. */
function floorsUpTo(room: string, house: readonly Row[]): readonly string[] {
  return house.slice(0, house.findIndex(([name]) => name === room) + 1).map(([name]) => name);
}

interface Ban {
  readonly what: string;
  /** The one file that may. */
  readonly except: string;
  readonly code: RegExp;
}

const bans: readonly Ban[] = [
  {
    what: 'reads the clock of the machine',
    except: 'src/kernel/clock.ts',
    code: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w.]))|(?<!\bnew\s)(?<![\w.$])Date\s*\(\s*\)|\bperformance\s*\.\s*(?:now|timeOrigin)\b|\bprocess\s*\.\s*hrtime\b/g,
  },
  {
    what: 'takes chance from the machine',
    except: 'src/kernel/random.ts',
    code: /\bMath\s*\.\s*random\b|crypto\s*\.\s*(?:random[A-Z]\w*|getRandomValues)\b/gi,
  },
  {
    what: 'reads the environment',
    except: 'src/app/config.ts',
    code: /\bprocess\s*(?:\?\.|\.)\s*env\b|\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/g,
  },
];

const bannedNames: readonly (readonly [module: RegExp, name: RegExp, ban: number])[] = [
  [/^(node:)?(perf_hooks|process)$/, /\bperformance\b|\bhrtime\b/, 0],
  [/^(node:)?crypto$/, /\brandom[A-Z]\w*|\bgetRandomValues\b/, 1],
  [/^(node:)?process$/, /\benv\b/, 2],
];

function checkCode(path: string, source: ReturnType<typeof readSource>): [number, string][] {
  const found = [...source.code.matchAll(/\bas\s+any\b/g)].map((match): [number, string] => [
    match.index,
    'escapes the types with as-any',
  ]);
  if (roomOf(path) === undefined || isTest(path)) return found;
  for (const [index, ban] of bans.entries()) {
    if (path === ban.except) continue;
    const say = `${ban.what}; only ${ban.except} may`;
    for (const match of source.code.matchAll(ban.code)) found.push([match.index, say]);
    for (const [module, name, banned] of bannedNames) {
      const clauses = source.modules.filter((x) => module.test(x.specifier) && name.test(x.clause));
      if (banned === index) {
        for (const { clause } of clauses) found.push([source.code.indexOf(clause), say]);
      }
    }
  }
  return found;
}

/** What a tracked file may not say: where it was written, or where its packages came from. */
export function checkTracked(file: SourceFile, registryHosts: readonly string[]): string[] {
  const lines = file.text.split('\n');
  // The machine path is put together here, so that this file does not say it.
  const machinePath = new RegExp(`(?<![\\w.~:-])/${'work'}/`);
  return lines.flatMap((line, index) => {
    const say = (what: string) => `${file.path}:${index + 1} ${what}`;
    return [
      ...(machinePath.test(line) ? [say('holds a path of one machine')] : []),
      ...registryHosts.filter((x) => line.includes(x)).map((x) => say(`names the registry ${x}`)),
      ...(file.path.endsWith('package-lock.json') && /"resolved": "(https?|file):/.test(line)
        ? [say('says where a package was fetched')]
        : []),
    ];
  });
}

/** The room of a file under src/ (empty when it lies beside the rooms); undefined elsewhere. */
function roomOf(path: string): string | undefined {
  const parts = path.split('/');
  if (parts[0] !== 'src') return undefined;
  return parts.length > 2 ? parts[1] : '';
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts');
}
