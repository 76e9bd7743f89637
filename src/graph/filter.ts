import { fold } from '#kernel/ids.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { isJsonObject } from '#kernel/json.ts';

/** A parsed `$filter`, as data. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | {
      readonly kind: 'compare';
      readonly operator: 'eq' | 'ne';
      readonly property: string;
      readonly value: Literal;
    }
  | { readonly kind: 'in'; readonly property: string; readonly values: readonly Literal[] }
  | { readonly kind: 'startswith'; readonly property: string; readonly value: string }
  | {
      readonly kind: 'any';
      readonly property: string;
      readonly test: 'eq' | 'startswith';
      readonly value: Literal;
    };

type Literal = string | number | boolean | null;

/** A text that is no filter; `reason` says where it breaks. */
export interface FilterProblem {
  readonly problem: string;
}

/** Longest filter in characters, and most terms of one filter: Graph refuses longer ones too (its own limit is 15 terms). */
export const filterCharactersMax = 8_192;
export const filterTermsMax = 100;

/**
 * Parses the part of OData that directory clients send: eq, ne, in, startswith, any with one variable, and, or, not, parentheses.
 * Runs in one pass; the number of terms is limited.
 * Source: https://learn.microsoft.com/graph/aad-advanced-queries
 */
export function parseFilter(text: string): Filter | FilterProblem {
  if (text.length > filterCharactersMax) return { problem: 'the filter is too long' };
  const tokens = tokensOf(text);
  if (tokens === undefined) return { problem: 'a character is unexpected' };
  const reader = new TokenReader(tokens);
  const filter = readOr(reader);
  if (filter === undefined) return { problem: reader.problem };
  if (!reader.atEnd()) return { problem: `unexpected text at position ${reader.position()}` };
  return filter;
}

/** True when a wire object fits the filter. Text is compared without regard to case, as the directory does. */
export function fitsFilter(filter: Filter, object: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return fitsFilter(filter.left, object) && fitsFilter(filter.right, object);
    case 'or':
      return fitsFilter(filter.left, object) || fitsFilter(filter.right, object);
    case 'not':
      return !fitsFilter(filter.inner, object);
    case 'compare':
      return isEqual(valueAt(object, filter.property), filter.value) === (filter.operator === 'eq');
    case 'in':
      return filter.values.some((value) => isEqual(valueAt(object, filter.property), value));
    case 'startswith':
      return startsWith(valueAt(object, filter.property), filter.value);
    case 'any':
      return anyFits(valueAt(object, filter.property), filter.test, filter.value);
  }
}

/** Every property that a filter names, with slashes as written. */
export function propertiesOf(filter: Filter): readonly string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...propertiesOf(filter.left), ...propertiesOf(filter.right)];
    case 'not':
      return propertiesOf(filter.inner);
    case 'compare':
    case 'in':
    case 'startswith':
    case 'any':
      return [filter.property];
  }
}

/** The value of a property path such as `info/logoUrl`; undefined when there is none. */
export function valueAt(object: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = object;
  for (const name of path.split('/')) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function isEqual(value: Json | undefined, literal: Literal): boolean {
  if (typeof value === 'string' && typeof literal === 'string')
    return fold(value) === fold(literal);
  return (value ?? null) === literal;
}

function startsWith(value: Json | undefined, start: string): boolean {
  return typeof value === 'string' && fold(value).startsWith(fold(start));
}

function anyFits(value: Json | undefined, test: 'eq' | 'startswith', literal: Literal): boolean {
  if (!Array.isArray(value)) return false;
  return value.some((one: Json) =>
    test === 'eq' ? isEqual(one, literal) : startsWith(one, String(literal)),
  );
}

interface Token {
  readonly kind: 'word' | 'literal' | 'sign';
  readonly text: string;
  readonly value?: Literal;
  readonly at: number;
}

function tokensOf(text: string): readonly Token[] | undefined {
  const pattern = /\s*(?:('(?:[^']|'')*')|([A-Za-z_@][\w./@]*)|(-?\d[\w.:+-]*)|([(),:]))/y;
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.trimEnd().length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    const [, quoted, word, number, sign] = match;
    if (quoted !== undefined) {
      const value = quoted.slice(1, -1).replaceAll("''", "'");
      tokens.push({ kind: 'literal', text: quoted, value, at });
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', text: word, at });
    } else if (number !== undefined) {
      const value = Number.isNaN(Number(number)) ? number : Number(number);
      tokens.push({ kind: 'literal', text: number, value, at });
    } else {
      tokens.push({ kind: 'sign', text: sign ?? '', at });
    }
    at = pattern.lastIndex;
  }
  return tokens;
}

class TokenReader {
  problem = 'the filter is empty or ends early';
  readonly #tokens: readonly Token[];
  #next = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#next];
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++];
  }

  /** Takes the next token when it is this word or sign. */
  takeText(text: string): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === 'literal' || token.text !== text) return false;
    this.#next++;
    return true;
  }

  /** Takes the next token when the one after it is an opening parenthesis: a function's name. */
  takeCall(name: string): boolean {
    const after = this.#tokens[this.#next + 1];
    return after?.text === '(' && this.takeText(name) && this.takeText('(');
  }

  atEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  position(): number {
    return this.peek()?.at ?? 0;
  }

  fail(problem: string): undefined {
    this.problem = `${problem} at position ${this.position()}`;
    return undefined;
  }

  /** Counts a term; false when there are too many. */
  countTerm(): boolean {
    this.#terms++;
    return this.#terms <= filterTermsMax;
  }
}

function readOr(reader: TokenReader): Filter | undefined {
  let left = readAnd(reader);
  while (left !== undefined && reader.takeText('or')) {
    const right = readAnd(reader);
    if (right === undefined) return undefined;
    left = { kind: 'or', left, right };
  }
  return left;
}

function readAnd(reader: TokenReader): Filter | undefined {
  let left = readTerm(reader);
  while (left !== undefined && reader.takeText('and')) {
    const right = readTerm(reader);
    if (right === undefined) return undefined;
    left = { kind: 'and', left, right };
  }
  return left;
}

function readTerm(reader: TokenReader): Filter | undefined {
  if (!reader.countTerm()) return reader.fail('too many terms');
  if (reader.takeText('not')) {
    const inner = readTerm(reader);
    return inner === undefined ? undefined : { kind: 'not', inner };
  }
  if (reader.takeText('(')) {
    const inner = readOr(reader);
    if (inner === undefined) return undefined;
    return reader.takeText(')') ? inner : reader.fail('a parenthesis is not closed');
  }
  if (reader.takeCall('startswith')) return readStartsWith(reader);
  return readComparison(reader);
}

function readStartsWith(reader: TokenReader): Filter | undefined {
  const property = readWord(reader);
  if (property === undefined || !reader.takeText(',')) return reader.fail('a comma is missing');
  const value = readLiteral(reader);
  if (typeof value !== 'string') return reader.fail('startswith needs text');
  return reader.takeText(')')
    ? { kind: 'startswith', property, value }
    : reader.fail('a parenthesis is not closed');
}

function readComparison(reader: TokenReader): Filter | undefined {
  const property = readWord(reader);
  if (property === undefined) return reader.fail('a property is missing');
  if (property.endsWith('/any') && reader.takeText('(')) {
    return readAny(reader, property.slice(0, -'/any'.length));
  }
  if (reader.takeText('in')) return readIn(reader, property);
  const operator = reader.takeText('eq') ? 'eq' : reader.takeText('ne') ? 'ne' : undefined;
  if (operator === undefined) return reader.fail('an operator is missing or unknown');
  const value = readLiteral(reader);
  return value === undefined ? undefined : { kind: 'compare', operator, property, value };
}

function readIn(reader: TokenReader, property: string): Filter | undefined {
  if (!reader.takeText('(')) return reader.fail('a list is missing');
  const values: Literal[] = [];
  do {
    const value = readLiteral(reader);
    if (value === undefined) return undefined;
    values.push(value);
  } while (reader.takeText(','));
  return reader.takeText(')')
    ? { kind: 'in', property, values }
    : reader.fail('a parenthesis is not closed');
}

/** `c:c eq 'x'` or `c:startswith(c,'x')`, after the opening parenthesis. */
function readAny(reader: TokenReader, property: string): Filter | undefined {
  const variable = readWord(reader);
  if (variable === undefined || !reader.takeText(':')) return reader.fail('a variable is missing');
  const test = reader.takeCall('startswith') ? 'startswith' : 'eq';
  if (readWord(reader) !== variable) return reader.fail('another variable is used');
  if (!reader.takeText(test === 'eq' ? 'eq' : ',')) return reader.fail('an operator is missing');
  const value = readLiteral(reader);
  if (value === undefined) return undefined;
  const closed = (test === 'eq' || reader.takeText(')')) && reader.takeText(')');
  return closed
    ? { kind: 'any', property, test, value }
    : reader.fail('a parenthesis is not closed');
}

function readWord(reader: TokenReader): string | undefined {
  const token = reader.peek();
  if (token?.kind !== 'word') return undefined;
  reader.take();
  return token.text;
}

const namedLiterals: Readonly<Record<string, Literal>> = { true: true, false: false, null: null };

function readLiteral(reader: TokenReader): Literal | undefined {
  const token = reader.take();
  if (token?.kind === 'literal') return token.value;
  if (token?.kind === 'word' && Object.hasOwn(namedLiterals, token.text)) {
    return namedLiterals[token.text];
  }
  return reader.fail('a value is missing');
}
