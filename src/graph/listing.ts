import type { Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { fitsFilter } from './filter.ts';
import {
  type Asked,
  countQueryOf,
  type ListQuery,
  listQueryOf,
  type Queryable,
  selectOf,
  unknownOption,
} from './odata-query.ts';
import { invalidSkipToken } from './query.faults.ts';
import { contextOf } from './reply.ts';
import { fitsSearch } from './search.ts';
import { sortedBy } from './sorting.ts';

export { listOptions } from './odata-query.ts';

/** What is particular to one kind of object in a list. */
export type Listed = Queryable;

/**
 * Answers a list that is short enough to be read at once: what belongs to one object. Filters, sorts, counts, cuts the page and names the
 * next. `objects` come in a stable order with an `id` each; `finish` adds what only the shown ones need.
 */
export async function listReply(
  call: Asked,
  listed: Listed,
  objects: readonly JsonObject[],
  finish: (page: readonly JsonObject[]) => Promise<readonly JsonObject[]> = async (page) => page,
): Promise<Reply | Fault> {
  const query = listQueryOf(call, listed);
  if (isFault(query)) return query;
  const fitting = sortedBy(query.order, objects.filter(fitterOf(query)));
  const after = query.skipToken === undefined ? undefined : decodedToken(query.skipToken);
  const start = after === undefined ? 0 : fitting.findIndex((one) => one['id'] === after) + 1;
  if (after !== undefined && start === 0) return invalidSkipToken();
  const page = fitting.slice(start, start + query.top);
  const last = page.at(-1)?.['id'];
  const hasMore = start + query.top < fitting.length && typeof last === 'string';
  return pageReply(call, listed, query, {
    objects: await finish(page),
    ...(query.count ? { count: fitting.length } : {}),
    ...(hasMore ? { nextToken: Buffer.from(last, 'utf8').toString('base64url') } : {}),
  });
}

/** Answers how many of some objects fit. */
export function countReply(
  call: Asked,
  listed: Listed,
  objects: readonly JsonObject[],
): Reply | Fault {
  const query = countQueryOf(call, listed);
  return isFault(query) ? query : countOf(objects.filter(fitterOf(query)).length);
}

/** The answer of a `$count` segment: the number as text. */
export function countOf(count: number): Reply {
  return { status: 200, text: String(count), contentType: 'text/plain' };
}

/** Answers one object, or the selected part of it. */
export function entityReply(call: Asked, listed: Listed, object: JsonObject): Reply | Fault {
  const refused = unknownOption(call, ['$select']);
  if (refused !== undefined) return refused;
  const select = selectOf(call);
  const context = contextOf(call.request, call.version, `${typeOf(listed, select)}/$entity`);
  return {
    status: 200,
    json: { '@odata.context': context, ...selected(object, select ?? listed.byDefault) },
  };
}

/** Whether an object fits the filter and the search of a query. */
export function fitterOf(
  query: Pick<ListQuery, 'filter' | 'search'>,
): (object: JsonObject) => boolean {
  const { filter, search } = query;
  return (object) =>
    (filter === undefined || fitsFilter(filter, object)) &&
    (search === undefined || fitsSearch(search, object));
}

/** One page of a list. */
export interface Page {
  readonly objects: readonly JsonObject[];
  /** How many objects fit in all. */
  readonly count?: number;
  /** Where the next page begins; absent on the last. */
  readonly nextToken?: string;
  /** Relations that are shown within each object, by their names. */
  readonly relations?: readonly string[];
}

/** Writes a page. */
export function pageReply(
  call: Asked,
  listed: Listed,
  query: Pick<ListQuery, 'select'>,
  { objects, count, nextToken, relations = [] }: Page,
): Reply {
  const shown = query.select ?? listed.byDefault;
  const kept = shown === undefined ? undefined : [...shown, ...relations];
  const type = typeOf(listed, query.select, relations);
  return {
    status: 200,
    json: {
      '@odata.context': contextOf(call.request, call.version, type),
      ...(count === undefined ? {} : { '@odata.count': count }),
      ...(nextToken === undefined ? {} : { '@odata.nextLink': nextLink(call, nextToken) }),
      value: objects.map((one) => selected(one, kept)),
    },
  };
}

/** How the metadata document names a list of which a part is shown: `groups(id,members())`. */
export function typeOf(
  listed: Listed,
  select: readonly string[] | undefined,
  relations: readonly string[] = [],
): string {
  const parts = [...(select ?? []), ...relations.map((name) => `${name}()`)];
  return parts.length === 0 ? listed.type : `${listed.type}(${parts.join(',')})`;
}

/** Selected properties in the order of the object; its type annotation always stays. */
export function selected(object: JsonObject, select: readonly string[] | undefined): JsonObject {
  if (select === undefined) return object;
  const kept = Object.entries(object).filter(
    ([name]) => name.startsWith('@') || select.includes(name),
  );
  return Object.fromEntries(kept);
}

function nextLink(call: Asked, token: string): string {
  const { reach, route, query } = call.request;
  const others = query.filter(({ name }) => name.toLowerCase() !== '$skiptoken');
  const all = [...others, { name: '$skiptoken', value: token }];
  const text = all.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  return `${linkBase(reach)}${route.path}?${text.join('&')}`;
}

function decodedToken(token: string): string {
  return Buffer.from(token, 'base64url').toString('utf8');
}
