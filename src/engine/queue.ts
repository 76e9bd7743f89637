import type { ReadTransaction, WriteTransaction } from '#store/store.ts';
import type {
  FilePlace,
  GroupKey,
  GroupSpec,
  NodeKey,
  NodeSpec,
  RunKey,
  RunSpec,
} from './engine.ts';
import { countGroup, deleteGroup, findGroup, upsertGroup } from './group.store.ts';
import { findNode, insertNode, setNodeState } from './node.store.ts';
import type { KillMessage } from './protocol.ts';
import { type EngineRoom, freshId } from './room.ts';
import {
  deleteQueuedRuns,
  deleteRun,
  endRunSoon,
  findRun,
  insertForgetting,
  insertRun,
  listPlacedRuns,
  listRunsOnNode,
  type RunEnding,
  type StoredRun,
} from './run.store.ts';
import { sealSpec } from './run-spec.ts';

/** Declares nodes; the agent is told after the commit. */
export async function addNodes(
  room: EngineRoom,
  tx: WriteTransaction,
  nodes: readonly NodeSpec[],
): Promise<void> {
  for (const node of nodes) {
    const epoch = room.clock.real();
    await insertNode(tx, node, epoch);
    const { owner, pool, node: name } = node;
    tx.afterCommit(() =>
      room.session?.tell((outbox) => outbox.makeNodes.push({ owner, pool, node: name, epoch })),
    );
  }
}

/** Kills what is on a node; the node itself goes when the last of it has ended. */
export async function removeNode(
  room: EngineRoom,
  tx: WriteTransaction,
  key: NodeKey,
): Promise<void> {
  const node = await findNode(tx, key);
  if (node === undefined || node.state === 'removing') return;
  await setNodeState(tx, key, 'removing');
  const runs = await listRunsOnNode(tx, key);
  for (const run of runs) await kill(room, tx, run, 'nodeRemoved');
  if (runs.length > 0) return;
  const { owner, pool, epoch } = node;
  tx.afterCommit(() =>
    room.session?.tell((outbox) => outbox.removeNodes.push({ owner, pool, node: key.node, epoch })),
  );
}

/** Creates or changes a group. */
export async function setGroup(
  room: EngineRoom,
  tx: WriteTransaction,
  group: GroupSpec,
): Promise<void> {
  await upsertGroup(tx, group, freshId(room.random), room.clock.real());
  tx.afterCommit(() => claimSoon(room));
}

/** Forgets a group with what is queued in it and kills the rest. */
export async function removeGroup(
  room: EngineRoom,
  tx: WriteTransaction,
  key: GroupKey,
): Promise<void> {
  const group = await findGroup(tx, key);
  if (group === undefined) return;
  await deleteQueuedRuns(tx, group.id);
  for (const run of await listPlacedRuns(tx, key)) await kill(room, tx, run, 'cancelled');
  await deleteGroup(tx, key);
}

/**
 * Queues attempts. Throws when a group is unknown or a key is queued or running already: both are
 * bugs of the caller.
 */
export async function enqueue(
  room: EngineRoom,
  tx: WriteTransaction,
  runs: readonly RunSpec[],
): Promise<void> {
  const added = new Map<string, { id: string; count: number }>();
  for (const run of runs) {
    const known = added.get(JSON.stringify([run.owner, run.group]));
    const groupId = known?.id ?? (await findGroup(tx, run))?.id;
    if (groupId === undefined)
      throw new Error(`a run of the unknown group ${run.group} was queued`);
    const id = freshId(room.random);
    const stored = { id, groupId, slots: run.slots, spec: sealSpec(run, id, room.seal) };
    await insertRun(tx, run, stored, room.clock.real());
    added.set(JSON.stringify([run.owner, run.group]), {
      id: groupId,
      count: (known?.count ?? 0) + 1,
    });
  }
  for (const { id, count } of added.values()) await countGroup(tx, id, count, 0);
  tx.afterCommit(() => claimSoon(room));
}

/** Ends an attempt wherever it is. */
export async function cancel(
  room: EngineRoom,
  tx: WriteTransaction,
  key: RunKey,
): Promise<'forgotten' | 'killing' | 'ended'> {
  const run = await findRun(tx, key);
  if (run === undefined) return 'ended';
  if (run.state !== 'queued') {
    await kill(room, tx, run, 'cancelled');
    return 'killing';
  }
  await deleteRun(tx, run.id);
  await countGroup(tx, run.groupId, -1, 0);
  return 'forgotten';
}

/** Has a directory removed; the wish is kept until the agent says that it is fulfilled. */
export async function forgetFiles(
  room: EngineRoom,
  tx: WriteTransaction,
  place: FilePlace,
): Promise<void> {
  if ((await findNode(tx, place)) === undefined) return;
  const id = freshId(room.random);
  const before = room.clock.real();
  await insertForgetting(tx, id, place, before);
  const { owner, pool, node, path } = place;
  tx.afterCommit(() =>
    room.session?.tell((outbox) => outbox.forgets.push({ id, owner, pool, node, path, before })),
  );
}

/** The counters of a group; zero when there is none. */
export async function groupCounts(
  tx: ReadTransaction,
  key: GroupKey,
): Promise<{ readonly queued: number; readonly active: number }> {
  const group = await findGroup(tx, key);
  return { queued: group?.queued ?? 0, active: group?.active ?? 0 };
}

/** A kill as the agent is told. */
export function killOf(run: StoredRun, why: RunEnding): KillMessage {
  return { id: run.id, epoch: run.place?.epoch ?? 0, attempt: run.attempt, why };
}

async function kill(
  room: EngineRoom,
  tx: WriteTransaction,
  run: StoredRun,
  why: RunEnding,
): Promise<void> {
  await endRunSoon(tx, run.id, why);
  tx.afterCommit(() => room.session?.tell((outbox) => outbox.kills.push(killOf(run, why))));
}

function claimSoon(room: EngineRoom): void {
  const { session } = room;
  if (session === undefined) return;
  session.mayClaim = true;
  session.wake();
}
