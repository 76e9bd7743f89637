import type { Call, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import { invalidQuery, notImplemented, unsupportedFilter } from './faults.ts';
import { type Filter, fitsFilter, parseFilter, propertiesOf } from './filter.ts';
import { contextOf } from './reply.ts';

/** The query options that lists understand; the others of OData are refused, never ignored. */
export const listOptions = ['$filter', '$select', '$top', '$skiptoken', '$count'] as const;

/** Objects on a page unless asked otherwise, and at most. Source: https://learn.microsoft.com/graph/paging */
export const pageSizeDefault = 100;
export const pageSizeMax = 999;

/** What is particular to one kind of object in a list. */
export interface Listed {
  /** As in the context: `applications`, `directoryObjects`. */
  readonly type: string;
  /** As in refusals: `Application`. */
  readonly resource: string;
  /** Properties that can be filtered by; all others are refused. */
  readonly filterable: readonly string[];
}

/** What a list needs of the call that asks for it. */
type Asked = Pick<Call<never>, 'request' | 'version'>;

/** The query options of one list request, read and checked. */
interface ListQuery {
  readonly filter: Filter | undefined;
  readonly select: readonly string[] | undefined;
  readonly top: number;
  readonly after: string | undefined;
  readonly count: boolean;
}

/**
 * Answers a list: filters, counts, cuts the page and names the next. `objects` come in a stable order with an `id` each; `finish`
 * adds what only the shown ones need.
 */
export async function listReply(
  call: Asked,
  listed: Listed,
  objects: readonly JsonObject[],
  finish: (page: readonly JsonObject[]) => Promise<readonly JsonObject[]> = async (page) => page,
): Promise<Reply | Fault> {
  const query = listQueryOf(call, listed);
  if (isFault(query)) return query;
  const { filter, after } = query;
  const fitting = filter === undefined ? objects : objects.filter((one) => fitsFilter(filter, one));
  const start = after === undefined ? 0 : fitting.findIndex((one) => one['id'] === after) + 1;
  if (after !== undefined && start === 0) {
    return invalidQuery('The specified skip token is not valid.');
  }
  const page = fitting.slice(start, start + query.top);
  const shown = (await finish(page)).map((one) => selected(one, query.select));
  const last = page.at(-1)?.['id'];
  const more = start + query.top < fitting.length && typeof last === 'string';
  const type =
    query.select === undefined ? listed.type : `${listed.type}(${query.select.join(',')})`;
  return {
    status: 200,
    json: {
      '@odata.context': contextOf(call.request, call.version, type),
      ...(query.count ? { '@odata.count': fitting.length } : {}),
      ...(more ? { '@odata.nextLink': nextLink(call, last) } : {}),
      value: shown,
    },
  };
}

/** Answers one object, or the selected part of it. */
export function entityReply(call: Asked, listed: Listed, object: JsonObject): Reply | Fault {
  const refused = unknownOption(call, ['$select']);
  if (refused !== undefined) return refused;
  const select = selectOf(call);
  const type = select === undefined ? listed.type : `${listed.type}(${select.join(',')})`;
  const context = contextOf(call.request, call.version, `${type}/$entity`);
  return { status: 200, json: { '@odata.context': context, ...selected(object, select) } };
}

function listQueryOf(call: Asked, listed: Listed): ListQuery | Fault {
  const refused = unknownOption(call, listOptions);
  if (refused !== undefined) return refused;
  const option = (name: string): string | undefined => queryValue(call.request.query, name);
  const filterText = option('$filter');
  const filter = filterText === undefined ? undefined : filterOf(filterText, listed);
  if (filter !== undefined && isFault(filter)) return filter;
  const topText = option('$top') ?? String(pageSizeDefault);
  const top = /^\d{1,9}$/.test(topText) ? Number(topText) : 0;
  if (top < 1 || top > pageSizeMax) {
    return invalidQuery(
      `Invalid page size specified: '${topText}'. Must be between 1 and ${pageSizeMax} inclusive.`,
    );
  }
  const token = option('$skiptoken');
  return {
    filter,
    select: selectOf(call),
    top,
    after: token === undefined ? undefined : Buffer.from(token, 'base64url').toString('utf8'),
    count: option('$count') === 'true',
  };
}

function filterOf(text: string, listed: Listed): Filter | Fault {
  const filter = parseFilter(text);
  if ('problem' in filter) return invalidQuery(`Invalid filter clause: ${filter.problem}.`);
  const unsupported = propertiesOf(filter).find((name) => !listed.filterable.includes(name));
  return unsupported === undefined ? filter : unsupportedFilter(unsupported, listed.resource);
}

/** The first OData option of the request that is not understood here; other query parameters mean nothing to Graph. */
function unknownOption(call: Asked, known: readonly string[]): Fault | undefined {
  const unknown = call.request.query.find(
    ({ name }) => name.startsWith('$') && !known.includes(name.toLowerCase()),
  );
  return unknown === undefined ? undefined : notImplemented(`the query option ${unknown.name}`);
}

function selectOf(call: Asked): readonly string[] | undefined {
  const text = queryValue(call.request.query, '$select');
  const names = text?.split(',').map((name) => name.trim());
  return names === undefined || names.some((name) => name === '' || name === '*')
    ? undefined
    : names;
}

/** Selected properties in the order of the object; its type annotation always stays. */
function selected(object: JsonObject, select: readonly string[] | undefined): JsonObject {
  if (select === undefined) return object;
  const kept = Object.entries(object).filter(
    ([name]) => name.startsWith('@') || select.includes(name),
  );
  return Object.fromEntries(kept);
}

function nextLink(call: Asked, last: string): string {
  const { reach, route, query } = call.request;
  const others = query.filter(({ name }) => name.toLowerCase() !== '$skiptoken');
  const token = { name: '$skiptoken', value: Buffer.from(last, 'utf8').toString('base64url') };
  const text = [...others, token].map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  return `${linkBase(reach)}${route.path}?${text.join('&')}`;
}
