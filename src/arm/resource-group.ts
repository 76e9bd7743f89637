import type { Fault } from '#kernel/fault.ts';
import { armFaults } from './faults.ts';

/** Longest name of a resource group, in characters. Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export const groupNameCharactersMax = 90;

/** Most tags of a resource group or resource. Source: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources */
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
