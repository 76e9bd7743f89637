import type { WriteTransaction } from '#store/store.ts';
import { countGroup, listWaitingGroups } from './group.store.ts';
import { addUsedSlots, listFreeNodes, type StoredNode } from './node.store.ts';
import { placeRuns } from './placement.ts';
import { claimRun, listWaitingRuns, type StoredRun } from './run.store.ts';

/**
 * Hands queued runs to nodes with free slots, at most `countMax`. For each pool its groups are
 * asked by priority, then age, for as many runs as there are free slots; the work is bounded by
 * slots and groups and never by how much is queued.
 */
export async function claimRuns(
  tx: WriteTransaction,
  countMax: number,
): Promise<readonly StoredRun[]> {
  const claimed: StoredRun[] = [];
  const pools = Map.groupBy(await listFreeNodes(tx), ({ owner, pool }) =>
    JSON.stringify([owner, pool]),
  );
  for (const nodes of pools.values()) {
    if (claimed.length >= countMax) break;
    claimed.push(...(await claimForPool(tx, nodes, countMax - claimed.length)));
  }
  return claimed;
}

async function claimForPool(
  tx: WriteTransaction,
  nodes: readonly StoredNode[],
  countMax: number,
): Promise<readonly StoredRun[]> {
  const [first] = nodes;
  if (first === undefined) return [];
  const byName = new Map(nodes.map((node) => [node.node, node]));
  let rooms = nodes.map((one) => ({ node: one.node, free: one.slots - one.used }));
  const claimed: StoredRun[] = [];
  for (const group of await listWaitingGroups(tx, first.owner, first.pool)) {
    const free = rooms.reduce((sum, room) => sum + room.free, 0);
    const left = countMax - claimed.length;
    if (free === 0 || left === 0) break;
    const mayRun = Math.min(left, (group.parallelMax ?? Number.MAX_SAFE_INTEGER) - group.active);
    const runs = await listWaitingRuns(tx, group.id, Math.min(free, mayRun));
    const placed = placeRuns(rooms, runs, mayRun);
    rooms = [...placed.nodes];
    for (const { id, node: name } of placed.placements) {
      const node = byName.get(name);
      const run = node === undefined ? undefined : await claimRun(tx, id, node);
      if (node === undefined || run === undefined) continue;
      await addUsedSlots(tx, node, node.epoch, run.slots);
      claimed.push(run);
    }
    await countGroup(tx, group.id, -placed.placements.length, placed.placements.length);
  }
  return claimed;
}
