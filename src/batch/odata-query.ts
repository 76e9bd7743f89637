import type { HttpRequest } from '#http/request.ts';
import { decodeSegment, queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { invalidQuery } from './faults.ts';
import { type Filter, type FilterableList, optionalFilter } from './odata-filter.ts';

/** Most entities on a page of every list but node counts. */
export const pageMax = 1000;

/**
 * Most rows that one request looks at behind a filter; a page may be short and still have a next
 * one.
 */
export const rowsScannedMax = 10_000;

/** What a list request asks for. */
export interface ListQuery {
  readonly entitiesMax: number;
  readonly filter: Filter | undefined;
  /** Names of the properties to show; undefined shows all. */
  readonly select: ReadonlySet<string> | undefined;
  /** Folded name after which the page begins. */
  readonly after: string;
}

/** A page: its rows, and the name after which the next one begins, if there may be more. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
}

/**
 * Reads `maxresults`, `$filter`, `$select`, `$expand` and `$skiptoken`. Other parameters are
 * ignored, as Azure ignores them.
 */
export function listQueryOf(
  request: HttpRequest,
  list: FilterableList,
  entitiesMax = pageMax,
): ListQuery | Fault {
  const max = maxResultsOf(request, entitiesMax);
  if (isFault(max)) return max;
  const filter = optionalFilter(list, queryValue(request.query, '$filter'));
  if (isFault(filter)) return filter;
  const select = selectOf(request);
  if (isFault(select)) return select;
  const after = skipTokenOf(request);
  if (isFault(after)) return after;
  return { entitiesMax: max, filter, select, after };
}

/**
 * The names of `$select`, or undefined for all. `$expand` knows only `stats`; Batten measures none,
 * so nothing is added, as Azure adds nothing to a young entity.
 */
export function selectOf(request: HttpRequest): ReadonlySet<string> | undefined | Fault {
  const expand = queryValue(request.query, '$expand')?.trim() ?? '';
  if (expand !== '' && expand.toLowerCase() !== 'stats') {
    return invalidQuery('$expand', expand, 'Only stats can be expanded.');
  }
  const text = queryValue(request.query, '$select');
  if (text === undefined || text.trim() === '') return undefined;
  return new Set(text.split(',').map((name) => name.trim()));
}

/**
 * Collects a page by keyset: `fetch` gives the next rows after a name, in order. With a filter it
 * goes on until the page is full, the rows are at an end, or enough of them were looked at.
 */
export async function pageOf<Row>(
  query: Pick<ListQuery, 'entitiesMax' | 'after'>,
  source: {
    readonly fetch: (after: string, rowsMax: number) => Promise<readonly Row[]>;
    readonly nameOf: (row: Row) => string;
    /** Absent: every row fits. */
    readonly fits?: (row: Row) => boolean;
  },
): Promise<Page<Row>> {
  const rows: Row[] = [];
  let after = query.after;
  let scanned = 0;
  while (scanned < rowsScannedMax) {
    const rowsMax = source.fits === undefined ? query.entitiesMax + 1 : pageMax;
    const chunk = await source.fetch(after, rowsMax);
    for (const row of chunk) {
      if (rows.length === query.entitiesMax) return { rows, next: after };
      after = source.nameOf(row);
      if (source.fits?.(row) ?? true) rows.push(row);
    }
    if (chunk.length < rowsMax) return { rows, next: undefined };
    scanned += chunk.length;
  }
  return { rows, next: after };
}

/**
 * The absolute link to the page after `next`: the request as it was, with another `$skiptoken` at
 * its end.
 */
export function nextLinkOf(request: HttpRequest, next: string): string {
  const kept = request.target.query.split('&').filter((part) => {
    const [name = ''] = part.split('=');
    return part !== '' && decodeSegment(name)?.toLowerCase() !== '$skiptoken';
  });
  const token = `${tokenPrefix}${Buffer.from(next, 'utf8').toString('base64url')}`;
  return `${request.reach.origin}${request.target.path}?${[...kept, `$skiptoken=${token}`].join('&')}`;
}

const tokenPrefix = 'WATV2:';

function skipTokenOf(request: HttpRequest): string | Fault {
  const token = queryValue(request.query, '$skiptoken');
  if (token === undefined) return '';
  const body = token.startsWith(tokenPrefix) ? token.slice(tokenPrefix.length) : '';
  const after = Buffer.from(body, 'base64url').toString('utf8');
  return after === '' ? invalidQuery('$skiptoken', token, 'The token is not valid.') : after;
}

function maxResultsOf(request: HttpRequest, entitiesMax: number): number | Fault {
  const text = queryValue(request.query, 'maxresults');
  if (text === undefined) return entitiesMax;
  const refuse = (reason: string): Fault => invalidQuery('maxresults', text, reason);
  if (!/^-?\d{1,9}$/.test(text)) return refuse('MaxResults is not a number');
  const number = Number(text);
  if (number < 1) return refuse('MaxResults cannot be less than 1');
  return number > entitiesMax ? refuse(`MaxResults cannot be greater than ${entitiesMax}`) : number;
}
