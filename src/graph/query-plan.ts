import { indexedTextOf } from '#directory/object-name.store.ts';
import { fold } from '#kernel/ids.ts';
import type { Filter, Leaf, Literal } from './filter.ts';
import type { ListQuery } from './odata-query.ts';
import type { Search } from './search.ts';

/** One way to come by the objects that may fit a query. */
export type Source =
  /** Every object of the kind, in the order of the ids. */
  | { readonly by: 'walk' }
  /** The few objects that have a value of a property for which there is a key. */
  | { readonly by: 'key'; readonly property: string; readonly value: string; readonly leaf: Leaf }
  /** A range of the index of names. */
  | {
      readonly by: 'name';
      readonly property: string;
      readonly start: string;
      readonly match: 'whole' | 'beginning';
      readonly leaf: Leaf;
    }
  /** The words of a property that begin like this. */
  | { readonly by: 'word'; readonly property: string; readonly start: string }
  /** Every object of the kind, in the order of a name. */
  | { readonly by: 'order'; readonly property: string; readonly isDescending: boolean };

/** What a kind of object can be found by. */
export interface Findable {
  readonly keys: readonly string[];
  readonly names: readonly string[];
}

/**
 * Where to look for what fits a query: the union of the sources holds every object that does, and more. A filter or search that no index
 * answers leads to a walk through all objects, in steps.
 */
export function planOf(
  query: Pick<ListQuery, 'filter' | 'search' | 'order'>,
  findable: Findable,
): readonly Source[] {
  const { filter, search, order } = query;
  const found =
    (filter === undefined ? undefined : sourcesOfFilter(filter, findable)) ??
    (search === undefined ? undefined : sourcesOfSearch(search, findable));
  if (found !== undefined) return found;
  return order !== undefined && findable.names.includes(order.property)
    ? [{ by: 'order', ...order }]
    : [{ by: 'walk' }];
}

function sourcesOfFilter(filter: Filter, findable: Findable): readonly Source[] | undefined {
  switch (filter.kind) {
    case 'and':
      return narrower(
        sourcesOfFilter(filter.left, findable),
        sourcesOfFilter(filter.right, findable),
      );
    case 'or': {
      const left = sourcesOfFilter(filter.left, findable);
      const right = sourcesOfFilter(filter.right, findable);
      return left === undefined || right === undefined ? undefined : [...left, ...right];
    }
    case 'not':
      return undefined;
    case 'any':
    case 'compare':
    case 'in':
    case 'startswith':
    case 'endswith':
      return sourcesOfLeaf(filter, findable);
  }
}

/** Keys find fewer objects than names, and names fewer than nothing. */
function narrower(
  left: readonly Source[] | undefined,
  right: readonly Source[] | undefined,
): readonly Source[] | undefined {
  const isByKey = (sources: readonly Source[] | undefined): boolean =>
    sources?.every(({ by }) => by === 'key') ?? false;
  return isByKey(right) && !isByKey(left) ? right : (left ?? right);
}

function sourcesOfLeaf(leaf: Leaf, { keys, names }: Findable): readonly Source[] | undefined {
  const { property } = leaf;
  if (leaf.kind === 'startswith') {
    const start = indexedTextOf(leaf.value);
    return names.includes(property)
      ? [{ by: 'name', property, start, match: 'beginning', leaf }]
      : undefined;
  }
  const values = valuesOf(leaf);
  if (values === undefined || !values.every((value) => typeof value === 'string')) return undefined;
  const byName = new Map(values.map((value) => [fold(String(value)), String(value)]));
  const distinct = [...byName.values()];
  if (keys.includes(property)) {
    return distinct.map((value) => ({ by: 'key', property, value, leaf: equalTo(leaf, value) }));
  }
  if (leaf.kind === 'any' || !names.includes(property)) return undefined;
  return distinct.map((value) => ({
    by: 'name',
    property,
    start: indexedTextOf(value),
    match: 'whole',
    leaf: equalTo(leaf, value),
  }));
}

/** The values of which one must be there; undefined when the test is of another sort. */
function valuesOf(leaf: Leaf): readonly Literal[] | undefined {
  const test = leaf.kind === 'any' ? leaf.test : leaf;
  if (test?.kind === 'compare' && test.operator === 'eq') return [test.value];
  return test?.kind === 'in' ? test.values : undefined;
}

function equalTo(leaf: Leaf, value: string): Leaf {
  const test = { kind: 'compare', operator: 'eq', value } as const;
  const { property } = leaf;
  return leaf.kind === 'any' ? { kind: 'any', property, test } : { property, ...test };
}

/**
 * The first word of a clause is looked up; the object is judged by all of them. Alternatives are walked through, since two words of one
 * object would bring it twice.
 */
function sourcesOfSearch(search: Search, findable: Findable): readonly Source[] | undefined {
  if (search.kind === 'clause') {
    const { property, words } = search;
    const [start] = words;
    const isIndexed = start !== undefined && findable.names.includes(property);
    return isIndexed ? [{ by: 'word', property, start }] : undefined;
  }
  if (search.kind === 'or') return undefined;
  return sourcesOfSearch(search.left, findable) ?? sourcesOfSearch(search.right, findable);
}
