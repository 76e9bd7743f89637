import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { BatchWorld, poolBody } from './test-world.ts';

let world: BatchWorld;
beforeEach(async () => {
  world = await BatchWorld.open();
  await world.ask('POST', '/pools', { body: poolBody('p', { targetDedicatedNodes: 1 }) });
  await world.engine.bringUp();
});
afterEach(() => world.close());

const add = (id: string, more = {}) =>
  world.ask('POST', '/jobs', { body: { id, poolInfo: { poolId: 'p' }, ...more } });
const get = async (id: string) => (await world.ask('GET', `/jobs/${id}`)).json;
const addTask = (job: string, id: string, more = {}) =>
  world.ask('POST', `/jobs/${job}/tasks`, { body: { id, commandLine: 'true', ...more } });

test('a new job answers with job-1 whatever its id, and is at work at once', async () => {
  const made = await add('MyJob', { displayName: 'mine', priority: '7', maxParallelTasks: 2 });
  assert.equal(made.status, 201);
  const url = 'https://contoso.westeurope.batch.azure.com/jobs/job-1';
  assert.deepEqual([made.headers['Location'], made.headers['DataServiceId']], [url, url]);
  const job = await get('myjob');
  assert.deepEqual([job.id, job.priority, job.maxParallelTasks], ['MyJob', 7, 2]);
  assert.equal(job.eTag, made.headers['ETag']);
  const [group] = [...world.engine.groups.values()];
  assert.deepEqual([group?.pool, group?.priority, group?.parallelMax], ['p', 7, 2]);
});

test('a job may name a pool that does not exist', async () => {
  assert.equal((await add('j', { poolInfo: { poolId: 'later' } })).status, 201);
});

const refusals: readonly (readonly [
  name: string,
  body: Readonly<Record<string, unknown>>,
  status: number,
  code: string,
])[] = [
  ['a bad id', { id: 'a/b' }, 400, 'InvalidPropertyValue'],
  ['an id of 65 characters', { id: 'a'.repeat(65) }, 400, 'InvalidPropertyValue'],
  ['no pool', { poolInfo: null }, 400, 'MissingRequiredProperty'],
  ['an empty pool', { poolInfo: {} }, 400, 'MissingRequiredProperty'],
  ['a priority of 1001', { priority: 1001 }, 400, 'InvalidPropertyValue'],
  ['no parallel tasks', { maxParallelTasks: 0 }, 400, 'InvalidPropertyValue'],
  ['a bad word', { onAllTasksComplete: 'badValue' }, 400, 'InvalidPropertyValue'],
  ['metadata without a name', { metadata: [{ name: '', value: 'b' }] }, 400, 'EmptyMetadataKey'],
  ['a property that no job has', { color: 1 }, 400, 'InvalidRequestBody'],
  ['a job manager', { jobManagerTask: { id: 'm', commandLine: 'x' } }, 501, 'NotImplemented'],
  ['a preparation task', { jobPreparationTask: { commandLine: 'x' } }, 501, 'NotImplemented'],
  ['task failure actions', { onTaskFailure: 'performExitOptionsJobAction' }, 501, 'NotImplemented'],
  [
    'a pool of its own',
    { poolInfo: { autoPoolSpecification: { poolLifetimeOption: 'job' } } },
    501,
    'NotImplemented',
  ],
];

for (const [name, more, status, code] of refusals) {
  test(`a job with ${name} is refused with ${code}, and there is none`, async () => {
    const answer = await add('j', more);
    assert.deepEqual([answer.status, answer.json.code], [status, code], answer.text);
    assert.equal((await world.rows())['job'], 0);
  });
}

test('a bad word is answered with property, value and reason, as recorded', async () => {
  await add('j');
  const answer = await world.ask('PATCH', '/jobs/j', { body: { onAllTasksComplete: 'badValue' } });
  assert.deepEqual(answer.json.values, [
    { key: 'PropertyName', value: 'onAllTasksComplete' },
    { key: 'PropertyValue', value: 'badValue' },
    {
      key: 'Reason',
      value: 'The value provided for one of the properties in the request body is invalid.',
    },
  ]);
});

test('a job id is taken in any case, and the quota counts jobs that are not completed', async () => {
  await world.close();
  world = await BatchWorld.open({ activeJobAndJobScheduleQuota: 1 });
  await add('j');
  assert.equal((await add('k')).json.code, 'ActiveJobAndScheduleQuotaReached');
  await world.ask('POST', '/jobs/j/terminate');
  assert.equal((await add('J')).json.code, 'JobExists');
  assert.equal((await add('k')).status, 201);
});

test('a replaced job gets defaults for what is left out, a patched one keeps it', async () => {
  await add('j', {
    priority: 5,
    metadata: [{ name: 'a', value: 'b' }],
    constraints: { maxTaskRetryCount: 5 },
  });
  const patched = await world.ask('PATCH', '/jobs/j', { body: { priority: 6 } });
  assert.equal(patched.status, 200);
  let job = await get('j');
  assert.deepEqual(
    [job.priority, job.metadata, job.constraints.maxTaskRetryCount],
    [6, [{ name: 'a', value: 'b' }], 5],
  );
  assert.equal([...world.engine.groups.values()][0]?.priority, 6);
  const stale = { 'if-match': '0x1' };
  const body = { poolInfo: { poolId: 'P' } };
  assert.equal((await world.ask('PUT', '/jobs/j', { body, headers: stale })).status, 412);
  assert.equal((await get('j')).priority, 6);
  const fresh = { 'if-match': job.eTag };
  const replaced = await world.ask('PUT', '/jobs/j', { body, headers: fresh });
  assert.deepEqual(
    [replaced.status, replaced.headers['DataServiceId']],
    [200, 'https://contoso.westeurope.batch.azure.com/jobs/j'],
  );
  job = await get('j');
  assert.deepEqual(
    [job.priority, job.metadata, job.constraints.maxTaskRetryCount],
    [0, undefined, 0],
  );
  const elsewhere = await world.ask('PATCH', '/jobs/j', { body: { poolInfo: { poolId: 'q' } } });
  assert.equal(elsewhere.json.code, 'OperationInvalidForCurrentState');
});

test('terminating a job kills what runs and leaves the rest active for ever', async () => {
  await add('j');
  await addTask('j', 'runs');
  await addTask('j', 'waits');
  await world.engine.start('runs');
  const before = await get('j');
  const ended = await world.ask('POST', '/jobs/j/terminate', {
    body: { terminateReason: 'enough' },
  });
  assert.equal(ended.status, 202);
  assert.notEqual(ended.headers['ETag'], before.eTag);
  const terminating = await get('j');
  assert.deepEqual(
    [terminating.state, terminating.executionInfo.terminateReason],
    ['terminating', 'enough'],
  );
  assert.equal((await addTask('j', 'late')).json.code, 'JobBeingTerminated');
  await world.engine.kill();
  const completed = await get('j');
  assert.deepEqual(
    [completed.state, completed.previousState, completed.eTag],
    ['completed', 'terminating', ended.headers['ETag']],
  );
  assert.ok(completed.executionInfo.endTime);
  const runs = (await world.ask('GET', '/jobs/j/tasks/runs')).json;
  assert.deepEqual([runs.state, runs.executionInfo.failureInfo.code], ['completed', 'TaskEnded']);
  assert.equal((await world.ask('GET', '/jobs/j/tasks/waits')).json.state, 'active');
  assert.equal((await addTask('j', 'late')).json.code, 'JobCompleted');
  assert.equal((await world.ask('POST', '/jobs/j/terminate')).json.code, 'JobCompleted');
  assert.equal((await world.ask('PATCH', '/jobs/j', { body: {} })).json.code, 'JobCompleted');
});

test('a job without running tasks is completed as soon as it is terminated', async () => {
  await add('j');
  await world.ask('POST', '/jobs/j/terminate');
  const job = await get('j');
  assert.deepEqual([job.state, job.executionInfo.terminateReason], ['completed', 'UserTerminate']);
});

test('a job that ends with its tasks ends with the last of them', async () => {
  await add('j', { onAllTasksComplete: 'terminateJob' });
  assert.equal((await get('j')).state, 'active', 'recorded: still active just after creation');
  await addTask('j', 't1');
  await addTask('j', 't2');
  await world.sweep(5);
  await world.engine.exit('t1', 3);
  assert.equal((await get('j')).state, 'active');
  await world.engine.exit('t2');
  const job = await get('j');
  assert.deepEqual(
    [job.state, job.executionInfo.terminateReason],
    ['completed', 'AllTasksComplete'],
  );
});

test('an empty job that ends with its tasks ends by itself, and so does one that is told so later', async () => {
  await add('empty', { onAllTasksComplete: 'terminatejob' });
  await add('later');
  await world.sweep(5);
  assert.equal((await get('empty')).state, 'completed');
  assert.equal((await get('later')).state, 'active');
  await world.ask('PATCH', '/jobs/later', { body: { onAllTasksComplete: 'terminatejob' } });
  await world.sweep(5);
  assert.equal((await get('later')).state, 'completed');
});

test('a job ends when its wall clock is over, and not before', async () => {
  await add('j', { constraints: { maxWallClockTime: 'PT1H' } });
  await addTask('j', 't');
  await world.engine.start('t');
  await world.sweep(3599);
  assert.equal((await get('j')).state, 'active');
  await world.sweep(1);
  assert.deepEqual(
    [(await get('j')).state, (await get('j')).executionInfo.terminateReason],
    ['terminating', 'MaxWallClockTimeExpiry'],
  );
  await world.engine.kill();
  assert.equal((await get('j')).state, 'completed');
});

test('a deleted job is deleting until it is gone with its tasks and their files', async () => {
  await add('j');
  await addTask('j', 'done');
  await addTask('j', 'runs');
  await world.engine.exit('done');
  await world.engine.start('runs');
  const deleted = await world.ask('DELETE', '/jobs/j');
  assert.deepEqual([deleted.status, deleted.headers['ETag']], [202, undefined]);
  assert.deepEqual(
    [(await get('j')).state, (await get('j')).previousState],
    ['deleting', 'active'],
  );
  for (const [method, path] of [
    ['DELETE', '/jobs/j'],
    ['POST', '/jobs/j/terminate'],
    ['DELETE', '/jobs/j/tasks/done'],
  ] as const) {
    assert.equal((await world.ask(method, path)).json.code, 'JobBeingDeleted');
  }
  assert.equal((await add('j')).json.code, 'JobBeingDeleted');
  await world.sweep();
  assert.equal((await get('j')).state, 'deleting', 'a task still runs');
  await world.engine.kill();
  await world.sweep(2);
  assert.equal((await get('j')).code, 'JobNotFound');
  assert.deepEqual([(await world.rows())['job'], (await world.rows())['task']], [0, 0]);
  assert.equal(world.engine.forgotten[0]?.path, 'workitems/j');
  assert.equal((await add('j')).status, 201, 'its id is free again');
  assert.equal((await addTask('j', 'runs')).status, 201, 'and so are those of its tasks');
});

test('a job of more tasks than one transaction removes is deleted bit by bit', async () => {
  await add('j');
  for (let part = 0; part < 6; part++) {
    const value = Array.from({ length: 100 }, (_, index) => ({
      id: `t${part}-${index}`,
      commandLine: 'x',
    }));
    await world.ask('POST', '/jobs/j/addtaskcollection', { body: { value } });
  }
  assert.equal((await world.rows())['task'], 600);
  await world.ask('DELETE', '/jobs/j');
  await world.sweep();
  assert.deepEqual([(await world.rows())['job'], (await world.rows())['task']], [0, 0]);
});

test('task counts come from counters, in tasks and in slots', async () => {
  await add('j');
  for (const [id, requiredSlots] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['d', 4],
  ] as const) {
    await addTask('j', id, { requiredSlots });
  }
  await world.engine.start('a');
  await world.engine.exit('b');
  await world.engine.exit('c', 9);
  const counts = (await world.ask('GET', '/jobs/j/taskcounts')).json;
  assert.deepEqual(counts.taskCounts, {
    active: 1,
    running: 1,
    completed: 2,
    succeeded: 1,
    failed: 1,
  });
  assert.deepEqual(counts.taskSlotCounts, {
    active: 4,
    running: 1,
    completed: 5,
    succeeded: 2,
    failed: 3,
  });
  await world.ask('DELETE', '/jobs/j/tasks/c');
  await world.ask('DELETE', '/jobs/j/tasks/d');
  const after = (await world.ask('GET', '/jobs/j/taskcounts')).json;
  assert.deepEqual(after.taskCounts, {
    active: 0,
    running: 1,
    completed: 1,
    succeeded: 1,
    failed: 0,
  });
  assert.equal((await world.ask('GET', '/jobs/none/taskcounts')).json.code, 'JobNotFound');
});

test('the job of one account is not there in another', async () => {
  await world.account({ name: 'other' });
  await add('j');
  const there = await world.ask('GET', '/jobs/j', { account: 'other' });
  assert.equal(there.json.code, 'JobNotFound');
  const list = await world.ask('GET', '/jobs', { account: 'other' });
  assert.deepEqual(list.json.value, []);
});

test('pages follow each other by an absolute link that keeps the query', async () => {
  for (const id of ['a', 'B', 'c', 'D', 'e']) await add(id);
  const first = await world.ask('GET', '/jobs?maxresults=2&timeout=30');
  assert.deepEqual(
    first.json.value.map((job: { id: string }) => job.id),
    ['a', 'B'],
  );
  const link = new URL(first.json['odata.nextLink']);
  assert.equal(link.origin, 'https://contoso.westeurope.batch.azure.com');
  assert.match(link.search, /^\?maxresults=2&timeout=30&api-version=[^&]+&\$skiptoken=WATV2:/);
  const second = await world.send('GET', `${link.pathname}${link.search}`, { as: 'key' });
  assert.deepEqual(
    second.json.value.map((job: { id: string }) => job.id),
    ['c', 'D'],
  );
  const last = new URL(second.json['odata.nextLink']);
  const third = await world.send('GET', `${last.pathname}${last.search}`);
  assert.deepEqual(
    third.json.value.map((job: { id: string }) => job.id),
    ['e'],
  );
  assert.equal('odata.nextLink' in third.json, false);
});

test('a page of exactly the last jobs has no next one', async () => {
  for (const id of ['a', 'b']) await add(id);
  const page = await world.ask('GET', '/jobs?maxresults=2');
  assert.equal('odata.nextLink' in page.json, false);
});

const queries: readonly (readonly [query: string, name: string, reason: RegExp])[] = [
  ['maxresults=-5', 'maxresults', /^MaxResults cannot be less than 1$/],
  ['maxresults=0', 'maxresults', /^MaxResults cannot be less than 1$/],
  ['maxresults=1001', 'maxresults', /1000/],
  ['maxresults=two', 'maxresults', /number/],
  ['$skiptoken=abc', '$skiptoken', /token/],
  ['$filter=color%20eq%20%27red%27', '$filter', /color/],
  ['$expand=tasks', '$expand', /stats/],
];

for (const [query, name, reason] of queries) {
  test(`a list with ${query} is refused`, async () => {
    const answer = await world.ask('GET', `/jobs?${query}`);
    assert.deepEqual([answer.status, answer.json.code], [400, 'InvalidQueryParameterValue']);
    assert.deepEqual(answer.json.values[0], { key: 'QueryParameterName', value: name });
    assert.match(answer.json.values[2].value, reason);
  });
}

test('jobs are filtered by state and everything else that the table names', async () => {
  for (const id of ['a1', 'a2', 'b1']) await add(id, { priority: 1 });
  await world.ask('POST', '/jobs/a2/terminate');
  const ids = async (filter: string) => {
    const answer = await world.ask('GET', `/jobs?$filter=${encodeURIComponent(filter)}&$select=id`);
    return answer.json.value.map((job: { id: string }) => job.id);
  };
  assert.deepEqual(await ids("state eq 'active'"), ['a1', 'b1']);
  assert.deepEqual(await ids("state eq 'completed' or startswith(id,'b')"), ['a2', 'b1']);
  assert.deepEqual(await ids("executionInfo/poolId eq 'P' and id gt 'a1'"), ['a2', 'b1']);
  assert.deepEqual(await ids('executionInfo/endTime gt 2020-01-01T00:00:00Z'), ['a2']);
  assert.deepEqual(await ids('creationTime lt 2020-01-01'), []);
});
