import {
  indexedProperties,
  type NamePlace,
  namePlaces,
  namePlacesDescending,
  wordsOf,
} from '#directory/object-name.store.ts';
import { fold } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import type { Collection } from './collection.ts';
import { fitsFilter, valueAt } from './filter.ts';
import { fitterOf } from './listing.ts';
import type { ListQuery } from './odata-query.ts';
import { planOf, type Source } from './query-plan.ts';

/** Objects that are read in one step. */
export const stepMax = 200;

/** What a walk through a collection needs. */
export interface Walk<T> {
  readonly store: Store;
  readonly collection: Collection<T>;
  readonly tenantId: string;
  readonly query: Pick<ListQuery, 'filter' | 'search' | 'order' | 'top'>;
}

/** Behind an object of a source. */
export interface Position {
  readonly source: number;
  readonly place: NamePlace | undefined;
}

/** Before the first object of the first source. */
export const start: Position = { source: 0, place: undefined };

/** An object that a walk met. */
export interface Met {
  readonly json: JsonObject;
  readonly fits: boolean;
  readonly position: Position;
}

/** Meets every object that may fit once, in the order of the sources; each step reads by itself, so that others get their turn. */
export async function* walkThrough<T>(
  walk: Walk<T>,
  from: Position,
  atOnce: number,
): AsyncGenerator<Met> {
  const { store, collection, tenantId, query } = walk;
  const sources = sourcesOf(walk);
  const isFitting = fitterOf(query);
  const hasTest = query.filter !== undefined || query.search !== undefined;
  const limit = hasTest ? stepMax : Math.min(atOnce, stepMax);
  for (let index = from.source; index < sources.length; index++) {
    const source = sources[index];
    let place = index === from.source ? from.place : undefined;
    for (;;) {
      if (source === undefined) break;
      const after = place;
      const step = await store.read(async (tx) => {
        const shape = await collection.shape(tx, tenantId);
        const met = await stepOf(tx, walk, source, after, limit);
        return met.map((one) => ({
          place: one.place,
          json: one.object === undefined ? undefined : shape(one.object),
        }));
      });
      for (const { json, place: at } of step) {
        if (json === undefined || isRepeated(sources, index, json, at)) continue;
        yield { json, fits: isFitting(json), position: { source: index, place: at } };
      }
      place = step.at(-1)?.place;
      if (step.length < limit) break;
    }
  }
}

interface Stepped<T> {
  readonly place: NamePlace;
  readonly object: T | undefined;
}

async function stepOf<T>(
  tx: ReadTransaction,
  walk: Walk<T>,
  source: Source,
  after: NamePlace | undefined,
  limit: number,
): Promise<readonly Stepped<T>[]> {
  const { collection, tenantId } = walk;
  const { rows } = collection;
  if (source.by === 'walk') {
    const page = await rows.page(tx, tenantId, after?.objectId ?? '', limit);
    return page.map((object) => ({ place: { text: '', objectId: rows.idOf(object) }, object }));
  }
  const stepped: Stepped<T>[] = [];
  for (const place of await placesOf(tx, walk, source, after, limit)) {
    stepped.push({ place, object: await rows.find(tx, tenantId, place.objectId) });
  }
  return stepped;
}

async function placesOf<T>(
  tx: ReadTransaction,
  walk: Walk<T>,
  source: Exclude<Source, { by: 'walk' }>,
  after: NamePlace | undefined,
  limit: number,
): Promise<readonly NamePlace[]> {
  const { tenantId, collection } = walk;
  const { property } = source;
  if (source.by === 'key') {
    const ids = await idsOf(tx, walk, property, source.value);
    const left = ids.toSorted().filter((id) => id > (after?.objectId ?? ''));
    return left.slice(0, limit).map((objectId) => ({ text: '', objectId }));
  }
  const kind = collection.rows.named;
  if (kind === undefined) return [];
  const range = { tenantId, kind, property, start: '' };
  switch (source.by) {
    case 'name': {
      const { start, match } = source;
      return namePlaces(tx, { ...range, start, match, of: 'property' }, after, limit);
    }
    case 'word': {
      const { start } = source;
      return namePlaces(tx, { ...range, start, match: 'beginning', of: 'words' }, after, limit);
    }
    case 'order':
      return source.isDescending
        ? namePlacesDescending(tx, range, after, limit)
        : namePlaces(tx, { ...range, match: 'beginning', of: 'property' }, after, limit);
  }
}

function idsOf<T>(
  tx: ReadTransaction,
  { collection, tenantId }: Walk<T>,
  property: string,
  value: string,
): Promise<readonly string[]> {
  if (property === 'id') {
    return Promise.resolve([collection.rows.named === undefined ? value : fold(value)]);
  }
  return collection.keys[property]?.(tx, tenantId, value) ?? Promise.resolve([]);
}

/** Where a walk looks. */
export function sourcesOf<T>({ collection, query }: Walk<T>) {
  const keys = ['id', ...Object.keys(collection.keys)];
  const { named } = collection.rows;
  return planOf(query, { keys, names: named === undefined ? [] : indexedProperties[named] });
}

/** True when an earlier source has the object too, or an earlier word of the same source. */
function isRepeated(
  sources: readonly Source[],
  index: number,
  json: JsonObject,
  place: NamePlace,
): boolean {
  const source = sources[index];
  if (source?.by === 'word') {
    const words = wordsOf(String(valueAt(json, source.property) ?? ''));
    const [first] = words.filter((word) => word.startsWith(source.start)).toSorted();
    return first !== place.text;
  }
  return sources
    .slice(0, index)
    .some((earlier) => 'leaf' in earlier && fitsFilter(earlier.leaf, json));
}
