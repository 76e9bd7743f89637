import { decodeSegment, type RawTarget } from '#http/target.ts';
import { sameName } from '#kernel/ids.ts';

/**
 * The route with every OData key as a segment of its own: `users('a@b')/x` becomes `users/a%40b/x`, and
 * `applications(appId='g')` becomes `applications/appId='g'`. Both spellings of a key then meet the same operation, and what is
 * authorized is what is served. Segments without a key stay as they are.
 * Source: https://learn.microsoft.com/graph/query-parameters, OData 4.01 URL conventions 4.3.1
 */
export function withKeySegments(route: RawTarget): RawTarget {
  if (!route.path.includes('(')) return route;
  const segments = route.segments.flatMap(keySegments);
  return { ...route, path: `/${segments.join('/')}`, segments };
}

/** How a request names an object: by its key, or by an alternate key. */
export interface ObjectKey {
  readonly by: 'id' | 'appId' | 'uniqueName';
  readonly value: string;
}

/** Reads a decoded key segment. */
export function objectKeyOf(segment: string): ObjectKey {
  const [, name, value = ''] = /^(appId|uniqueName)='(.*)'$/i.exec(segment) ?? [];
  if (name === undefined) return { by: 'id', value: segment };
  return { by: sameName(name, 'appId') ? 'appId' : 'uniqueName', value: unquoted(value) };
}

function keySegments(segment: string): readonly string[] {
  const open = segment.indexOf('(');
  const decoded = decodeSegment(segment.slice(open));
  if (open < 1 || decoded === undefined || !decoded.endsWith(')')) return [segment];
  const name = segment.slice(0, open);
  const key = decoded.slice(1, -1);
  const plain = /^'(.*)'$/.exec(key);
  if (plain !== null) return [name, encodeURIComponent(unquoted(plain[1] ?? ''))];
  if (/^\w+='.*'$/.test(key)) return [name, encodeURIComponent(key)];
  return [segment];
}

/** OData doubles a quote within quotes. */
function unquoted(text: string): string {
  return text.replaceAll("''", "'");
}
