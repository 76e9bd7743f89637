/** A node that can take runs. */
export interface NodeRoom {
  /** Any text that names the node. */
  readonly node: string;
  /** Slots that are free on it. */
  readonly free: number;
}

/** A run that waits, with what it needs. */
export interface WaitingRun {
  readonly id: string;
  readonly slots: number;
}

/** Which run goes to which node. */
export interface Placement {
  readonly id: string;
  readonly node: string;
}

/**
 * Places waiting runs in their order: each goes to the node with the most free slots (the first of
 * equals), so that work spreads. A run that fits nowhere now lets the ones behind it pass. At most
 * `countMax` runs are placed.
 * Source: https://learn.microsoft.com/azure/batch/batch-parallel-node-tasks (nodeFillType spread is
 * the default)
 */
export function placeRuns(
  nodes: readonly NodeRoom[],
  runs: readonly WaitingRun[],
  countMax: number,
): { readonly placements: readonly Placement[]; readonly nodes: readonly NodeRoom[] } {
  const free = new Map(nodes.map((one) => [one.node, one.free]));
  const placements: Placement[] = [];
  for (const run of runs) {
    if (placements.length >= countMax) break;
    let best: string | undefined;
    let most = run.slots - 1;
    for (const [node, slots] of free) {
      if (slots <= most) continue;
      best = node;
      most = slots;
    }
    if (best === undefined) continue;
    free.set(best, most - run.slots);
    placements.push({ id: run.id, node: best });
  }
  return { placements, nodes: nodes.map(({ node }) => ({ node, free: free.get(node) ?? 0 })) };
}
