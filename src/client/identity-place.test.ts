import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Environment, identityRequest } from './identity-place.ts';
import { managedIdentity } from './managed-identity.ts';

const resource = 'https://batch.core.windows.net/';
const clientId = 'c1';

const places: readonly {
  readonly where: string;
  readonly environment: Environment;
  readonly asked: string;
  readonly headers: Readonly<Record<string, string>>;
}[] = [
  {
    where: 'App Service',
    environment: { IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token', IDENTITY_HEADER: 'h' },
    asked: 'GET http://127.0.0.1:1/msi/token api-version=2019-08-01 client_id=c1',
    headers: { 'x-identity-header': 'h' },
  },
  {
    where: 'Azure Machine Learning',
    environment: {
      MSI_ENDPOINT: 'http://127.0.0.1:1/msi/auth',
      MSI_SECRET: 's',
      DEFAULT_IDENTITY_CLIENT_ID: 'usual',
    },
    asked: 'GET http://127.0.0.1:1/msi/auth api-version=2017-09-01 clientid=c1',
    headers: { secret: 's' },
  },
  {
    where: 'Cloud Shell',
    environment: { MSI_ENDPOINT: 'http://127.0.0.1:1/oauth2/token' },
    asked: 'POST http://127.0.0.1:1/oauth2/token client_id=c1',
    headers: { metadata: 'true', 'content-type': 'application/x-www-form-urlencoded' },
  },
  {
    where: 'a virtual machine',
    environment: {},
    asked:
      'GET http://169.254.169.254/metadata/identity/oauth2/token api-version=2018-02-01 client_id=c1',
    headers: { metadata: 'true' },
  },
  {
    where: 'a pod that has an authority of its own',
    environment: { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:2/' },
    asked:
      'GET http://127.0.0.1:2/metadata/identity/oauth2/token api-version=2018-02-01 client_id=c1',
    headers: { metadata: 'true' },
  },
  {
    where: 'App Service, which also has the older variables,',
    environment: {
      IDENTITY_ENDPOINT: 'http://127.0.0.1:1/msi/token',
      IDENTITY_HEADER: 'h',
      MSI_ENDPOINT: 'http://127.0.0.1:1/older',
      MSI_SECRET: 's',
    },
    asked: 'GET http://127.0.0.1:1/msi/token api-version=2019-08-01 client_id=c1',
    headers: { 'x-identity-header': 'h' },
  },
];

for (const { where, environment, asked, headers } of places) {
  test(`on ${where} the token is asked for as that place wants it`, () => {
    const request = identityRequest(environment, resource, { clientId });
    const { origin, pathname, searchParams } = request.url;
    const sent = new URLSearchParams(request.body ?? searchParams);
    assert.equal(sent.get('resource'), resource);
    sent.delete('resource');
    const rest = [...sent].map(([name, value]) => ` ${name}=${value}`).join('');
    assert.equal(`${request.method} ${origin}${pathname}${rest}`, asked);
    assert.deepEqual(request.headers, headers);
  });
}

test('a machine of Azure Machine Learning says which identity is the usual one', () => {
  const environment = {
    MSI_ENDPOINT: 'http://127.0.0.1:1/msi/auth',
    MSI_SECRET: 's',
    DEFAULT_IDENTITY_CLIENT_ID: 'usual',
  };
  const { url } = identityRequest(environment, resource, {});
  assert.equal(url.searchParams.get('clientid'), 'usual');
});

const unsupported: readonly (readonly [where: string, environment: Environment])[] = [
  [
    'Service Fabric',
    {
      IDENTITY_ENDPOINT: 'https://localhost:1/',
      IDENTITY_HEADER: 'h',
      IDENTITY_SERVER_THUMBPRINT: 't',
    },
  ],
  ['Azure Arc', { IDENTITY_ENDPOINT: 'http://localhost:1/', IMDS_ENDPOINT: 'http://localhost:1/' }],
];

for (const [where, environment] of unsupported) {
  test(`on ${where} nothing is asked, and the error says so`, () => {
    assert.throws(() => identityRequest(environment, resource, {}), {
      code: 'unsupported_place',
      message: new RegExp(where),
    });
  });
}

test('an endpoint that is not on plain http is not asked, and its address is not shown', () => {
  const environment = { MSI_ENDPOINT: 'https://elsewhere.example/secret-in-the-path' };
  assert.throws(
    () => identityRequest(environment, resource, {}),
    (error: Error) => !error.message.includes('secret-in-the-path'),
  );
});

/** An endpoint that answers in order. */
async function endpoint(t: TestContext, ...answers: readonly [status: number, body: string][]) {
  let asked = 0;
  const server = createServer((_, response) => {
    const [status, body] = answers[asked] ?? [500, ''];
    asked += 1;
    response.writeHead(status).end(body);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const environment = { IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/`, IDENTITY_HEADER: 'h' };
  return { environment, port, asked: () => asked };
}

const given = (more: object) => JSON.stringify({ access_token: 'one', ...more });

for (const [form, body] of [
  ['text', given({ expires_on: '4102444800' })],
  ['a number', given({ expires_on: 4_102_444_800 })],
  ['what is left', given({ expires_in: '86399' })],
] as const) {
  test(`a hundred calls make one request, when the end is given as ${form}`, async (t) => {
    const at = await endpoint(t, [200, body]);
    const tokens = managedIdentity({ environment: at.environment });
    const all = await Promise.all(Array.from({ length: 100 }, () => tokens()));
    assert.deepEqual([new Set(all), at.asked()], [new Set(['one']), 1]);
  });
}

test('an endpoint that is not ready yet is asked again', async (t) => {
  const at = await endpoint(t, [404, ''], [200, given({ expires_in: 60 })]);
  assert.equal(await managedIdentity({ environment: at.environment })(), 'one');
  assert.equal(at.asked(), 2);
});

for (const [what, status, body, code] of [
  ['a refusal', 400, '{"error":"invalid_request","error_description":"no"}', 'invalid_request'],
  ['a refusal of Cloud Shell', 400, '{"error":{"code":"Its","message":"no"}}', 'Its'],
  ['a refusal of App Service', 400, '{"statusCode":400,"message":"no"}', 'Http400'],
  ['an answer that is none', 400, '<html>', 'Http400'],
  ['a token without an end', 200, given({}), 'no_token'],
  ['a page', 200, '<html>', 'no_token'],
] as const) {
  test(`${what} is told, and not asked for again`, async (t) => {
    const at = await endpoint(t, [status, body]);
    const tokens = managedIdentity({ environment: at.environment });
    await assert.rejects(async () => tokens(), { name: 'SignInError', code });
    assert.equal(at.asked(), 1);
  });
}

test('where no virtual machine is, the error says that no endpoint answers', async () => {
  const environment = { AZURE_POD_IDENTITY_AUTHORITY_HOST: 'http://127.0.0.1:1' };
  await assert.rejects(async () => managedIdentity({ environment })(), {
    code: 'no_managed_identity',
    message: /ECONNREFUSED.*batten run --identity/s,
  });
});
