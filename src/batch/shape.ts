import { type Fault, isFault } from '#kernel/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '#kernel/json.ts';
import { type DurationValue, formatDuration, parseDuration } from './duration.ts';
import {
  invalidProperty,
  malformedBody,
  missingProperty,
  notImplemented,
  unknownProperty,
} from './faults.ts';
import type { BatchVersion } from './version.ts';

/**
 * Reads one value as Azure would store it, or says no. `name` is the property as refusals name it.
 */
export type Reader<T extends Json> = (
  value: Json,
  name: string,
  version: BatchVersion,
) => T | Fault;

/**
 * A property of a request body. `always` means that reading yields it: it is required or has a
 * default.
 */
export interface Property<T extends Json, Presence extends 'always' | 'sometimes'> {
  readonly read: Reader<T>;
  readonly isRequired: boolean;
  readonly fallback?: T;
  readonly from?: BatchVersion;
  readonly until?: BatchVersion;
  /** Never set; carries the presence. */
  readonly presence?: Presence;
}

/**
 * What a request body may hold, property by property, in the order in which Azure writes them back.
 * Reading drops nulls, fills defaults, accepts numbers and booleans as text (as Azure does), and
 * refuses what no shape names.
 */
export type Shape = Readonly<Record<string, Property<Json, 'always' | 'sometimes'>>>;

/** What reading a shape yields. */
export type Shaped<S extends Shape> = {
  readonly [Name in keyof S as S[Name] extends Property<Json, 'sometimes'>
    ? never
    : Name]: ReadValue<S[Name]>;
} & {
  readonly [Name in keyof S as S[Name] extends Property<Json, 'sometimes'>
    ? Name
    : never]?: ReadValue<S[Name]>;
};

type ReadValue<P> = P extends { readonly read: Reader<infer T> } ? T : never;

/** In which api-versions a property exists; absent ends are open. */
export interface Lifetime {
  readonly from?: BatchVersion;
  readonly until?: BatchVersion;
}

/** Reads a whole request body. */
export function readBody<S extends Shape>(
  shape: S,
  body: unknown,
  version: BatchVersion,
): Shaped<S> | Fault {
  if (!isJsonObject(body)) return malformedBody('The request body is not a JSON object.');
  return readObject(shape, body, version);
}

/** A property that must be there. */
export function required<T extends Json>(read: Reader<T>): Property<T, 'always'> {
  return { read, isRequired: true, presence: 'always' };
}

/** A property that may be left out, in the api-versions that have it. */
export function optional<T extends Json>(
  read: Reader<T>,
  lifetime: Lifetime = {},
): Property<T, 'sometimes'> {
  return { read, isRequired: false, presence: 'sometimes', ...lifetime };
}

/** A property with a default. */
export function fallback<T extends Json>(read: Reader<T>, value: T): Property<T, 'always'> {
  return { read, isRequired: false, fallback: value, presence: 'always' };
}

/**
 * A property that Azure has and Batten does not yet: it is refused with 501, unless its value says
 * what Azure does anyway. It is never stored.
 */
export function notYet(
  lifetime: Lifetime = {},
  harmless: readonly Json[] = [],
): Property<never, 'sometimes'> {
  const texts = new Set(harmless.map((value) => JSON.stringify(value)));
  return {
    read: (value, name) => {
      const text = JSON.stringify(typeof value === 'string' ? value.toLowerCase() : value);
      return texts.has(text) ? dropped : notImplemented(name);
    },
    isRequired: false,
    presence: 'sometimes',
    ...lifetime,
  };
}

/** The same for a list; an empty one asks for nothing. */
export function notYetList(lifetime: Lifetime = {}): Property<never, 'sometimes'> {
  return notYet(lifetime, [[]]);
}

/** The same for a flag that is off by default, which az writes as text. */
export function notYetFlag(lifetime: Lifetime = {}): Property<never, 'sometimes'> {
  return notYet(lifetime, [false, 'false']);
}

/** What a reader returns for a value that is accepted and not stored. */
const dropped = undefined as never;

/**
 * Any text of at most `charactersMax` characters, without NUL, which neither a process nor a
 * database takes.
 */
export function text(charactersMax = 1_048_576, charactersMin = 0): Reader<string> {
  return (value, name) => {
    if (typeof value !== 'string' || value.includes('\u0000')) return bad(name, value);
    const fits = value.length >= charactersMin && value.length <= charactersMax;
    return fits ? value : bad(name, value);
  };
}

/** Text of a form. */
export function matching(pattern: RegExp): Reader<string> {
  return (value, name) =>
    typeof value === 'string' && pattern.test(value) ? value : bad(name, value);
}

/**
 * An id of a pool, job or task: up to 64 letters, digits, dashes and underscores.
 * Source: https://learn.microsoft.com/rest/api/batchservice/pool/add
 */
export const entityId = matching(/^[A-Za-z0-9_-]{1,64}$/);

/**
 * A whole number between two bounds, also as text: az sends `"2"`, and Azure accepts it (recorded).
 */
export function whole(min: number, max: number): Reader<number> {
  return (value, name) => {
    const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number)) return bad(name, value);
    return number >= min && number <= max ? number : bad(name, value);
  };
}

/** A truth, also as text. */
export const flag: Reader<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  const folded = typeof value === 'string' ? value.toLowerCase() : '';
  if (folded === 'true' || folded === 'false') return folded === 'true';
  return bad(name, value);
};

/** One of some words, compared without regard to case and written back as listed here. */
export function word<const W extends string>(...words: readonly W[]): Reader<W> {
  return (value, name) => {
    const folded = typeof value === 'string' ? value.toLowerCase() : undefined;
    return words.find((known) => known.toLowerCase() === folded) ?? bad(name, value);
  };
}

/** The first of some words; the others are known to Azure and not yet to Batten. */
export function onlyYet<const W extends string>(yet: W, ...others: readonly string[]): Reader<W> {
  const read = word(yet, ...others);
  return (value, name, version) => {
    const found = read(value, name, version);
    if (isFault(found)) return found;
    return found === yet ? yet : notImplemented(`${name} ${found}`);
  };
}

/** An ISO 8601 duration of at least `millisecondsMin`, written back as .NET does. */
export function duration(millisecondsMin = 0): Reader<string> {
  return (value, name) => {
    const parsed: DurationValue | undefined =
      typeof value === 'string' ? parseDuration(value) : undefined;
    if (parsed === undefined) return bad(name, value);
    return parsed !== 'unbounded' && parsed < millisecondsMin
      ? bad(name, value)
      : formatDuration(parsed);
  };
}

/** A list of at most `itemsMax`. */
export function list<T extends Json>(read: Reader<T>, itemsMax = 10_000): Reader<readonly T[]> {
  return (value, name, version) => {
    if (!Array.isArray(value) || value.length > itemsMax) return bad(name, value);
    const items: T[] = [];
    for (const item of value) {
      const one = read(item, name, version);
      if (isFault(one)) return one;
      items.push(one);
    }
    return items;
  };
}

/** A nested object. */
export function object<S extends Shape>(shape: S): Reader<Shaped<S> & JsonObject> {
  return (value, name, version) =>
    isJsonObject(value) ? readObject(shape, value, version) : bad(name, value);
}

/** Any object, kept as it was written, with nulls dropped. */
export const anyObject: Reader<JsonObject> = (value, name) =>
  isJsonObject(value) ? (withoutNulls(value) as JsonObject) : bad(name, value);

function readObject<S extends Shape>(
  shape: S,
  body: JsonObject,
  version: BatchVersion,
): (Shaped<S> & JsonObject) | Fault {
  for (const name of Object.keys(body)) {
    const property = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (property === undefined || !isAlive(property, version)) return unknownProperty(name);
  }
  const result: Record<string, Json> = {};
  for (const [name, property] of Object.entries(shape)) {
    const given = body[name];
    if (given === undefined || given === null) {
      if (property.isRequired) return missingProperty(name);
      if (property.fallback !== undefined) result[name] = property.fallback;
      continue;
    }
    const value = property.read(given, name, version);
    if (isFault(value)) return value;
    if (value !== dropped) result[name] = value;
  }
  return result as Shaped<S> & JsonObject;
}

function isAlive(property: Lifetime, version: BatchVersion): boolean {
  if (property.from !== undefined && version < property.from) return false;
  return property.until === undefined || version <= property.until;
}

function withoutNulls(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null && item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutNulls(item ?? null)]));
}

/** Longest value that a refusal repeats, in characters. */
const shownCharactersMax = 256;

function bad(name: string, value: Json): Fault {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return invalidProperty(name, shown.slice(0, shownCharactersMax));
}
