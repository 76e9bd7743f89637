import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { BatchWorld, poolBody } from './test-world.ts';

let world: BatchWorld;
beforeEach(async () => {
  world = await BatchWorld.open();
});
afterEach(() => world.close());

const add = (id: string, more = {}) => world.ask('POST', '/pools', { body: poolBody(id, more) });

test('a new pool answers 201 with where it is, and resizes until its nodes are there', async () => {
  const made = await add('Pool1', { targetDedicatedNodes: '2', resizeTimeout: 'PT20M00S' });
  assert.equal(made.status, 201);
  assert.equal(made.text, '');
  const url = 'https://contoso.westeurope.batch.azure.com/pools/Pool1';
  assert.equal(made.headers['Location'], url);
  assert.equal(made.headers['DataServiceId'], url);
  const young = await world.ask('GET', '/pools/pool1');
  assert.equal(young.json.id, 'Pool1');
  assert.equal(young.headers['ETag'], made.headers['ETag']);
  assert.equal(young.json.eTag, made.headers['ETag']);
  assert.deepEqual(
    [young.json.allocationState, young.json.currentDedicatedNodes, young.json.targetDedicatedNodes],
    ['resizing', 0, 2],
  );
  assert.equal(young.json.resizeTimeout, 'PT20M');
  assert.equal(young.json.vmSize, 'standard_d2s_v3');
  const nodes = await world.ask('GET', '/pools/pool1/nodes');
  assert.deepEqual(
    nodes.json.value.map((node: { state: string }) => node.state),
    ['creating', 'creating'],
  );
  assert.match(nodes.json.value[0].id, /^tvmps_[0-9a-f]{64}_d$/);
  await world.engine.bringUp();
  const steady = await world.ask('GET', '/pools/pool1');
  assert.deepEqual([steady.json.allocationState, steady.json.currentDedicatedNodes], ['steady', 2]);
  assert.equal(steady.json.eTag, young.json.eTag, 'what the service does moves no ETag');
  assert.equal((await world.ask('HEAD', '/pools/POOL1')).headers['ETag'], young.json.eTag);
});

const refusals: readonly (readonly [
  name: string,
  body: unknown,
  status: number,
  code: string,
  value: string,
])[] = [
  [
    'an unknown size',
    poolBody('p', { vmSize: 'standard_z99' }),
    400,
    'InvalidPropertyValue',
    'vmSize',
  ],
  ['a bad id', poolBody('a b'), 400, 'InvalidPropertyValue', 'id'],
  ['no id', { ...poolBody('p'), id: null }, 400, 'MissingRequiredProperty', 'id'],
  [
    'no machine',
    { id: 'p', vmSize: 'standard_d2s_v3' },
    400,
    'MissingRequiredProperty',
    'virtualMachineConfiguration',
  ],
  [
    'a negative target',
    poolBody('p', { targetDedicatedNodes: -1 }),
    400,
    'InvalidPropertyValue',
    'targetDedicatedNodes',
  ],
  [
    'a short resize timeout',
    poolBody('p', { resizeTimeout: 'PT1M' }),
    400,
    'InvalidPropertyValue',
    'resizeTimeout',
  ],
  [
    'too many slots',
    poolBody('p', { taskSlotsPerNode: 9 }),
    400,
    'InvalidPropertyValue',
    'taskSlotsPerNode',
  ],
  [
    'a property of no api-version',
    poolBody('p', { colour: 'red' }),
    400,
    'InvalidRequestBody',
    'Reason',
  ],
  [
    'a start task',
    poolBody('p', { startTask: { commandLine: 'x' } }),
    501,
    'NotImplemented',
    'startTask',
  ],
  ['autoscale', poolBody('p', { enableAutoScale: true }), 501, 'NotImplemented', 'enableAutoScale'],
  [
    'spot nodes',
    poolBody('p', { targetLowPriorityNodes: 1 }),
    501,
    'NotImplemented',
    'targetLowPriorityNodes',
  ],
  [
    'packing',
    poolBody('p', { taskSchedulingPolicy: { nodeFillType: 'pack' } }),
    501,
    'NotImplemented',
    'nodeFillType Pack',
  ],
];

for (const [name, body, status, code, value] of refusals) {
  test(`a pool with ${name} is refused with ${code}, and there is none`, async () => {
    const answer = await world.ask('POST', '/pools', { body });
    assert.deepEqual([answer.status, answer.json.code], [status, code], answer.text);
    const named = answer.json.values.flatMap((one: { key: string; value: string }) => [
      one.key,
      one.value,
    ]);
    assert.ok(named.includes(value), answer.text);
    assert.deepEqual(await world.rows(), { pool: 0, node: 0, job: 0, task: 0 });
  });
}

test('an image that Azure does not have is refused in its recorded words', async () => {
  const virtualMachineConfiguration = {
    imageReference: { publisher: 'a', offer: 'b', sku: 'c' },
    nodeAgentSKUId: 'batch.node.windows amd64',
  };
  const answer = await add('p', { virtualMachineConfiguration });
  assert.equal(answer.status, 400);
  assert.deepEqual(answer.json.values, [
    { key: 'PropertyName', value: 'imageReference' },
    {
      key: 'Reason',
      value: 'The specified imageReference with publisher a offer b sku c is not supported.',
    },
  ]);
});

test('values that say what Azure does anyway are accepted', async () => {
  const defaults = {
    enableAutoScale: false,
    targetLowPriorityNodes: 0,
    certificateReferences: [],
    applicationPackageReferences: [],
    startTask: null,
    taskSchedulingPolicy: { nodeFillType: 'spread' },
  };
  assert.equal((await add('p', defaults)).status, 201);
  const pool = await world.ask('GET', '/pools/p');
  assert.deepEqual(pool.json.certificateReferences, []);
  assert.equal('applicationPackageReferences' in pool.json, false);
  const later = await world.ask('GET', '/pools/p', { version: '2025-06-01' });
  assert.equal(
    'certificateReferences' in later.json,
    false,
    'a later api-version has no certificates',
  );
});

test('the core quota is a resize error once the pool is steady, not a refusal', async () => {
  assert.equal((await add('big', { targetDedicatedNodes: 11 })).status, 201);
  const resizing = await world.ask('GET', '/pools/big');
  assert.equal('resizeErrors' in resizing.json, false);
  await world.engine.bringUp();
  const steady = await world.ask('GET', '/pools/big');
  assert.equal(steady.json.currentDedicatedNodes, 10);
  assert.equal(steady.json.targetDedicatedNodes, 11);
  assert.equal(steady.json.resizeErrors[0].code, 'AccountCoreQuotaReached');
});

test('a pool id is taken in any case, and the pool quota counts', async () => {
  await world.close();
  world = await BatchWorld.open({ poolQuota: 1 });
  await add('one');
  assert.equal((await add('ONE')).json.code, 'PoolExists');
  assert.equal((await add('two')).json.code, 'PoolQuotaReached');
  assert.equal((await world.rows())['pool'], 1);
});

test('a steady pool is resized up and down; one that resizes is not', async () => {
  await add('p', { targetDedicatedNodes: 1 });
  const resize = (body: unknown) => world.ask('POST', '/pools/p/resize', { body });
  assert.equal((await resize({ targetDedicatedNodes: 3 })).json.code, 'PoolBeingResized');
  await world.engine.bringUp();
  const before = (await world.ask('GET', '/pools/p')).json;
  const up = await resize({ targetDedicatedNodes: '3' });
  assert.equal(up.status, 202);
  assert.equal(
    up.headers['DataServiceId'],
    'https://contoso.westeurope.batch.azure.com/pools/p/resize',
  );
  assert.notEqual(up.headers['ETag'], before.eTag);
  await world.engine.bringUp();
  assert.equal((await world.ask('GET', '/pools/p')).json.currentDedicatedNodes, 3);
  assert.equal((await resize({ targetDedicatedNodes: 1 })).status, 202);
  const counts = await world.ask('GET', '/nodecounts');
  assert.deepEqual(
    [counts.json.value[0].dedicated.idle, counts.json.value[0].dedicated.leavingPool],
    [1, 2],
  );
  await world.engine.takeDown();
  const down = (await world.ask('GET', '/pools/p')).json;
  assert.deepEqual([down.allocationState, down.currentDedicatedNodes], ['steady', 1]);
  assert.equal((await resize({})).json.code, 'MissingRequiredProperty');
  const option = { targetDedicatedNodes: 0, nodeDeallocationOption: 'taskCompletion' };
  assert.equal((await resize(option)).status, 501);
});

test('stopping a resize gives up the nodes that were not made and keeps the target', async () => {
  await add('p', { targetDedicatedNodes: 2 });
  const stopped = await world.ask('POST', '/pools/p/stopresize');
  assert.equal(stopped.status, 202);
  assert.equal((await world.ask('GET', '/pools/p')).json.allocationState, 'stopping');
  await world.engine.takeDown();
  const pool = (await world.ask('GET', '/pools/p')).json;
  assert.deepEqual(
    [pool.allocationState, pool.targetDedicatedNodes, pool.currentDedicatedNodes],
    ['steady', 2, 0],
  );
  assert.equal(pool.resizeErrors[0].code, 'ResizeStopped');
  const again = await world.ask('POST', '/pools/p/stopresize');
  assert.deepEqual(
    [again.status, again.headers['ETag']],
    [202, pool.eTag],
    'nothing to stop changes nothing',
  );
});

test('a resize that takes longer than its timeout gives up the nodes that did not come', async () => {
  await add('p', { targetDedicatedNodes: 2, resizeTimeout: 'PT5M' });
  const [first] = world.engine.nodes.values();
  assert.ok(first);
  await world.engine.tell(first, { state: 'ready' });
  await world.sweep(299);
  assert.equal(world.engine.leaving.length, 0);
  await world.sweep(1);
  await world.engine.takeDown();
  const pool = (await world.ask('GET', '/pools/p')).json;
  assert.deepEqual([pool.allocationState, pool.currentDedicatedNodes], ['steady', 1]);
  assert.equal(pool.resizeErrors[0].code, 'AllocationTimedout');
});

test('a resize that is done in time has no timeout left', async () => {
  await add('p', { targetDedicatedNodes: 1, resizeTimeout: 'PT5M' });
  await world.engine.bringUp();
  await world.sweep(301);
  const pool = (await world.ask('GET', '/pools/p')).json;
  assert.deepEqual([pool.currentDedicatedNodes, pool.resizeErrors], [1, undefined]);
});

test('a node that cannot be made ends the resize with an error', async () => {
  await add('p', { targetDedicatedNodes: 1 });
  const [node] = world.engine.nodes.values();
  assert.ok(node);
  await world.engine.tell(node, { state: 'lost' });
  const pool = (await world.ask('GET', '/pools/p')).json;
  assert.deepEqual(
    [pool.allocationState, pool.resizeErrors[0].code],
    ['steady', 'AllocationFailed'],
  );
  assert.equal((await world.ask('GET', '/pools/p/nodes')).json.value[0].state, 'unusable');
});

test('a node that is not heard of is unknown until it is heard again', async () => {
  await add('p', { targetDedicatedNodes: 1 });
  await world.engine.bringUp();
  const [node] = world.engine.nodes.values();
  assert.ok(node);
  await world.engine.tell(node, { state: 'lost' });
  const get = () => world.ask('GET', `/pools/p/nodes/${node.node}`);
  assert.equal((await get()).json.state, 'unknown');
  await world.engine.tell(node, { state: 'ready' });
  assert.equal((await get()).json.state, 'idle');
  assert.equal((await get()).headers['ETag'], undefined, 'nodes have no ETag');
  assert.equal((await world.ask('GET', '/pools/p/nodes/none')).json.code, 'NodeNotFound');
  assert.equal((await world.ask('GET', '/pools/none/nodes')).json.code, 'PoolNotFound');
});

test('a deleted pool is deleting until its nodes are gone, and then not found', async () => {
  await add('p', { targetDedicatedNodes: 1 });
  await world.engine.bringUp();
  const deleted = await world.ask('DELETE', '/pools/p');
  assert.deepEqual(
    [deleted.status, deleted.headers['ETag'], deleted.headers['DataServiceId']],
    [202, undefined, undefined],
  );
  assert.equal((await world.ask('GET', '/pools/p')).json.state, 'deleting');
  assert.equal((await world.ask('DELETE', '/pools/p')).json.code, 'PoolBeingDeleted');
  assert.equal((await add('p')).json.code, 'PoolBeingDeleted');
  await world.engine.takeDown();
  assert.equal((await world.ask('GET', '/pools/p')).json.code, 'PoolNotFound');
  assert.equal((await world.ask('DELETE', '/pools/p')).json.code, 'PoolNotFound');
});

test('a patch changes what it names and needs its condition met', async () => {
  await add('p', { metadata: [{ name: 'a', value: '1' }] });
  const before = (await world.ask('GET', '/pools/p')).json;
  const body = { metadata: [{ name: 'foo', value: 'bar' }] };
  const refused = await world.ask('PATCH', '/pools/p', { body, headers: { 'if-match': '0x1' } });
  assert.deepEqual([refused.status, refused.json.code], [412, 'ConditionNotMet']);
  assert.deepEqual((await world.ask('GET', '/pools/p')).json, before);
  const patched = await world.ask('PATCH', '/pools/p', {
    body,
    headers: { 'if-match': before.eTag },
  });
  assert.equal(patched.status, 200);
  const now = (await world.ask('GET', '/pools/p')).json;
  assert.deepEqual(now.metadata, body.metadata);
  assert.equal(now.eTag, patched.headers['ETag']);
  assert.equal(now.taskSlotsPerNode, before.taskSlotsPerNode);
  assert.deepEqual(Object.keys(now), Object.keys(before));
});

test('select shows what it names, and a read with its own ETag is not modified', async () => {
  await add('p');
  const pool = await world.ask(
    'GET',
    '/pools/p?$select=allocationState,%20targetLowPriorityNodes,taskSlotsPerNode',
  );
  assert.deepEqual(Object.keys(pool.json), [
    'odata.metadata',
    'allocationState',
    'targetLowPriorityNodes',
    'taskSlotsPerNode',
  ]);
  const etag = pool.headers['ETag'] ?? '';
  const again = await world.ask('GET', '/pools/p', { headers: { 'if-none-match': etag } });
  assert.deepEqual([again.status, again.text], [304, '']);
});

test('supported images can be filtered, and come with everything that Azure says of them', async () => {
  const all = await world.ask('GET', '/supportedimages');
  assert.equal(all.json.value.length, 59);
  assert.deepEqual(Object.keys(all.json.value[0]), [
    'imageReference',
    'verificationType',
    'nodeAgentSKUId',
    'batchSupportEndOfLife',
    'osType',
  ]);
  const linux = await world.ask(
    'GET',
    "/supportedimages?$filter=verificationType%20eq%20'verified'%20and%20osType%20eq%20'linux'",
  );
  assert.ok(linux.json.value.length > 0 && linux.json.value.length < 59);
});

test('node counts know one pool, and the counters of the api-version', async () => {
  await add('p1');
  await add('p2');
  const one = await world.ask('GET', "/nodecounts?$filter=poolId%20eq%20'P2'");
  assert.deepEqual(
    one.json.value.map((pool: { poolId: string }) => pool.poolId),
    ['p2'],
  );
  assert.equal('upgradingOS' in one.json.value[0].dedicated, true);
  const old = await world.ask('GET', '/nodecounts', { version: '2022-10-01.16.0' });
  assert.equal('upgradingOS' in old.json.value[0].dedicated, false);
  const many = await world.ask('GET', '/nodecounts?maxresults=11');
  assert.equal(many.json.code, 'InvalidQueryParameterValue');
});
