import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bearerProblemFixtures } from './test-callers.ts';
import { BatchWorld, latestVersion } from './test-world.ts';

let world: BatchWorld;
before(async () => {
  world = await BatchWorld.open();
  for (const [name, problem] of bearerProblemFixtures) world.refuse(name, problem);
});
after(() => world.close());

const requestId = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;

test('an error has the body, the length and the headers that Azure was recorded with', async () => {
  const answer = await world.ask('GET', '/pools/none');
  assert.equal(answer.status, 404);
  assert.deepEqual(Object.keys(answer.json), ['odata.metadata', 'code', 'message']);
  assert.equal(
    answer.json['odata.metadata'],
    'https://contoso.westeurope.batch.azure.com/$metadata#Microsoft.Azure.Batch.Protocol.Entities.Container.errors/@Element',
  );
  assert.equal(answer.json.code, 'PoolNotFound');
  assert.equal(answer.json.message.lang, 'en-US');
  const [text, id, time] = answer.json.message.value.split('\n');
  assert.equal(text, 'The specified pool does not exist.');
  assert.equal(id, `RequestId:${answer.headers['request-id']}`);
  assert.match(id, requestId);
  assert.equal(time, 'Time:2026-11-20T09:00:00.1234000Z');
  assert.deepEqual(answer.headers, {
    Server: 'Microsoft-HTTPAPI/2.0',
    'request-id': answer.headers['request-id'],
    'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
    'X-Content-Type-Options': 'nosniff',
    DataServiceVersion: '3.0',
    'Content-Length': String(Buffer.byteLength(answer.text)),
    'Content-Type': 'application/json;odata=minimalmetadata',
  });
});

test('an error to HEAD has no body and no content type', async () => {
  const answer = await world.ask('HEAD', '/pools/none');
  assert.equal(answer.status, 404);
  assert.equal(answer.text, '');
  assert.equal(answer.headers['Content-Type'], undefined);
});

test('the client request id comes back only when the client asks for it', async () => {
  const id = '2778be87-6ac1-4e38-8a83-e090d9714f01';
  const cases = [
    [{ 'client-request-id': id, 'return-client-request-id': 'true' }, id],
    [{ 'client-request-id': id, 'return-client-request-id': 'false' }, undefined],
    [{ 'client-request-id': id }, undefined],
    [{ 'return-client-request-id': 'true' }, undefined],
  ] as const;
  for (const [headers, echoed] of cases) {
    const answer = await world.ask('GET', '/pools', { headers });
    assert.equal(answer.headers['client-request-id'], echoed);
    const refused = await world.ask('HEAD', '/pools/none', { headers });
    assert.equal(refused.headers['client-request-id'], echoed);
  }
});

const details: readonly (readonly [as: string, detail: RegExp])[] = [
  [
    'no-slash',
    /^The access token has been obtained from wrong audience or resource 'https:\/\/batch\.core\.windows\.net'\. It should exactly match \(including forward slash\) with one of the allowed audiences 'https:\/\/batch\.core\.windows\.net\/'$/,
  ],
  ['expired', /^The access token expiry UTC time '2023-11-14T22:13:20\.0000000Z' is earlier/],
  ['foreign', /wrong issuer/],
  ['other-cloud', /wrong issuer/],
  ['stranger', /wrong issuer/],
];

for (const [as, detail] of details) {
  test(`the token of ${as} is refused with its reason and a challenge`, async () => {
    const answer = await world.ask('GET', '/jobs', { as });
    assert.equal(answer.status, 401);
    assert.equal(answer.json.code, 'AuthenticationFailed');
    assert.match(answer.json.message.value, /is formed correctly\.\nRequestId/);
    assert.equal(answer.json.values[0].key, 'AuthenticationErrorDetail');
    assert.match(answer.json.values[0].value, detail);
    const challenge = answer.headers['WWW-Authenticate'] ?? '';
    assert.match(challenge, /^Bearer authorization_uri="https:\/\/login\.microsoftonline\.com\//);
    assert.match(challenge, /resource_id="https:\/\/batch\.core\.windows\.net\/"$/);
  });
}

test('on the hardened side only this machine is told why a token was refused', async (t) => {
  const hardened = await BatchWorld.open({}, 'hardened');
  t.after(() => hardened.close());
  const rows = [
    [world, '203.0.113.7', 'from wrong audience'],
    [hardened, '127.0.0.1', 'from wrong audience'],
    [hardened, '::ffff:127.0.0.1', 'from wrong audience'],
    [hardened, '203.0.113.7', 'The access token is not accepted.'],
    [hardened, '2001:db8::7', 'The access token is not accepted.'],
  ] as const;
  for (const [name, problem] of bearerProblemFixtures) hardened.refuse(name, problem);
  for (const [where, from, detail] of rows) {
    const answer = await where.ask('GET', '/jobs', { as: 'no-slash', from });
    assert.equal(answer.status, 401);
    assert.ok(answer.json.values[0].value.includes(detail), `${from}: ${answer.text}`);
  }
});

test('on the hardened side only this machine is told what should have been signed', async (t) => {
  const hardened = await BatchWorld.open({}, 'hardened');
  t.after(() => hardened.close());
  const headers = {
    authorization: 'SharedKey contoso:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=',
    'ocp-date': 'Fri, 20 Nov 2026 09:00:00 GMT',
  };
  for (const [where, from, isTold] of [
    [world, '203.0.113.7', true],
    [hardened, '127.0.0.1', true],
    [hardened, '203.0.113.7', false],
  ] as const) {
    const { status, json } = await where.ask('GET', '/jobs', { headers, from });
    assert.equal(status, 403);
    assert.equal(json.values[0].value.includes('string to sign'), isTold, from);
  }
});

test('an account that does not exist is refused as recorded, whatever the credential', async () => {
  for (const as of ['owner', 'nobody']) {
    const answer = await world.ask('GET', '/jobs', { account: 'noexistaccount', as });
    assert.equal(answer.status, 403);
    assert.equal(answer.json.code, 'AuthenticationFailed');
    assert.match(answer.json.message.value, /including the signature\.\n/);
    assert.deepEqual(answer.json.values, [
      {
        key: 'AuthenticationErrorDetail',
        value:
          'Cannot find the claimed account when trying to GetProperties for the account noexistaccount.',
      },
    ]);
    assert.equal(answer.headers['WWW-Authenticate'], undefined);
  }
});

test('a shared key is good only for its own account, unchanged and in its time', async () => {
  await world.account({ name: 'other' });
  assert.equal((await world.ask('GET', '/jobs', { as: 'key' })).status, 200);
  const elsewhere = await world.ask('GET', '/jobs', { as: 'key', account: 'other' });
  assert.equal(elsewhere.status, 403);
  const authorization = 'SharedKey contoso:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=';
  const date = { 'ocp-date': 'Fri, 20 Nov 2026 09:00:00 GMT' };
  const forged = await world.ask('GET', '/jobs', { headers: { authorization, ...date } });
  assert.equal(forged.status, 403);
  assert.equal(
    forged.json.values[0].value,
    "The MAC signature found in the HTTP request 'YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXoxMjM0NTY=' is not the same as any computed signature. " +
      `Server used following string to sign: 'GET${'\n'.repeat(12)}ocp-date:Fri, 20 Nov 2026 09:00:00 GMT\n/contoso/jobs\napi-version:${latestVersion}'.`,
  );
  const old = { 'ocp-date': 'Fri, 20 Nov 2026 08:00:00 GMT' };
  const stale = await world.ask('GET', '/jobs', { headers: { authorization, ...old } });
  assert.equal(stale.status, 403);
  assert.match(stale.json.values[0].value, /date header/);
});

test('an Authorization header of no known form is malformed', async () => {
  for (const authorization of ['Basic YTpi', 'SharedKey', 'SharedKey contoso']) {
    const answer = await world.ask('GET', '/jobs', { headers: { authorization } });
    assert.equal(answer.status, 400, authorization);
    assert.equal(answer.json.code, 'InvalidAuthenticationInfo');
  }
});

test('an account refuses the ways of authenticating that it does not allow', async () => {
  const closed = await BatchWorld.open({ allowedAuthenticationModes: ['AAD'] });
  const keyless = await closed.ask('GET', '/jobs', { as: 'key' });
  assert.equal(keyless.status, 403);
  assert.equal(
    keyless.json.values[0].value,
    'The specified type of authentication SharedKey is not allowed for this account.',
  );
  assert.equal((await closed.ask('GET', '/jobs')).status, 200);
  await closed.close();
  const keyed = await BatchWorld.open({ allowedAuthenticationModes: ['SharedKey'] });
  assert.equal((await keyed.ask('GET', '/jobs')).status, 403);
  assert.equal((await keyed.ask('GET', '/jobs', { as: 'key' })).status, 200);
  await keyed.close();
});

test('what is no resource, no verb or no path is refused in the words of Batch', async () => {
  const cases = [
    ['GET', '/nothing', 400, 'InvalidUri'],
    ['GET', '//jobs', 400, 'InvalidUri'],
    ['GET', '/jobs//tasks', 400, 'InvalidUri'],
    ['GET', '/jobs/%ff', 400, 'InvalidUri'],
    ['DELETE', '/jobs', 405, 'UnsupportedHttpVerb'],
  ] as const;
  for (const [method, path, status, code] of cases) {
    const answer = await world.ask(method, path);
    assert.deepEqual([answer.status, answer.json.code], [status, code], path);
    assert.equal((await world.ask(method, path, { as: 'nobody' })).status, 401, path);
  }
});

test('a body that is too large or not JSON is refused before anything is looked at', async () => {
  const rows = await world.rows();
  const large = await world.ask('POST', '/jobs', { body: `{"id":"${'a'.repeat(1_048_576)}"}` });
  assert.equal(large.status, 413);
  assert.equal(large.json.code, 'RequestBodyTooLarge');
  assert.deepEqual(large.json.values, [{ key: 'MaxLimit', value: '1048576' }]);
  for (const body of ['{"id":', '[]', '"text"', 'null']) {
    const malformed = await world.ask('POST', '/jobs', { body });
    assert.equal(malformed.json.code, 'InvalidRequestBody', body);
  }
  assert.deepEqual(await world.rows(), rows);
});
