import { sameName } from '#kernel/ids.ts';
import { type FilterTerm, filterTerms } from '#rbac/odata-terms.ts';
import { parseResourceId } from '#rbac/scope.ts';
import { tagFilter } from './resource-group.ts';
import type { GenericResource } from './resource-kind.ts';

type ResourceTest = (resource: GenericResource) => boolean;

/**
 * The test that a `$filter` of resources asks for: `eq` over group, type, name or location, joined
 * by `and`; or a tag. Without a filter every resource passes; undefined when it is another one.
 * Source: https://learn.microsoft.com/rest/api/resources/resources/list
 */
export function resourceFilter(filter: string | undefined): ResourceTest | undefined {
  if (filter === undefined || filter.trim() === '') return () => true;
  const hasTag = tagFilter(filter);
  if (hasTag !== undefined) return ({ tags }) => hasTag(tags);
  const tests = filterTerms(filter)?.map(testOf) ?? [undefined];
  const known = tests.filter((test) => test !== undefined);
  if (known.length < tests.length) return undefined;
  return (resource) => known.every((test) => test(resource));
}

function testOf({ name, kind, value }: FilterTerm): ResourceTest | undefined {
  if (kind !== 'equals') return undefined;
  switch (name.toLowerCase()) {
    case 'resourcegroup':
      return ({ id }) => sameName(parseResourceId(id).resourceGroup ?? '', value);
    case 'resourcetype':
      return ({ type }) => sameName(type, value);
    case 'name':
      return (resource) => sameName(resource.name, value);
    case 'location':
      return ({ location }) => sameName(location, value);
    default:
      return undefined;
  }
}
