import type { Operation, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
} from './caller.ts';
import { entityReply, listReply } from './entity.http.ts';
import images from './images.json' with { type: 'json' };
import { findNode, listNodes, nodesOf } from './node.store.ts';
import type { ComputeNode } from './node.ts';
import { countsText, nodeFilterValue, nodeText } from './node.wire.ts';
import { type FilterValue, matches } from './odata-filter.ts';
import { listQueryOf, pageOf, selectOf } from './odata-query.ts';
import { batchPermission } from './permission.ts';
import { nodeNotFound } from './pool.faults.ts';
import { poolOfCall } from './pool.http.ts';
import { listPools } from './pool.store.ts';
import type { Pool } from './pool.ts';

/** Most pools on a page of node counts. */
export const nodeCountsPageMax = 10;

/** The operations on nodes, node counts and images. */
export const nodeOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'ComputeNode_List',
    method: 'GET',
    path: '/pools/{poolId}/nodes',
    permission: batchPermission('pools/read', 'read'),
    query: ['$filter', '$select', 'maxresults'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/rest/api/batchservice/compute-node/list',
    handler: nodePage,
  }),
  batchOperation({
    id: 'ComputeNode_Get',
    method: 'GET',
    path: '/pools/{poolId}/nodes/{nodeId}',
    permission: batchPermission('pools/read', 'read'),
    query: ['$select'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/rest/api/batchservice/compute-node/get',
    handler: getNode,
  }),
  batchOperation({
    id: 'Account_ListPoolNodeCounts',
    method: 'GET',
    path: '/nodecounts',
    permission: batchPermission('pools/read', 'read'),
    query: ['$filter', 'maxresults'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/rest/api/batchservice/account/list-pool-node-counts',
    handler: nodeCounts,
  }),
  batchOperation({
    id: 'Account_ListSupportedImages',
    method: 'GET',
    path: '/supportedimages',
    permission: batchPermission('read', 'read'),
    query: ['$filter', 'maxresults'],
    reply: { 200: 'json' },
    source: 'https://learn.microsoft.com/rest/api/batchservice/account/list-supported-images',
    handler: supportedImages,
  }),
];

async function nodePage(call: BatchCall<'poolId'>, room: BatchRoom): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'nodes');
  if (isFault(query)) return query;
  const { filter, select } = query;
  const found = await room.store.read(async (tx) => {
    const pool = await poolOfCall(tx, call);
    if (isFault(pool)) return pool;
    const page = await pageOf(query, {
      fetch: (after, rowsMax) =>
        listNodes(tx, { account: pool.account, pool: pool.pool, after, rowsMax }),
      nameOf: (node) => node.node,
      ...(filter && {
        fits: (node: ComputeNode) => matches(filter, (name) => nodeFilterValue(node, name)),
      }),
    });
    return { pool, page };
  });
  if (isFault(found)) return found;
  const base = linkBase(call.request.reach);
  const texts = found.page.rows.map((node) => nodeText(node, found.pool, base, select));
  return listReply(call.request, 'nodes', texts, found.page.next);
}

async function getNode(
  call: BatchCall<'poolId' | 'nodeId'>,
  room: BatchRoom,
): Promise<Reply | Fault> {
  const select = selectOf(call.request);
  if (isFault(select)) return select;
  const found = await room.store.read(async (tx) => {
    const pool = await poolOfCall(tx, call);
    if (isFault(pool)) return pool;
    const name = { account: pool.account, pool: pool.pool, node: fold(call.params.nodeId) };
    const node = await findNode(tx, name);
    return node === undefined ? nodeNotFound() : { pool, node };
  });
  if (isFault(found)) return found;
  const text = nodeText(found.node, found.pool, linkBase(call.request.reach), select);
  return entityReply(call.request, 'nodes', text);
}

async function nodeCounts(call: BatchCall, room: BatchRoom): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'nodecounts', nodeCountsPageMax);
  if (isFault(query)) return query;
  const { filter } = query;
  const account = fold(accountOf(call.caller).name);
  const { texts, next } = await room.store.read(async (tx) => {
    const page = await pageOf(query, {
      fetch: (after, rowsMax) => listPools(tx, { account, state: undefined, after, rowsMax }),
      nameOf: (pool) => pool.pool,
      ...(filter && { fits: (pool: Pool) => matches(filter, () => pool.id) }),
    });
    const entities: string[] = [];
    for (const pool of page.rows) {
      entities.push(countsText(pool, await nodesOf(tx, pool), call.version));
    }
    return { texts: entities, next: page.next };
  });
  return listReply(call.request, 'poolnodecounts', texts, next);
}

async function supportedImages(call: BatchCall): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'supportedimages');
  if (isFault(query)) return query;
  const { filter } = query;
  const all = images.supported.map((image, index) => ({
    image,
    name: String(index).padStart(6, '0'),
  }));
  const page = await pageOf(query, {
    fetch: async (after, rowsMax) => all.filter(({ name }) => name > after).slice(0, rowsMax),
    nameOf: ({ name }) => name,
    ...(filter && {
      fits: ({ image }: (typeof all)[number]) =>
        matches(
          filter,
          (name) => (image as Readonly<Record<string, unknown>>)[name] as FilterValue,
        ),
    }),
  });
  const texts = page.rows.map(({ image }) => JSON.stringify(image));
  return listReply(call.request, 'supportedimages', texts, page.next);
}
