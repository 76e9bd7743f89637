import assert from 'node:assert/strict';
import { request } from 'node:https';
import { test } from 'node:test';
import { addSecret, registerApplication } from '#app/tour-identity.ts';
import { answerOf, type Browser, openBrowser, type Shown } from '#authority/browser.test.ts';
import { claimsOf } from '#authority/user-world.test.ts';
import { startWorld } from './clients/world.ts';
import { ask } from './lock/ask.ts';

/*
 * A person signs in through the pages of a running Batten, and goes with her token to Microsoft
 * Graph and to Azure Batch. Batch needs two grants that have nothing to do with each other: the API
 * permission of the application, and the role of the person.
 */

const world = await startWorld();
const { env, agent } = world.batten;
const authorizePath = `/${world.tenantId}/oauth2/v2.0/authorize`;
const tokenPath = `/${world.tenantId}/oauth2/v2.0/token`;
const redirectUri = 'https://site.example/signed-in';
const batch = 'https://batch.core.windows.net//.default';

const application = await registerApplication(world.graph, 'user-sign-in');
const client_secret = await addSecret(world.graph, application);
const client = { client_id: application.appId, client_secret };
const authorization = 'api-version=2022-04-01';
const jobs = `/batch/${world.accountName}/jobs?api-version=2022-10-01.16.0`;

await register({ web: { redirectUris: [redirectUri] } });

function register(change: object): Promise<unknown> {
  return world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, change);
}

function send(path: string, form: string | undefined, headers: object): Promise<Shown> {
  const type = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  const method = form === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const url = `${env['BATTEN_URL']}${path}`;
    const sent = request(url, { method, headers: type, agent }, async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const entries = Object.entries(reply.headers).map(([name, value]) => [name, `${value}`]);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: reply.statusCode ?? 0, headers: Object.fromEntries(entries), text });
    });
    sent.on('error', reject);
    sent.end(form);
  });
}

const browser: Browser = openBrowser(({ path, form, headers }) => send(path, form, headers));

async function open(scope: string, more: Readonly<Record<string, string>> = {}): Promise<Shown> {
  const asked = { client_id: client.client_id, redirect_uri: redirectUri, response_type: 'code' };
  return browser.open(`${authorizePath}?${new URLSearchParams({ ...asked, scope, ...more })}`);
}

async function signIn(scope: string): Promise<Shown> {
  await open(scope);
  await browser.submit({ loginfmt: env['BATTEN_USERNAME'] ?? '' });
  return browser.submit({ passwd: env['BATTEN_PASSWORD'] ?? '' });
}

async function tokenOf(scope: string): Promise<string> {
  const code = answerOf(await open(scope)).get('code') ?? '';
  const form = { grant_type: 'authorization_code', ...client, code, redirect_uri: redirectUri };
  const { json } = await ask(world.batten, { target: tokenPath, form });
  return (json as { access_token: string }).access_token;
}

test('a person signs in and reads herself from Microsoft Graph, and no more than she consented to', async () => {
  await signIn('openid profile User.Read');
  await browser.submit({ consent: 'accept' });
  assert.ok(answerOf(await browser.submit({ stay: '1' })).has('code'));
  const token = await tokenOf('User.Read');
  const me = await ask(world.batten, { target: '/v1.0/me', token });
  assert.equal(me.status, 200, me.body);
  const { userPrincipalName } = me.json as { userPrincipalName: string };
  assert.equal(userPrincipalName, env['BATTEN_USERNAME']);
  assert.equal((await ask(world.batten, { target: '/v1.0/applications', token })).status, 403);
  assert.equal((await ask(world.batten, { target: jobs, token })).status, 401);
});

test('without the API permission no token for Batch is given, and the application is named; without the role Batch refuses', async () => {
  const refused = answerOf(await open(batch));
  assert.match(refused.get('error_description') ?? '', /^AADSTS650057: .*ddbf3205-c6bd-46ae/);
  const batchId = 'ddbf3205-c6bd-46ae-8127-60eb93363864';
  const path = `/v1.0/servicePrincipals?$filter=${encodeURIComponent(`appId eq '${batchId}'`)}`;
  const found = (await world.graph.call('GET', path)).json as {
    value: { oauth2PermissionScopes: { id: string }[] }[];
  };
  const [scope] = found.value[0]?.oauth2PermissionScopes ?? [];
  const resourceAccess = [{ id: scope?.id, type: 'Scope' }];
  await register({ requiredResourceAccess: [{ resourceAppId: batchId, resourceAccess }] });
  const silent = answerOf(await open(batch, { prompt: 'none' }));
  assert.equal(silent.get('error'), 'interaction_required');
  const named = new RegExp(`^AADSTS65001: .*'${client.client_id}' named 'user-sign-in'`);
  assert.match(silent.get('error_description') ?? '', named);
  await open(batch);
  assert.ok(answerOf(await browser.submit({ consent: 'accept' })).has('code'));
  const token = await tokenOf(batch);
  assert.equal(claimsOf(token)['scp'], 'user_impersonation');
  const role = await takeRoleFrom(String(claimsOf(token)['oid']));
  const roleless = await ask(world.batten, { target: jobs, token });
  assert.deepEqual([roleless.status, roleless.code], [403, 'AuthorizationFailure']);
  await world.arm.call('PUT', `${role.id}?${authorization}`, { properties: role.properties });
  const allowed = await ask(world.batten, { target: jobs, token });
  assert.equal(allowed.status, 200, allowed.body);
});

interface Assignment {
  readonly id: string;
  readonly properties: { readonly roleDefinitionId: string; readonly principalId: string };
}

/** Removes the one role of a person in the subscription, and tells how to give it back. */
async function takeRoleFrom(principalId: string): Promise<Assignment> {
  const base = `/subscriptions/${world.subscriptionId}/providers/Microsoft.Authorization`;
  const filter = encodeURIComponent(`principalId eq '${principalId}'`);
  const path = `${base}/roleAssignments?${authorization}&$filter=${filter}`;
  const { value } = (await world.arm.call('GET', path)).json as { value: Assignment[] };
  const [role] = value;
  assert.ok(role !== undefined && value.length === 1, JSON.stringify(value));
  await world.arm.call('DELETE', `${role.id}?${authorization}`);
  return role;
}
