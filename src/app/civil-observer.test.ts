import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EngineObserver } from '#engine/engine.ts';
import type { CivilTime } from '#kernel/clock.ts';
import { instant } from '#kernel/instant.ts';
import type { WriteTransaction } from '#store/store.ts';
import { inCivilTime } from './civil-observer.ts';

const node = { owner: 'contoso', pool: 'pool', node: 'node' };
const run = { id: 'run', epoch: 1, attempt: 1 } as never;
const tx = {} as WriteTransaction;

/** What an observer is told of everything that happened at real instants 100 and 200. */
async function told(civil: CivilTime): Promise<readonly unknown[]> {
  const heard: unknown[] = [];
  const observer: EngineObserver = {
    nodeChanged: async (_tx, _node, change) => void heard.push(change.at),
    runStarted: async (_tx, _run, start) => void heard.push(start.at),
    runEnded: async (_tx, _run, end) => void heard.push(end.startedAt, end.at),
  };
  const dated = inCivilTime(observer, { civilTime: () => civil });
  const [started, ended] = [instant(100), instant(200)];
  await dated.nodeChanged(tx, node, { state: 'gone', at: started });
  await dated.runStarted(tx, run, { node, at: started });
  const outcome = { kind: 'exited', exitCode: 0 } as never;
  await dated.runEnded(tx, run, { node, startedAt: started, at: ended, outcome });
  await dated.runEnded(tx, run, { node, at: ended, outcome });
  return heard;
}

test('what the engine dates is told in civil time', async () => {
  const ahead = { kind: 'moving', aheadMicroseconds: 1000 } as const;
  assert.deepEqual(await told(ahead), [1100, 1100, 1100, 1200, undefined, 1200]);
  const frozen = { kind: 'frozen', at: instant(5) } as const;
  assert.deepEqual(await told(frozen), [5, 5, 5, 5, undefined, 5]);
});
