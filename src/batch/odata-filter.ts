import type { Fault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import { parseInstant } from '#kernel/instant.ts';
import { invalidQuery } from './faults.ts';
import filterProperties from './filter-properties.json' with { type: 'json' };

/** A list that can be filtered. */
export type FilterableList = keyof typeof filterProperties;

/** How a filter compares. */
export type FilterOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'startswith';

/**
 * What a property of an entity is to a filter: text, number (an Instant for dates), truth;
 * undefined when it has none.
 */
export type FilterValue = string | number | boolean | undefined;

/** A parsed filter. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Filter[] }
  | {
      readonly kind: 'compare';
      readonly property: string;
      readonly operator: FilterOperator;
      readonly literal: string | number | boolean;
    };

/** Longest filter that is read, in characters. */
export const filterCharactersMax = 4096;

/** Most operands of one filter, which bounds the work per row. */
export const filterOperandsMax = 64;

const nestingMax = 16;

/**
 * Parses `$filter` in one pass: comparisons and `startswith(property,'text')` joined by `and`, `or`
 * and parentheses. What the list's table does not know is refused.
 * Source: https://learn.microsoft.com/rest/api/batchservice/odata-filters-in-batch
 */
export function parseFilter(list: FilterableList, source: string): Filter | Fault {
  const refuse = (reason: string): Fault =>
    invalidQuery('$filter', source.slice(0, filterCharactersMax), reason);
  if (source.length > filterCharactersMax) return refuse('The filter is too long.');
  const tokens = tokensOf(source);
  if (tokens === undefined) return refuse('The filter is not syntactically valid.');
  const parser = new FilterParser(list, tokens);
  const filter = parser.either(0);
  if (typeof filter === 'string') return refuse(filter);
  return parser.isAtEnd() ? filter : refuse('The filter is not syntactically valid.');
}

/** True when an entity fits. Text is compared as Azure's names are: without regard to case. */
export function matches(filter: Filter, valueAt: (property: string) => FilterValue): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matches(part, valueAt));
    case 'or':
      return filter.parts.some((part) => matches(part, valueAt));
    case 'compare':
      return fits(filter.operator, folded(valueAt(filter.property)), folded(filter.literal));
  }
}

/**
 * The state that every match must have, so that an index can find them; undefined when the filter
 * does not fix one.
 */
export function requiredState(filter: Filter | undefined): string | undefined {
  if (filter === undefined) return undefined;
  if (filter.kind === 'compare') {
    const isState = filter.property === 'state' && filter.operator === 'eq';
    return isState && typeof filter.literal === 'string' ? fold(filter.literal) : undefined;
  }
  if (filter.kind === 'or') return undefined;
  return filter.parts.map(requiredState).find((state) => state !== undefined);
}

function fits(operator: FilterOperator, value: FilterValue, literal: FilterValue): boolean {
  if (value === undefined || literal === undefined) return operator === 'ne';
  switch (operator) {
    case 'eq':
      return value === literal;
    case 'ne':
      return value !== literal;
    case 'gt':
      return value > literal;
    case 'ge':
      return value >= literal;
    case 'lt':
      return value < literal;
    case 'le':
      return value <= literal;
    case 'startswith':
      return typeof value === 'string' && value.startsWith(String(literal));
  }
}

function folded(value: FilterValue): FilterValue {
  return typeof value === 'string' ? fold(value) : value;
}

interface Token {
  readonly kind: 'word' | 'text' | 'date' | 'mark';
  readonly text: string;
}

/**
 * A parser over the tokens of one filter. Each method returns a filter, or the reason why there is
 * none.
 */
class FilterParser {
  readonly #properties: Readonly<Record<string, { type: string; operators: readonly string[] }>>;
  readonly #tokens: readonly Token[];
  #at = 0;
  #operands = 0;

  constructor(list: FilterableList, tokens: readonly Token[]) {
    this.#properties = filterProperties[list];
    this.#tokens = tokens;
  }

  isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  either(depth: number): Filter | string {
    return this.#joined('or', () => this.#joined('and', () => this.#operand(depth)));
  }

  #joined(kind: 'and' | 'or', next: () => Filter | string): Filter | string {
    const parts: Filter[] = [];
    do {
      const part = next();
      if (typeof part === 'string') return part;
      parts.push(part);
    } while (this.#takes('word', kind));
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind, parts };
  }

  #operand(depth: number): Filter | string {
    if (++this.#operands > filterOperandsMax) return 'The filter has too many operands.';
    if (depth > nestingMax) return 'The filter nests too deep.';
    if (this.#takes('mark', '(')) {
      const inner = this.either(depth + 1);
      if (typeof inner === 'string') return inner;
      return this.#takes('mark', ')') ? inner : 'A closing parenthesis is missing.';
    }
    return this.#takes('word', 'startswith') ? this.#startsWith() : this.#comparison();
  }

  #startsWith(): Filter | string {
    if (!this.#takes('mark', '(')) return 'startswith takes a property and a text.';
    const property = this.#take();
    const hasComma = this.#takes('mark', ',');
    const literal = this.#take();
    if (!hasComma || literal?.kind !== 'text' || !this.#takes('mark', ')')) {
      return 'startswith takes a property and a text.';
    }
    return this.#compare(property, 'startswith', literal);
  }

  #comparison(): Filter | string {
    const property = this.#take();
    const operator = this.#take()?.text.toLowerCase();
    return this.#compare(property, operator ?? '', this.#take());
  }

  #compare(
    property: Token | undefined,
    operator: string,
    literal: Token | undefined,
  ): Filter | string {
    if (property?.kind !== 'word' || literal === undefined) return 'The filter is not complete.';
    const known = Object.hasOwn(this.#properties, property.text)
      ? this.#properties[property.text]
      : undefined;
    if (known === undefined) return `The property '${property.text}' cannot be used in a filter.`;
    if (!known.operators.includes(operator)) {
      return `The operator '${operator}' is not supported for the property '${property.text}'.`;
    }
    const value = literalOf(known.type, literal);
    if (value === undefined) return `The value of the property '${property.text}' is not valid.`;
    const name = property.text;
    return {
      kind: 'compare',
      property: name,
      operator: operator as FilterOperator,
      literal: value,
    };
  }

  #take(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  #takes(kind: Token['kind'], text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind || token.text.toLowerCase() !== text) return false;
    this.#at++;
    return true;
  }
}

function literalOf(type: string, token: Token): string | number | boolean | undefined {
  switch (type) {
    case 'String':
      return token.kind === 'text' ? token.text : undefined;
    case 'DateTime':
      return token.kind === 'mark' ? undefined : parseInstant(token.text);
    case 'Int':
      return token.kind === 'word' && /^-?\d{1,10}$/.test(token.text)
        ? Number(token.text)
        : undefined;
    case 'Boolean':
      if (token.kind !== 'word') return undefined;
      return token.text === 'true' ? true : token.text === 'false' ? false : undefined;
    default:
      return undefined;
  }
}

/** Words, quoted texts (a quote inside is doubled), `datetime'...'`, and the marks `( ) ,`. */
const tokenPattern = /\s*(?:(datetime)?'((?:[^']|'')*)'|([(),])|([^\s'(),]+))/iy;

function tokensOf(source: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const text = source.trimEnd();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < text.length) {
    const match = tokenPattern.exec(text);
    if (match === null) return undefined;
    const [, date, quoted, mark, word] = match;
    if (quoted !== undefined) {
      tokens.push({
        kind: date === undefined ? 'text' : 'date',
        text: quoted.replaceAll("''", "'"),
      });
    } else if (mark !== undefined) {
      tokens.push({ kind: 'mark', text: mark });
    } else if (word !== undefined) {
      tokens.push({ kind: 'word', text: word });
    }
  }
  return tokens;
}

/** Reads a filter where there may be none. */
export function optionalFilter(
  list: FilterableList,
  source: string | undefined,
): Filter | undefined | Fault {
  if (source === undefined || source.trim() === '') return undefined;
  return parseFilter(list, source);
}
