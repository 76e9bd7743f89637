import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findAccount } from './account.store.ts';
import { accountContentDeletion } from './account-content.ts';
import { BatchWorld, poolBody } from './test-world.ts';

/** Two accounts, each with a pool, a job and a task; `contoso` is the one that goes. */
async function world(): Promise<BatchWorld> {
  const made = await BatchWorld.open();
  await made.account({ name: 'kept', resourceId: '/subscriptions/s1/kept' });
  for (const account of ['contoso', 'kept']) {
    const asks = [
      ['/pools', poolBody('p', { targetDedicatedNodes: 1 })],
      ['/jobs', { id: 'j', poolInfo: { poolId: 'p' } }],
      ['/jobs/j/tasks', { id: 't', commandLine: 'true' }],
    ] as const;
    for (const [path, body] of asks) {
      assert.equal((await made.ask('POST', path, { body, account })).status, 201);
    }
  }
  return made;
}

test("an account's jobs, tasks and pools go with it, and another account's stay", async () => {
  const made = await world();
  const onAccountDeleted = accountContentDeletion(made);
  await made.store.write(async (tx) => {
    const account = await findAccount(tx, 'Contoso');
    assert.ok(account);
    await onAccountDeleted(tx, account);
  });
  assert.deepEqual(
    made.engine.removedGroups.map(({ owner }) => owner),
    ['contoso'],
  );
  assert.deepEqual(
    made.engine.leaving.map(({ owner }) => owner),
    ['contoso'],
  );
  await made.sweep();
  assert.equal((await made.ask('GET', '/jobs/j')).status, 404);
  assert.equal((await made.ask('GET', '/pools/p')).json.state, 'deleting');
  assert.equal((await made.ask('GET', '/jobs/j/tasks/t', { account: 'kept' })).status, 200);
  assert.equal((await made.ask('GET', '/pools/p', { account: 'kept' })).json.state, 'active');
  await made.close();
});
