import { fold } from '#kernel/ids.ts';
import { type Instant, parseInstant } from '#kernel/instant.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { isJsonObject } from '#kernel/json.ts';

/** A parsed `$filter`, as data. */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly inner: Filter }
  | { readonly kind: 'any'; readonly property: string; readonly test?: Test }
  | Term;

/** A test of one property. */
export type Term = { readonly property: string } & Test;

/** What is asked of a value. */
export type Test =
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly value: Literal }
  | { readonly kind: 'in'; readonly values: readonly Literal[] }
  | { readonly kind: 'startswith' | 'endswith'; readonly value: string };

export type Comparison = 'eq' | 'ne' | 'ge' | 'gt' | 'le' | 'lt';

export type Literal = string | number | boolean | null;

/** True when a wire object fits the filter. Text is compared without regard to case, as the directory does; dates by what they mean. */
export function fitsFilter(filter: Filter, object: JsonObject): boolean {
  switch (filter.kind) {
    case 'and':
      return fitsFilter(filter.left, object) && fitsFilter(filter.right, object);
    case 'or':
      return fitsFilter(filter.left, object) || fitsFilter(filter.right, object);
    case 'not':
      return !fitsFilter(filter.inner, object);
    case 'any':
      return anyFits(valueAt(object, filter.property), filter.test);
    case 'compare':
    case 'in':
    case 'startswith':
    case 'endswith':
      return fitsTest(filter, valueAt(object, filter.property));
  }
}

/** Every property that a filter names, with slashes as written. */
export function propertiesOf(filter: Filter): readonly string[] {
  return leavesOf(filter).map((leaf) => leaf.property);
}

/** A test within a filter: of one property, or of the members of one. */
export type Leaf = Extract<Filter, { property: string }>;

/** The tests that a filter is made of, in their order. */
export function leavesOf(filter: Filter): readonly Leaf[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [...leavesOf(filter.left), ...leavesOf(filter.right)];
    case 'not':
      return leavesOf(filter.inner);
    case 'any':
    case 'compare':
    case 'in':
    case 'startswith':
    case 'endswith':
      return [filter];
  }
}

/** True when a filter says `not` or `ne`, or asks for an ending, which Graph answers as an advanced query only. */
export function needsAdvancedQuery(filter: Filter): boolean {
  return hasNot(filter) || leavesOf(filter).some(isAdvanced) || hasEnding(filter);
}

/** True when a filter asks how a text ends. */
export function hasEnding(filter: Filter): boolean {
  return leavesOf(filter).some(
    (leaf) => leaf.kind === 'endswith' || (leaf.kind === 'any' && leaf.test?.kind === 'endswith'),
  );
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

function hasNot(filter: Filter): boolean {
  if (filter.kind === 'not') return true;
  if (filter.kind !== 'and' && filter.kind !== 'or') return false;
  return hasNot(filter.left) || hasNot(filter.right);
}

function isAdvanced(leaf: Leaf): boolean {
  return leaf.kind === 'compare' && leaf.operator === 'ne';
}

function fitsTest(test: Test, value: Json | undefined): boolean {
  switch (test.kind) {
    case 'compare':
      return fitsComparison(test.operator, value, test.value);
    case 'in':
      return test.values.some((one) => isEqual(value, one));
    case 'startswith':
      return typeof value === 'string' && fold(value).startsWith(fold(test.value));
    case 'endswith':
      return typeof value === 'string' && fold(value).endsWith(fold(test.value));
  }
}

/** An empty `any()` asks whether there is anything. */
function anyFits(value: Json | undefined, test: Test | undefined): boolean {
  if (!Array.isArray(value)) return false;
  return value.some((one: Json) => test === undefined || fitsTest(test, one));
}

function fitsComparison(operator: Comparison, value: Json | undefined, literal: Literal): boolean {
  switch (operator) {
    case 'eq':
      return isEqual(value, literal);
    case 'ne':
      return !isEqual(value, literal);
    case 'ge':
    case 'gt':
    case 'le':
    case 'lt':
      return fitsOrder(operator, orderOf(value, literal));
  }
}

function fitsOrder(operator: 'ge' | 'gt' | 'le' | 'lt', order: number | undefined): boolean {
  if (order === undefined) return false;
  if (order === 0) return operator === 'ge' || operator === 'le';
  return order > 0 === (operator === 'ge' || operator === 'gt');
}

/** Below, equal or above zero as the value stands before, at or behind the literal; undefined when they cannot be ordered. */
function orderOf(value: Json | undefined, literal: Literal): number | undefined {
  if (typeof value === 'number' && typeof literal === 'number') return value - literal;
  if (typeof value !== 'string' || typeof literal !== 'string') return undefined;
  const [left, right] = [dateOf(value), dateOf(literal)];
  if (left !== undefined && right !== undefined) return left - right;
  const [before, after] = [fold(value), fold(literal)];
  return before < after ? -1 : Number(before > after);
}

function isEqual(value: Json | undefined, literal: Literal): boolean {
  if (typeof value !== 'string' || typeof literal !== 'string') return (value ?? null) === literal;
  if (fold(value) === fold(literal)) return true;
  const date = dateOf(value);
  return date !== undefined && date === dateOf(literal);
}

/** The instant that a text names when it is a date as OData writes one. */
function dateOf(text: string): Instant | undefined {
  return /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? parseInstant(text) : undefined;
}
