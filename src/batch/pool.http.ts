import type { Operation, Reply } from '#http/operation.ts';
import { linkBase } from '#http/request.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { ReadTransaction } from '#store/store.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
} from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { entityReply, listReply, versionHeaders } from './entity.http.ts';
import { nodesOf } from './node.store.ts';
import { isCurrent } from './node.ts';
import { matches, requiredState } from './odata-filter.ts';
import { listQueryOf, pageOf, selectOf } from './odata-query.ts';
import { batchPermission } from './permission.ts';
import { poolNotFound } from './pool.faults.ts';
import { findPool, listPools } from './pool.store.ts';
import type { Pool } from './pool.ts';
import { poolFilterValue, poolText } from './pool.wire.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/pool';

/** The operations that read pools. */
export const poolReadOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Pool_List',
    method: 'GET',
    path: '/pools',
    permission: batchPermission('pools/read', 'read'),
    query: ['$filter', '$select', '$expand', 'maxresults'],
    reply: { 200: 'json' },
    source: `${source}/list`,
    handler: poolPage,
  }),
  batchOperation({
    id: 'Pool_Get',
    method: 'GET',
    path: '/pools/{poolId}',
    permission: batchPermission('pools/read', 'read'),
    query: ['$select', '$expand'],
    reply: { 200: 'json' },
    source: `${source}/get`,
    handler: getPool,
  }),
  batchOperation({
    id: 'Pool_Exists',
    method: 'HEAD',
    path: '/pools/{poolId}',
    permission: batchPermission('pools/read', 'read'),
    reply: { 200: 'empty' },
    source: `${source}/exists`,
    handler: poolExists,
  }),
];

async function poolPage(call: BatchCall, room: BatchRoom): Promise<Reply | Fault> {
  const query = listQueryOf(call.request, 'pools');
  if (isFault(query)) return query;
  const { filter, select } = query;
  const account = fold(accountOf(call.caller).name);
  const state = requiredState(filter);
  const base = linkBase(call.request.reach);
  const { texts, next } = await room.store.read(async (tx) => {
    const page = await pageOf(query, {
      fetch: (after, rowsMax) => listPools(tx, { account, state, after, rowsMax }),
      nameOf: (pool) => pool.pool,
      ...(filter && {
        fits: (pool: Pool) => matches(filter, (name) => poolFilterValue(pool, name)),
      }),
    });
    const entities: string[] = [];
    for (const pool of page.rows) {
      entities.push(poolText(pool, await currentNodes(tx, pool), base, call.version, select));
    }
    return { texts: entities, next: page.next };
  });
  return listReply(call.request, 'pools', texts, next);
}

async function getPool(call: BatchCall<'poolId'>, room: BatchRoom): Promise<Reply | Fault> {
  const select = selectOf(call.request);
  if (isFault(select)) return select;
  const found = await room.store.read(async (tx) => {
    const pool = await poolOfCall(tx, call);
    return isFault(pool) ? pool : { pool, current: await currentNodes(tx, pool) };
  });
  if (isFault(found)) return found;
  const { pool, current } = found;
  const refused = unmetCondition(call.request.headers, pool.modifiedAt, 'read');
  if (refused !== undefined) return refused;
  const base = linkBase(call.request.reach);
  const entity = poolText(pool, current, base, call.version, select);
  return entityReply(call.request, 'pools', entity, pool.modifiedAt);
}

async function poolExists(call: BatchCall<'poolId'>, room: BatchRoom): Promise<Reply | Fault> {
  const pool = await room.store.read((tx) => poolOfCall(tx, call));
  if (isFault(pool)) return pool;
  const refused = unmetCondition(call.request.headers, pool.modifiedAt, 'read');
  return refused ?? { status: 200, headers: versionHeaders(pool.modifiedAt) };
}

/** The pool that a call names, or that there is none. */
export async function poolOfCall(
  tx: ReadTransaction,
  call: BatchCall<'poolId'>,
): Promise<Pool | Fault> {
  const account = fold(accountOf(call.caller).name);
  return (await findPool(tx, account, fold(call.params.poolId))) ?? poolNotFound();
}

async function currentNodes(tx: ReadTransaction, pool: Pool): Promise<number> {
  return (await nodesOf(tx, pool)).filter(isCurrent).length;
}
