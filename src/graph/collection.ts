import type { Caller } from '#directory/caller.ts';
import { indexPendingNames } from '#directory/object-name.store.ts';
import type { Call, Reply } from '#http/operation.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import {
  type Position,
  sourcesOf,
  start,
  stepMax,
  type Walk,
  walkThrough,
} from './collection-walk.ts';
import { expansionsOf, type Relations, withRelations } from './expand.ts';
import { countOf, type Listed, pageReply } from './listing.ts';
import { countQueryOf, listQueryOf } from './odata-query.ts';
import { invalidSkipToken } from './query.faults.ts';
import type { Rows } from './rows.ts';
import { sortedBy } from './sorting.ts';

/** Ids of the few objects that have a value of a property. */
type FindByKey = (
  tx: ReadTransaction,
  tenantId: string,
  value: string,
) => Promise<readonly string[]>;

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

/** Objects that are looked at for one page; a page may therefore be short and yet not be the last. */
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
      whole.push(await withRelations(tx, call, one, expansions, collection.relations));
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
    if (typeof text !== 'string' || typeof objectId !== 'string') return undefined;
    if (typeof source !== 'number' || !Number.isSafeInteger(source) || source < 0) return undefined;
    return { source, place: { text, objectId } };
  } catch {
    return undefined;
  }
}
