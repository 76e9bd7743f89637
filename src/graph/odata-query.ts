import type { Call } from '#http/operation.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { notImplemented } from './faults.ts';
import { type Filter, hasEnding, needsAdvancedQuery, propertiesOf } from './filter.ts';
import { parseFilter } from './filter-parser.ts';
import {
  countNotSupported,
  endingNeedsConsistencyLevel,
  expandNotSupported,
  invalidFilter,
  invalidPageSize,
  invalidSearch,
  propertyNotIndexed,
  searchNeedsConsistencyLevel,
  sortingNotSupported,
  unsupportedFilter,
  unsupportedQuery,
} from './query.faults.ts';
import { parseSearch, type Search } from './search.ts';

/** The query options that lists understand; the others of OData are refused, never ignored. */
export const listOptions = [
  '$filter',
  '$search',
  '$select',
  '$expand',
  '$orderby',
  '$top',
  '$skiptoken',
  '$count',
] as const;

/** Objects on a page unless asked otherwise, and at most. Source: https://learn.microsoft.com/graph/paging */
export const pageSizeDefault = 100;
export const pageSizeMax = 999;

/** What a query option may say about one kind of object. */
export interface Queryable {
  /** As in the context: `applications`, `directoryObjects`. */
  readonly type: string;
  /** As in refusals: `Application`. */
  readonly resource: string;
  /** Properties that can be filtered by; all others are refused. */
  readonly filterable: readonly string[];
  /** Properties that can be searched for words. */
  readonly searchable?: readonly string[];
  /** Properties that can be sorted by, and when without an advanced query: always, unless there is a filter, never. */
  readonly sortable?: Readonly<Record<string, 'always' | 'unfiltered' | 'advanced'>>;
  /** Properties that are shown when nothing is selected; all when absent. */
  readonly byDefault?: readonly string[];
}

/** What a query is read from. */
export type Asked = Pick<Call<never>, 'request' | 'version'>;

/** The query options of one list request, read and checked. */
export interface ListQuery {
  readonly filter: Filter | undefined;
  readonly search: Search | undefined;
  readonly order: { readonly property: string; readonly isDescending: boolean } | undefined;
  readonly select: readonly string[] | undefined;
  /** Objects on the page. */
  readonly top: number;
  readonly skipToken: string | undefined;
  /** Whether all fitting objects are counted. */
  readonly count: boolean;
}

/**
 * Reads the options of a list request. Negations, endings, searches, counts and most orders are answered only to a client that says that
 * it knows of eventual consistency, as in Graph, though the answer here is never stale.
 * Source: https://learn.microsoft.com/graph/aad-advanced-queries
 */
export function listQueryOf(call: Asked, listed: Queryable): ListQuery | Fault {
  const refused = unknownOption(call, listOptions);
  if (refused !== undefined) return refused;
  const isEventual = asksEventually(call);
  const count = isEventual && optionOf(call, '$count') === 'true';
  const filter = filterOf(call, listed, { isEventual, count });
  if (filter !== undefined && isFault(filter)) return filter;
  const search = searchOf(call, listed, isEventual);
  if (search !== undefined && isFault(search)) return search;
  const isAdvanced = count || search !== undefined;
  const order = orderOf(call, listed, { isAdvanced, hasFilter: filter !== undefined });
  if (order !== undefined && isFault(order)) return order;
  if (count && optionOf(call, '$expand') !== undefined) return expandNotSupported();
  const top = topOf(call);
  if (typeof top !== 'number') return top;
  const skipToken = optionOf(call, '$skiptoken');
  return { filter, search, order, select: selectOf(call), top, skipToken, count };
}

/** Reads what a `$count` segment may be asked for: a filter or a search. Only with the header. */
export function countQueryOf(
  call: Asked,
  listed: Queryable,
): Pick<ListQuery, 'filter' | 'search'> | Fault {
  const refused = unknownOption(call, ['$filter', '$search']);
  if (refused !== undefined) return refused;
  if (!asksEventually(call)) return countNotSupported();
  const filter = filterOf(call, listed, { isEventual: true, count: true });
  if (filter !== undefined && isFault(filter)) return filter;
  const search = searchOf(call, listed, true);
  return search !== undefined && isFault(search) ? search : { filter, search };
}

/** The first OData option of the request that is not understood here; other query parameters mean nothing to Graph. */
export function unknownOption(call: Asked, known: readonly string[]): Fault | undefined {
  const unknown = call.request.query.find(
    ({ name }) => name.startsWith('$') && !known.includes(name.toLowerCase()),
  );
  return unknown === undefined ? undefined : notImplemented(`the query option ${unknown.name}`);
}

/** The properties that `$select` names; undefined for all of them. */
export function selectOf(call: Asked): readonly string[] | undefined {
  const names = optionOf(call, '$select')
    ?.split(',')
    .map((name) => name.trim());
  return names === undefined || names.some((name) => name === '' || name === '*')
    ? undefined
    : names;
}

function optionOf(call: Asked, name: string): string | undefined {
  return queryValue(call.request.query, name);
}

function asksEventually(call: Asked): boolean {
  return call.request.headers['consistencylevel']?.trim().toLowerCase() === 'eventual';
}

function filterOf(
  call: Asked,
  listed: Queryable,
  { isEventual, count }: { readonly isEventual: boolean; readonly count: boolean },
): Filter | Fault | undefined {
  const text = optionOf(call, '$filter');
  if (text === undefined) return undefined;
  const filter = parseFilter(text);
  if ('problem' in filter) return invalidFilter(filter.problem);
  const unsupported = propertiesOf(filter).find((name) => !listed.filterable.includes(name));
  if (unsupported !== undefined) {
    return count ? propertyNotIndexed() : unsupportedFilter(unsupported, listed.resource);
  }
  if (!isEventual && hasEnding(filter)) return endingNeedsConsistencyLevel();
  return !count && needsAdvancedQuery(filter) ? unsupportedQuery() : filter;
}

function searchOf(call: Asked, listed: Queryable, isEventual: boolean): Search | Fault | undefined {
  const text = optionOf(call, '$search');
  if (text === undefined) return undefined;
  if (!isEventual) return searchNeedsConsistencyLevel();
  return parseSearch(text, listed.searchable ?? []) ?? invalidSearch(text);
}

function orderOf(
  call: Asked,
  listed: Queryable,
  { isAdvanced, hasFilter }: { readonly isAdvanced: boolean; readonly hasFilter: boolean },
): ListQuery['order'] | Fault {
  const text = optionOf(call, '$orderby');
  if (text === undefined) return undefined;
  const [property = '', direction = 'asc', ...more] = text.trim().split(/\s+/);
  const isDescending = direction.toLowerCase() === 'desc';
  const isReadable = more.length === 0 && (isDescending || direction.toLowerCase() === 'asc');
  const when = Object.hasOwn(listed.sortable ?? {}, property)
    ? listed.sortable?.[property]
    : undefined;
  if (!isReadable || when === undefined) return sortingNotSupported();
  const isAllowed = isAdvanced || when === 'always' || (when === 'unfiltered' && !hasFilter);
  return isAllowed ? { property, isDescending } : sortingNotSupported();
}

function topOf(call: Asked): number | Fault {
  const text = optionOf(call, '$top') ?? String(pageSizeDefault);
  const top = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return top >= 1 && top <= pageSizeMax ? top : invalidPageSize(text, pageSizeMax);
}
