import type { Caller } from '#directory/caller.ts';
import {
  indexedProperties,
  indexPendingNames,
  type NamePlace,
  namePlaces,
  namePlacesDescending,
  wordsOf,
} from '#directory/object-name.store.ts';
import {
  countObjects,
  type DirectoryObjectIds,
  type DirectoryObjectKind,
  findObject,
  pageOfObjects,
} from '#directory/object-page.store.ts';
import type { Call, Reply } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { expansionsOf, type Relations, withRelations } from './expand.ts';
import { invalidSkipToken } from './faults.ts';
import { fitsFilter, valueAt } from './filter.ts';
import { countOf, fitterOf, type Listed, pageReply } from './listing.ts';
import { countQueryOf, type ListQuery, listQueryOf } from './odata-query.ts';
import { planOf, type Source } from './query-plan.ts';
import { sortedBy } from './sorting.ts';

/** Ids of the few objects that have a value of a property. */
type FindByKey = (
  tx: ReadTransaction,
  tenantId: string,
  value: string,
) => Promise<readonly string[]>;

/** Where the objects of a collection are kept. */
export interface Rows<T> {
  /** In the order of their ids, behind an id. */
  page(tx: ReadTransaction, tenantId: string, after: string, limit: number): Promise<readonly T[]>;
  find(tx: ReadTransaction, tenantId: string, id: string): Promise<T | undefined>;
  count(tx: ReadTransaction, tenantId: string): Promise<number>;
  idOf(object: T): string;
  /** How the index of names knows them; absent when it does not. */
  readonly named?: DirectoryObjectKind;
}

/** The rows of the objects that have names. */
export function directoryRows<T extends DirectoryObjectIds>(kind: DirectoryObjectKind): Rows<T> {
  return {
    page: (tx, tenantId, after, limit) => pageOfObjects<T>(tx, kind, tenantId, after, limit),
    find: (tx, tenantId, id) => findObject<T>(tx, kind, tenantId, id),
    count: (tx, tenantId) => countObjects(tx, kind, tenantId),
    idOf: (object) => object.objectId,
    named: kind,
  };
}

/** One kind of object of a whole tenant as Graph lists it. */
export interface Collection<T> extends Listed {
  readonly rows: Rows<T>;
  /** Properties with a key of their own, beside the id and the index of names. */
  readonly keys: Readonly<Record<string, FindByKey>>;
  /** Makes what is filtered by and shown of an object. */
  readonly shape: (tx: ReadTransaction, tenantId: string) => Promise<(object: T) => JsonObject>;
  /** Adds what only shown objects need. */
  readonly finish?: (
    tx: ReadTransaction,
    tenantId: string,
    page: readonly JsonObject[],
  ) => Promise<readonly JsonObject[]>;
  readonly relations: Relations;
}

/** Objects that are read in one step, and that are looked at for one page; a page may therefore be short and yet not be the last. */
const stepMax = 200;
const lookedAtMax = 10_000;

/**
 * Answers a list of a whole tenant. Pages follow a key and not a number, so that a page costs what it shows; only an order that no index
 * has needs every fitting object.
 */
export async function collectionReply<T>(
  call: Call<Caller>,
  store: Store,
  collection: Collection<T>,
): Promise<Reply | Fault> {
  const query = listQueryOf(call, collection);
  if (isFault(query)) return query;
  const expansions = expansionsOf(call, collection, collection.relations);
  if (isFault(expansions)) return expansions;
  const from = query.skipToken === undefined ? start : positionOf(query.skipToken);
  if (from === undefined) return invalidSkipToken();
  await indexPendingNames(store);
  const { tenantId } = call.caller;
  const walk: Walk<T> = { store, collection, tenantId, query };
  const found = await pageOf(walk, from);
  const finished = await store.read(async (tx) => {
    const page = (await collection.finish?.(tx, tenantId, found.objects)) ?? found.objects;
    const whole: JsonObject[] = [];
    for (const one of page) {
      whole.push(await withRelations(tx, tenantId, one, expansions, collection.relations));
    }
    return whole;
  });
  return pageReply(call, collection, query, {
    objects: finished,
    ...(query.count ? { count: await countFitting(walk) } : {}),
    ...(found.next === undefined ? {} : { nextToken: tokenOf(found.next) }),
    relations: expansions.map(({ name }) => name),
  });
}

/** Answers how many objects of a whole tenant fit. */
export async function collectionCount<T>(
  call: Call<Caller>,
  store: Store,
  collection: Collection<T>,
): Promise<Reply | Fault> {
  const query = countQueryOf(call, collection);
  if (isFault(query)) return query;
  await indexPendingNames(store);
  const { tenantId } = call.caller;
  const asked = { ...query, order: undefined, top: 0 };
  return countOf(await countFitting({ store, collection, tenantId, query: asked }));
}

/** What a walk through a collection needs. */
interface Walk<T> {
  readonly store: Store;
  readonly collection: Collection<T>;
  readonly tenantId: string;
  readonly query: Pick<ListQuery, 'filter' | 'search' | 'order' | 'top'>;
}

/** Behind an object of a source. */
interface Position {
  readonly source: number;
  readonly place: NamePlace | undefined;
}

const start: Position = { source: 0, place: undefined };

interface FoundPage {
  readonly objects: readonly JsonObject[];
  readonly next?: Position;
}

async function pageOf<T>(walk: Walk<T>, from: Position): Promise<FoundPage> {
  const { top, order } = walk.query;
  const sources = sourcesOf(walk);
  const isOrdered = order === undefined || sources.some(({ by }) => by === 'order');
  if (!isOrdered) return sortedPage(walk, from);
  const objects: JsonObject[] = [];
  let last = from;
  let lookedAt = 0;
  for await (const { json, fits, position } of walkThrough(walk, from, top + 1)) {
    if (fits && objects.length === top) return { objects, next: last };
    if (fits) objects.push(json);
    last = position;
    lookedAt++;
    if (lookedAt >= lookedAtMax) return { objects, next: last };
  }
  return { objects };
}

/** Every fitting object is read and sorted; the position names the last one that was shown. */
async function sortedPage<T>(walk: Walk<T>, from: Position): Promise<FoundPage> {
  const fitting: JsonObject[] = [];
  for await (const { json, fits } of walkThrough(walk, start, stepMax)) {
    if (fits) fitting.push(json);
  }
  const sorted = sortedBy(walk.query.order, fitting);
  const after = from.place?.objectId;
  const at = after === undefined ? 0 : sorted.findIndex((one) => one['id'] === after) + 1;
  const objects = sorted.slice(at, at + walk.query.top);
  const objectId = String(objects.at(-1)?.['id']);
  const hasMore = at + objects.length < sorted.length;
  return { objects, ...(hasMore ? { next: { source: 0, place: { text: '', objectId } } } : {}) };
}

async function countFitting<T>(walk: Walk<T>): Promise<number> {
  const { filter, search } = walk.query;
  if (filter === undefined && search === undefined) {
    return walk.store.read((tx) => walk.collection.rows.count(tx, walk.tenantId));
  }
  let count = 0;
  for await (const { fits } of walkThrough(walk, start, stepMax)) count += Number(fits);
  return count;
}

interface Met {
  readonly json: JsonObject;
  readonly fits: boolean;
  readonly position: Position;
}

/** Meets every object that may fit once, in the order of the sources; each step reads by itself, so that others get their turn. */
async function* walkThrough<T>(walk: Walk<T>, from: Position, atOnce: number): AsyncGenerator<Met> {
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

function sourcesOf<T>({ collection, query }: Walk<T>) {
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

function tokenOf({ source, place }: Position): string {
  const parts = [source, place?.text ?? '', place?.objectId ?? ''];
  return Buffer.from(JSON.stringify(parts), 'utf8').toString('base64url');
}

/** Undefined when the text is no token of ours. What it names is only ever looked up within the caller's tenant. */
function positionOf(token: string): Position | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (!Array.isArray(parts) || parts.length !== 3) return undefined;
    const [source, text, objectId] = parts as unknown[];
    if (!Number.isSafeInteger(source) || typeof text !== 'string') return undefined;
    if (typeof objectId !== 'string') return undefined;
    return { source: Number(source), place: { text, objectId } };
  } catch {
    return undefined;
  }
}
