import { Type } from 'typebox';
import type { Fault } from '#kernel/fault.ts';
import { sameName } from '#kernel/ids.ts';
import { readOnlyProperty } from './faults.ts';

/** The id in the body of a change: clients that write the whole object repeat it. */
export const ownId = { id: Type.Optional(Type.String()) };

/**
 * What is answered to a change that gives an object another id; to repeat its own changes nothing.
 * Source: https://github.com/manicminer/hamilton (Update of applications, service principals, groups and users)
 */
export function otherId(
  { id }: { readonly id?: string },
  { objectId }: { readonly objectId: string },
): Fault | undefined {
  return id === undefined || sameName(id, objectId) ? undefined : readOnlyProperty('id');
}
