import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '#kernel/log.ts';
import { openSweep } from './sweep.ts';
import { BatchWorld } from './test-world.ts';

test('a sweep that is woken does what is due, and one that is closed does nothing more', async () => {
  const world = await BatchWorld.open();
  await world.surface.close();
  const body = { id: 'j', poolInfo: { poolId: 'p' }, onAllTasksComplete: 'terminatejob' };
  await world.ask('POST', '/jobs', { body });
  const { store, engine, seal, clock } = world;
  const sweep = openSweep({ store, engine, seal, clock, log: silentLog });
  const state = async () => (await world.ask('GET', '/jobs/j')).json.state;
  world.clock.advanceSeconds(5);
  sweep.wake();
  const deadline = performance.now() + 10_000;
  while ((await state()) === 'active' && performance.now() < deadline) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await state(), 'completed');
  await sweep.close();
  await world.ask('POST', '/jobs', { body: { ...body, id: 'k' } });
  world.clock.advanceSeconds(5);
  sweep.wake();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await world.ask('GET', '/jobs/k')).json.state, 'active');
  await world.close();
});
