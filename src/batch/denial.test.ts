import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { batchOperations } from './surface.ts';
import { bearerProblemFixtures } from './test-callers.ts';
import { type Ask, BatchWorld } from './test-world.ts';

let world: BatchWorld;
before(async () => {
  world = await BatchWorld.open();
  for (const [name, problem] of bearerProblemFixtures) world.refuse(name, problem);
  world.grant('reader', { actions: ['Microsoft.Batch/batchAccounts/read'] });
  world.grant('keeper', { actions: ['Microsoft.Batch/batchAccounts/listKeys/action'] });
  world.grant('sibling', 'Owner', '/subscriptions/s1/resourceGroups/rg10');
  for (const { permission } of batchOperations) {
    if (permission === 'anonymous') continue;
    for (const { action, plane } of permission.documented) {
      world.grant(action, plane === 'data' ? { dataActions: [action] } : { actions: [action] });
      world.grant(
        `wrong plane ${action}`,
        plane === 'data' ? { actions: [action] } : { dataActions: [action] },
      );
    }
  }
});
after(() => world.close());

test('no operation of the Batch service is anonymous', () => {
  assert.ok(batchOperations.length >= 80);
  assert.ok(batchOperations.every(({ permission }) => permission !== 'anonymous'));
});

for (const operation of batchOperations) {
  const { id, method, permission, bodyKind } = operation;
  const [needed] = permission === 'anonymous' ? [] : permission.documented;
  const version = operation.until ?? '2025-06-01';
  const path = operation.path.replaceAll(/\{\w+\}/g, 'x1');
  const body = bodyKind === 'json' ? { body: {} } : {};
  const isRead = method === 'GET' || method === 'HEAD';
  const send = (ask: Ask) => world.ask(method, path, { ...body, version, ...ask });

  test(`${id} refuses whoever may not: nobody, strangers, bad tokens, no role, the wrong plane, a sibling scope`, async () => {
    const rows = await world.rows();
    assert.equal((await send({ as: 'nobody' })).status, 401);
    for (const [name] of bearerProblemFixtures)
      assert.equal((await send({ as: name })).status, 401);
    assert.equal((await send({ as: 'stranger' })).status, 401);
    for (const as of ['no-role', 'sibling', `wrong plane ${needed?.action}`]) {
      const answer = await send({ as });
      assert.equal(answer.status, 403, as);
      if (method !== 'HEAD') assert.equal(answer.json.code, 'AuthorizationFailure');
    }
    if (!isRead) assert.equal((await send({ as: 'reader' })).status, 403);
    assert.deepEqual(await world.rows(), rows);
  });

  test(`${id} lets in ${needed?.action}${isRead ? ', whoever may read the account' : ''} and whoever may list its keys`, async () => {
    const admitted = [needed?.action ?? '', 'keeper', 'key', ...(isRead ? ['reader'] : [])];
    for (const as of admitted) {
      const { status } = await send({ as });
      assert.ok(status !== 401 && status !== 403, `${as}: ${status}`);
      if (operation.handler === undefined) assert.equal(status, 501, as);
    }
  });

  test(`${id} wants an api-version before it wants to know who asks`, async () => {
    const answer = await world.send(method, path, { ...body, as: 'nobody' });
    assert.equal(answer.status, 400);
    const unknown = await send({ as: 'nobody', version: '2099-01-01.9.0' });
    assert.equal(unknown.status, 400);
    if (method === 'HEAD') return;
    assert.equal(answer.json.code, 'MissingRequiredQueryParameter');
    assert.deepEqual(answer.json.values, [{ key: 'QueryParameterName', value: 'api-version' }]);
    assert.equal(unknown.json.code, 'UnsupportedRequestVersion');
  });
}

test('a version of Resource Manager is no value for the api-version of Batch', async () => {
  for (const version of ['2099-01-01', 'latest', '2022-10-01']) {
    const answer = await world.ask('GET', '/jobs', { as: 'nobody', version });
    assert.equal(answer.status, 400);
    assert.equal(answer.json.code, 'InvalidQueryParameterValue');
    assert.deepEqual(answer.json.values.slice(0, 2), [
      { key: 'QueryParameterName', value: 'api-version' },
      { key: 'QueryParameterValue', value: version },
    ]);
  }
});

test('an operation is not there in api-versions that do not have it', async () => {
  const certificates = await world.ask('GET', '/certificates', { version: '2025-06-01' });
  assert.equal(certificates.json.code, 'InvalidUri');
  const start = await world.ask('POST', '/pools/p/nodes/n/start', { version: '2024-02-01.19.0' });
  assert.equal(start.json.code, 'InvalidUri');
});

test('a job that brings its own pool needs the right to write pools too', async () => {
  const jobs = 'Microsoft.Batch/batchAccounts/jobs/write';
  const pools = 'Microsoft.Batch/batchAccounts/pools/write';
  world.grant('both', { dataActions: [jobs], actions: [pools] });
  const poolInfo = { autoPoolSpecification: { poolLifetimeOption: 'job' } };
  const body = { id: 'auto', poolInfo };
  assert.equal((await world.ask('POST', '/jobs', { body, as: jobs })).status, 403);
  assert.equal(
    (await world.ask('POST', '/jobs', { body, as: 'both' })).json.code,
    'NotImplemented',
  );
  assert.equal((await world.ask('POST', '/jobs', { body, as: 'keeper' })).status, 501);
  const schedule = { id: 's', jobSpecification: { poolInfo } };
  const schedules = 'Microsoft.Batch/batchAccounts/jobSchedules/write';
  assert.equal(
    (await world.ask('POST', '/jobschedules', { body: schedule, as: schedules })).status,
    403,
  );
});
