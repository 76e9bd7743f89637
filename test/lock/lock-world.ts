import assert from 'node:assert/strict';
import { waitUntil } from '#client/client.ts';
import { guidOfText } from '#kernel/random.ts';
import { type SignedUp, signUp, startWorld, type World } from '../clients/world.ts';
import { type Answer, ask, type Question } from './ask.ts';
import { everything } from './everything.ts';

/** Audiences with the scope that asks for each. */
export const scopes = {
  batch: 'https://batch.core.windows.net//.default',
  arm: 'https://management.azure.com/.default',
  graph: 'https://graph.microsoft.com/.default',
} as const;

/** Api-versions of the requests, as queries. */
export const versions = {
  batch: 'api-version=2022-10-01.16.0',
  account: 'api-version=2023-11-01',
  group: 'api-version=2022-09-01',
  authorization: 'api-version=2022-04-01',
} as const;

/** A Batten with one worker that may use its Batch account, and a second account beside it in the group `rg10`; `rg1` is empty. */
export interface LockWorld extends World {
  readonly location: string;
  /** A Batch Data Contributor of the ready account. */
  readonly worker: SignedUp;
  /** A token of the worker for Batch, which every forgery starts from. */
  readonly goodToken: string;
  readonly sibling: string;
  readonly siblingId: string;
}

/** The job that no refused request may add. */
export const job = { id: 'lock-job', poolInfo: { poolId: 'p' } };

export async function startLockWorld(...options: readonly string[]): Promise<LockWorld> {
  const world = await startWorld(...options);
  const { subscriptionId, arm } = world;
  const location = world.batten.env['BATTEN_LOCATION'] ?? '';
  const sibling = 'lockrg10account';
  const groups = `/subscriptions/${subscriptionId}/resourceGroups`;
  const siblingId = `${groups}/rg10/providers/Microsoft.Batch/batchAccounts/${sibling}`;
  for (const group of ['rg1', 'rg10']) {
    await arm.call('PUT', `${groups}/${group}?${versions.group}`, { location });
  }
  await makeAccount(world, siblingId, location);
  const worker = await signUp(world, 'lock-worker', 'Azure Batch Data Contributor');
  const goodToken = await tokenOf(worker, scopes.batch);
  return { ...world, location, worker, goodToken, sibling, siblingId };
}

/** Creates a Batch account and waits until it is there. */
export async function makeAccount({ arm }: World, id: string, location: string): Promise<void> {
  const path = `${id}?${versions.account}`;
  await arm.call('PUT', path, { location });
  const read = () => arm.call('GET', path).catch(() => undefined);
  const isReady = (reply: { readonly json: unknown } | undefined): boolean =>
    (reply?.json as { properties?: { provisioningState?: string } })?.properties
      ?.provisioningState === 'Succeeded';
  await waitUntil('the account', read, isReady, { deadlineSeconds: 30 });
}

/** A token of @azure/identity. */
export async function tokenOf(
  { credential }: Pick<SignedUp, 'credential'>,
  scope: string,
): Promise<string> {
  return (await credential.getToken(scope)).token;
}

/** The list of jobs of an account, reached explicitly. */
export function jobsOf(account: string): string {
  return `/batch/${account}/jobs?${versions.batch}`;
}

/** Adds the job to the ready account. */
export function postJob({ accountName }: World, token: string): Question {
  return { target: jobsOf(accountName), token, json: job };
}

/** The request is refused with this status and code, and every list that it might have changed reads as before. */
export async function shut(
  world: LockWorld,
  question: Question,
  status: number,
  code: string,
): Promise<Answer> {
  const accounts = [world.accountName, world.sibling];
  const earlier = await everything(world, accounts);
  const answer = await ask(world.batten, question);
  assert.deepEqual([answer.status, answer.code], [status, code], answer.body);
  assert.deepEqual(await everything(world, accounts), earlier);
  return answer;
}

/** Makes a custom role of the ready subscription with one set of permissions, and returns its name. */
export async function customRole(
  { arm, subscriptionId }: World,
  roleName: string,
  permissions: object,
): Promise<string> {
  const scope = `/subscriptions/${subscriptionId}`;
  const name = guidOfText('lock', roleName);
  const path = `${scope}/providers/Microsoft.Authorization/roleDefinitions/${name}`;
  const properties = {
    roleName,
    type: 'CustomRole',
    assignableScopes: [scope],
    permissions: [permissions],
  };
  await arm.call('PUT', `${path}?${versions.authorization}`, { properties });
  return roleName;
}

/** A token request with a secret, at any authority host. */
export function tokenQuestion(
  { tenantId }: World,
  who: { readonly appId: string; readonly secret: string },
  more: { readonly host?: string; readonly scope?: string } = {},
): Question {
  const form = {
    grant_type: 'client_credentials',
    client_id: who.appId,
    client_secret: who.secret,
    scope: more.scope ?? scopes.batch,
  };
  const host = more.host === undefined ? {} : { host: more.host };
  return { target: `/${tenantId}/oauth2/v2.0/token`, form, ...host };
}
