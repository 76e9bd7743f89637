import { dated, objectText, quoted } from './entity.http.ts';
import type { ComputeNode } from './node.ts';
import type { FilterValue } from './odata-filter.ts';
import { imageOf } from './pool.settings.ts';
import type { Pool } from './pool.ts';

/**
 * A node on the wire, in Azure's order. What nobody reported yet is absent, as recorded for young
 * nodes.
 */
export function nodeText(
  node: ComputeNode,
  pool: Pool,
  base: string,
  select: ReadonlySet<string> | undefined,
): string {
  const { agentAt, agentVersion } = node;
  const agent =
    agentVersion === undefined
      ? undefined
      : objectText([
          ['lastUpdateTime', dated(agentAt)],
          ['version', quoted(agentVersion)],
        ]);
  return objectText(
    [
      ['id', quoted(node.node)],
      ['url', quoted(`${base}/pools/${pool.id}/nodes/${node.node}`)],
      ['state', quoted(node.state)],
      ['schedulingState', quoted('enabled')],
      ['stateTransitionTime', dated(node.stateAt)],
      ['lastBootTime', dated(node.bootedAt)],
      ['allocationTime', dated(node.allocatedAt)],
      ['ipAddress', node.address === undefined ? undefined : quoted(node.address)],
      ['affinityId', quoted(`TVM:${node.node}`)],
      ['vmSize', quoted(pool.vmSize)],
      ['totalTasksRun', String(node.tasksRun)],
      ['totalTasksSucceeded', String(node.tasksSucceeded)],
      ['runningTasksCount', String(node.tasksRunning)],
      ['runningTaskSlotsCount', String(node.slotsRunning)],
      ['isDedicated', 'true'],
      ['nodeAgentInfo', agent],
      ['virtualMachineInfo', quoted({ imageReference: imageOf(pool) })],
    ],
    select,
  );
}

/** What a property of a node is to a filter. */
export function nodeFilterValue(node: ComputeNode, property: string): FilterValue {
  switch (property) {
    case 'state':
      return node.state;
    case 'stateTransitionTime':
      return node.stateAt;
    case 'lastBootTime':
      return node.bootedAt;
    case 'allocationTime':
      return node.allocatedAt;
    default:
      // What is left is about start tasks, which no node has.
      return undefined;
  }
}

/**
 * The counters of node counts: their name, the node's state, and the api-version that brought them.
 */
const counters: readonly (readonly [name: string, state: string, from?: string])[] = [
  ['creating', 'creating'],
  ['idle', 'idle'],
  ['leavingPool', 'leavingpool'],
  ['offline', 'offline'],
  ['preempted', 'preempted'],
  ['rebooting', 'rebooting'],
  ['reimaging', 'reimaging'],
  ['running', 'running'],
  ['starting', 'starting'],
  ['startTaskFailed', 'starttaskfailed'],
  ['unusable', 'unusable'],
  ['unknown', 'unknown'],
  ['upgradingOS', 'upgradingos', '2024-02-01.19.0'],
  ['deallocated', 'deallocated', '2024-07-01.20.0'],
  ['deallocating', 'deallocating', '2024-07-01.20.0'],
  ['waitingForStartTask', 'waitingforstarttask'],
];

/** The node counts of a pool on the wire, in Azure's order. */
export function countsText(pool: Pool, nodes: readonly ComputeNode[], version: string): string {
  return objectText([
    ['poolId', quoted(pool.id)],
    ['dedicated', quoted(countsOf(nodes, version))],
    ['lowPriority', quoted(countsOf([], version))],
  ]);
}

function countsOf(nodes: readonly ComputeNode[], version: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, state, from = ''] of counters) {
    if (version >= from) counts[name] = nodes.filter((node) => node.state === state).length;
  }
  return { ...counts, total: nodes.length };
}
