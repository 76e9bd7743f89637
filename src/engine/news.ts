import { instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import type { NodeFacts, RunKey } from './engine.ts';
import { nodeTexts } from './faults.ts';
import { countGroup } from './group.store.ts';
import { addUsedSlots, deleteNode, findNode, listNodes, setNodeState } from './node.store.ts';
import type { NodeReport } from './node-message.ts';
import type { JournalRecord, MachineFacts } from './protocol.ts';
import type { EngineRoom } from './room.ts';
import { beginRun, deleteRun, findRunById, listRunsOnNode, type StoredRun } from './run.store.ts';

/**
 * Takes one record of a launcher's journal into the database and tells the observer. The same
 * record again, or one of a run that has ended or of another life of its node, changes nothing: a
 * run has exactly one end.
 */
export async function takeRecord(
  room: EngineRoom,
  tx: WriteTransaction,
  record: JournalRecord,
): Promise<void> {
  if (record.kind === 'spawned') return;
  const run = await findRunById(tx, record.id);
  const isCurrent = run?.attempt === record.attempt && run.place?.epoch === record.epoch;
  if (run?.place === undefined || !isCurrent) return;
  const { epoch: _epoch, ...node } = run.place;
  const at = instant(record.at);
  if (record.kind === 'begun') {
    if (!(await beginRun(tx, run.id, at))) return;
    return room.observer.runStarted(tx, keyOf(run), { node, at });
  }
  await forgetRun(room, tx, run);
  await room.observer.runEnded(tx, keyOf(run), {
    node,
    at,
    outcome: record.outcome,
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
  });
}

/** Ends a run that the node cannot know any more, as vanished. */
export async function endVanished(
  room: EngineRoom,
  tx: WriteTransaction,
  id: string,
  text: string,
): Promise<void> {
  const run = await findRunById(tx, id);
  if (run?.place === undefined) return;
  const { epoch: _epoch, ...node } = run.place;
  await forgetRun(room, tx, run);
  await room.observer.runEnded(tx, keyOf(run), {
    node,
    at: room.clock.real(),
    outcome: { kind: 'vanished', text },
    ...(run.startedAt === undefined ? {} : { startedAt: run.startedAt }),
  });
}

/** Takes what became of a node. */
export async function takeNodeReport(
  room: EngineRoom,
  tx: WriteTransaction,
  report: NodeReport,
  machine: MachineFacts,
): Promise<void> {
  const node = await findNode(tx, report);
  if (node === undefined || node.epoch !== report.epoch) return;
  const key = { owner: node.owner, pool: node.pool, node: node.node };
  const at = room.clock.real();
  switch (report.state) {
    case 'ready': {
      if (node.state !== 'new' && node.state !== 'lost') return;
      await setNodeState(tx, key, 'ready');
      const facts: NodeFacts = {
        ...machine,
        bootedAt: instant(machine.bootedAt),
        rootDirectory: report.rootDirectory,
      };
      return room.observer.nodeChanged(tx, key, { state: 'ready', at, facts });
    }
    case 'failed': {
      if (node.state === 'removing' || node.state === 'lost') return;
      await setNodeState(tx, key, 'lost');
      return room.observer.nodeChanged(tx, key, { state: 'lost', at, reason: report.reason });
    }
    case 'gone':
      if (node.state === 'removing' && (await deleteNode(tx, key, node.epoch))) {
        await room.observer.nodeChanged(tx, key, { state: 'gone', at });
      }
  }
}

/**
 * Notes that the agent is silent: its nodes are lost until it is heard again. Their runs stay
 * theirs.
 */
export async function loseNodes(
  room: Pick<EngineRoom, 'clock' | 'observer'>,
  tx: WriteTransaction,
): Promise<void> {
  for (const { owner, pool, node, state } of await listNodes(tx)) {
    if (state !== 'ready') continue;
    const key = { owner, pool, node };
    const at = room.clock.real();
    await setNodeState(tx, key, 'lost');
    await room.observer.nodeChanged(tx, key, { state: 'lost', at, reason: nodeTexts.silent });
  }
}

/**
 * Takes a run's row away and gives back what it held; the last one of a node that is being removed
 * lets the node go.
 */
async function forgetRun(room: EngineRoom, tx: WriteTransaction, run: StoredRun): Promise<void> {
  await deleteRun(tx, run.id);
  await countGroup(tx, run.groupId, 0, -1);
  if (run.place === undefined) return;
  const { place } = run;
  await addUsedSlots(tx, place, place.epoch, -run.slots);
  const node = await findNode(tx, place);
  if (node?.state !== 'removing' || node.epoch !== place.epoch) return;
  if ((await listRunsOnNode(tx, place)).length > 0) return;
  tx.afterCommit(() => room.session?.tell((outbox) => outbox.removeNodes.push(place)));
}

function keyOf(run: StoredRun): RunKey {
  const { owner, group, task, attempt } = run;
  return { owner, group, task, attempt };
}
