/**
 * Readers of what another process says. A value is `unknown` until a reader has looked at it; a
 * reader returns undefined for what it cannot read and keeps only what it knows. They are a few
 * lines of their own because the launcher starts with every node and must not load a schema
 * compiler.
 */
export type Reader<T> = (value: unknown) => T | undefined;

/** The type that a reader returns. */
export type ReadBy<R> = R extends Reader<infer T> ? T : never;

/** Text of at most `lengthMax` characters (1 MiB when absent). */
export function text(lengthMax = 1_048_576): Reader<string> {
  return (value) => (typeof value === 'string' && value.length <= lengthMax ? value : undefined);
}

/** A whole number from zero to 2^53 - 1. */
export const whole: Reader<number> = (value) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;

/** true or false. */
export const truth: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

/** One of the given words. */
export function word<const Word extends string>(...words: readonly Word[]): Reader<Word> {
  return (value) => words.find((one) => one === value);
}

/** A list of at most `countMax` items, each of which can be read. */
export function list<T>(item: Reader<T>, countMax: number): Reader<readonly T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > countMax) return undefined;
    const items: T[] = [];
    for (const one of value) {
      const read = item(one);
      if (read === undefined) return undefined;
      items.push(read);
    }
    return items;
  };
}

type Readers = Readonly<Record<string, Reader<unknown>>>;
type Shape<Required extends Readers, Optional extends Readers> = {
  readonly [Name in keyof Required]: ReadBy<Required[Name]>;
} & { readonly [Name in keyof Optional]?: ReadBy<Optional[Name]> };

/** An object with these properties; others are dropped. */
export function shape<Required extends Readers, Optional extends Readers = Record<never, never>>(
  required: Required,
  optional?: Optional,
): Reader<Shape<Required, Optional>> {
  const needed = Object.entries(required);
  const possible = Object.entries(optional ?? {});
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined;
    const source = value as Readonly<Record<string, unknown>>;
    const read: Record<string, unknown> = {};
    for (const [name, reader] of needed) {
      const property = reader(source[name]);
      if (property === undefined) return undefined;
      read[name] = property;
    }
    for (const [name, reader] of possible) {
      if (source[name] === undefined) continue;
      const property = reader(source[name]);
      if (property === undefined) return undefined;
      read[name] = property;
    }
    return read as Shape<Required, Optional>;
  };
}

/** What the first reader that can read it says. */
export function either<Options extends readonly Reader<unknown>[]>(
  ...options: Options
): Reader<ReadBy<Options[number]>> {
  return (value) => {
    for (const option of options) {
      const read = option(value);
      if (read !== undefined) return read as ReadBy<Options[number]>;
    }
    return undefined;
  };
}

/** Reads JSON text; undefined when it is no JSON or not of that shape. */
export function readJson<T>(reader: Reader<T>, json: string): T | undefined {
  try {
    return reader(JSON.parse(json));
  } catch {
    return undefined;
  }
}
