import {
  countObjects,
  type DirectoryObjectIds,
  type DirectoryObjectKind,
  findObject,
  pageOfObjects,
} from '#directory/object-page.store.ts';
import type { ReadTransaction } from '#store/store.ts';

/** Where the objects of a collection are kept. */
export interface Rows<T> {
  /** In the order of their ids, behind an id. */
  page(tx: ReadTransaction, tenantId: string, after: string, limit: number): Promise<readonly T[]>;
  find(tx: ReadTransaction, tenantId: string, id: string): Promise<T | undefined>;
  count(tx: ReadTransaction, tenantId: string): Promise<number>;
  idOf(object: T): string;
  /** How the index of names knows them; absent when it does not. */
  readonly named?: DirectoryObjectKind;
}

/** The rows of the objects that have names. */
export function directoryRows<T extends DirectoryObjectIds>(kind: DirectoryObjectKind): Rows<T> {
  return {
    page: (tx, tenantId, after, limit) => pageOfObjects<T>(tx, kind, tenantId, after, limit),
    find: (tx, tenantId, id) => findObject<T>(tx, kind, tenantId, id),
    count: (tx, tenantId) => countObjects(tx, kind, tenantId),
    idOf: (object) => object.objectId,
    named: kind,
  };
}
