import { type Connection, segment } from './connection.ts';
import type { GetOptions, ListOptions, WriteOptions } from './options.ts';
import type { ComputeNode, NodeRemoval } from './wire.gen.ts';

/** Compute nodes of a pool. Source: https://learn.microsoft.com/rest/api/batchservice/nodes */
export interface NodeOperations {
  get<const Name extends keyof ComputeNode = keyof ComputeNode>(
    poolId: string,
    nodeId: string,
    options?: GetOptions<Name>,
  ): Promise<Pick<ComputeNode, Name>>;
  list<const Name extends keyof ComputeNode = keyof ComputeNode>(
    poolId: string,
    options?: ListOptions<Name>,
  ): AsyncIterable<Pick<ComputeNode, Name>>;
  /** Takes nodes out of the pool; it is `resizing` until they are gone. */
  remove(poolId: string, removal: NodeRemoval, options?: WriteOptions): Promise<void>;
}

/** The node operations over a connection. */
export function nodeOperations(connection: Connection): NodeOperations {
  const at = (poolId: string): string => `/pools/${segment(poolId)}`;
  return {
    get: (poolId, nodeId, options = {}) =>
      connection.get(`${at(poolId)}/nodes/${segment(nodeId)}`, options),
    list: (poolId, options = {}) => connection.list(`${at(poolId)}/nodes`, options),
    remove: (poolId, removal, options = {}) =>
      connection.change('POST', `${at(poolId)}/removenodes`, options, removal),
  };
}
