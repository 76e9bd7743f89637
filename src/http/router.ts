import type { BoundOperation } from './operation.ts';
import { decodeSegment } from './target.ts';

/** A route that was found: the operations of that path by method, and the decoded parameters. */
export interface RouteMatch<Caller> {
  readonly operations: readonly BoundOperation<Caller>[];
  readonly params: Readonly<Record<string, string>>;
}

export interface Router<Caller> {
  /** The operations of a path; undefined when there is none; `malformed` when an escape in it cannot be decoded. */
  find(segments: readonly string[]): RouteMatch<Caller> | 'malformed' | undefined;
}

interface Node<Caller> {
  readonly literals: Map<string, Node<Caller>>;
  readonly patterns: { readonly pattern: SegmentPattern; readonly node: Node<Caller> }[];
  parameter?: Node<Caller>;
  /** How the operations of this node name what stands in the path; undefined where no path ends. */
  template?: PathTemplate;
  readonly operations: BoundOperation<Caller>[];
}

/** A path taken apart once, so that a request only fills it in. */
interface PathTemplate {
  readonly path: string;
  readonly segmentCount: number;
  /** Name of the leading `{+scope}`, if there is one. */
  readonly scopeName: string | undefined;
  readonly slots: readonly {
    readonly index: number;
    readonly pattern: SegmentPattern;
    readonly names: readonly string[];
  }[];
}

/** A segment with literal parts around parameters: `certificates(thumbprint={t})`, `users('{id}')`. */
interface SegmentPattern {
  readonly text: string;
  readonly literals: readonly string[];
}

/**
 * A router over raw segments. Literals are compared without regard to ASCII case, as every Azure service does; parameters are decoded
 * once, after matching, so an encoded slash never changes the route. A template that begins with `{+scope}` is matched from its end.
 */
export function routerOf<Caller>(operations: readonly BoundOperation<Caller>[]): Router<Caller> {
  const forward = emptyNode<Caller>();
  const backward = emptyNode<Caller>();
  for (const operation of operations) {
    const segments = operation.path.slice(1).split('/');
    if (segments[0]?.startsWith('{+')) {
      insert(backward, segments.slice(1).toReversed(), operation);
    } else {
      insert(forward, segments, operation);
    }
  }
  return {
    find(segments) {
      const node = walk(forward, segments, 0);
      if (node !== undefined) return matched(node, segments);
      return findBackward(backward, segments);
    },
  };
}

function findBackward<Caller>(
  root: Node<Caller>,
  segments: readonly string[],
): RouteMatch<Caller> | 'malformed' | undefined {
  const reversed = segments.toReversed();
  const longest = longestPrefix(root, reversed, 0);
  return longest === undefined ? undefined : matched(longest, segments);
}

/** The node reached by as many segments as a template has, leaving the rest to `{+scope}`. */
function longestPrefix<Caller>(
  node: Node<Caller>,
  segments: readonly string[],
  index: number,
): Node<Caller> | undefined {
  const segment = segments[index];
  if (segment !== undefined) {
    for (const next of nextNodes(node, segment)) {
      const found = longestPrefix(next, segments, index + 1);
      if (found !== undefined) return found;
    }
  }
  return node.operations.length > 0 ? node : undefined;
}

function walk<Caller>(
  node: Node<Caller>,
  segments: readonly string[],
  index: number,
): Node<Caller> | undefined {
  const segment = segments[index];
  if (segment === undefined) return node.operations.length > 0 ? node : undefined;
  for (const next of nextNodes(node, segment)) {
    const found = walk(next, segments, index + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Where a segment may lead: a literal first, then patterns, then a parameter. */
function nextNodes<Caller>(node: Node<Caller>, segment: string): readonly Node<Caller>[] {
  const nodes: Node<Caller>[] = [];
  const literal = node.literals.size === 0 ? undefined : node.literals.get(segment.toLowerCase());
  if (literal !== undefined) nodes.push(literal);
  for (const { pattern, node: next } of node.patterns) {
    if (valuesOf(pattern, segment) !== undefined) nodes.push(next);
  }
  if (node.parameter !== undefined && segment !== '') nodes.push(node.parameter);
  return nodes;
}

function matched<Caller>(
  node: Node<Caller>,
  segments: readonly string[],
): RouteMatch<Caller> | 'malformed' | undefined {
  if (node.template === undefined) return undefined;
  const params = paramsOf(node.template, segments);
  return params === undefined ? 'malformed' : { operations: node.operations, params };
}

function paramsOf(
  { segmentCount, scopeName, slots }: PathTemplate,
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const params: Record<string, string> = {};
  const extra = scopeName === undefined ? 1 : segments.length - (segmentCount - 1);
  if (scopeName !== undefined) {
    const scope = segments.slice(0, extra).map(decodeSegment);
    if (scope.some((segment) => segment === undefined || segment.includes('/'))) return undefined;
    params[scopeName] = scope.length === 0 ? '/' : `/${scope.join('/')}`;
  }
  for (const { index, pattern, names } of slots) {
    const values = valuesOf(pattern, segments[index + extra - 1] ?? '');
    for (const [position, name] of names.entries()) {
      const value = decodeSegment(values?.[position] ?? '');
      if (value === undefined) return undefined;
      params[name] = value;
    }
  }
  return params;
}

function templateOf(path: string): PathTemplate {
  const texts = path.slice(1).split('/');
  const first = texts[0] ?? '';
  const slots = texts.flatMap((text, index) => {
    if (text.startsWith('{+') || !text.includes('{')) return [];
    const names = [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    return [{ index, pattern: patternOf(text), names }];
  });
  const scopeName = first.startsWith('{+') ? first.slice(2, -1) : undefined;
  return { path, segmentCount: texts.length, scopeName, slots };
}

function insert<Caller>(
  root: Node<Caller>,
  segments: readonly string[],
  operation: BoundOperation<Caller>,
): void {
  let node = root;
  for (const text of segments) node = childOf(node, text);
  if (node.operations.some((other) => clash(other, operation))) {
    throw new Error(`two operations answer ${operation.method} ${operation.path}`);
  }
  node.template ??= templateOf(operation.path);
  if (node.template.path !== operation.path) {
    const { path } = node.template;
    throw new Error(`${path} and ${operation.path} name their parameters differently`);
  }
  node.operations.push(operation);
}

function childOf<Caller>(node: Node<Caller>, text: string): Node<Caller> {
  if (/^\{\w+\}$/.test(text)) {
    node.parameter ??= emptyNode();
    return node.parameter;
  }
  if (text.includes('{')) {
    const known = node.patterns.find((entry) => entry.pattern.text === text);
    if (known !== undefined) return known.node;
    const made = { pattern: patternOf(text), node: emptyNode<Caller>() };
    node.patterns.push(made);
    return made.node;
  }
  const key = text.toLowerCase();
  const literal = node.literals.get(key) ?? emptyNode<Caller>();
  node.literals.set(key, literal);
  return literal;
}

function clash(one: BoundOperation<never>, other: BoundOperation<never>): boolean {
  if (one.method !== other.method) return false;
  const startsLater = (one.from ?? '') > (other.until ?? '\uffff');
  const endsEarlier = (one.until ?? '\uffff') < (other.from ?? '');
  return !startsLater && !endsEarlier;
}

function patternOf(text: string): SegmentPattern {
  return { text, literals: text.split(/\{\w+\}/).map((literal) => literal.toLowerCase()) };
}

/** The raw values of a pattern's parameters in a segment, or undefined when it does not fit. */
function valuesOf(pattern: SegmentPattern, segment: string): readonly string[] | undefined {
  const folded = segment.toLowerCase();
  const [head = '', ...rest] = pattern.literals;
  if (!folded.startsWith(head)) return undefined;
  const values: string[] = [];
  let at = head.length;
  for (const [index, literal] of rest.entries()) {
    const last = index === rest.length - 1;
    const end = last ? folded.length - literal.length : folded.indexOf(literal, at);
    if (end < at || !folded.startsWith(literal, end)) return undefined;
    values.push(segment.slice(at, end));
    at = end + literal.length;
  }
  return at === folded.length ? values : undefined;
}

function emptyNode<Caller>(): Node<Caller> {
  return { literals: new Map(), patterns: [], operations: [] };
}
