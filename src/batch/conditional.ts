import { type Fault, isFault } from '#kernel/fault.ts';
import { etagOf, type Instant, parseInstant, secondsOf } from '#kernel/instant.ts';
import { conditionNotMet, invalidHeader, multipleConditions, notModified } from './faults.ts';

/** The one condition that a request makes; `none` when it makes none. */
export type Condition =
  | { readonly kind: 'none' }
  | { readonly kind: 'match' | 'noneMatch'; readonly etags: readonly string[] }
  | { readonly kind: 'modifiedSince' | 'unmodifiedSince'; readonly at: Instant };

type ConditionHeader = 'if-match' | 'if-none-match' | 'if-modified-since' | 'if-unmodified-since';

const conditionHeaders: readonly ConditionHeader[] = [
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
];

/** Pairs of which only the first counts; every other pair is refused. */
const pairs: readonly (readonly [ConditionHeader, ConditionHeader])[] = [
  ['if-none-match', 'if-modified-since'],
  ['if-match', 'if-unmodified-since'],
];

/**
 * Reads the conditional headers of a request.
 * Source: https://learn.microsoft.com/rest/api/batchservice/specifying-conditional-headers-for-batch-service-operations
 */
export function conditionOf(headers: Readonly<Record<string, string>>): Condition | Fault {
  const given = conditionHeaders.filter((name) => (headers[name] ?? '') !== '');
  const [first, second] = given;
  if (first === undefined) return { kind: 'none' };
  if (second === undefined) return one(first, headers[first] ?? '');
  const pair = pairs.find(
    (names) => given.length === 2 && names.every((name) => given.includes(name)),
  );
  return pair === undefined ? multipleConditions() : one(pair[0], headers[pair[0]] ?? '');
}

/**
 * Refuses when a condition is not met by an entity that was last modified at `modifiedAt`: 412, but
 * 304 for the two conditions that ask a read for news.
 */
export function refusedBy(
  condition: Condition,
  modifiedAt: Instant,
  access: 'read' | 'write',
): Fault | undefined {
  if (isMet(condition, modifiedAt)) return undefined;
  const asksForNews = condition.kind === 'noneMatch' || condition.kind === 'modifiedSince';
  return access === 'read' && asksForNews ? notModified() : conditionNotMet();
}

/** Reads and judges the conditions of a request in one step. */
export function unmetCondition(
  headers: Readonly<Record<string, string>>,
  modifiedAt: Instant,
  access: 'read' | 'write',
): Fault | undefined {
  const condition = conditionOf(headers);
  return isFault(condition) ? condition : refusedBy(condition, modifiedAt, access);
}

function one(name: ConditionHeader, value: string): Condition | Fault {
  if (name === 'if-match' || name === 'if-none-match') {
    const kind = name === 'if-match' ? 'match' : 'noneMatch';
    return { kind, etags: value.split(',').map(bareEtag) };
  }
  const at = parseInstant(value);
  if (at === undefined) return invalidHeader(name, value);
  return { kind: name === 'if-modified-since' ? 'modifiedSince' : 'unmodifiedSince', at };
}

function isMet(condition: Condition, modifiedAt: Instant): boolean {
  switch (condition.kind) {
    case 'none':
      return true;
    case 'match':
      return hasEtag(condition.etags, modifiedAt);
    case 'noneMatch':
      return !hasEtag(condition.etags, modifiedAt);
    case 'modifiedSince':
      return secondsOf(modifiedAt) > secondsOf(condition.at);
    case 'unmodifiedSince':
      return secondsOf(modifiedAt) <= secondsOf(condition.at);
  }
}

function hasEtag(etags: readonly string[], modifiedAt: Instant): boolean {
  const own = etagOf(modifiedAt).toLowerCase();
  return etags.some((etag) => etag === '*' || etag.toLowerCase() === own);
}

/** Batch writes its ETags without quotes; clients may add them. */
function bareEtag(text: string): string {
  return text
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}
