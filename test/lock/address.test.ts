import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signUp } from '../clients/world.ts';
import { ask } from './ask.ts';
import { everything } from './everything.ts';
import { job, jobsOf, scopes, shut, startLockWorld, tokenOf, versions } from './lock-world.ts';

/** Hosts and paths that are none: what is authorized is what is served, and nothing else is. */

const world = await startLockWorld();
const { batten, accountName, sibling, subscriptionId, goodToken } = world;
const accounts = [accountName, sibling];

const unknownHosts = [
  'contoso.example',
  `${accountName}.batch.azure.com`,
  'batch.azure.com',
  'login.microsoftonline.com.evil.example',
  `${accountName}.westeurope.batch.azure.com.evil.example`,
];

for (const host of unknownHosts) {
  test(`the host ${host} is not served, under its own name or behind ours`, async () => {
    const question = { host, target: `/jobs?${versions.batch}`, token: goodToken, json: job };
    const earlier = await everything(world, accounts);
    const named = await ask(batten, question).catch(({ code }: NodeJS.ErrnoException) => code);
    if (typeof named === 'object') assert.equal(named.status, 421);
    else assert.match(String(named), /ECONNRESET|SSL|TLS/);
    const hidden = await ask(batten, { ...question, serverName: 'localhost' });
    assert.equal(hidden.status, 421);
    assert.deepEqual(await everything(world, accounts), earlier);
  });
}

test('an absolute target that names another host than the request is not served', async () => {
  const host = `${accountName}.${world.location}.batch.azure.com`;
  const elsewhere = `https://${sibling}.${world.location}.batch.azure.com/jobs?${versions.batch}`;
  const question = { host, target: elsewhere, token: goodToken, json: job };
  await shut(world, question, 421, 'MisdirectedRequest');
});

test('a host in a forwarding header changes nothing', async () => {
  const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
  const target = `/${world.tenantId}/v2.0/.well-known/openid-configuration`;
  const { status, body } = await ask(batten, { target, headers });
  assert.equal(status, 200);
  assert.ok(!body.includes('evil.example') && !body.includes('"http://'));
});

test("the path of one account at another account's host reaches neither", async () => {
  const host = `${sibling}.${world.location}.batch.azure.com`;
  const target = `/batch/${accountName}/jobs?${versions.batch}`;
  const earlier = await everything(world, accounts);
  const answer = await ask(batten, { host, target, token: goodToken, json: job });
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.body}`);
  assert.deepEqual(await everything(world, accounts), earlier);
});

const twisted = [
  `/batch/${accountName}//jobs`,
  `/batch/${accountName}/jobs/`,
  `/batch/${accountName}/./jobs`,
  `/batch/${accountName}/pools/../jobs`,
  `/batch/${accountName}/pools/%2e%2e/jobs`,
  `/batch/${accountName}/pools%2F..%2Fjobs`,
  `/batch/${accountName}%2Fjobs`,
  `/batch/${accountName}/%6Aobs%2F`,
  `/batch//${accountName}/jobs`,
  `//batch/${accountName}/jobs`,
  `/batch/${accountName}/jobs%00`,
  `/batch/${accountName}/jobs%0a`,
  `/batch/${accountName}/jobs;x=1`,
  `/batch/${sibling}%2F..%2F${accountName}/jobs`,
  `/batch/${sibling}/../${accountName}/jobs`,
];

for (const path of twisted) {
  test(`the path ${path} adds no job, with or without a token`, async () => {
    const earlier = await everything(world, accounts);
    for (const token of [{ token: goodToken }, {}]) {
      const answer = await ask(batten, {
        target: `${path}?${versions.batch}`,
        json: job,
        ...token,
      });
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.body}`);
    }
    assert.deepEqual(await everything(world, accounts), earlier);
  });
}

const otherMethods = ['TRACE', 'OPTIONS', 'PATCH', 'PUT', 'DELETE'];

for (const method of otherMethods) {
  test(`${method} on the list of jobs gives nothing away and changes nothing`, async () => {
    const earlier = await everything(world, accounts);
    for (const token of [{ token: goodToken }, {}]) {
      const answer = await ask(batten, { method, target: jobsOf(accountName), ...token });
      assert.ok(answer.status >= 400 || answer.status === 204, `${answer.status} ${answer.body}`);
      assert.ok(!answer.body.includes('"value":['), answer.body);
    }
    assert.deepEqual(await everything(world, accounts), earlier);
  });
}

test('a method in a header or in the query is not the method', async () => {
  const earlier = await everything(world, accounts);
  for (const headers of [{ 'x-http-method': 'DELETE' }, { 'x-http-method-override': 'POST' }]) {
    const target = `${jobsOf(accountName)}&x-http-method=DELETE`;
    assert.equal((await ask(batten, { target, token: goodToken, headers })).status, 200);
  }
  assert.deepEqual(await everything(world, accounts), earlier);
});

test('leading slashes at Resource Manager change nothing about who may', async () => {
  const roleless = await signUp(world, 'slashes');
  const token = await tokenOf(roleless, scopes.arm);
  const path = `//subscriptions/${subscriptionId}/resourceGroups/rg1`;
  const question = { method: 'DELETE', target: `${path}?${versions.group}`, token };
  await shut(world, question, 403, 'AuthorizationFailed');
});

const twistedGroups = [
  `/subscriptions/${subscriptionId}%2FresourceGroups%2Frg1`,
  `/subscriptions/${subscriptionId}/resourceGroups/rg1%2F..%2Frg1`,
  `/subscriptions/${subscriptionId}/resourceGroups/./rg1`,
  `/subscriptions/${subscriptionId}/resourceGroups/rg1%00`,
  `/subscriptions/${subscriptionId}/resourceGroups/..%2f..%2f${subscriptionId}`,
];

for (const path of twistedGroups) {
  test(`the path ${path} deletes no group, whoever asks`, async () => {
    const earlier = await everything(world, accounts);
    const roleless = await signUp(world, 'paths');
    const tokens = [
      await tokenOf({ credential: world.owner }, scopes.arm),
      await tokenOf(roleless, scopes.arm),
    ];
    await world.graph.call('DELETE', `/v1.0/applications/${roleless.objectId}`);
    for (const token of tokens) {
      const target = `${path}?${versions.group}`;
      const answer = await ask(batten, { method: 'DELETE', target, token });
      assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status} ${answer.body}`);
    }
    assert.deepEqual(await everything(world, accounts), earlier);
  });
}
