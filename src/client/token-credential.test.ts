import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineClock } from '#kernel/clock.ts';
import { BatchClient } from './batch-client.ts';
import { BatchTokenCredentials } from './credentials.ts';
import { fakeService } from './fake-service.ts';
import { cloudOfAccount, scopeOf, tokensOf } from './token-credential.ts';

const audiences = [
  {
    account: 'https://contoso.westeurope.batch.azure.com',
    cloud: 'public',
    scope: 'https://batch.core.windows.net//.default',
  },
  {
    account: 'https://contoso.chinanorth2.batch.chinacloudapi.cn',
    cloud: 'china',
    scope: 'https://batch.chinacloudapi.cn//.default',
  },
  {
    account: 'https://contoso.usgovvirginia.batch.usgovcloudapi.net',
    cloud: 'usgov',
    scope: 'https://batch.core.usgovcloudapi.net//.default',
  },
  {
    account: 'https://localhost:8443/batch/contoso',
    cloud: 'public',
    scope: 'https://batch.core.windows.net//.default',
  },
] as const;

/** A credential that gives tokens for an hour, and remembers what it was asked for. */
function credential(lifetimeSeconds = 3600) {
  const asked: (string | string[])[] = [];
  return {
    asked,
    getToken: async (scopes: string | string[]) => {
      asked.push(scopes);
      const now = machineClock().real() / 1000;
      return { token: `token-${asked.length}`, expiresOnTimestamp: now + lifetimeSeconds * 1000 };
    },
  };
}

for (const { account, cloud, scope } of audiences) {
  test(`for ${account} a credential is asked for ${scope}`, async () => {
    assert.equal(cloudOfAccount(account), cloud);
    assert.equal(scopeOf({ cloud }), scope);
    const given = credential();
    await new BatchTokenCredentials(account, given).authenticate({
      ...{ method: 'GET', target: '/jobs', headers: {} },
    });
    assert.deepEqual(given.asked, [scope]);
  });
}

test('another resource is asked for to the letter', async () => {
  const given = credential();
  await tokensOf(given, { resource: 'https://graph.microsoft.com' })();
  assert.deepEqual(given.asked, ['https://graph.microsoft.com/.default']);
});

test('a credential is asked once for a hundred calls, and again when its token is about to end', async () => {
  const [long, short] = [credential(), credential(60)];
  for (const given of [long, short]) {
    const tokens = tokensOf(given);
    await Promise.all(Array.from({ length: 100 }, () => tokens()));
    await tokens();
  }
  assert.deepEqual([long.asked.length, short.asked.length], [1, 2]);
});

test('a credential without a token is refused by name, and what it throws is thrown on', async () => {
  const none = tokensOf({ getToken: async () => null });
  await assert.rejects(async () => none(), { code: 'no_token', message: /no token for https/ });
  const broken = tokensOf({ getToken: () => Promise.reject(new Error('its own words')) });
  await assert.rejects(async () => broken(), /its own words/);
});

test('after a 401 the credential is asked again, and the request is sent once more', async () => {
  await using service = await fakeService(({ headers }) =>
    headers.authorization === 'Bearer token-2'
      ? { status: 200, json: { id: 'j' } }
      : { status: 401 },
  );
  const given = credential();
  const account = new BatchTokenCredentials(service.url, given);
  const client = BatchClient.open(account, { agent: service.agent });
  assert.equal((await client.jobs.get('j')).id, 'j');
  assert.deepEqual([given.asked.length, service.seen.length], [2, 2]);
});
