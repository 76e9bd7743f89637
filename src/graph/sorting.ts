import { fold } from '#kernel/ids.ts';
import type { Json, JsonObject } from '#kernel/json.ts';
import { valueAt } from './filter.ts';
import type { ListQuery } from './odata-query.ts';

/** The objects in the order that was asked for, equal ones by their ids; as they came when none was. What has no value stands first. */
export function sortedBy(
  order: ListQuery['order'],
  objects: readonly JsonObject[],
): readonly JsonObject[] {
  if (order === undefined) return objects;
  const { property, isDescending } = order;
  return objects.toSorted((left, right) => {
    const byValue = compare(keyOf(valueAt(left, property)), keyOf(valueAt(right, property)));
    const rank = byValue === 0 ? compare(String(left['id']), String(right['id'])) : byValue;
    return isDescending ? -rank : rank;
  });
}

function keyOf(value: Json | undefined): string {
  return typeof value === 'string' ? fold(value) : '';
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
