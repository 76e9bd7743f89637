import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchClient } from './batch-client.ts';
import { BatchSharedKeyCredentials, BatchTokenCredentials } from './credentials.ts';
import { type FakeAnswer, fakeService, type SeenRequest } from './fake-service.ts';
import { AddTasksError, DeadlineError, ServiceError } from './faults.ts';
import { signatureOf, stringToSign } from './shared-key.ts';

type Answer = (request: SeenRequest, before: number) => FakeAnswer;

/** A fake account and a client of it that brings the tokens `token-1`, `token-2`, ... */
async function world(answer: Answer) {
  const service = await fakeService(answer);
  let tokens = 0;
  const credentials = new BatchTokenCredentials(service.url, () => `token-${++tokens}`);
  const client = BatchClient.open(credentials, { agent: service.agent });
  return { client, service, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

/** An error as Azure Batch sends it. */
function refusal(status: number, code: string, values?: readonly object[]): FakeAnswer {
  const value = `Refused.\nRequestId:r-1\nTime:2026-11-20T09:42:46.0000000Z`;
  const json = { code, message: { lang: 'en-US', value }, ...(values && { values }) };
  return { status, headers: { 'request-id': 'r-1' }, json };
}

test('the token provider is asked before every request', async () => {
  await using at = await world(() => ({ status: 200, json: { id: 'j' } }));
  await at.client.jobs.get('j');
  await at.client.jobs.get('j');
  const sent = at.service.seen.map(({ headers }) => headers.authorization);
  assert.deepEqual(sent, ['Bearer token-1', 'Bearer token-2']);
});

test('a 401 is tried again once, with another token; then it stands', async () => {
  await using at = await world(() => refusal(401, 'AuthenticationFailed'));
  await assert.rejects(at.client.jobs.add({ id: 'j', poolInfo: { poolId: 'p' } }), { status: 401 });
  const sent = at.service.seen.map(({ headers }) => headers.authorization);
  assert.deepEqual(sent, ['Bearer token-1', 'Bearer token-2']);
});

test('a 401 stands at once when there is no other token, and for a shared key', async () => {
  const key = Buffer.from('k'.repeat(64)).toString('base64');
  await using service = await fakeService(() => refusal(401, 'AuthenticationFailed'));
  for (const credentials of [
    new BatchTokenCredentials(service.url, () => 'the-one'),
    new BatchSharedKeyCredentials(service.url, 'contoso', key),
  ]) {
    const client = BatchClient.open(credentials, { agent: service.agent });
    await assert.rejects(client.jobs.get('j'), { status: 401 });
  }
  assert.equal(service.seen.length, 2);
});

test('a change goes out as JSON of the Batch service with the api-version', async () => {
  await using at = await world(() => ({ status: 201 }));
  await at.client.jobs.add({ id: 'j', poolInfo: { poolId: 'p' } });
  const [seen] = at.service.seen;
  assert.equal(seen?.method, 'POST');
  assert.equal(seen?.target, '/jobs?api-version=2025-06-01');
  assert.equal(seen?.headers['content-type'], 'application/json; odata=minimalmetadata');
  assert.deepEqual(JSON.parse(seen?.body ?? ''), { id: 'j', poolInfo: { poolId: 'p' } });
});

test('select, filter and conditions travel, encoded once', async () => {
  await using at = await world(() => ({ status: 200, json: { id: 'a b' } }));
  await at.client.jobs.get('a b', { select: ['id', 'state'], ifNoneMatch: '0x8D' });
  for await (const job of at.client.jobs.list({ filter: "state eq 'active'" })) assert.fail(job.id);
  const [get, list] = at.service.seen;
  assert.equal(get?.target, '/jobs/a%20b?api-version=2025-06-01&$select=id%2Cstate');
  assert.equal(get?.headers['if-none-match'], '0x8D');
  assert.equal(list?.target, "/jobs?api-version=2025-06-01&$filter=state%20eq%20'active'");
});

test('a shared key signs the request as it arrives', async () => {
  await using service = await fakeService(() => ({ status: 200 }));
  const key = Buffer.from('k'.repeat(64)).toString('base64');
  const credentials = new BatchSharedKeyCredentials(service.url, 'contoso', key);
  const client = BatchClient.open(credentials, { agent: service.agent });
  await client.pools.resize('p', { targetDedicatedNodes: 2 });
  await client.jobs.terminate('j');
  await client.jobs.delete('j');
  for (const { method, target, headers } of service.seen) {
    const text = stringToSign(
      { method, target, headers: headers as Record<string, string> },
      'contoso',
    );
    const signature = signatureOf(text, Buffer.from(key, 'base64'));
    assert.equal(headers.authorization, `SharedKey contoso:${signature}`);
    assert.match(String(headers['ocp-date']), / GMT$/);
  }
  assert.equal(service.seen.length, 3);
});

test('a list asks for the next page at exactly the address that it was given', async () => {
  const next = '/jobs?api-version=2025-06-01&$skiptoken=WATV2:Ab/c+d^e=:1$1';
  await using at = await world(({ headers }, before) =>
    before === 0
      ? {
          status: 200,
          json: {
            value: [{ id: '1' }, { id: '2' }],
            'odata.nextLink': `https://${headers.host}${next}`,
          },
        }
      : { status: 200, json: { value: [{ id: '3' }] } },
  );
  const ids: string[] = [];
  for await (const { id } of at.client.jobs.list({ select: ['id'] })) ids.push(id);
  assert.deepEqual(ids, ['1', '2', '3']);
  assert.equal(at.service.seen[1]?.target, next);
});

test('a page that is not asked for is not fetched', async () => {
  await using at = await world(({ headers }) => ({
    status: 200,
    json: { value: [{ id: '1' }], 'odata.nextLink': `https://${headers.host}/jobs?page=2` },
  }));
  for await (const _ of at.client.jobs.list()) break;
  assert.equal(at.service.seen.length, 1);
});

test('credentials do not follow a next page to another host', async () => {
  await using at = await world(() => ({
    status: 200,
    json: { value: [], 'odata.nextLink': 'https://elsewhere.example/jobs?page=2' },
  }));
  const read = async () => {
    for await (const { id } of at.client.jobs.list()) assert.fail(id);
  };
  await assert.rejects(read, /elsewhere\.example.*not the account/);
  assert.equal(at.service.seen.length, 1);
});

test('a refusal has code, request id, values and the text without its trailer', async () => {
  const values = [{ key: 'PropertyName', value: 'vmSize' }];
  await using at = await world(() => refusal(400, 'InvalidPropertyValue', values));
  await assert.rejects(at.client.pools.add({ id: 'p', vmSize: 'nonsense' }), (error) => {
    assert.ok(error instanceof ServiceError);
    assert.equal(error.status, 400);
    assert.equal(error.code, 'InvalidPropertyValue');
    assert.equal(error.requestId, 'r-1');
    assert.deepEqual(error.values, values);
    assert.equal(error.message, 'InvalidPropertyValue: Refused. (PropertyName: vmSize)');
    return true;
  });
  assert.equal(at.service.seen.length, 1);
});

test('a refusal that is not JSON is still an error with its status', async () => {
  await using at = await world(() => ({ status: 400, text: '<h1>Bad Request</h1>' }));
  await assert.rejects(at.client.jobs.get('j'), {
    name: 'ServiceError',
    status: 400,
    code: 'Http400',
  });
});

test('exists is true for 200, false for 404, and an error for a refusal', async () => {
  await using at = await world((_, before) => ({ status: [200, 404, 403][before] ?? 500 }));
  assert.equal(await at.client.pools.exists('p'), true);
  assert.equal(await at.client.pools.exists('p'), false);
  await assert.rejects(at.client.pools.exists('p'), { status: 403 });
});

test('a busy service is asked again, with a fresh token', async () => {
  await using at = await world((_, before) =>
    before === 0 ? refusal(503, 'ServerBusy') : { status: 200, json: { id: 'j' } },
  );
  assert.equal((await at.client.jobs.get('j')).id, 'j');
  assert.equal(at.service.seen[1]?.headers.authorization, 'Bearer token-2');
});

test('a change on a cut connection is not made twice', async () => {
  await using at = await world(() => 'hangUp');
  await assert.rejects(at.client.jobs.add({ id: 'j', poolInfo: { poolId: 'p' } }));
  assert.equal(at.service.seen.length, 1);
});

test('a file comes as text or as a stream, its path as one segment', async () => {
  await using at = await world(() => ({ status: 200, text: 'héllo' }));
  assert.equal(
    await at.client.files.text('j', 't', 'wd/a b.txt', { range: { start: 0 } }),
    'héllo',
  );
  const chunks: Buffer[] = [];
  for await (const chunk of await at.client.files.stream('j', 't', 'stdout.txt'))
    chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'héllo');
  assert.equal(
    at.service.seen[0]?.target,
    '/jobs/j/tasks/t/files/wd%2Fa%20b.txt?api-version=2025-06-01',
  );
  assert.equal(at.service.seen[0]?.headers['ocp-range'], 'bytes=0-');
});

test('a missing file is an error and not an empty text', async () => {
  await using at = await world(() => refusal(404, 'FileNotFound'));
  await assert.rejects(at.client.files.text('j', 't', 'stdout.txt'), { code: 'FileNotFound' });
});

test('the facts of a file are read from its headers', async () => {
  const headers = {
    'Content-Length': '11',
    'Content-Type': 'text/plain',
    'ocp-batch-file-isdirectory': 'False',
    'ocp-batch-file-mode': '0o100644',
  };
  await using at = await world(() => ({ status: 200, headers }));
  assert.deepEqual(await at.client.files.facts('j', 't', 'stdout.txt'), {
    contentLength: 11,
    contentType: 'text/plain',
    fileMode: '0o100644',
    isDirectory: false,
  });
});

/** Answers addtaskcollection with what `status` says of each id. */
function addingTasks(status: (id: string, before: number) => object): Answer {
  return ({ body }, before) => {
    const tasks = (JSON.parse(body) as { value: { id: string }[] }).value;
    const value = tasks.map(({ id }) => ({ taskId: id, ...status(id, before) }));
    return { status: 200, json: { value } };
  };
}

const manyTasks = Array.from({ length: 250 }, (_, n) => ({ id: `t${n}`, commandLine: 'true' }));

test('250 tasks go out in chunks of 100 and come back in order', async () => {
  await using at = await world(addingTasks(() => ({ status: 'Success' })));
  const results = await at.client.tasks.addAll('j', manyTasks, { parallelMax: 2 });
  assert.deepEqual(
    results.map(({ taskId }) => taskId),
    manyTasks.map(({ id }) => id),
  );
  assert.equal(at.service.seen.length, 3);
});

test('a task that the service could not add now is sent again, alone', async () => {
  await using at = await world(
    addingTasks((id, before) => ({
      status: id === 't7' && before === 0 ? 'ServerError' : 'Success',
    })),
  );
  const results = await at.client.tasks.addAll('j', manyTasks.slice(0, 10));
  assert.equal(results.length, 10);
  const again = JSON.parse(at.service.seen[1]?.body ?? '') as { value: { id: string }[] };
  assert.deepEqual(
    again.value.map(({ id }) => id),
    ['t7'],
  );
});

test('results are matched by task, in whatever order they come', async () => {
  await using at = await world(({ body }) => {
    const { value } = JSON.parse(body) as { value: { id: string }[] };
    const results = value.map(({ id }) => ({
      taskId: id.toUpperCase(),
      status: 'success',
      eTag: id,
    }));
    return { status: 200, json: { value: results.reverse() } };
  });
  const results = await at.client.tasks.addAll('j', manyTasks.slice(0, 5));
  assert.deepEqual(
    results.map(({ eTag }) => eTag),
    manyTasks.slice(0, 5).map(({ id }) => id),
  );
});

test('a task that the service did not answer for is sent again, and at last is an error', async () => {
  await using at = await world(({ body }) => {
    const { value } = JSON.parse(body) as { value: { id: string }[] };
    const kept = value.filter(({ id }) => id !== 't1');
    return {
      status: 200,
      json: { value: kept.map(({ id }) => ({ taskId: id, status: 'success' })) },
    };
  });
  await assert.rejects(at.client.tasks.addAll('j', manyTasks.slice(0, 3)), (error) => {
    assert.ok(error instanceof AddTasksError);
    assert.deepEqual([error.added.length, error.failed.map(({ taskId }) => taskId)], [2, ['t1']]);
    return true;
  });
  assert.equal(at.service.seen.length, 5);
});

test('a chunk that is refused ends the adding of all others', async () => {
  await using at = await world((request, before) =>
    before === 0
      ? refusal(404, 'JobNotFound')
      : addingTasks(() => ({ status: 'Success' }))(request, before),
  );
  await assert.rejects(at.client.tasks.addAll('j', manyTasks), { code: 'JobNotFound' });
  assert.equal(at.service.seen.length, 1);
});

test('a task that exists already counts as added, any other refusal does not', async () => {
  await using at = await world(
    addingTasks((id) => {
      if (id === 't1') return { status: 'ClientError', error: { code: 'TaskExists' } };
      if (id === 't2') return { status: 'ClientError', error: { code: 'InvalidPropertyValue' } };
      return { status: 'Success' };
    }),
  );
  await assert.rejects(at.client.tasks.addAll('j', manyTasks.slice(0, 3)), (error) => {
    assert.ok(error instanceof AddTasksError);
    assert.deepEqual(
      [error.added.map(({ taskId }) => taskId), error.failed.map(({ taskId }) => taskId)],
      [['t0', 't1'], ['t2']],
    );
    return true;
  });
});

test('a chunk that is too large is halved until it fits', async () => {
  await using at = await world((request, before) => {
    const { value } = JSON.parse(request.body) as { value: unknown[] };
    if (value.length > 30) return refusal(413, 'RequestBodyTooLarge');
    return addingTasks(() => ({ status: 'Success' }))(request, before);
  });
  const results = await at.client.tasks.addAll('j', manyTasks.slice(0, 100));
  assert.equal(results.length, 100);
  assert.deepEqual(
    results.map(({ taskId }) => taskId),
    manyTasks.slice(0, 100).map(({ id }) => id),
  );
});

test('one task that is too large by itself is an error', async () => {
  await using at = await world(() => refusal(413, 'RequestBodyTooLarge'));
  const tooLarge = at.client.tasks.addAll('j', manyTasks.slice(0, 1));
  await assert.rejects(tooLarge, { code: 'RequestBodyTooLarge' });
  assert.equal(at.service.seen.length, 1);
});

test('waiting for all tasks ends when the last one is completed', async () => {
  await using at = await world((_, before) => ({
    status: 200,
    json: {
      value: [
        { id: 'a', state: 'completed' },
        { id: 'b', state: before < 2 ? 'running' : 'completed' },
      ],
    },
  }));
  const tasks = await at.client.tasks.waitForAll('j', {
    deadlineSeconds: 30,
    intervalSeconds: 0.01,
  });
  assert.equal(tasks.length, 2);
  assert.equal(at.service.seen.length, 3);
});

test('waiting past the deadline is an error', async () => {
  await using at = await world(() => ({ status: 200, json: { value: [{ state: 'running' }] } }));
  const waiting = at.client.tasks.waitForAll('j', { deadlineSeconds: 0.05, intervalSeconds: 0.01 });
  await assert.rejects(waiting, DeadlineError);
});
