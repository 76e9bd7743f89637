/** A request target, parsed once from its raw text; what is authorized is what is served. */
export interface RawTarget {
  /** The target as it stood in the request line, without scheme and authority. */
  readonly raw: string;
  /** The raw path: everything before the first `?`. */
  readonly path: string;
  /** The raw query: everything after the first `?`, or empty. */
  readonly query: string;
  /** The raw path segments, undecoded; `//` gives an empty segment. */
  readonly segments: readonly string[];
}

/** One query parameter, decoded, with its name as written. */
export interface QueryParameter {
  readonly name: string;
  readonly value: string;
}

/** Parses an origin-form target (`/a/b?c`). Undefined for every other form and for control characters. */
export function parseTarget(raw: string): RawTarget | undefined {
  if (!raw.startsWith('/') || hasForbiddenCharacter(raw)) return undefined;
  const mark = raw.indexOf('?');
  const path = mark < 0 ? raw : raw.slice(0, mark);
  const query = mark < 0 ? '' : raw.slice(mark + 1);
  return { raw, path, query, segments: path.slice(1).split('/') };
}

/** The same target seen below a base of `count` leading segments (`/batch/contoso`). */
export function below(target: RawTarget, count: number): RawTarget {
  const segments = target.segments.slice(count);
  return { ...target, path: `/${segments.join('/')}`, segments };
}

/** Decodes one raw segment once. Undefined when its percent-encoding is malformed or hides a NUL. */
export function decodeSegment(segment: string): string | undefined {
  // Most are written as they are meant.
  if (!segment.includes('%')) return segment.includes('\u0000') ? undefined : segment;
  try {
    const text = decodeURIComponent(segment);
    return text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Decodes a raw query or form body (`+` is a blank). Undefined when its percent-encoding is malformed. */
export function parseQuery(raw: string): readonly QueryParameter[] | undefined {
  const parameters: QueryParameter[] = [];
  for (const part of raw.split('&')) {
    if (part === '') continue;
    const mark = part.indexOf('=');
    const name = decodeSegment((mark < 0 ? part : part.slice(0, mark)).replaceAll('+', ' '));
    const value = decodeSegment(mark < 0 ? '' : part.slice(mark + 1).replaceAll('+', ' '));
    if (name === undefined || value === undefined) return undefined;
    parameters.push({ name, value });
  }
  return parameters;
}

/** The first value of a query parameter; names are compared without regard to case. */
export function queryValue(
  parameters: readonly QueryParameter[],
  name: string,
): string | undefined {
  const folded = name.toLowerCase();
  return parameters.find((parameter) => parameter.name.toLowerCase() === folded)?.value;
}

function hasForbiddenCharacter(raw: string): boolean {
  for (let index = 0; index < raw.length; index++) {
    const code = raw.charCodeAt(index);
    if (code <= 0x20 || code === 0x7f || code === 0x5c) return true;
  }
  return false;
}
