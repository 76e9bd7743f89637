import { fold } from '#kernel/ids.ts';
import {
  type ReadTransaction,
  type Store,
  statement,
  type WriteTransaction,
} from '#store/store.ts';
import { type DirectoryObjectKind, findObject } from './object-page.store.ts';

/**
 * The names by which directory objects are looked for. Each indexed property of an object is kept folded, whole at position 0 and its
 * words behind, so that equality, beginnings, order and search for words are all ranges of one index.
 */

/** Longest text and most words of one property that are indexed; what is longer is found by its beginning and judged by the object. */
export const indexedCharactersMax = 256;
export const indexedWordsMax = 32;

/** The properties of each kind that are indexed; all of them are texts, and what lists are sorted by is one that every object has. */
export const indexedProperties = {
  application: ['displayName', 'uniqueName'],
  servicePrincipal: ['displayName'],
  user: ['displayName', 'userPrincipalName', 'mail', 'mailNickname'],
  group: ['displayName', 'description', 'mailNickname'],
} as const satisfies Readonly<Record<DirectoryObjectKind, readonly string[]>>;

/** Objects that are indexed at once when they are older than the index. */
const pendingBatch = 200;

/** Indexes the names of an object that was added or changed, in the same transaction. */
export async function indexNames(
  tx: WriteTransaction,
  kind: DirectoryObjectKind,
  object: { readonly tenantId: string; readonly objectId: string },
): Promise<void> {
  const { tenantId, objectId } = object;
  await forgetNames(tx, tenantId, objectId);
  const { profile, ...own } = object as typeof object & { readonly profile?: object };
  const values: Readonly<Record<string, unknown>> = { ...profile, ...own };
  for (const property of indexedProperties[kind]) {
    const value = values[property];
    if (typeof value !== 'string') continue;
    for (const [position, text] of [indexedTextOf(value), ...wordsOf(value)].entries()) {
      await tx.run(insertName, tenantId, kind, property, text, objectId, position);
    }
  }
}

/** Forgets the names of an object that is being deleted. */
export async function forgetNames(
  tx: WriteTransaction,
  tenantId: string,
  objectId: string,
): Promise<void> {
  await tx.run(deleteNames, fold(tenantId), fold(objectId));
}

/** A place in the order of one indexed property: the folded text and the object id that stand there. */
export interface NamePlace {
  readonly text: string;
  readonly objectId: string;
}

/** Which part of an index is wanted. */
export interface NameRange {
  readonly tenantId: string;
  readonly kind: DirectoryObjectKind;
  readonly property: string;
  /** Folded beginning of the texts; empty for all of them. */
  readonly start: string;
  /** Whether only the text `start` itself is wanted, or whatever begins with it. */
  readonly match: 'whole' | 'beginning';
  /** Whether the property as a whole is compared, or any of its words. */
  readonly of: 'property' | 'words';
}

/** The places of a range in ascending order, behind a place, at most `limit`. */
export async function namePlaces(
  tx: ReadTransaction,
  range: NameRange,
  after: NamePlace | undefined,
  limit: number,
): Promise<readonly NamePlace[]> {
  const from = after ?? { text: range.start, objectId: '' };
  const last = range.match === 'whole' ? range.start : `${range.start}\u{10ffff}`;
  const select = range.of === 'property' ? selectWhole : selectWords;
  const { tenantId, kind, property } = range;
  const rows = await tx.all(
    select,
    ...[fold(tenantId), kind, property, from.text, last],
    ...[from.text, from.objectId, limit],
  );
  return rows.map((row) => ({ text: row.text_folded, objectId: row.object_id }));
}

/** The places of a whole property in descending order, behind a place, at most `limit`. */
export async function namePlacesDescending(
  tx: ReadTransaction,
  range: Pick<NameRange, 'tenantId' | 'kind' | 'property'>,
  after: NamePlace | undefined,
  limit: number,
): Promise<readonly NamePlace[]> {
  const from = after ?? { text: '\u{10ffff}', objectId: '' };
  const rows = await tx.all(
    selectDown,
    ...[fold(range.tenantId), range.kind, range.property, from.text],
    ...[from.text, from.objectId, limit],
  );
  return rows.map((row) => ({ text: row.text_folded, objectId: row.object_id }));
}

/** Folded and cut as the index keeps a text. */
export function indexedTextOf(value: string): string {
  return fold(value).slice(0, indexedCharactersMax);
}

/** The folded words of a text: runs of letters and digits. */
export function wordsOf(value: string): readonly string[] {
  const words = indexedTextOf(value).match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, indexedWordsMax);
}

/** Indexes what was stored before there was an index. Does nothing once that is done. */
export async function indexPendingNames(store: Store): Promise<void> {
  for (;;) {
    const isPending = await store.read(
      async (tx) => (await tx.one(selectPending, 1)) !== undefined,
    );
    if (!isPending) return;
    await store.write(async (tx) => {
      for (const row of await tx.all(selectPending, pendingBatch)) {
        const object = await findObject(tx, row.kind, row.tenant_id, row.object_id);
        if (object !== undefined) await indexNames(tx, row.kind, object);
        await tx.run(deletePending, row.tenant_id, row.kind, row.object_id);
      }
    });
  }
}

const insertName = statement(
  'objectName.insert',
  `INSERT INTO directory_name (tenant_id, kind, property, text_folded, object_id, position)
   VALUES (?, ?, ?, ?, ?, ?)`,
);

const deleteNames = statement(
  'objectName.delete',
  'DELETE FROM directory_name WHERE tenant_id = ? AND object_id = ?',
);

type PlaceRow = { text_folded: string; object_id: string };

const inRange = `WHERE tenant_id = ? AND kind = ? AND property = ?
     AND text_folded >= ? AND text_folded <= ? AND (text_folded, object_id) > (?, ?)`;

const selectWhole = statement<PlaceRow>(
  'objectName.selectWhole',
  `SELECT text_folded, object_id FROM directory_name ${inRange} AND position = 0
   ORDER BY text_folded, object_id LIMIT ?`,
);

const selectWords = statement<PlaceRow>(
  'objectName.selectWords',
  `SELECT DISTINCT text_folded, object_id FROM directory_name ${inRange} AND position > 0
   ORDER BY text_folded, object_id LIMIT ?`,
);

const selectDown = statement<PlaceRow>(
  'objectName.selectDown',
  `SELECT text_folded, object_id FROM directory_name
   WHERE tenant_id = ? AND kind = ? AND property = ? AND text_folded <= ?
     AND (text_folded, object_id) < (?, ?) AND position = 0
   ORDER BY text_folded DESC, object_id DESC LIMIT ?`,
);

const selectPending = statement<{
  tenant_id: string;
  kind: DirectoryObjectKind;
  object_id: string;
}>(
  'objectName.selectPending',
  'SELECT tenant_id, kind, object_id FROM directory_name_pending LIMIT ?',
);

const deletePending = statement(
  'objectName.deletePending',
  'DELETE FROM directory_name_pending WHERE tenant_id = ? AND kind = ? AND object_id = ?',
);
