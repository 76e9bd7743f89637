import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedClock } from '#kernel/clock.ts';
import { instantOfSeconds } from '#kernel/instant.ts';
import { silentLog } from '#kernel/log.ts';
import { seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { AgentSession } from './agent-session.ts';
import { engineMigrations } from './migrations.ts';
import { setNodeState } from './node.store.ts';
import type { JournalRecord, MachineFacts, StartMessage } from './protocol.ts';
import { addNodes, enqueue, setGroup } from './queue.ts';
import type { EngineRoom } from './room.ts';
import { runSpec } from './test-engine.ts';

/**
 * The server's half of an engine without any process: what an agent would say is said by the test.
 */
export interface TestRoom {
  readonly room: EngineRoom;
  readonly session: AgentSession;
  /** What the observer heard, in words: `started t1`, `exited t1`, `node ready`. */
  readonly heard: string[];
  readonly databasePath: string;
  /** Adds a group and queues its tasks, one slot each. */
  queue(group: string, tasks: readonly string[], more?: Partial<Group>): Promise<void>;
  close(): Promise<void>;
}

interface Group {
  readonly pool: string;
  readonly priority: number;
  readonly parallelMax: number;
}

/** Facts that a test's agent tells. */
export const testFacts: MachineFacts = {
  agentVersion: '1',
  hostName: 'host',
  address: '192.0.2.1',
  bootedAt: 1,
  isolation: 'node',
};

/** Opens a room with the ready node `node-1` of pool `pool`. */
export async function testRoom(slots: number): Promise<TestRoom> {
  const folder = mkdtempSync(join(tmpdir(), 'batten-room-'));
  const databasePath = join(folder, 'batten.db');
  const store = new SqliteStore(databasePath, engineMigrations);
  const heard: string[] = [];
  const random = seededRandom('room');
  const clock = fixedClock(instantOfSeconds(1_800_000_000));
  const session = new AgentSession('session', testFacts);
  const room: EngineRoom = {
    store,
    seal: sealWith(Buffer.alloc(32, 1), random),
    clock,
    random,
    log: silentLog,
    observer: {
      nodeChanged: async (_tx, _node, change) => void heard.push(`node ${change.state}`),
      runStarted: async (_tx, run) => void heard.push(`started ${run.task}`),
      runEnded: async (_tx, run, end) => void heard.push(`${end.outcome.kind} ${run.task}`),
    },
    ownPorts: () => [8443],
    session,
    files: new Map(),
  };
  const node = { owner: 'acme', pool: 'pool', node: 'node-1' };
  await store.write(async (tx) => {
    await addNodes(room, tx, [{ ...node, slots }]);
    await setNodeState(tx, node, 'ready');
  });
  session.takeOutbox();
  return {
    room,
    session,
    heard,
    databasePath,
    async queue(group, tasks, more = {}) {
      clock.advanceSeconds(1);
      const spec = { owner: 'acme', group, pool: 'pool', priority: 0, ...more };
      const runs = tasks.map((task) => runSpec(task, '/bin/true', { group }));
      await store.write(async (tx) => {
        await setGroup(room, tx, spec);
        await enqueue(room, tx, runs);
      });
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What a launcher would write when the run of a start begins. */
export function begunOf(start: StartMessage, n = 1): JournalRecord {
  const { id, epoch, attempt } = start;
  return { kind: 'begun', id, epoch, attempt, n, at: 10, directory: '/' };
}

/** What a launcher would write when the run of a start ends with an exit code. */
export function endedOf(start: StartMessage, exitCode = 0, n = 2): JournalRecord {
  const { id, epoch, attempt } = start;
  return { kind: 'ended', id, epoch, attempt, n, at: 20, outcome: { kind: 'exited', exitCode } };
}
