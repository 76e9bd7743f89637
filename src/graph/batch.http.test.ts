import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonObject, type JsonObject } from '#kernel/json.ts';
import { batchProblem } from './batch.ts';
import { admin, errorOf, type GraphWorld, known, openWorld, userCaller } from './world.test.ts';

const jsonType = { 'Content-Type': 'application/json' };

async function answersOf(
  world: GraphWorld,
  as: Parameters<GraphWorld['send']>[0],
  requests: readonly object[],
): Promise<readonly JsonObject[]> {
  const answer = await world.send(as, 'POST /v1.0/$batch', { requests });
  assert.equal(answer.status, 200, JSON.stringify(answer.json));
  return answer.json['responses'] as JsonObject[];
}

function bodyOf(answer: JsonObject | undefined): JsonObject {
  const body = answer?.['body'];
  return isJsonObject(body) ? body : {};
}

test('requests of a batch are answered each as if it had come alone', async (context) => {
  const world = await openWorld(context);
  const [me, users, count, missing] = await answersOf(world, admin, [
    { id: '1', method: 'GET', url: '/me?$select=id' },
    { id: '2', method: 'get', url: "users?$filter=startswith(displayName,'Max M')&$select=id" },
    { id: '3', method: 'GET', url: '/users/$count', headers: { ConsistencyLevel: 'eventual' } },
    { id: '4', method: 'GET', url: `/applications/${known.foreignApplication}` },
  ]);
  assert.deepEqual([me?.['id'], me?.['status'], bodyOf(me)['id']], ['1', 200, known.admin]);
  assert.deepEqual(bodyOf(users)['value'], [{ id: known.member }]);
  assert.deepEqual([count?.['status'], count?.['body']], [200, '2']);
  assert.equal(missing?.['status'], 404);
});

test('each request of a batch is authorized and recorded by itself', async (context) => {
  const world = await openWorld(context);
  const [read, change] = await answersOf(world, userCaller(), [
    { id: 'a', method: 'GET', url: `/applications/${known.application}` },
    {
      id: 'b',
      method: 'PATCH',
      url: `/applications/${known.application}`,
      headers: jsonType,
      body: { notes: 'taken over' },
    },
  ]);
  assert.equal(read?.['status'], 200);
  assert.equal(change?.['status'], 403);
  assert.deepEqual(
    world.events.map((one) => one.kind),
    ['refusal'],
  );
  const kept = await world.send(admin, `GET /v1.0/applications/${known.application}`);
  assert.equal(kept.json['notes'], null);
});

test('a request waits for what it depends on, and fails with it', async (context) => {
  const world = await openWorld(context);
  const named = (displayName: string) => ({ headers: jsonType, body: { displayName } });
  const url = '/applications';
  const answers = await answersOf(world, admin, [
    { id: 'first', method: 'POST', url, ...named('First') },
    { id: 'second', method: 'POST', url, ...named('Second'), dependsOn: ['FIRST'] },
    { id: 'bad', method: 'POST', url, ...named(''), dependsOn: ['second'] },
    { id: 'doomed', method: 'POST', url, ...named('Never'), dependsOn: ['Bad'] },
    { id: 'last', method: 'POST', url, ...named('Never'), dependsOn: ['doomed'] },
  ]);
  assert.deepEqual(
    answers.map((one) => [one['id'], one['status']]),
    [
      ['first', 201],
      ['second', 201],
      ['bad', 400],
      ['doomed', 424],
      ['last', 424],
    ],
  );
  const { value } = (await world.send(admin, 'GET /v1.0/applications?$select=displayName')).json;
  assert.doesNotMatch(JSON.stringify(value), /Never/);
});

test('the token of a batch is that of all its requests', async (context) => {
  const world = await openWorld(context);
  const requests = [{ id: '1', method: 'GET', url: '/me' }];
  assert.equal((await world.send('expired', 'POST /v1.0/$batch', { requests })).status, 401);
  assert.equal(world.expectations.length, 1);
});

test('a request of a batch has the headers that stand with it, and no others', async (context) => {
  const world = await openWorld(context);
  const url = '/users?$search="displayName:Max"&$select=id';
  const eventual = { ConsistencyLevel: 'eventual' };
  const appId = known.foreignAppId.replace(/^..../, 'abcd');
  const made = `applications(uniqueName='${appId}')`;
  const requests = [
    { id: 'with', method: 'GET', url, headers: eventual },
    { id: 'without', method: 'GET', url },
    {
      id: 'missing',
      method: 'PATCH',
      url: made,
      headers: jsonType,
      body: { displayName: 'Not made' },
    },
    {
      id: 'made',
      method: 'PATCH',
      url: `/${made}`,
      headers: { ...jsonType, Prefer: 'create-if-missing' },
      body: { displayName: 'Made' },
    },
  ];
  const headers = { consistencylevel: 'eventual', prefer: 'create-if-missing' };
  const answer = await world.send(admin, 'POST /v1.0/$batch', { requests }, headers);
  const responses = answer.json['responses'] as JsonObject[];
  assert.deepEqual(
    responses.map((one) => [one['id'], one['status']]),
    [
      ['with', 200],
      ['without', 400],
      ['missing', 404],
      ['made', 201],
    ],
  );
  assert.deepEqual(bodyOf(responses[0])['value'], [{ id: known.member }]);
});

test('a request of a batch reads no other token than that of the whole', async (context) => {
  const world = await openWorld(context);
  const forged = { Authorization: 'Bearer another', Host: 'evil.example' };
  const [me] = await answersOf(world, admin, [
    { id: '1', method: 'GET', url: '/me', headers: forged },
  ]);
  assert.equal(bodyOf(me)['id'], known.admin);
});

test('requests that are said to belong together are answered one by one', async (context) => {
  const world = await openWorld(context);
  const application = (id: string, displayName: string) => ({
    id,
    method: 'POST',
    url: '/applications',
    atomicityGroup: 'g1',
    headers: jsonType,
    body: { displayName },
  });
  const answers = await answersOf(world, admin, [application('1', 'First'), application('2', '')]);
  assert.deepEqual(
    answers.map((one) => one['status']),
    [201, 400],
  );
});

test('a GET may have a body, which says nothing', async (context) => {
  const world = await openWorld(context);
  const [me] = await answersOf(world, admin, [
    { id: '1', method: 'GET', url: 'me?$select=id', headers: jsonType, body: { id: 'x' } },
  ]);
  assert.equal(bodyOf(me)['id'], known.admin);
});

test('a body that its operation cannot read is refused with its request alone', async (context) => {
  const world = await openWorld(context);
  const before = await world.snapshot();
  const answers = await answersOf(world, admin, [
    {
      id: 'text',
      method: 'POST',
      url: '/applications',
      headers: { 'Content-Type': 'text/plain' },
      body: 'bm8ganNvbg',
    },
    { id: 'list', method: 'POST', url: '/applications', headers: jsonType, body: [] },
    { id: 'version', method: 'GET', url: '/v1.0/me' },
  ]);
  assert.deepEqual(
    answers.map((one) => [one['status'], String(bodyOf(one)['error'] !== undefined)]),
    Array(3).fill([400, 'true']),
  );
  assert.deepEqual(await world.snapshot(), before);
});

const step = { id: '1', method: 'GET', url: '/me' } as const;

function waiting(id: string, ...dependsOn: readonly string[]) {
  return { ...step, id, ...(dependsOn.length === 0 ? {} : { dependsOn }) };
}

const problems: readonly (readonly [
  string,
  Parameters<typeof batchProblem>[0],
  string | undefined,
])[] = [
  ['one request', [step], undefined],
  ['twenty requests', Array.from({ length: 20 }, (_, n) => ({ ...step, id: `${n}` })), undefined],
  ['no request', [], 'count'],
  ['21 requests', Array.from({ length: 21 }, (_, n) => ({ ...step, id: `${n}` })), 'count'],
  ['an id twice', [step, step], 'id'],
  ['another host', [{ ...step, url: 'https://evil.example/me' }], 'url'],
  ['another host without a scheme', [{ ...step, url: '//evil.example/me' }], 'url'],
  ['half of a surrogate pair', [{ ...step, url: "/users?$filter=id eq '\ud83d'" }], 'url'],
  ['a batch within the batch', [{ ...step, url: '/$batch' }], 'url'],
  [
    'a batch within the batch, behind the tenant',
    [{ ...step, url: '/myorganization/$batch' }],
    'url',
  ],
  ['a batch within the batch, written otherwise', [{ ...step, url: '%24BATCH?x' }], 'url'],
  ['a body of no type', [{ ...step, body: {} }], 'contentType'],
  ['a POST without a body', [{ ...step, method: 'POST', headers: jsonType }], 'body'],
  ['a DELETE without a body', [{ ...step, method: 'DELETE' }], undefined],
  ['a dependency on nobody', [{ ...step, dependsOn: ['2'] }], 'dependsOn'],
  ['a dependency on itself', [{ ...step, dependsOn: ['1'] }], 'dependsOn'],
  ['a dependency on what stands behind', [waiting('a', 'b'), waiting('b')], 'dependsOn'],
  ['an id twice in another case', [waiting('a'), waiting('A')], 'id'],
  ['requests one after the other', [waiting('a'), waiting('b', 'a'), waiting('c', 'b')], undefined],
  ['requests after the first', [waiting('a'), waiting('b', 'a'), waiting('c', 'a')], undefined],
  ['dependencies that are named and empty', [{ ...step, dependsOn: [] }], undefined],
  ['a request beside a sequence', [waiting('a'), waiting('b', 'a'), waiting('c')], 'order'],
  ['two sequences', [waiting('a'), waiting('b'), waiting('c', 'a'), waiting('d', 'b')], 'order'],
  ['two dependencies of one', [waiting('a'), waiting('b', 'a'), waiting('c', 'a', 'b')], 'order'],
];

for (const [name, steps, problem] of problems) {
  test(`a batch with ${name} is ${problem === undefined ? 'taken' : 'refused as a whole'}`, async (context) => {
    assert.equal(batchProblem(steps)?.kind, problem);
    if (problem === undefined) return;
    const world = await openWorld(context);
    const answer = await world.send(admin, 'POST /v1.0/$batch', { requests: steps });
    assert.equal(answer.status, 400);
    assert.equal(errorOf(answer).code, 'BadRequest');
  });
}

test('a request of a batch that is refused is named', async (context) => {
  const world = await openWorld(context);
  const messageOf = async (...requests: readonly object[]) =>
    errorOf(await world.send(admin, 'POST /v1.0/$batch', { requests })).message;
  assert.equal(await messageOf(step, step), 'Request Id 1 has to be unique in a batch.');
  assert.equal(
    await messageOf({ ...step, id: 'b', method: 'POST' }),
    'Write request id : b does not contain Content-Type header or body.',
  );
  assert.equal(
    await messageOf(waiting('a', 'b'), waiting('b')),
    'Invalid dependency for request Id a.',
  );
  assert.equal(
    await messageOf(waiting('a'), waiting('b', 'a'), waiting('c')),
    'Batch should be either fully sequential or fully parallel.',
  );
});
