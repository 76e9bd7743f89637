import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeAnswer, fakeService } from './fake-service.ts';
import { SignInError } from './faults.ts';
import { restClient } from './rest.ts';
import { servicePrincipal } from './service-principal.ts';

const tenantId = 'b7a1c7f2-6d3c-4f1e-9d57-5b3a3f6f0c11';
const clientId = '0d8f5c1e-55a0-4b0e-8c58-7a1a4f1f9a22';

/** An authority that gives the token `secret-token` to everyone. */
async function authority(token: FakeAnswer = given('secret-token')) {
  const service = await fakeService(({ target, headers }) => {
    const base = `https://${headers.host}/${tenantId}`;
    if (!target.includes('openid-configuration')) return token;
    return {
      status: 200,
      json: {
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      },
    };
  });
  const options = {
    tenantId,
    clientId,
    clientSecret: 'a-secret',
    authorityHost: service.url,
    agent: service.agent,
  };
  const tokenRequests = () => service.seen.filter(({ method }) => method === 'POST');
  return { options, service, tokenRequests, [Symbol.asyncDispose]: service[Symbol.asyncDispose] };
}

function given(token: string): FakeAnswer {
  const json = {
    token_type: 'Bearer',
    expires_in: 3599,
    ext_expires_in: 3599,
    access_token: token,
  };
  return { status: 200, json };
}

test('a hundred calls at once and one later make one token request', async () => {
  await using at = await authority();
  const token = servicePrincipal(at.options);
  const tokens = await Promise.all(Array.from({ length: 100 }, token));
  tokens.push(await token());
  assert.deepEqual(new Set(tokens), new Set(['secret-token']));
  assert.equal(at.tokenRequests().length, 1);
});

const audiences = [
  { cloud: 'public', scope: 'https://batch.core.windows.net//.default' },
  { cloud: 'china', scope: 'https://batch.chinacloudapi.cn//.default' },
  { cloud: 'usgov', scope: 'https://batch.core.usgovcloudapi.net//.default' },
] as const;

for (const { cloud, scope } of audiences) {
  test(`in ${cloud} the audience keeps its slash: ${scope}`, async () => {
    await using at = await authority();
    await servicePrincipal({ ...at.options, cloud })();
    const form = new URLSearchParams(at.tokenRequests()[0]?.body);
    assert.equal(form.get('scope')?.split(' ')[0], scope);
    assert.equal(form.get('client_id'), clientId);
    assert.equal(form.get('grant_type'), 'client_credentials');
  });
}

test('another resource is asked for to the letter', async () => {
  await using at = await authority();
  await servicePrincipal({ ...at.options, resource: 'https://graph.microsoft.com' })();
  const form = new URLSearchParams(at.tokenRequests()[0]?.body);
  assert.equal(form.get('scope')?.split(' ')[0], 'https://graph.microsoft.com/.default');
});

test('a refused sign-in has the code of Entra and does not show the secret', async () => {
  await using at = await authority({
    status: 401,
    json: {
      error: 'invalid_client',
      error_description: 'AADSTS7000215: Invalid client secret provided.',
      error_codes: [7000215],
      correlation_id: 'c-1',
    },
  });
  const signIn = servicePrincipal(at.options);
  await assert.rejects(
    async () => signIn(),
    (error) => {
      assert.ok(error instanceof SignInError);
      assert.equal(error.code, 'AADSTS7000215');
      assert.equal(error.correlationId, 'c-1');
      const { advice = '' } = error;
      assert.match(advice, /value of the secret/);
      assert.equal(error.message, `AADSTS7000215: Invalid client secret provided.\n${advice}`);
      assert.ok(!JSON.stringify([error.message, error.stack]).includes('a-secret'));
      return true;
    },
  );
});

test('what answers without JSON is no sign-in service, and is said to be none', async () => {
  await using at = await authority({ status: 502, text: '<html>' });
  await assert.rejects(async () => servicePrincipal(at.options)(), {
    name: 'SignInError',
    code: 'unreadable_answer',
    message: /answered 502 without JSON/,
  });
});

test('a sign-in is never asked for in clear', async () => {
  const options = { tenantId, clientId, clientSecret: 'a-secret' };
  const tokens = servicePrincipal({ ...options, authorityHost: 'http://localhost:1' });
  await assert.rejects(async () => tokens(), {
    name: 'SignInError',
    code: 'authority_uri_insecure',
    message: /begins with https/,
  });
});

test('after a refusal the next call asks again', async () => {
  const refused = {
    status: 401,
    json: { error: 'invalid_client', error_description: 'AADSTS7000222: expired' },
  };
  await using at = await authority(refused);
  const signIn = servicePrincipal(at.options);
  await assert.rejects(async () => signIn());
  await assert.rejects(async () => signIn());
  assert.equal(at.tokenRequests().length, 2);
});

test('a REST call carries its token and returns what was answered', async () => {
  await using service = await fakeService(() => ({ status: 201, json: { id: '1' } }));
  const rest = restClient(`${service.url}/v1.0/`, () => 't', { agent: service.agent });
  const reply = await rest.call('POST', '/applications', { displayName: 'a' });
  assert.deepEqual([reply.status, reply.json], [201, { id: '1' }]);
  const [seen] = service.seen;
  assert.deepEqual([seen?.target, seen?.headers.authorization], ['/v1.0/applications', 'Bearer t']);
});

test('a REST call that is answered 401 is tried again once, with another token', async () => {
  await using service = await fakeService(({ headers }) => ({
    ...{ status: headers.authorization === 'Bearer new' ? 200 : 401, json: {} },
  }));
  const asked: (string | undefined)[] = [];
  const tokens = (refused?: string) => {
    asked.push(refused);
    return refused === undefined ? 'old' : 'new';
  };
  await restClient(service.url, tokens, { agent: service.agent }).call('GET', '/subscriptions');
  assert.deepEqual([asked, service.seen.length], [[undefined, 'old'], 2]);
});

test('a refused REST call has the code and text of Resource Manager', async () => {
  const json = { error: { code: 'AuthorizationFailed', message: 'No.' } };
  const headers = { 'x-ms-request-id': 'r-2' };
  await using service = await fakeService(() => ({ status: 403, headers, json }));
  const rest = restClient(service.url, () => 't', { agent: service.agent });
  await assert.rejects(rest.call('GET', '/subscriptions'), {
    name: 'ServiceError',
    status: 403,
    code: 'AuthorizationFailed',
    requestId: 'r-2',
  });
});
