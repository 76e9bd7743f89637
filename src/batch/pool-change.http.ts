import type { Operation, Reply } from '#http/operation.ts';
import { strictlyAfter } from '#kernel/clock.ts';
import { type Fault, isFault } from '#kernel/fault.ts';
import { fold } from '#kernel/ids.ts';
import type { Instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import { beginResize, settlePool, takeAway } from './allocation.ts';
import {
  accountOf,
  type BatchCall,
  type BatchCaller,
  type BatchRoom,
  batchOperation,
  bodyOf,
} from './caller.ts';
import { unmetCondition } from './conditional.ts';
import { bareReply, changedReply, createdReply } from './entity.http.ts';
import { conditionNotMet, missingProperty } from './faults.ts';
import { nodesOf } from './node.store.ts';
import { batchPermission } from './permission.ts';
import {
  poolBeingDeleted,
  poolBeingResized,
  poolExists,
  poolQuotaReached,
  resizeStoppedError,
} from './pool.faults.ts';
import { poolOfCall } from './pool.http.ts';
import {
  patchedSettings,
  poolHardware,
  poolPatchShape,
  poolResizeShape,
  poolSettingsText,
  poolShape,
} from './pool.settings.ts';
import { addPool, findPool, poolCount, savePool } from './pool.store.ts';
import type { Pool } from './pool.ts';

const source = 'https://learn.microsoft.com/rest/api/batchservice/pool';

type PoolCall = BatchCall<'poolId'>;

/** The operations that make, change and remove pools. */
export const poolChangeOperations: readonly Operation<BatchCaller, BatchRoom>[] = [
  batchOperation({
    id: 'Pool_Add',
    method: 'POST',
    path: '/pools',
    permission: batchPermission('pools/write', 'write'),
    bodyKind: 'json',
    reply: { 201: 'empty' },
    source: `${source}/add`,
    handler: createPool,
  }),
  batchOperation({
    id: 'Pool_Patch',
    method: 'PATCH',
    path: '/pools/{poolId}',
    permission: batchPermission('pools/write', 'write'),
    bodyKind: 'json',
    reply: { 200: 'empty' },
    source: `${source}/patch`,
    handler: patchPool,
  }),
  batchOperation({
    id: 'Pool_Resize',
    method: 'POST',
    path: '/pools/{poolId}/resize',
    permission: batchPermission('pools/write', 'write'),
    bodyKind: 'json',
    reply: { 202: 'empty' },
    source: `${source}/resize`,
    handler: resizePool,
  }),
  batchOperation({
    id: 'Pool_StopResize',
    method: 'POST',
    path: '/pools/{poolId}/stopresize',
    permission: batchPermission('pools/write', 'write'),
    reply: { 202: 'empty' },
    source: `${source}/stop-resize`,
    handler: stopResize,
  }),
  batchOperation({
    id: 'Pool_Delete',
    method: 'DELETE',
    path: '/pools/{poolId}',
    permission: batchPermission('pools/delete', 'write'),
    reply: { 202: 'empty' },
    source: `${source}/delete`,
    handler: deletePool,
  }),
];

async function createPool(call: BatchCall, room: BatchRoom): Promise<Reply | Fault> {
  const account = accountOf(call.caller);
  const body = bodyOf(call, poolShape);
  if (isFault(body)) return body;
  const hardware = poolHardware(body);
  if (isFault(hardware)) return hardware;
  const at = room.clock.civil();
  const pool: Pool = {
    account: fold(account.name),
    pool: fold(body.id),
    id: body.id,
    displayName: body.displayName,
    createdAt: at,
    modifiedAt: at,
    state: 'active',
    stateAt: at,
    allocationState: 'resizing',
    allocationAt: at,
    resizeErrors: [],
    ...hardware,
    taskSlots: body.taskSlotsPerNode,
    resizeTimeout: body.resizeTimeout,
    resizeDueAt: undefined,
    targetDedicated: body.targetDedicatedNodes,
    removal: 'requeue',
    settings: poolSettingsText(body),
  };
  return room.store.write(async (tx) => {
    const other = await findPool(tx, pool.account, pool.pool);
    if (other !== undefined) return other.state === 'deleting' ? poolBeingDeleted() : poolExists();
    if ((await poolCount(tx, pool.account)) >= account.poolQuota) return poolQuotaReached();
    const resizing = await beginResize(tx, room, account, pool, at);
    if (!(await addPool(tx, resizing))) return poolExists();
    return createdReply(call.request, `/pools/${pool.id}`, pool.modifiedAt);
  });
}

async function patchPool(call: PoolCall, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, poolPatchShape);
  if (isFault(body)) return body;
  return changePool(call, room, 200, async (_tx, pool) => ({
    ...pool,
    displayName: body.displayName ?? pool.displayName,
    settings: patchedSettings(pool, body),
  }));
}

async function resizePool(call: PoolCall, room: BatchRoom): Promise<Reply | Fault> {
  const body = bodyOf(call, poolResizeShape);
  if (isFault(body)) return body;
  const target = body.targetDedicatedNodes;
  if (target === undefined && body.targetLowPriorityNodes === undefined) {
    return missingProperty('targetDedicatedNodes');
  }
  const account = accountOf(call.caller);
  return changePool(call, room, 202, async (tx, pool, at) => {
    if (pool.allocationState !== 'steady') return poolBeingResized();
    const asked: Pool = {
      ...pool,
      targetDedicated: target ?? pool.targetDedicated,
      resizeTimeout: body.resizeTimeout ?? pool.resizeTimeout,
      removal: body.nodeDeallocationOption ?? 'requeue',
    };
    return beginResize(tx, room, account, asked, at);
  });
}

/**
 * Stops a resize: nodes that were not made yet are given up, and the targets stay as asked
 * (recorded).
 */
async function stopResize(call: PoolCall, room: BatchRoom): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const pool = await changeablePool(tx, call);
    if (isFault(pool)) return pool;
    // Recorded: with nothing to stop the answer is the same, and the ETag stays.
    if (pool.allocationState !== 'resizing')
      return changedReply(call.request, 202, pool.modifiedAt);
    const coming = (await nodesOf(tx, pool)).filter((node) => node.state === 'creating');
    await takeAway(tx, room, coming, at);
    const next: Pool = {
      ...pool,
      modifiedAt: strictlyAfter(pool.modifiedAt, at),
      allocationState: 'stopping',
      allocationAt: at,
      resizeErrors: [resizeStoppedError],
      resizeDueAt: undefined,
    };
    if (!(await savePool(tx, pool, next))) return conditionNotMet();
    return changedReply(call.request, 202, next.modifiedAt);
  });
}

async function deletePool(call: PoolCall, room: BatchRoom): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const pool = await changeablePool(tx, call);
    if (isFault(pool)) return pool;
    const marked = { state: 'deleting', stateAt: at, removal: 'requeue' } as const;
    const deleting: Pool = { ...pool, ...marked, resizeDueAt: undefined };
    if (!(await savePool(tx, pool, deleting))) return conditionNotMet();
    await takeAway(tx, room, await nodesOf(tx, pool), at);
    await settlePool(tx, pool, at);
    return bareReply(202);
  });
}

async function changePool(
  call: PoolCall,
  room: BatchRoom,
  status: number,
  change: (tx: WriteTransaction, pool: Pool, at: Instant) => Promise<Pool | Fault>,
): Promise<Reply | Fault> {
  const at = room.clock.civil();
  return room.store.write(async (tx) => {
    const pool = await changeablePool(tx, call);
    if (isFault(pool)) return pool;
    const changed = await change(tx, pool, at);
    if (isFault(changed)) return changed;
    const next = { ...changed, modifiedAt: strictlyAfter(pool.modifiedAt, at) };
    if (!(await savePool(tx, pool, next))) return conditionNotMet();
    return changedReply(call.request, status, next.modifiedAt);
  });
}

async function changeablePool(tx: WriteTransaction, call: PoolCall): Promise<Pool | Fault> {
  const pool = await poolOfCall(tx, call);
  if (isFault(pool)) return pool;
  const refused = unmetCondition(call.request.headers, pool.modifiedAt, 'write');
  if (refused !== undefined) return refused;
  return pool.state === 'deleting' ? poolBeingDeleted() : pool;
}
