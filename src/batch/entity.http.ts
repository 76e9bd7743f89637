import type { Reply } from '#http/operation.ts';
import { type HttpRequest, linkBase, type Reach } from '#http/request.ts';
import type { Fault } from '#kernel/fault.ts';
import { etagOf, httpDateOf, type Instant, isoOf } from '#kernel/instant.ts';
import type { Json } from '#kernel/json.ts';
import { nextLinkOf } from './odata-query.ts';
import { runOf } from './stored-settings.ts';

/** How every JSON answer of the Batch service is labelled (recorded: no blank, no charset). */
export const batchContentType = 'application/json;odata=minimalmetadata';

/**
 * One property on the wire, its value as JSON text. An empty name means that the text is a run of
 * properties (`"a":1,"b":2`), spliced as the client's own words were stored. An undefined value is
 * absent.
 */
export type Part = readonly [name: string, json: string | undefined];

/** A value as JSON text. */
export function quoted(value: Json): string {
  return JSON.stringify(value);
}

/** A date as JSON text; absent stays absent. */
export function dated(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : `"${isoOf(at)}"`;
}

/** The JSON text of an object; a `select` keeps only the properties it names. */
export function objectText(parts: readonly Part[], select?: ReadonlySet<string>): string {
  const texts: string[] = [];
  for (const [name, json] of parts) {
    if (json === undefined || json === '') continue;
    if (name === '') texts.push(select === undefined ? json : selectedRun(json, select));
    else if (select === undefined || select.has(name)) texts.push(`"${name}":${json}`);
  }
  return `{${texts.filter((text) => text !== '').join(',')}}`;
}

/** 200 with one entity. `modifiedAt` is absent for entities without an ETag (nodes). */
export function entityReply(
  request: HttpRequest,
  set: string,
  entity: string,
  modifiedAt?: Instant,
): Reply {
  const metadata = metadataText(request.reach, `${set}/@Element`);
  const rest = entity.slice(1);
  return {
    status: 200,
    text: rest === '}' ? `{${metadata}}` : `{${metadata},${rest}`,
    contentType: batchContentType,
    ...(modifiedAt === undefined ? {} : { headers: versionHeaders(modifiedAt) }),
  };
}

/** 200 with a page of entities; `next` is the name after which the following page begins. */
export function listReply(
  request: HttpRequest,
  set: string,
  entities: readonly string[],
  next?: string,
): Reply {
  const link =
    next === undefined ? '' : `,"odata.nextLink":${JSON.stringify(nextLinkOf(request, next))}`;
  return {
    status: 200,
    text: `{${metadataText(request.reach, set)},"value":[${entities.join(',')}]${link}}`,
    contentType: batchContentType,
  };
}

/** 201: the entity was made. `path` is where it stands, below the account's address. */
export function createdReply(request: HttpRequest, path: string, modifiedAt: Instant): Reply {
  const address = `${linkBase(request.reach)}${path}`;
  return {
    status: 201,
    headers: { ...versionHeaders(modifiedAt), DataServiceId: address, Location: address },
  };
}

/** The entity was changed: 200, 202 or 204 without a body, naming the path that was called. */
export function changedReply(request: HttpRequest, status: number, modifiedAt: Instant): Reply {
  const address = `${request.reach.origin}${request.target.path}`;
  return {
    status,
    headers: {
      ...versionHeaders(modifiedAt),
      DataServiceId: address,
      ...(status === 204 ? { 'Content-Length': '0' } : {}),
    },
  };
}

/** An answer that carries nothing: deletes. */
export function bareReply(status: number): Reply {
  return { status };
}

/** A fault as an `error` object of the Batch service. */
export function errorText(refused: Fault, requestId: string, timeText: string): string {
  const value = `${refused.message}\nRequestId:${requestId}\nTime:${timeText}`;
  const values = refused.values === undefined ? undefined : JSON.stringify(refused.values);
  return objectText([
    ['code', quoted(refused.code)],
    ['message', JSON.stringify({ lang: 'en-US', value })],
    ['values', values],
  ]);
}

/** `"odata.metadata":"..."`, the first property of every body. */
export function metadataText(reach: Reach, fragment: string): string {
  return `"odata.metadata":${JSON.stringify(`${linkBase(reach)}/$metadata#${fragment}`)}`;
}

/** ETag (unquoted, as recorded) and Last-Modified of a versioned entity. */
export function versionHeaders(modifiedAt: Instant): Readonly<Record<string, string>> {
  return { ETag: etagOf(modifiedAt), 'Last-Modified': httpDateOf(modifiedAt) };
}

function selectedRun(run: string, select: ReadonlySet<string>): string {
  const all = JSON.parse(`{${run}}`) as Readonly<Record<string, Json>>;
  const kept = Object.entries(all).filter(([name]) => select.has(name));
  return kept.length === 0 ? '' : runOf(Object.fromEntries(kept));
}
