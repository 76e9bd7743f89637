import { wordsOf } from '#directory/object-name.store.ts';
import { sameName } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import { valueAt } from './filter.ts';

/** A parsed `$search`, as data. */
export type Search =
  | { readonly kind: 'and' | 'or'; readonly left: Search; readonly right: Search }
  | { readonly kind: 'clause'; readonly property: string; readonly words: readonly string[] };

/** Longest search in characters, and most clauses of one search. */
export const searchCharactersMax = 1_024;
export const searchClausesMax = 20;

/**
 * Parses `"displayName:nightly" AND ("mail:a" OR "mail:b")`: quoted clauses of a property and a text, AND, OR in capitals, parentheses;
 * a clause for a property that is none of `properties` is no search. Undefined when it is none.
 * Source: https://learn.microsoft.com/graph/search-query-parameter#using-search-on-directory-object-collections
 */
export function parseSearch(text: string, properties: readonly string[]): Search | undefined {
  if (text.length > searchCharactersMax) return undefined;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|AND\b|OR\b|[()]|\S/g) ?? [];
  if (tokens.length > 4 * searchClausesMax) return undefined;
  const reader = { tokens, next: 0 };
  const search = readOr(reader, properties);
  return reader.next === tokens.length ? search : undefined;
}

/** True when a wire object has, for each word, a word that begins with it in the property that the clause names. */
export function fitsSearch(search: Search, object: JsonObject): boolean {
  switch (search.kind) {
    case 'and':
      return fitsSearch(search.left, object) && fitsSearch(search.right, object);
    case 'or':
      return fitsSearch(search.left, object) || fitsSearch(search.right, object);
    case 'clause': {
      const value = valueAt(object, search.property);
      const present = typeof value === 'string' ? wordsOf(value) : [];
      return search.words.every((word) => present.some((one) => one.startsWith(word)));
    }
  }
}

interface Reader {
  readonly tokens: readonly string[];
  next: number;
}

function readOr(reader: Reader, properties: readonly string[]): Search | undefined {
  let left = readAnd(reader, properties);
  while (left !== undefined && take(reader, 'OR')) {
    const right = readAnd(reader, properties);
    if (right === undefined) return undefined;
    left = { kind: 'or', left, right };
  }
  return left;
}

function readAnd(reader: Reader, properties: readonly string[]): Search | undefined {
  let left = readClause(reader, properties);
  while (left !== undefined && take(reader, 'AND')) {
    const right = readClause(reader, properties);
    if (right === undefined) return undefined;
    left = { kind: 'and', left, right };
  }
  return left;
}

function readClause(reader: Reader, properties: readonly string[]): Search | undefined {
  if (take(reader, '(')) {
    const inner = readOr(reader, properties);
    return take(reader, ')') ? inner : undefined;
  }
  const token = reader.tokens[reader.next] ?? '';
  if (token.length < 2 || !token.startsWith('"')) return undefined;
  reader.next++;
  const clause = token.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  const colon = clause.indexOf(':');
  const property = properties.find((one) => sameName(one, clause.slice(0, colon)));
  const words = wordsOf(clause.slice(colon + 1));
  return colon < 0 || property === undefined || words.length === 0
    ? undefined
    : { kind: 'clause', property, words };
}

function take(reader: Reader, text: string): boolean {
  if (reader.tokens[reader.next] !== text) return false;
  reader.next++;
  return true;
}
