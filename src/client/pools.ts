import { type Connection, segment } from './connection.ts';
import type { GetOptions, ListOptions, WriteOptions } from './options.ts';
import type { Pool, PoolResize, PoolToAdd } from './wire.gen.ts';

/** Pools of an account. Source: https://learn.microsoft.com/rest/api/batchservice/pools */
export interface PoolOperations {
  add(pool: PoolToAdd, options?: WriteOptions): Promise<void>;
  get<const Name extends keyof Pool = keyof Pool>(
    poolId: string,
    options?: GetOptions<Name>,
  ): Promise<Pick<Pool, Name>>;
  exists(poolId: string): Promise<boolean>;
  list<const Name extends keyof Pool = keyof Pool>(
    options?: ListOptions<Name>,
  ): AsyncIterable<Pick<Pool, Name>>;
  /** Asks for other numbers of nodes; the pool is `resizing` until it is `steady` again. */
  resize(poolId: string, target: PoolResize, options?: WriteOptions): Promise<void>;
  stopResize(poolId: string, options?: WriteOptions): Promise<void>;
  /** Deletes the pool with its nodes; it is `deleting` until they are gone. */
  delete(poolId: string, options?: WriteOptions): Promise<void>;
}

/** The pool operations over a connection. */
export function poolOperations(connection: Connection): PoolOperations {
  const at = (poolId: string): string => `/pools/${segment(poolId)}`;
  return {
    add: (pool, options = {}) => connection.change('POST', '/pools', options, pool),
    get: (poolId, options = {}) => connection.get(at(poolId), options),
    exists: (poolId) => connection.exists(at(poolId)),
    list: (options = {}) => connection.list('/pools', options),
    resize: (poolId, target, options = {}) =>
      connection.change('POST', `${at(poolId)}/resize`, options, target),
    stopResize: (poolId, options = {}) =>
      connection.change('POST', `${at(poolId)}/stopresize`, options),
    delete: (poolId, options = {}) => connection.change('DELETE', at(poolId), options),
  };
}
