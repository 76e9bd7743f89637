import { type Branded, fold } from '#kernel/ids.ts';

/**
 * An ARM path that rights are given at or asked for: `/`, `/subscriptions/{id}`, a resource group,
 * a resource of any depth. Folded, begins with a slash, ends without one.
 */
export type ResourceScope = Branded<'ResourceScope'>;

/** Longest scope that is read, in characters. */
export const scopeCharactersMax = 2048;

/** Folds a path into a resource scope; repeated and trailing slashes do not count. */
export function resourceScope(path: string): ResourceScope {
  const segments = fold(path)
    .split('/')
    .filter((segment) => segment !== '');
  return `/${segments.join('/')}` as ResourceScope;
}

/**
 * True when `inner` is `outer` or lies below it. Whole segments count: `rg1` does not contain
 * `rg10`.
 */
export function scopeContains(outer: ResourceScope, inner: ResourceScope): boolean {
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}

/** The scope itself and every scope above it up to the root, nearest first. */
export function scopesUpward(scope: ResourceScope): readonly ResourceScope[] {
  const scopes: ResourceScope[] = [];
  for (let at: string = scope; at !== '' && at !== '/'; at = at.slice(0, at.lastIndexOf('/'))) {
    scopes.push(at as ResourceScope);
  }
  scopes.push('/' as ResourceScope);
  return scopes;
}

/**
 * The subscription that a scope lies in, as written in the scope; undefined above subscriptions.
 */
export function subscriptionOf(scope: string): string | undefined {
  const [, first, id] = scope.split('/');
  return first !== undefined && fold(first) === 'subscriptions' && id !== '' ? id : undefined;
}

/** The parts of an ARM resource id, as written. */
export interface ResourceId {
  readonly subscriptionId?: string;
  readonly resourceGroup?: string;
  /**
   * What the resource belongs to: everything before the last `/providers/`, `/` for tenant
   * resources.
   */
  readonly parent: string;
  /** Namespace after the last `/providers/`: `Microsoft.Batch`. */
  readonly namespace?: string;
  /** Types from the outside in: `['batchAccounts', 'pools']`. */
  readonly types: readonly string[];
  /** One name for each type; a collection or an action has one name less. */
  readonly names: readonly string[];
}

/**
 * Takes an ARM path apart. The chain of types is the one after the *last* `/providers/`. Never
 * fails.
 */
export function parseResourceId(path: string): ResourceId {
  const segments = path.split('/').filter((segment) => segment !== '');
  const last = segments.findLastIndex((segment) => fold(segment) === 'providers');
  const before = last < 0 ? segments : segments.slice(0, last);
  const namespace = last < 0 ? undefined : segments[last + 1];
  const chain = last < 0 ? [] : segments.slice(last + 2);
  const subscriptionId = valueAfter(segments, 'subscriptions', 0);
  const resourceGroup = valueAfter(segments, 'resourcegroups', 2);
  return {
    ...(subscriptionId === undefined ? {} : { subscriptionId }),
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    parent: `/${before.join('/')}`,
    ...(namespace === undefined ? {} : { namespace }),
    types: chain.filter((_, index) => index % 2 === 0),
    names: chain.filter((_, index) => index % 2 === 1),
  };
}

function valueAfter(segments: readonly string[], word: string, at: number): string | undefined {
  const found = segments[at];
  return found !== undefined && fold(found) === word ? segments[at + 1] : undefined;
}
