import {
  BatchClient,
  BatchTokenCredentials,
  cloudNamed,
  type RestClient,
  restClient,
  SignInError,
  servicePrincipal,
  type TokenProvider,
  waitUntil,
} from '#client/client.ts';
import { machineClock } from '#kernel/clock.ts';
import { addSeconds, isoOf } from '#kernel/instant.ts';
import { type ChildBatten, startChildBatten } from './child-batten.ts';
import {
  addSecret,
  assignRole,
  createJobSubmitterRole,
  type RegisteredApplication,
  registerApplication,
} from './tour-identity.ts';
import { type Narrator, narrator } from './tour-narrator.ts';
import {
  addTasks,
  checkOutputs,
  offerInputs,
  poolReady,
  smallPool,
  tourInputs,
} from './tour-work.ts';

/**
 * `npm run tour`: the story of the Batch sign-in article against a Batten that was started for it. Every step, each refusal
 * included, must go as expected; otherwise the exit code is 1.
 */

const poolId = 'tour-pool';
const jobId = 'tour-job';

/** What the steps share. */
interface Tour {
  readonly tell: Narrator;
  readonly batten: ChildBatten;
  readonly graph: RestClient;
  readonly arm: RestClient;
  /** ARM id of the Batch account, which is the scope that roles are assigned at. */
  readonly accountId: string;
}

/** An application that can sign in. */
interface SignedUp extends RegisteredApplication {
  readonly secret: string;
}

async function main(): Promise<void> {
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const tell = narrator(write);
  try {
    write('The tour of Batten: a fresh one is started, used, and removed again.');
    await using batten = await tell.step(
      'start a fresh Batten',
      startChildBatten,
      ({ env }) => env['BATTEN_URL'] ?? '',
    );
    const tour = { tell, batten, ...administration(batten) };
    const worker = await signInChapter(tour);
    await workChapter(tour, worker);
    await submitterChapter(tour);
    await expiryChapter(tour, worker);
    write('\nEvery step went as expected, each refusal included.');
  } catch (error) {
    write(`\nThe tour ended early: ${String(error)}`);
    process.exitCode = 1;
  }
}

/** Graph and Resource Manager as the ready service principal, which is Owner and may manage the directory. */
function administration(batten: ChildBatten): Pick<Tour, 'graph' | 'arm' | 'accountId'> {
  const { env, agent } = batten;
  const word = (name: string): string => env[name] ?? '';
  const tokens = (resource: string): TokenProvider =>
    signIn(batten, word('AZURE_CLIENT_ID'), word('AZURE_CLIENT_SECRET'), resource);
  const group = `/subscriptions/${word('AZURE_SUBSCRIPTION_ID')}/resourceGroups/${word('BATTEN_RESOURCE_GROUP')}`;
  return {
    graph: restClient(word('BATTEN_GRAPH_ENDPOINT'), tokens(resources.graph), { agent }),
    arm: restClient(word('BATTEN_ARM_ENDPOINT'), tokens(resources.arm), { agent }),
    accountId: `${group}/providers/Microsoft.Batch/batchAccounts/${word('AZURE_BATCH_ACCOUNT')}`,
  };
}

const { batchAudience } = cloudNamed('public');
const resources = {
  graph: 'https://graph.microsoft.com',
  arm: 'https://management.azure.com/',
  batch: batchAudience,
  /** What a scope with one slash asks for. */
  batchWithoutSlash: batchAudience.slice(0, -1),
};

function signIn(
  { env, agent }: ChildBatten,
  clientId: string,
  clientSecret: string,
  resource: string = resources.batch,
): TokenProvider {
  const tenantId = env['AZURE_TENANT_ID'] ?? '';
  const authorityHost = env['AZURE_AUTHORITY_HOST'] ?? '';
  return servicePrincipal({ tenantId, clientId, clientSecret, resource, authorityHost, agent });
}

function batchAs({ batten }: Tour, who: SignedUp, resource: string = resources.batch): BatchClient {
  const token = signIn(batten, who.appId, who.secret, resource);
  const url = batten.env['AZURE_BATCH_ENDPOINT'] ?? '';
  return BatchClient.open(new BatchTokenCredentials(url, token), { agent: batten.agent });
}

async function signUp({ tell, graph }: Tour, name: string): Promise<SignedUp> {
  const register = () => registerApplication(graph, name);
  const application = await tell.step(
    `register the application ${name}`,
    register,
    (it) => it.appId,
  );
  const secret = await tell.step('create a client secret for it', () =>
    addSecret(graph, application),
  );
  return { ...application, secret };
}

async function jobNames(batch: BatchClient): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { id } of batch.jobs.list({ select: ['id'] })) names.push(id);
  return names;
}

async function poolNames(batch: BatchClient): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { id } of batch.pools.list({ select: ['id'] })) names.push(id);
  return names;
}

async function signInChapter(tour: Tour): Promise<SignedUp> {
  const { tell, batten, arm, accountId } = tour;
  tell.chapter('An application signs in, and is nobody yet');
  const worker = await signUp(tour, 'tour-worker');
  const wrong = signIn(batten, worker.appId, 'not-the-secret');
  await tell.refusal('sign in with a wrong secret', 'AADSTS7000215', wrong);
  await tell.step('get a token for Azure Batch', async () =>
    signIn(batten, worker.appId, worker.secret)(),
  );
  const batch = batchAs(tour, worker);
  await tell.refusal('list jobs without a role', 'AuthorizationFailure', () => jobNames(batch));
  const role = 'Azure Batch Data Contributor';
  await tell.step(`assign it ${role}`, () => assignRole(arm, accountId, role, worker.principalId));
  await tell.step(
    'list jobs',
    () => jobNames(batch),
    (names) => `${names.length} jobs`,
  );
  const forArm = batchAs(tour, worker, resources.arm);
  await tell.refusal('bring a token for Resource Manager', 'AuthenticationFailed', () =>
    jobNames(forArm),
  );
  const oneSlash = batchAs(tour, worker, resources.batchWithoutSlash);
  await tell.refusal('bring a token whose audience lacks its slash', 'AuthenticationFailed', () =>
    jobNames(oneSlash),
  );
  return worker;
}

async function workChapter(tour: Tour, worker: SignedUp): Promise<void> {
  const { tell } = tour;
  tell.chapter('Real work on real files');
  const batch = batchAs(tour, worker);
  const inputs = tourInputs();
  await using offer = await offerInputs(inputs);
  await tell.step(`create the pool ${poolId}`, () => batch.pools.add(smallPool(poolId)));
  await tell.step(
    'wait for its nodes',
    () => poolReady(batch, poolId),
    (pool) => `${pool.currentDedicatedNodes} nodes`,
  );
  await tell.step(`create the job ${jobId}`, () =>
    batch.jobs.add({ id: jobId, poolInfo: { poolId } }),
  );
  const adding = () => addTasks(batch, jobId, inputs, offer.url);
  await tell.step(
    'add tasks that hash a file and count its words',
    adding,
    (count) => `${count} tasks`,
  );
  const checking = () => checkOutputs(batch, jobId, inputs);
  await tell.step(
    'read their outputs and compare them',
    checking,
    (count) => `${count} of ${count} right`,
  );
}

async function submitterChapter(tour: Tour): Promise<void> {
  const { tell, arm, accountId } = tour;
  tell.chapter('A custom role that may submit jobs and may not create pools');
  const submitter = await signUp(tour, 'tour-submitter');
  const creating = () => createJobSubmitterRole(arm);
  const role = await tell.step('create the custom role', creating, (name) => name);
  await tell.step('assign it', () => assignRole(arm, accountId, role, submitter.principalId));
  const batch = batchAs(tour, submitter);
  const job = { id: 'submitted-job', poolInfo: { poolId } };
  await tell.step('submit a job', () => batch.jobs.add(job));
  const before = await poolNames(batch);
  const pool = smallPool('forbidden-pool');
  await tell.refusal('create a pool', 'AuthorizationFailure', () => batch.pools.add(pool));
  await tell.step('see that no pool was made', async () => same(before, await poolNames(batch)));
}

async function expiryChapter(tour: Tour, worker: SignedUp): Promise<void> {
  const { tell, graph, batten } = tour;
  tell.chapter('A secret that ends in two seconds');
  const end = isoOf(addSeconds(machineClock().civil(), 2));
  const secret = await tell.step('create it', () => addSecret(graph, worker, end));
  const signInNow = async () => signIn(batten, worker.appId, secret)();
  await tell.step('sign in with it', signInNow);
  const read = (): Promise<boolean> => signInNow().then(() => true, isExpiry);
  const ended = (allowed: boolean): boolean => !allowed;
  const options = { deadlineSeconds: 20, intervalSeconds: 0.25 };
  await tell.step('wait until it has ended', () => waitUntil('its end', read, ended, options));
  await tell.refusal('sign in with it again', 'AADSTS7000222', signInNow);
}

/** False for the refusal of an expired secret; everything else is thrown on. */
function isExpiry(error: unknown): boolean {
  if (error instanceof SignInError && error.code === 'AADSTS7000222') return false;
  throw error;
}

function same(before: readonly string[], after: readonly string[]): void {
  if (before.join() !== after.join()) throw new Error(`the pools are now ${after.join()}`);
}

await main();
