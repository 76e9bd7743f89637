import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { findAccount } from './account.store.ts';
import { accountContentDeletion } from './account-content.ts';
import { BatchWorld, poolBody } from './test-world.ts';

let world: BatchWorld;
beforeEach(async () => {
  world = await BatchWorld.open();
  await world.ask('POST', '/pools', { body: poolBody('p', { targetDedicatedNodes: 1 }) });
  await world.engine.bringUp();
  const commonEnvironmentSettings = [
    { name: 'A', value: 'job' },
    { name: 'B', value: 'job' },
  ];
  const body = { id: 'j', poolInfo: { poolId: 'p' }, commonEnvironmentSettings };
  await world.ask('POST', '/jobs', { body: { ...body, constraints: { maxTaskRetryCount: 1 } } });
});
afterEach(() => world.close());

const add = (id: string, more = {}) =>
  world.ask('POST', '/jobs/j/tasks', { body: { id, commandLine: 'true', ...more } });
const get = async (id: string) => (await world.ask('GET', `/jobs/j/tasks/${id}`)).json;

test('a new task is active, says where it is, and is queued with everything it needs', async () => {
  const made = await add('T1', {
    commandLine: "sh -c 'echo hi'",
    environmentSettings: [
      { name: 'B', value: 'task' },
      { name: 'AZ_BATCH_TASK_ID', value: 'mine' },
      { name: 'EMPTY' },
    ],
    resourceFiles: [{ httpUrl: 'https://a.example/x?sig=1', filePath: 'in/x' }],
    constraints: { maxWallClockTime: 'PT1M', maxTaskRetryCount: '3' },
    requiredSlots: 2,
  });
  assert.equal(made.status, 201);
  const url = 'https://contoso.westeurope.batch.azure.com/jobs/j/tasks/T1';
  assert.deepEqual([made.headers['Location'], made.headers['DataServiceId']], [url, url]);
  const task = await get('t1');
  assert.deepEqual(
    [task.id, task.url, task.state, task.eTag],
    ['T1', url, 'active', made.headers['ETag']],
  );
  assert.deepEqual(task.executionInfo, { retryCount: 0, requeueCount: 0 });
  assert.equal(task.constraints.maxTaskRetryCount, 3);
  const { spec } = world.engine.current('t1');
  assert.equal(spec.commandLine, "sh -c 'echo hi'");
  assert.equal(spec.directory, 'workitems/j/job-1/T1');
  assert.deepEqual([spec.slots, spec.wallClockMilliseconds], [2, 60_000]);
  assert.deepEqual(spec.resourceFiles, [
    { httpUrl: 'https://a.example/x?sig=1', filePath: 'in/x' },
  ]);
  const environment = Object.fromEntries(spec.environment.map(({ name, value }) => [name, value]));
  assert.deepEqual([environment['A'], environment['B'], environment['EMPTY']], ['job', 'task', '']);
  assert.equal(environment['AZ_BATCH_TASK_ID'], 'T1', "Batch's own variables cannot be replaced");
  assert.equal(environment['AZ_BATCH_ACCOUNT_URL'], 'https://contoso.westeurope.batch.azure.com/');
  assert.equal(environment['AZ_BATCH_TASK_WORKING_DIR'], '${' + 'taskDirectory}/wd');
  assert.ok(spec.environment.every(({ name, expand }) => !expand || name.startsWith('AZ_BATCH_')));
});

test('what a client put into an environment is sealed in the database', async () => {
  await add('t', { environmentSettings: [{ name: 'TOKEN', value: 'topsecret' }] });
  const sql = 'SELECT settings FROM task';
  const row = await world.store.read((tx) => tx.one({ name: 'test.settings', sql }));
  assert.ok(!String(row?.['settings']).includes('topsecret'));
  assert.equal((await get('t')).environmentSettings[0].value, 'topsecret');
});

const refusals: readonly (readonly [
  name: string,
  more: Readonly<Record<string, unknown>>,
  status: number,
  code: string,
])[] = [
  ['a bad id', { id: 'a:b' }, 400, 'InvalidPropertyValue'],
  ['no command', { commandLine: null }, 400, 'MissingRequiredProperty'],
  ['an empty command', { commandLine: '' }, 400, 'InvalidPropertyValue'],
  ['a NUL in its command', { commandLine: 'a\u0000b' }, 400, 'InvalidPropertyValue'],
  [
    'a variable whose name has an equals sign',
    { environmentSettings: [{ name: 'A=B', value: 'x' }] },
    400,
    'InvalidPropertyValue',
  ],
  ['no slots', { requiredSlots: 0 }, 400, 'InvalidPropertyValue'],
  ['a bad duration', { constraints: { maxWallClockTime: '1h' } }, 400, 'InvalidPropertyValue'],
  ['an unknown property', { speed: 'fast' }, 400, 'InvalidRequestBody'],
  ['an unknown nested property', { constraints: { speed: 1 } }, 400, 'InvalidRequestBody'],
  [
    'a file that leaves its directory',
    { resourceFiles: [{ httpUrl: 'http://a/b', filePath: '../x' }] },
    400,
    'InvalidPropertyValue',
  ],
  [
    'a file at an absolute path',
    { resourceFiles: [{ httpUrl: 'http://a/b', filePath: '/etc/x' }] },
    400,
    'InvalidPropertyValue',
  ],
  [
    'a file of another scheme',
    { resourceFiles: [{ httpUrl: 'file:///etc/passwd', filePath: 'x' }] },
    400,
    'InvalidPropertyValue',
  ],
  [
    'a file without a source',
    { resourceFiles: [{ filePath: 'x' }] },
    400,
    'MissingRequiredProperty',
  ],
  [
    'a container of files',
    { resourceFiles: [{ storageContainerUrl: 'https://a/b' }] },
    501,
    'NotImplemented',
  ],
  ['output files', { outputFiles: [{ filePattern: '*' }] }, 501, 'NotImplemented'],
  ['dependencies', { dependsOn: { taskIds: ['a'] } }, 501, 'NotImplemented'],
  ['instances', { multiInstanceSettings: { coordinationCommandLine: 'x' } }, 501, 'NotImplemented'],
  ['a container', { containerSettings: { imageName: 'x' } }, 501, 'NotImplemented'],
  [
    'exit conditions',
    { exitConditions: { default: { jobAction: 'none' } } },
    501,
    'NotImplemented',
  ],
  [
    'an administrator',
    { userIdentity: { autoUser: { elevationLevel: 'admin' } } },
    501,
    'NotImplemented',
  ],
];

for (const [name, more, status, code] of refusals) {
  test(`a task with ${name} is refused with ${code}, alone and in a collection, and nothing is queued`, async () => {
    const one = await add('t', more);
    assert.deepEqual([one.status, one.json.code], [status, code], one.text);
    assert.equal((await world.rows())['task'], 0);
    const value = [
      { id: 'good', commandLine: 'true' },
      { id: 't', commandLine: 'true', ...more },
    ];
    const many = await world.ask('POST', '/jobs/j/addtaskcollection', { body: { value } });
    if (many.status === 200) assert.equal(many.json.value[1].error.code, code);
    else assert.deepEqual([many.status, many.json.code], [status, code]);
    assert.ok(world.engine.runs.every(({ spec }) => spec.task.startsWith('good')));
  });
}

test('a task needs a job', async () => {
  const body = { id: 't', commandLine: 'true' };
  assert.equal((await world.ask('POST', '/jobs/none/tasks', { body })).json.code, 'JobNotFound');
  assert.equal((await world.ask('GET', '/jobs/none/tasks')).json.code, 'JobNotFound');
  assert.equal((await world.ask('GET', '/jobs/none/tasks/t')).json.code, 'JobNotFound');
  assert.equal((await world.ask('GET', '/jobs/j/tasks/none')).json.code, 'TaskNotFound');
});

test('a collection adds each task by itself and says which were there', async () => {
  await add('B');
  const value = ['a', 'b', 'c'].map((id) => ({ id, commandLine: 'true' }));
  const answer = await world.ask('POST', '/jobs/j/addtaskcollection', { body: { value } });
  assert.equal(answer.status, 200);
  assert.equal(
    answer.json['odata.metadata'],
    'https://contoso.westeurope.batch.azure.com/$metadata#taskaddresult',
  );
  const [a, b, c] = answer.json.value;
  assert.deepEqual(Object.keys(a), ['status', 'taskId', 'eTag', 'lastModified', 'location']);
  assert.deepEqual([a.status, c.status], ['Success', 'Success']);
  assert.deepEqual([b.status, b.taskId, b.error.code], ['ClientError', 'b', 'TaskExists']);
  assert.equal((await world.rows())['task'], 3);
  assert.equal((await get('a')).eTag, a.eTag);
  const counts = (await world.ask('GET', '/jobs/j/taskcounts')).json.taskCounts;
  assert.equal(counts.active, 3);
  assert.deepEqual(
    [answer.headers['ETag'], answer.headers['DataServiceId']],
    [undefined, undefined],
  );
});

test('a collection of more than a hundred tasks is refused whole', async () => {
  const value = Array.from({ length: 101 }, (_, index) => ({
    id: `t${index}`,
    commandLine: 'true',
  }));
  const answer = await world.ask('POST', '/jobs/j/addtaskcollection', { body: { value } });
  assert.equal(answer.status, 400);
  assert.equal((await world.rows())['task'], 0);
});

test('a task that runs shows where, and its ETag never moves by itself', async () => {
  const made = await add('t');
  world.clock.advanceSeconds(2);
  await world.engine.start('t');
  const running = await get('t');
  assert.deepEqual([running.state, running.previousState], ['running', 'active']);
  assert.equal(running.previousStateTransitionTime, running.creationTime);
  assert.equal(running.executionInfo.startTime, '2026-11-20T09:00:02.1234Z');
  const { nodeId } = running.nodeInfo;
  assert.deepEqual(running.nodeInfo, {
    affinityId: `TVM:${nodeId}`,
    nodeUrl: `https://contoso.westeurope.batch.azure.com/pools/p/nodes/${nodeId}`,
    poolId: 'p',
    nodeId,
    taskRootDirectory: 'workitems/j/job-1/t',
    taskRootDirectoryUrl: `https://contoso.westeurope.batch.azure.com/pools/p/nodes/${nodeId}/files/workitems/j/job-1/t`,
  });
  const node = (await world.ask('GET', `/pools/p/nodes/${nodeId}`)).json;
  assert.deepEqual([node.state, node.runningTasksCount, node.totalTasksRun], ['running', 1, 1]);
  await world.engine.end('t', { kind: 'exited', exitCode: 0 });
  const done = await get('t');
  assert.deepEqual([done.state, done.eTag], ['completed', made.headers['ETag']]);
  assert.deepEqual([done.executionInfo.exitCode, done.executionInfo.result], [0, 'success']);
  const idle = (await world.ask('GET', `/pools/p/nodes/${nodeId}`)).json;
  assert.deepEqual([idle.state, idle.runningTasksCount, idle.totalTasksSucceeded], ['idle', 0, 1]);
});

test('a failed command is retried as often as its job says, and then fails as recorded', async () => {
  await add('t');
  await world.engine.exit('t', 7);
  const waiting = await get('t');
  assert.deepEqual(
    [waiting.state, waiting.previousState, waiting.executionInfo.retryCount],
    ['active', 'running', 1],
  );
  assert.ok(waiting.executionInfo.lastRetryTime);
  assert.equal('endTime' in waiting.executionInfo, false);
  assert.equal(world.engine.current('t').spec.attempt, 2);
  await world.engine.exit('t', 8);
  const { executionInfo } = await get('t');
  assert.deepEqual(executionInfo.failureInfo, {
    category: 'UserError',
    code: 'FailureExitCode',
    message: 'The task exited with an exit code representing a failure',
    details: [
      { name: 'Message', value: 'The task process exited with an unexpected exit code' },
      { name: 'AdditionalErrorCode', value: 'FailureExitCode' },
    ],
  });
  assert.deepEqual(
    [executionInfo.exitCode, executionInfo.result, executionInfo.retryCount],
    [8, 'failure', 1],
  );
});

test('a missing program fails without an exit code, as recorded', async () => {
  await add('t');
  await world.engine.start('t');
  await world.engine.end('t', { kind: 'notStarted', problem: 'programNotFound', text: 'ENOENT' });
  const { executionInfo, state } = await get('t');
  assert.equal(state, 'completed');
  assert.equal('exitCode' in executionInfo, false);
  assert.deepEqual(executionInfo.failureInfo, {
    category: 'UserError',
    code: 'CommandProgramNotFound',
    message: 'The specified command program is not found',
    details: [{ name: 'Message', value: 'The system cannot find the file specified' }],
  });
});

test('a task whose node is taken away runs again, and says so', async () => {
  await add('t');
  await world.engine.start('t');
  await world.ask('POST', '/pools/p/resize', { body: { targetDedicatedNodes: 0 } });
  await world.engine.takeDown();
  const task = await get('t');
  assert.deepEqual(
    [task.state, task.executionInfo.requeueCount, task.executionInfo.retryCount],
    ['active', 1, 0],
  );
  assert.equal('nodeInfo' in task, false);
  assert.equal(world.engine.current('t').spec.attempt, 2);
});

test('a task whose node is taken away ends when the resize says terminate', async () => {
  await add('t');
  await world.engine.start('t');
  const body = { targetDedicatedNodes: 0, nodeDeallocationOption: 'terminate' };
  await world.ask('POST', '/pools/p/resize', { body });
  await world.engine.takeDown();
  const task = await get('t');
  assert.deepEqual([task.state, task.executionInfo.failureInfo.code], ['completed', 'TaskEnded']);
});

test('terminating a waiting task completes it at once, without a place', async () => {
  await add('t');
  const ended = await world.ask('POST', '/jobs/j/tasks/t/terminate');
  assert.deepEqual([ended.status, ended.headers['Content-Length']], [204, '0']);
  assert.equal(
    ended.headers['DataServiceId'],
    'https://contoso.westeurope.batch.azure.com/jobs/j/tasks/t/terminate',
  );
  const task = await get('t');
  assert.equal(task.eTag, ended.headers['ETag']);
  assert.deepEqual(task.nodeInfo, {});
  assert.deepEqual(task.executionInfo, {
    endTime: task.stateTransitionTime,
    failureInfo: {
      category: 'UserError',
      code: 'TaskEnded',
      message: 'Task Was Ended by User Request',
    },
    result: 'failure',
    retryCount: 0,
    requeueCount: 0,
  });
  assert.equal((await world.ask('POST', '/jobs/j/tasks/t/terminate')).json.code, 'TaskCompleted');
  assert.equal(
    (await world.ask('PUT', '/jobs/j/tasks/t', { body: {} })).json.code,
    'TaskCompleted',
  );
});

test('a task that its ended job left active can still be terminated', async () => {
  await add('t');
  await world.ask('POST', '/jobs/j/terminate');
  assert.equal((await get('t')).state, 'active');
  assert.equal((await world.ask('POST', '/jobs/j/tasks/t/terminate')).status, 204);
  assert.equal((await get('t')).state, 'completed');
});

test('terminating a running task completes it when its processes are dead', async () => {
  await add('t');
  await world.engine.start('t');
  await world.ask('POST', '/jobs/j/tasks/t/terminate');
  assert.equal((await get('t')).state, 'running');
  await world.engine.kill();
  const task = await get('t');
  assert.deepEqual(
    [task.state, task.executionInfo.failureInfo.message],
    ['completed', 'Task Was Ended by User Request'],
  );
  assert.deepEqual((await world.ask('GET', '/jobs/j/taskcounts')).json.taskCounts, {
    active: 0,
    running: 0,
    completed: 1,
    succeeded: 0,
    failed: 1,
  });
});

test('a deleted task is gone with its files, running or not, and its id is free', async () => {
  await add('done');
  await world.engine.exit('done');
  await add('runs');
  await world.engine.start('runs');
  const { nodeId } = (await get('runs')).nodeInfo;
  for (const id of ['done', 'runs']) {
    const deleted = await world.ask('DELETE', `/jobs/j/tasks/${id}`);
    assert.deepEqual([deleted.status, deleted.headers['ETag']], [200, undefined]);
    assert.equal((await get(id)).code, 'TaskNotFound');
  }
  assert.deepEqual(
    world.engine.forgotten.map(({ path }) => path),
    ['workitems/j/job-1/done', 'workitems/j/job-1/runs'],
  );
  const node = (await world.ask('GET', `/pools/p/nodes/${nodeId}`)).json;
  assert.deepEqual([node.state, node.runningTasksCount], ['idle', 0]);
  world.clock.advanceSeconds(1);
  assert.equal((await add('runs')).status, 201);
  await world.engine.kill();
  assert.equal((await get('runs')).state, 'active', 'the end of the old run is not its end');
});

test('an update replaces the constraints and nothing else, if its condition is met', async () => {
  await add('t', { constraints: { maxTaskRetryCount: 5, retentionTime: 'PT1H' } });
  const before = await get('t');
  const body = {
    constraints: {
      maxWallClockTime: 'PT0H20M',
      retentionTime: 'P3Y6M4DT12H30M5S',
      maxTaskRetryCount: '3',
    },
  };
  const stale = await world.ask('PUT', '/jobs/j/tasks/t', { body, headers: { 'if-match': '0x1' } });
  assert.equal(stale.json.code, 'ConditionNotMet');
  assert.deepEqual(await get('t'), before);
  const updated = await world.ask('PUT', '/jobs/j/tasks/t', {
    body,
    headers: { 'if-match': before.eTag },
  });
  assert.equal(updated.status, 200);
  const after = await get('t');
  assert.deepEqual(after.constraints, {
    maxWallClockTime: 'PT20M',
    retentionTime: 'P1279DT12H30M5S',
    maxTaskRetryCount: 3,
  });
  assert.deepEqual(Object.keys(after), Object.keys(before));
  assert.equal(after.eTag, updated.headers['ETag']);
  await world.ask('PUT', '/jobs/j/tasks/t', { body: {} });
  assert.deepEqual((await get('t')).constraints.maxTaskRetryCount, 1, "the job's");
});

test('a filtered list pages over what fits, and stops after so many rows with a link', async () => {
  for (let part = 0; part < 3; part++) {
    const value = Array.from({ length: 100 }, (_, index) => ({
      id: `t${part}-${String(index).padStart(3, '0')}`,
      commandLine: 'x',
    }));
    await world.ask('POST', '/jobs/j/addtaskcollection', { body: { value } });
  }
  await world.engine.exit('t1-050');
  const filter = encodeURIComponent("state eq 'completed'");
  const done = await world.ask('GET', `/jobs/j/tasks?$filter=${filter}&$select=id,state`);
  assert.deepEqual(done.json.value, [{ id: 't1-050', state: 'completed' }]);
  const prefix = encodeURIComponent("startswith(id,'t2-')");
  let path = `/jobs/j/tasks?$filter=${prefix}&$select=id&maxresults=40&api-version=2025-06-01`;
  const seen: string[] = [];
  for (let pages = 0; path !== '' && pages < 10; pages++) {
    const page = await world.send('GET', path);
    seen.push(...page.json.value.map((task: { id: string }) => task.id));
    const next = page.json['odata.nextLink'];
    path = next === undefined ? '' : new URL(next).pathname + new URL(next).search;
  }
  assert.deepEqual([seen.length, seen[0], seen.at(-1)], [100, 't2-000', 't2-099']);
});

test('emptying an account ends and removes everything that is in it', async () => {
  await add('t');
  await world.engine.start('t');
  const empty = accountContentDeletion(world);
  const account = await world.store.read((tx) => findAccount(tx, 'contoso'));
  assert.ok(account);
  await world.store.write((tx) => empty(tx, account));
  await world.engine.kill();
  await world.engine.takeDown();
  await world.sweep(2);
  assert.deepEqual(await world.rows(), { pool: 0, node: 0, job: 0, task: 0 });
});
