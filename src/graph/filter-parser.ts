import type { Comparison, Filter, Literal, Term } from './filter.ts';

/** A text that is no filter; `problem` says where it breaks. */
export interface FilterProblem {
  readonly problem: string;
}

/** Longest filter in characters, and most terms of one filter, each value of a list being one: Graph refuses longer ones too (its own limit is 15 terms). */
export const filterCharactersMax = 8_192;
export const filterTermsMax = 100;

/**
 * Parses the part of OData that directory clients send: comparisons, in, startswith, endswith, any with one variable or with none, and,
 * or, not, parentheses; words of the language in any case. Runs in one pass; the number of terms is limited.
 * Source: https://learn.microsoft.com/graph/filter-query-parameter
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

interface Token {
  readonly kind: 'word' | 'literal' | 'sign';
  readonly text: string;
  readonly value?: Literal;
  readonly at: number;
}

function tokensOf(text: string): readonly Token[] | undefined {
  const pattern = /\s*(?:('(?:[^']|'')*')|([A-Za-z_@][\w./@]*)|(-?\d[\w.:+-]*)|([(),:]))/y;
  const end = text.trimEnd().length;
  const tokens: Token[] = [];
  let at = 0;
  while (at < end) {
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

  /** Takes the next token when it is this sign, or this word in any case. */
  takeText(text: string): boolean {
    const token = this.peek();
    if (token === undefined || token.kind === 'literal') return false;
    if (token.text.toLowerCase() !== text) return false;
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
    return reader.takeText(')') ? inner : unclosed(reader);
  }
  const name = takeFunction(reader);
  return name === undefined ? readComparison(reader) : readFunction(reader, name);
}

const functionNames = ['startswith', 'endswith'] as const;
const comparisons = ['eq', 'ne', 'ge', 'gt', 'le', 'lt'] as const;

function takeFunction(reader: TokenReader): (typeof functionNames)[number] | undefined {
  return functionNames.find((name) => reader.takeCall(name));
}

/** `displayName,'x')`, after the opening parenthesis. */
function readFunction(reader: TokenReader, kind: (typeof functionNames)[number]): Term | undefined {
  const property = readWord(reader);
  if (property === undefined || !reader.takeText(',')) return reader.fail('a comma is missing');
  const value = readLiteral(reader);
  if (typeof value !== 'string') return reader.fail(`${kind} needs text`);
  return reader.takeText(')') ? { kind, property, value } : unclosed(reader);
}

function readComparison(reader: TokenReader): Filter | undefined {
  const property = readWord(reader);
  if (property === undefined) return reader.fail('a property is missing');
  if (property.toLowerCase().endsWith('/any') && reader.takeText('(')) {
    return readAny(reader, property.slice(0, -'/any'.length));
  }
  return readTest(reader, property);
}

/** What stands behind a property: an operator with a value, or a list of values. */
function readTest(reader: TokenReader, property: string): Term | undefined {
  if (reader.takeText('in')) return readIn(reader, property);
  const operator: Comparison | undefined = comparisons.find((one) => reader.takeText(one));
  if (operator === undefined) return reader.fail('an operator is missing or unknown');
  const value = readLiteral(reader);
  return value === undefined ? undefined : { kind: 'compare', operator, property, value };
}

function readIn(reader: TokenReader, property: string): Term | undefined {
  if (!reader.takeText('(')) return reader.fail('a list is missing');
  const values: Literal[] = [];
  do {
    if (!reader.countTerm()) return reader.fail('too many terms');
    const value = readLiteral(reader);
    if (value === undefined) return undefined;
    values.push(value);
  } while (reader.takeText(','));
  return reader.takeText(')') ? { kind: 'in', property, values } : unclosed(reader);
}

/** `c:c eq 'x'`, `c:startswith(c,'x')` or nothing, after the opening parenthesis. */
function readAny(reader: TokenReader, property: string): Filter | undefined {
  if (reader.takeText(')')) return { kind: 'any', property };
  const variable = readWord(reader);
  if (variable === undefined || !reader.takeText(':')) return reader.fail('a variable is missing');
  const name = takeFunction(reader);
  const term = name === undefined ? readTestOfWord(reader) : readFunction(reader, name);
  if (term === undefined) return undefined;
  const { property: tested, ...test } = term;
  if (tested !== variable) return reader.fail('another variable is used');
  return reader.takeText(')') ? { kind: 'any', property, test } : unclosed(reader);
}

function readTestOfWord(reader: TokenReader): Term | undefined {
  const word = readWord(reader);
  return word === undefined ? reader.fail('a variable is missing') : readTest(reader, word);
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
  const name = token?.kind === 'word' ? token.text.toLowerCase() : '';
  return Object.hasOwn(namedLiterals, name)
    ? namedLiterals[name]
    : reader.fail('a value is missing');
}

function unclosed(reader: TokenReader): undefined {
  return reader.fail('a parenthesis is not closed');
}
