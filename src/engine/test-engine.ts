import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { machineClock } from '#kernel/clock.ts';
import { silentLog } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { SqliteStore } from '#store/sqlite.ts';
import type { NodeChange, NodeKey, RunEnd, RunKey, RunSpec } from './engine.ts';
import { engineMigrations } from './migrations.ts';
import { type EngineParts, type OpenEngine, openEngine } from './open-engine.ts';

/** What the observer of a test heard, in order. */
export interface Heard {
  readonly starts: RunKey[];
  readonly ends: { readonly run: RunKey; readonly end: RunEnd }[];
  readonly nodes: { readonly node: NodeKey; readonly change: NodeChange }[];
}

/**
 * A world for tests: a store in a temporary folder, an engine with a real agent and launcher, and
 * what it told.
 */
export interface EngineWorld {
  readonly folder: string;
  readonly store: SqliteStore;
  readonly engine: OpenEngine;
  readonly heard: Heard;
  /** Resolves when the condition holds; it is looked at whenever the observer hears something. */
  until(what: string, condition: () => boolean): Promise<void>;
  /** Queues runs of group `job` and waits for their ends. */
  run(...runs: readonly RunSpec[]): Promise<readonly RunEnd[]>;
  /** Opens another ephemeral server on the same data, after this one's engine was closed. */
  reopen(): Promise<EngineWorld>;
  /** Ends everything and removes the folder. */
  close(): Promise<void>;
}

const waitMillisecondsMax = 20_000;

/**
 * Opens a world with one ready node `node-1` of pool `pool` and the group `job`; `below` lengthens
 * its path.
 */
export async function engineWorld(
  slots: number,
  more: Partial<EngineParts> = {},
  below = '',
): Promise<EngineWorld> {
  const root = mkdtempSync(join(tmpdir(), 'batten-engine-'));
  const folder = join(root, below);
  mkdirSync(join(folder, 'data'), { recursive: true });
  const world = await openWorld(root, folder, more);
  const { store, engine, heard } = world;
  await store.write(async (tx) => {
    await engine.addNodes(tx, [{ owner: 'acme', pool: 'pool', node: 'node-1', slots }]);
    await engine.setGroup(tx, { owner: 'acme', group: 'job', pool: 'pool', priority: 0 });
  });
  const isReady = (): boolean => heard.nodes.some((one) => one.change.state === 'ready');
  await world.until('the node to be ready', isReady);
  return world;
}

async function openWorld(
  root: string,
  folder: string,
  more: Partial<EngineParts>,
): Promise<EngineWorld> {
  const dataFolder = join(folder, 'data');
  const store = new SqliteStore(join(dataFolder, 'batten.db'), engineMigrations);
  const heard: Heard = { starts: [], ends: [], nodes: [] };
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const one of waiting) one();
  };
  const random = machineRandom();
  const engine = await openEngine({
    store,
    seal: sealWith(Buffer.alloc(32, 7), random),
    clock: machineClock(),
    random,
    log: silentLog,
    dataFolder,
    ephemeral: true,
    graceMilliseconds: 300,
    observer: {
      nodeChanged: async (tx, node, change) => {
        tx.afterCommit(() => heard.nodes.push({ node, change }) && look());
      },
      runStarted: async (tx, run) => {
        tx.afterCommit(() => heard.starts.push(run) && look());
      },
      runEnded: async (tx, run, end) => {
        tx.afterCommit(() => heard.ends.push({ run, end }) && look());
      },
    },
    ...more,
  });
  const until = (what: string, condition: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        waiting.delete(one);
        reject(new Error(`waited too long for ${what}`));
      }, waitMillisecondsMax);
      const one = (): void => {
        if (!condition()) return;
        waiting.delete(one);
        clearTimeout(late);
        resolve();
      };
      waiting.add(one);
      one();
    });
  return {
    folder,
    store,
    engine,
    heard,
    until,
    async run(...runs) {
      const ends = new Map<string, RunEnd>();
      const wanted = new Set(runs.map(nameOf));
      let seen = heard.ends.length;
      await store.write((tx) => engine.enqueue(tx, runs));
      await until('the runs to end', () => {
        for (; seen < heard.ends.length; seen++) {
          const one = heard.ends[seen];
          if (one !== undefined && wanted.has(nameOf(one.run))) ends.set(nameOf(one.run), one.end);
        }
        return ends.size === wanted.size;
      });
      return runs.map((run) => ends.get(nameOf(run)) as RunEnd);
    },
    async reopen() {
      await store.close();
      return openWorld(root, folder, { ...more, ephemeral: true });
    },
    async close() {
      await engine.close();
      await store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function nameOf(run: RunKey): string {
  return `${run.group}/${run.task}/${run.attempt}`;
}

/** One attempt of a task of group `job` with nothing special. */
export function runSpec(task: string, commandLine: string, more: Partial<RunSpec> = {}): RunSpec {
  return {
    owner: 'acme',
    group: 'job',
    task,
    attempt: 1,
    slots: 1,
    commandLine,
    environment: [],
    resourceFiles: [],
    directory: `workitems/job/job-1/${task}`,
    ...more,
  };
}
