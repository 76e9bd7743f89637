import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { BatchServiceClient, BatchSharedKeyCredentials } from '@azure/batch';
import { waitUntil } from '#client/client.ts';
import { LocalAgent, type SignedUp, signUp, startWorld } from './world.ts';

const world = await startWorld();
const agent = new LocalAgent(world.batten);
after(() => agent.destroy());
const connection = { agentSettings: { http: agent, https: agent } };
const batchScope = 'https://batch.core.windows.net//.default';

const pool = {
  id: 'official-pool',
  vmSize: 'standard_d2s_v3',
  virtualMachineConfiguration: {
    imageReference: {
      publisher: 'canonical',
      offer: '0001-com-ubuntu-server-jammy',
      sku: '22_04-lts',
      version: 'latest',
    },
    nodeAgentSKUId: 'batch.node.ubuntu 22.04',
  },
  targetDedicatedNodes: 1,
};

/** @azure/batch with a credential of @azure/identity behind the interface that it knows. */
function batchAs({ credential }: Pick<SignedUp, 'credential'>, scope = batchScope) {
  type Resource = Parameters<BatchSharedKeyCredentials['signRequest']>[0];
  const signing = {
    signRequest: async (resource: Resource) => {
      const { token } = await credential.getToken(scope);
      resource.headers.set('authorization', `Bearer ${token}`);
      return resource;
    },
  };
  return new BatchServiceClient(signing, world.batchUrl, connection);
}

function batchByKey(
  key = world.batten.env['AZURE_BATCH_ACCESS_KEY'] ?? '',
  name = world.accountName,
) {
  return new BatchServiceClient(
    new BatchSharedKeyCredentials(name, key),
    world.batchUrl,
    connection,
  );
}

/** Everything on the account that a refused call might have changed. */
async function snapshot(): Promise<unknown> {
  const byKey = batchByKey();
  const [pools, jobs] = [await byKey.pool.list(), await byKey.job.list()];
  return JSON.parse(JSON.stringify([[...pools], [...jobs]]));
}

async function refusal(call: Promise<unknown>): Promise<readonly [number | undefined, unknown]> {
  const error = await call.then(
    () => assert.fail('it was allowed'),
    (thrown: unknown) => thrown,
  );
  const { statusCode, code, body } = error as {
    statusCode?: number;
    code?: string;
    body?: { code?: string };
  };
  return [statusCode, body?.code ?? code];
}

/** Runs a command through a client and returns what it wrote. */
async function runThrough(client: BatchServiceClient, jobId: string): Promise<string> {
  if (!(await client.pool.exists(pool.id)).body) await client.pool.add(pool);
  await client.job.add({ id: jobId, poolInfo: { poolId: pool.id } });
  const commandLine = '/bin/sh -c "echo it runs; echo aside >&2; exit 3"';
  const added = await client.task.addCollection(jobId, [{ id: 't', commandLine }]);
  assert.equal(added.value?.[0]?.status?.toLowerCase(), 'success');
  const read = () => client.task.get(jobId, 't');
  const options = { deadlineSeconds: 60 };
  const task = await waitUntil('its end', read, ({ state }) => state === 'completed', options);
  assert.equal(task.executionInfo?.exitCode, 3);
  assert.equal(task.executionInfo?.result, 'failure');
  const { readableStreamBody } = await client.file.getFromTask(jobId, 't', 'stdout.txt');
  assert.ok(readableStreamBody !== undefined);
  const chunks: Buffer[] = [];
  for await (const chunk of readableStreamBody) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

test('@azure/batch runs a command with a token', async () => {
  const worker = await signUp(world, 'worker', 'Azure Batch Data Contributor');
  assert.equal(await runThrough(batchAs(worker), 'by-token'), 'it runs\n');
});

test('@azure/batch runs a command with the account key', async () => {
  assert.equal(await runThrough(batchByKey(), 'by-key'), 'it runs\n');
});

test('@azure/batch reads lists, counts, nodes and files of what ran', async () => {
  const client = batchByKey();
  const nodes = await client.computeNode.list(pool.id);
  assert.equal(nodes.length, 1);
  const counts = await client.job.getTaskCounts('by-key');
  assert.equal(counts.taskCounts.failed, 1);
  const files = await client.file.listFromTask('by-key', 't', {
    fileListFromTaskOptions: { recursive: true },
  } as object);
  assert.ok(files.some(({ name }) => name === 'stderr.txt'));
  const listed = await client.job.list({
    jobListOptions: { filter: "id eq 'by-key'", select: 'id,state' },
  });
  assert.deepEqual(
    [...listed].map(({ id, state, poolInfo }) => ({ id, state, poolInfo })),
    [{ id: 'by-key', state: 'active', poolInfo: undefined }],
  );
});

test('@azure/batch follows pages to the end', async () => {
  const client = batchByKey();
  const tasks = Array.from({ length: 7 }, (_, n) => ({
    id: `page-${n}`,
    commandLine: '/bin/true',
  }));
  await client.job.add({ id: 'pages', poolInfo: { poolId: pool.id } });
  await client.task.addCollection('pages', tasks);
  const ids: (string | undefined)[] = [];
  let page = await client.task.list('pages', { taskListOptions: { maxResults: 3 } });
  for (;;) {
    ids.push(...page.map(({ id }) => id));
    if (page.odatanextLink === undefined) break;
    page = await client.task.listNext(page.odatanextLink);
  }
  assert.deepEqual(
    ids,
    tasks.map(({ id }) => id),
  );
});

test('@azure/batch updates with If-Match, and not when the job has changed', async () => {
  const client = batchByKey();
  await client.job.add({ id: 'matched', poolInfo: { poolId: pool.id } });
  const { eTag = '' } = await client.job.get('matched');
  const stale = { jobPatchOptions: { ifMatch: eTag } };
  await client.job.patch('matched', { priority: 7 }, stale);
  assert.equal((await client.job.get('matched')).priority, 7);
  assert.deepEqual(await refusal(client.job.patch('matched', { priority: 9 }, stale)), [
    412,
    'ConditionNotMet',
  ]);
  assert.equal((await client.job.get('matched')).priority, 7);
});

test('@azure/batch terminates and deletes', async () => {
  const client = batchByKey();
  await client.job.add({ id: 'ending', poolInfo: { poolId: pool.id } });
  await client.task.add('ending', { id: 'long', commandLine: 'sleep 600' });
  await client.job.terminate('ending');
  const read = () => client.job.get('ending');
  const options = { deadlineSeconds: 60 };
  await waitUntil('the end', read, ({ state }) => state === 'completed', options);
  await client.job.deleteMethod('ending');
  const gone = () =>
    client.job.get('ending').then(
      () => false,
      ({ statusCode }) => statusCode === 404,
    );
  assert.equal(await waitUntil('its absence', gone, (is) => is, options), true);
});

const role = 'Azure Batch Data Contributor';
const roleless = await signUp(world, 'roleless');
const reader = await signUp(world, 'reader', 'Reader');
const worker = await signUp(world, 'second-worker', role);
const newJob = (client: BatchServiceClient) =>
  client.job.add({ id: 'refused', poolInfo: { poolId: pool.id } });

const refused = [
  {
    what: 'no role lists jobs',
    call: () => batchAs(roleless).job.list(),
    answer: [403, 'AuthorizationFailure'],
  },
  {
    what: 'no role adds a job',
    call: () => newJob(batchAs(roleless)),
    answer: [403, 'AuthorizationFailure'],
  },
  {
    what: 'Reader adds a job',
    call: () => newJob(batchAs(reader)),
    answer: [403, 'AuthorizationFailure'],
  },
  {
    what: 'Reader adds a pool',
    call: () => batchAs(reader).pool.add({ ...pool, id: 'refused' }),
    answer: [403, 'AuthorizationFailure'],
  },
  {
    what: 'a token for Resource Manager is brought',
    call: () => newJob(batchAs(worker, 'https://management.azure.com//.default')),
    answer: [401, 'AuthenticationFailed'],
  },
  {
    what: 'the audience lacks its slash',
    call: () => newJob(batchAs(worker, 'https://batch.core.windows.net/.default')),
    answer: [401, 'AuthenticationFailed'],
  },
  {
    what: 'the key is another',
    call: () => newJob(batchByKey(Buffer.alloc(64).toString('base64'))),
    answer: [403, 'AuthenticationFailed'],
  },
  {
    what: 'the key names an unknown account',
    call: () => newJob(batchByKey(undefined, 'nobodysaccount')),
    answer: [403, 'AuthenticationFailed'],
  },
  {
    what: 'a job exists already',
    call: () => batchAs(worker).job.add({ id: 'BY-KEY', poolInfo: { poolId: pool.id } }),
    answer: [409, 'JobExists'],
  },
  {
    what: 'the size of a pool is none',
    call: () => batchAs(worker).pool.add({ ...pool, id: 'refused', vmSize: 'huge' }),
    answer: [400, 'InvalidPropertyValue'],
  },
  {
    what: 'a job is not there',
    call: () => batchAs(worker).job.get('nowhere'),
    answer: [404, 'JobNotFound'],
  },
  {
    what: 'a task is not there',
    call: () => batchAs(worker).task.get('by-key', 'nowhere'),
    answer: [404, 'TaskNotFound'],
  },
] as const;

for (const { what, call, answer } of refused) {
  test(`@azure/batch is refused when ${what}, and nothing changes`, async () => {
    const before = await snapshot();
    assert.deepEqual(await refusal(call()), answer);
    assert.deepEqual(await snapshot(), before);
  });
}

test('Reader lists jobs through the right to read the account', async () => {
  assert.ok((await batchAs(reader).job.list()).length > 0);
});
