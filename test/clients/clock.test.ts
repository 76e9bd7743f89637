import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { BatchServiceClient, BatchSharedKeyCredentials } from '@azure/batch';
import {
  AuthError,
  ConfidentialClientApplication,
  PublicClientApplication,
} from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { askServer } from '#app/control-client.ts';
import { openIdentityEndpoint } from '#app/identity-endpoint.ts';
import { BatchClient, BatchTokenCredentials, servicePrincipal, waitUntil } from '#client/client.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { machineClock } from '#kernel/clock.ts';
import { silentLog } from '#kernel/log.ts';
import { ask } from '../lock/ask.ts';
import { credentialOf, LocalAgent, signUp, startWorld } from './world.ts';

/*
 * Official clients beside a Batten whose civil clock is moved: what it issued grows old at once, and
 * what runs by real or steady time does not notice.
 */

const world = await startWorld('--dev-clock');
const { env, agent, dataFolder } = world.batten;
const byAzureName = new LocalAgent(world.batten);
after(() => byAzureName.destroy());
const batchScope = 'https://batch.core.windows.net//.default';
const accountUrl = env['AZURE_BATCH_ENDPOINT'] ?? '';
const jobs = `/batch/${world.accountName}/jobs?api-version=2022-10-01.16.0`;
const authority = `${env['AZURE_AUTHORITY_HOST']}/${world.tenantId}`;
const knownAuthorities = [new URL(authority).host];
const minute = 60_000;

const pool = {
  id: 'ageless',
  vmSize: 'standard_d2s_v3',
  virtualMachineConfiguration: {
    imageReference: {
      publisher: 'canonical',
      offer: '0001-com-ubuntu-server-jammy',
      sku: '22_04-lts',
    },
    nodeAgentSKUId: 'batch.node.ubuntu 22.04',
  },
  targetDedicatedNodes: 1,
  taskSlotsPerNode: 2,
};

async function move(t: TestContext, name: string, value?: string): Promise<void> {
  t.after(() => askServer(dataFolder, 'clock', { move: 'reset' }));
  await askServer(dataFolder, 'clock', { move: name, value });
}

/** Moves the clock that the clients of this process go by. */
function moveOwn(t: TestContext, milliseconds: number): void {
  const now = Math.floor(machineClock().real() / 1000) + milliseconds;
  t.mock.timers.enable({ apis: ['Date'], now });
}

/** Whether Batch takes the token: the status of a list of jobs. */
async function statusOf(token: string): Promise<number> {
  return (await ask(world.batten, { target: jobs, token })).status;
}

function readyCredential() {
  return credentialOf(world.batten, env['AZURE_CLIENT_ID'] ?? '', env['AZURE_CLIENT_SECRET'] ?? '');
}

async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  const error = await attempt.then(
    () => assert.fail('it was granted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error);
  const text = error instanceof AuthError ? error.errorMessage : error.message;
  return /AADSTS\d+/.exec(text)?.[0];
}

test('an old token is refused after an hour, and a client whose time goes along has a new one', async (t) => {
  const credential = readyCredential();
  const before = (await credential.getToken(batchScope)).token;
  assert.equal((await credential.getToken(batchScope)).token, before);
  assert.equal(await statusOf(before), 200);
  await move(t, 'advance', '61m');
  assert.equal(await statusOf(before), 401);
  assert.equal((await credential.getToken(batchScope)).token, before, 'its own time stands still');
  moveOwn(t, 61 * minute);
  const renewed = (await credential.getToken(batchScope)).token;
  assert.notEqual(renewed, before);
  assert.equal(await statusOf(renewed), 200);
});

test('a long-lived BatchClient goes on over the hour without being told', async (t) => {
  const signIn = servicePrincipal({
    tenantId: world.tenantId,
    clientId: env['AZURE_CLIENT_ID'] ?? '',
    clientSecret: env['AZURE_CLIENT_SECRET'] ?? '',
    authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
    agent,
  });
  let asked = 0;
  const tokens = new Set<string>();
  const watched = async (refusedToken?: string) => {
    const token = await signIn(refusedToken);
    asked += 1;
    tokens.add(token);
    return token;
  };
  const client = BatchClient.open(new BatchTokenCredentials(accountUrl, watched), { agent });
  const listJobs = async () => {
    for await (const _job of client.jobs.list()) assert.fail('there is no job');
  };
  await listJobs();
  await listJobs();
  assert.equal(tokens.size, 1);
  await move(t, 'advance', '61m');
  await listJobs();
  assert.deepEqual([asked, tokens.size], [4, 2], 'refused once, it brought another by itself');
  moveOwn(t, 61 * minute);
  await listJobs();
  await listJobs();
  assert.deepEqual([asked, tokens.size], [6, 3], 'and renews before it is refused');
});

test('a secret dies on its day, and not before', async (t) => {
  const { appId: clientId, secret: clientSecret } = await signUp(world, 'mortal');
  const signIn = async () => {
    const application = new ConfidentialClientApplication({
      auth: { clientId, clientSecret, authority, knownAuthorities },
    });
    const result = await application.acquireTokenByClientCredential({ scopes: [batchScope] });
    return result?.accessToken ?? '';
  };
  await move(t, 'advance', '729d');
  assert.equal(await statusOf(await signIn()), 403, 'signed in, and without a role');
  await move(t, 'advance', '2d');
  assert.equal(await codeOf(signIn()), 'AADSTS7000222');
  await move(t, 'reset');
  assert.notEqual(await signIn(), '');
});

test('a refresh token that nobody used for ninety days is dead, and the person is asked again', async (t) => {
  const application = new PublicClientApplication({
    auth: { clientId: firstPartyAppIds.azureCli, authority, knownAuthorities },
  });
  const signedIn = await application.acquireTokenByUsernamePassword({
    scopes: [batchScope],
    username: env['BATTEN_USERNAME'] ?? '',
    password: env['BATTEN_PASSWORD'] ?? '',
  });
  assert.ok(signedIn?.account, 'nobody signed in');
  const { account } = signedIn;
  const renew = () =>
    application.acquireTokenSilent({ account, scopes: [batchScope], forceRefresh: true });
  await move(t, 'advance', '89d');
  assert.notEqual((await renew()).accessToken, signedIn.accessToken);
  await move(t, 'advance', '89d');
  assert.ok((await renew()).accessToken, 'what was renewed lives ninety days more');
  await move(t, 'advance', '91d');
  assert.equal(await codeOf(renew()), 'AADSTS700082');
});

test('the identity endpoint of a run that goes on has the moved time', async (t) => {
  const identities = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities';
  const group = `/subscriptions/${world.subscriptionId}/resourceGroups/${world.resourceGroup}`;
  const target = `${group}/${identities}/mover?api-version=2023-01-31`;
  await world.arm.call('PUT', target, { location: 'westeurope' });
  const { subscriptionId } = world;
  const place = { dataFolder, subscriptionId, cloud: 'public', log: silentLog } as const;
  await using endpoint = await openIdentityEndpoint({ ...place, identity: 'mover', form: 'any' });
  const { IDENTITY_ENDPOINT: address, IDENTITY_HEADER: header = '' } = endpoint.variables;
  const resource = 'https://management.azure.com/';
  const issuedAt = async () => {
    const url = `${address}?api-version=2019-08-01&resource=${resource}`;
    const reply = await fetch(url, { headers: { 'x-identity-header': header } });
    const { access_token: token } = (await reply.json()) as { access_token: string };
    const subscriptions = '/subscriptions?api-version=2022-12-01';
    assert.equal((await ask(world.batten, { target: subscriptions, token })).status, 200);
    return decodeJwt(token).iat ?? 0;
  };
  const before = await issuedAt();
  await move(t, 'advance', '30d');
  assert.equal(Math.round(((await issuedAt()) - before) / 86_400), 30);
});

test('a running task, its node and a shared key do not notice a year', async (t) => {
  const key = env['AZURE_BATCH_ACCESS_KEY'] ?? '';
  const signing = new BatchSharedKeyCredentials(world.accountName, key);
  const settings = { http: byAzureName, https: byAzureName };
  const client = new BatchServiceClient(signing, world.batchUrl, { agentSettings: settings });
  await client.pool.add(pool);
  await client.job.add({ id: 'ageless', poolInfo: { poolId: 'ageless' } });
  const commandLine =
    "/bin/sh -c 'while [ ! -e $AZ_BATCH_NODE_SHARED_DIR/go ]; do sleep 0.05; done'";
  await client.task.add('ageless', { id: 'waits', commandLine });
  const until = async (state: string) => {
    const read = () => client.task.get('ageless', 'waits');
    const options = { deadlineSeconds: 60, intervalSeconds: 0.05 };
    return waitUntil(`the task is ${state}`, read, (task) => task.state === state, options);
  };
  const running = await until('running');
  await move(t, 'advance', '365d');
  const nodeId = running.nodeInfo?.nodeId ?? '';
  const go = { id: 'go', commandLine: "/bin/sh -c 'touch $AZ_BATCH_NODE_SHARED_DIR/go'" };
  await client.task.add('ageless', go);
  const { executionInfo: ended } = await until('completed');
  assert.deepEqual([ended?.exitCode, ended?.retryCount, ended?.requeueCount], [0, 0, 0]);
  assert.ok(ended?.startTime !== undefined && ended.endTime !== undefined);
  const days = (ended.endTime.getTime() - ended.startTime.getTime()) / (24 * 60 * minute);
  assert.equal(Math.round(days), 365);
  const node = await client.computeNode.get('ageless', nodeId);
  assert.ok(node.state === 'idle' || node.state === 'running', node.state);
});
