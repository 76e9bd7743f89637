import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { batchOperations } from './surface.ts';
import { type Answer, type Ask, BatchWorld, poolBody } from './test-world.ts';

interface RecordedEntity {
  readonly name: string;
  readonly path: string;
  readonly body: unknown;
}

type RecordedHeaders = Readonly<
  Record<string, { readonly status: number } & Readonly<Record<string, boolean>>>
>;

const vectors = join(import.meta.dirname, '..', '..', 'test', 'vectors');
const read = (file: string) => JSON.parse(readFileSync(join(vectors, file), 'utf8'));
const { entities } = read('batch-entities.json') as { entities: readonly RecordedEntity[] };
const { operations: headers } = read('batch-headers.json') as { operations: RecordedHeaders };

/**
 * What the recordings hold and nothing on one machine stands behind, or what only comes back when
 * it is sent.
 */
const without = new Set([
  'certificateReferences',
  'virtualMachineInfo.imageReference.exactVersion',
]);

let world: BatchWorld;
before(async () => {
  world = await BatchWorld.open();
  await world.ask('POST', '/pools', { body: poolBody('p', { targetDedicatedNodes: 1 }) });
  await world.engine.bringUp();
  await world.ask('POST', '/jobs', { body: { id: 'empty', poolInfo: { poolId: 'p' } } });
  await world.ask('POST', '/jobs', { body: { id: 'j', poolInfo: { poolId: 'p' } } });
  const value = ['active', 'terminated', 'missing'].map((id) => ({ id, commandLine: 'x' }));
  await world.ask('POST', '/jobs/j/addtaskcollection', { body: { value } });
  await world.ask('POST', '/jobs/j/tasks/terminated/terminate');
  await world.engine.start('missing');
  await world.engine.end('missing', { kind: 'notStarted', problem: 'programNotFound', text: '' });
  world.engine.files.set('workitems/j/job-1/missing/stdout.txt', '');
  world.engine.files.set('workitems/j/job-1/missing/wd/x', '');
});
after(() => world.close());

const ours: Readonly<
  Record<string, (get: (path: string) => Promise<unknown>) => Promise<unknown>>
> = {
  pool: (get) => get('/pools/p'),
  'task-active': (get) => get('/jobs/j/tasks/active'),
  'task-terminated': (get) => get('/jobs/j/tasks/terminated'),
  'task-missing': (get) => get('/jobs/j/tasks/missing'),
  node: (get) => get(`/pools/p/nodes/${[...world.engine.nodes.keys()][0]}`),
  files: (get) => get('/jobs/j/tasks/missing/files'),
  nodecounts: (get) => get('/nodecounts'),
  taskcounts: (get) => get('/jobs/empty/taskcounts'),
  job: async (get) => {
    const { value } = (await get('/jobs')) as { value: readonly unknown[] };
    return value[0];
  },
};

for (const { name, path, body } of entities) {
  test(`${name} has the properties that were recorded, in their order`, async () => {
    const make = ours[path];
    assert.ok(make);
    const found = await make(async (url) => (await world.ask('GET', url)).json);
    assert.deepEqual(
      namesOf(found),
      namesOf(body).filter((one) => !without.has(one)),
    );
  });
}

test('no answer holds a null, and dates end without zeros', async () => {
  for (const path of ['/pools', '/jobs', '/jobs/j/tasks', '/pools/p/nodes']) {
    const { text } = await world.ask('GET', path);
    assert.ok(!text.includes('null'), path);
    assert.ok(!/\.\d*0Z"/.test(text), path);
  }
});

/** One successful call of every operation that is built, in an order in which each can succeed. */
function calls(): readonly (readonly [id: string, method: string, path: string, ask?: Ask])[] {
  const [node] = world.engine.nodes.keys();
  const job = { id: 'k', poolInfo: { poolId: 'q' } };
  const task = { id: 't', commandLine: 'x' };
  const patch = { body: { metadata: [] } };
  return [
    ['Pool_Add', 'POST', '/pools', { body: poolBody('q', { targetDedicatedNodes: 0 }) }],
    ['Pool_Get', 'GET', '/pools/q'],
    ['Pool_List', 'GET', '/pools'],
    ['Pool_Exists', 'HEAD', '/pools/q'],
    ['Pool_Patch', 'PATCH', '/pools/q', patch],
    ['Pool_Resize', 'POST', '/pools/q/resize', { body: { targetDedicatedNodes: 1 } }],
    ['Pool_StopResize', 'POST', '/pools/q/stopresize'],
    ['Pool_Delete', 'DELETE', '/pools/q'],
    ['ComputeNode_List', 'GET', '/pools/p/nodes'],
    ['ComputeNode_Get', 'GET', `/pools/p/nodes/${node}`],
    ['Account_ListPoolNodeCounts', 'GET', '/nodecounts'],
    ['Account_ListSupportedImages', 'GET', '/supportedimages'],
    ['Job_Add', 'POST', '/jobs', { body: job }],
    ['Job_Get', 'GET', '/jobs/k'],
    ['Job_List', 'GET', '/jobs'],
    ['Job_Patch', 'PATCH', '/jobs/k', patch],
    ['Job_Update', 'PUT', '/jobs/k', { body: { poolInfo: { poolId: 'q' } } }],
    ['Job_GetTaskCounts', 'GET', '/jobs/k/taskcounts'],
    ['Task_Add', 'POST', '/jobs/k/tasks', { body: task }],
    ['Task_AddCollection', 'POST', '/jobs/k/addtaskcollection', { body: { value: [task] } }],
    ['Task_Get', 'GET', '/jobs/k/tasks/t'],
    ['Task_List', 'GET', '/jobs/k/tasks'],
    ['Task_Update', 'PUT', '/jobs/k/tasks/t', { body: {} }],
    ['Task_Terminate', 'POST', '/jobs/k/tasks/t/terminate'],
    ['Task_Delete', 'DELETE', '/jobs/k/tasks/t'],
    ['File_ListFromTask', 'GET', '/jobs/j/tasks/missing/files'],
    ['File_GetFromTask', 'GET', '/jobs/j/tasks/missing/files/stdout.txt'],
    ['File_GetPropertiesFromTask', 'HEAD', '/jobs/j/tasks/missing/files/stdout.txt'],
    ['Job_Terminate', 'POST', '/jobs/k/terminate'],
    ['Job_Delete', 'DELETE', '/jobs/k'],
  ];
}

test('every operation succeeds with the status and the headers that were recorded', async () => {
  const built = batchOperations.filter(({ handler }) => handler !== undefined).map(({ id }) => id);
  assert.deepEqual(
    calls()
      .map(([id]) => id)
      .sort(),
    built.toSorted(),
  );
  for (const [id, method, path, ask] of calls()) {
    const recorded = headers[id];
    assert.ok(recorded, id);
    const answer = await world.ask(method, path, ask);
    const { status, samples: _samples, ...present } = recorded;
    assert.equal(answer.status, status, `${id} ${answer.text}`);
    const names = Object.keys(present);
    const found = Object.fromEntries(names.map((name) => [name, has(answer, name)]));
    assert.deepEqual(found, present, id);
  }
});

function has(answer: Answer, name: string): boolean {
  return answer.headers[name] !== undefined;
}

/**
 * The names of all properties, nested ones with their path, in the order in which they stand. Of a
 * list, its first item speaks.
 */
function namesOf(value: unknown, path = ''): readonly string[] {
  if (Array.isArray(value)) return value.length === 0 ? [] : namesOf(value[0], path);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const full = path === '' ? name : `${path}.${name}`;
    return [full, ...namesOf(item, full)];
  });
}
