import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Fault, isFault } from '#kernel/fault.ts';

/** A refusal as its constructor makes it, with `…` where it repeats something of the request. */
export interface ListedFault {
  /** File below src that holds the constructor. */
  readonly file: string;
  readonly name: string;
  readonly fault: Fault;
}

/** The command line, the client that throws, and the door between server and agent: no client of a surface hears these. */
const roomsOffTheWire = ['app', 'cli', 'client', 'engine'];

/** Every refusal that some client may be told. Throws when a constructor cannot be called, so that none is left out in silence. */
export async function everyFault(): Promise<readonly ListedFault[]> {
  const source = dirname(import.meta.dirname);
  const files = globSync('**/*faults.ts', { cwd: source })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !roomsOffTheWire.some((room) => file.startsWith(`${room}/`)))
    .sort();
  const lists = await Promise.all(
    files.map(async (file) => {
      const module = (await import(pathToFileURL(join(source, file)).href)) as object;
      return faultsIn(file, module);
    }),
  );
  return lists.flat();
}

function faultsIn(file: string, list: object): readonly ListedFault[] {
  return constructorsIn(list).flatMap(([name, make]) => {
    const fault: unknown = make(...Array.from({ length: argumentsMax }, () => blank));
    // A text, or a maker of many refusals that takes even the status: not a refusal of its own.
    if (!isFault(fault) || typeof fault.status !== 'number') return [];
    // A text that is looked up by an argument is not found for a blank one.
    const message = `${fault.message}`.replaceAll('undefined', '…');
    return [{ file, name, fault: { ...fault, message } }];
  });
}

type Constructor = (...words: readonly unknown[]) => unknown;

/** The functions that a module exports, and those of the objects that it exports. */
function constructorsIn(list: object): readonly (readonly [name: string, make: Constructor])[] {
  return Object.entries(list).flatMap(([name, value]: readonly [string, unknown]) => {
    if (typeof value === 'function') return [[name, value as Constructor] as const];
    return typeof value === 'object' && value !== null ? constructorsIn(value) : [];
  });
}

/** More than any constructor takes. */
const argumentsMax = 8;

/** Stands for any argument: `…` as text, 0 as a number, itself as whatever is read of it or called on it. */
const blank: unknown = new Proxy(() => blank, {
  get: (_target, key) =>
    key === Symbol.toPrimitive ? (hint: string) => (hint === 'number' ? 0 : '…') : blank,
  apply: () => blank,
});
