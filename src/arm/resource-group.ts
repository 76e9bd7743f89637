import type { Fault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { filterTerms } from '#rbac/odata-terms.ts';
import { armFaults } from './faults.ts';

/**
 * Longest name of a resource group, in characters.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
 */
export const groupNameCharactersMax = 90;

/**
 * Most tags of a resource group or resource.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources
 */
export const tagsMax = 50;

/** Why a text cannot name a resource group; undefined when it can. */
export function groupNameFault(name: string): Fault | undefined {
  const invalid = [...new Set([...name].filter((one) => !/^[\p{L}\p{N}._()-]$/u.test(one)))].join(
    '',
  );
  if (invalid !== '') return armFaults.resourceGroupCharacters(name, invalid);
  const isLong = name.length > groupNameCharactersMax;
  return isLong || name.endsWith('.') ? armFaults.resourceGroupName(name) : undefined;
}

/** Why these tags cannot be kept; undefined when they can. */
export function tagsFault(tags: Readonly<Record<string, string>>): Fault | undefined {
  return Object.keys(tags).length > tagsMax ? armFaults.tooManyTags(tagsMax) : undefined;
}

type Tags = Readonly<Record<string, string>>;

/**
 * The test that a `$filter` of groups asks for: `tagName eq 'a' and tagValue eq 'b'`, or the name
 * alone. Without a filter every group passes; undefined when it is another one.
 */
export function tagFilter(filter: string | undefined): ((tags: Tags) => boolean) | undefined {
  if (filter === undefined || filter.trim() === '') return () => true;
  const terms = filterTerms(filter);
  const [first, second, ...rest] = terms ?? [];
  const isNamed = first?.kind === 'equals' && sameName(first.name, 'tagName');
  const isValued =
    second === undefined || (second.kind === 'equals' && sameName(second.name, 'tagValue'));
  if (!isNamed || !isValued || rest.length > 0) return undefined;
  return (tags) =>
    Object.entries(tags).some(
      ([name, value]) =>
        sameName(name, first.value) && (second === undefined || value === second.value),
    );
}
