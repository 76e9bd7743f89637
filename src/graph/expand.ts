import type { Caller } from '#directory/caller.ts';
import type { AccessRequest, Reply } from '#http/operation.ts';
import { type QueryParameter, queryValue } from '#http/target.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { shownByDefault } from './directory-object-wire.ts';
import { notImplemented } from './faults.ts';
import { type Listed, selected, typeOf } from './listing.ts';
import { seenBy } from './object-view.ts';
import { type Asked, selectOf, unknownOption } from './odata-query.ts';
import { unknownNavigation } from './query.faults.ts';
import { contextOf } from './reply.ts';

/** The relations of a kind of object that can be shown within it, and how they are read. */
export type Relations = Readonly<
  Record<
    string,
    (tx: ReadTransaction, tenantId: string, objectId: string) => Promise<readonly JsonObject[]>
  >
>;

/** Related objects that are shown at most. Source: https://learn.microsoft.com/graph/query-parameters#expand */
export const expandedMax = 20;

/** One relation that a request wants to see. */
export interface Expansion {
  readonly name: string;
  readonly select: readonly string[] | undefined;
}

/**
 * What a request must be allowed to read beside the objects themselves: every relation that it wants to see within them, as its own
 * page is read. What is no relation is refused by the operation.
 */
export function expandedReads(
  query: readonly QueryParameter[],
  requests: readonly AccessRequest[],
): readonly AccessRequest[] {
  const text = queryValue(query, '$expand');
  const names = text === undefined ? [] : partsOf(text).map(nameOf);
  const objects = requests.filter(({ action }) => action.endsWith(objectRead));
  return objects.flatMap((request) =>
    names.map((name) => ({
      ...request,
      action: `${request.action.slice(0, -objectRead.length)}/${name}/read`,
    })),
  );
}

const objectRead = '/standard/read';

/** Reads `$expand=owners,members($select=id)`. */
export function expansionsOf(
  call: Asked,
  listed: Listed,
  relations: Relations,
): readonly Expansion[] | Fault {
  const text = queryValue(call.request.query, '$expand');
  const wanted: Expansion[] = [];
  for (const part of text === undefined ? [] : partsOf(text)) {
    const open = part.indexOf('(');
    const name = nameOf(part);
    if (!Object.hasOwn(relations, name)) return unknownNavigation(name, typeNameOf(listed));
    const option = open < 0 ? '' : part.slice(open + 1, part.lastIndexOf(')')).trim();
    if (option !== '' && !option.startsWith('$select=')) {
      return notImplemented(`the option ${option} of $expand`);
    }
    const select = option === '' ? undefined : option.slice('$select='.length).split(',');
    wanted.push({ name, select: select?.map((one) => one.trim()) });
  }
  return wanted;
}

/** An object with the relations that a request wants to see, as the caller may see them. */
export async function withRelations(
  tx: ReadTransaction,
  { caller, version }: { readonly caller: Caller; readonly version: string },
  object: JsonObject,
  expansions: readonly Expansion[],
  relations: Relations,
): Promise<JsonObject> {
  const shown: Record<string, JsonObject[string]> = { ...object };
  for (const { name, select } of expansions) {
    const related = (await relations[name]?.(tx, caller.tenantId, String(object['id']))) ?? [];
    const seen = related.slice(0, expandedMax).map(seenBy(caller));
    shown[name] = seen.map((one) =>
      select === undefined ? shownByDefault(one, version) : selected(one, select),
    );
  }
  return shown;
}

/** Answers one object, or the selected part of it, with the relations that are asked for. */
export async function entityWithRelations(
  call: Asked & { readonly caller: Caller },
  store: Store,
  listed: Listed,
  relations: Relations,
  object: JsonObject,
): Promise<Reply | Fault> {
  const refused = unknownOption(call, ['$select', '$expand']);
  if (refused !== undefined) return refused;
  const expansions = expansionsOf(call, listed, relations);
  if (isFault(expansions)) return expansions;
  const select = selectOf(call);
  const names = expansions.map(({ name }) => name);
  const whole = await store.read((tx) => withRelations(tx, call, object, expansions, relations));
  const kept = select ?? listed.byDefault;
  const type = `${typeOf(listed, select, names)}/$entity`;
  return {
    status: 200,
    json: {
      '@odata.context': contextOf(call.request, call.version, type),
      ...selected(whole, kept === undefined ? undefined : [...kept, ...names]),
    },
  };
}

/** The relation that a part names, without its options. */
function nameOf(part: string): string {
  const [name = ''] = part.split('(');
  return name.trim();
}

/** The parts between commas that stand in no parentheses. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')') depth--;
    if (text[at] !== ',' || depth > 0) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  return [...parts, text.slice(start)];
}

/** `Application` is the type `application` of the metadata document. */
function typeNameOf(listed: Listed): string {
  return `${listed.resource.slice(0, 1).toLowerCase()}${listed.resource.slice(1)}`;
}
