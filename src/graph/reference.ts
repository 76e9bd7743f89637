import { Type } from 'typebox';
import { decodeSegment } from '#http/target.ts';
import { fold, isGuid } from '#kernel/ids.ts';

const link = Type.String({ maxLength: 2_048 });

/** A link to another object, as `$ref` operations take it. */
export const referenceBody = Type.Object({ '@odata.id': link }, { additionalProperties: false });

/** Links in one body: more are refused. Source: https://learn.microsoft.com/graph/api/group-update */
const linksMax = 20;

/** Links to other objects, as `members@odata.bind` takes them. */
export const referenceList = Type.Array(link, { maxItems: linksMax });

/** How a new object names its owners. */
export const ownersBind = 'owners@odata.bind';

/** The object id at the end of a link: `.../directoryObjects/{id}` or `.../users('{id}')`, whatever host it names. */
export function referencedId(link: string): string | undefined {
  const last = link.slice(link.lastIndexOf('/') + 1);
  const bare = decodeSegment(/\('(.+)'\)$/.exec(last)?.[1] ?? last);
  return bare !== undefined && isGuid(bare) ? fold(bare) : undefined;
}
