import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Application } from '#directory/application.ts';
import { putTenantSettings } from '#directory/tenant-settings.store.ts';
import { answerOf } from './browser.test.ts';
import { batchScope, openUserWorld, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const right = {
  client_id: site.appId,
  redirect_uri: site.redirectUri,
  response_type: 'code',
  scope: `${batchScope} openid`,
  state: 'kept',
};

const web = [site.redirectUri, 'http://localhost/web', 'https://site.example/q?a=1'];
const wildcard = 'https://*.apps.example/signed-in';

const registered = {
  webRedirectUris: [
    ...web,
    wildcard,
    'javascript:alert(1)',
    'http://mybatchdatasample',
    'http://[::1]/six',
  ],
  publicClientRedirectUris: [
    'http://localhost',
    'http://127.0.0.1/native',
    'https://login.microsoftonline.com/common/oauth2/nativeclient',
    `msal${site.appId}://auth`,
  ],
  spaRedirectUris: ['https://spa.example/'],
};

const known: readonly string[] = [
  ...web,
  ...registered.publicClientRedirectUris,
  'http://127.0.0.1:65535/native',
  'http://localhost',
  'http://localhost/',
  'http://localhost:50123',
  'http://localhost:1/web',
  `msal${site.appId}://auth`,
  'https://one.apps.example/signed-in',
];

const unknown: readonly string[] = [
  'https://evil.example/',
  `${site.redirectUri}/`,
  `${site.redirectUri}/more`,
  'https://site.example/Signed-in',
  'https://site.example:444/signed-in',
  'http://site.example/signed-in',
  'https://site.example@evil.example/signed-in',
  'https://site.example/x/../signed-in',
  'https://site.example/%73igned-in',
  'https://site.example\\@evil.example/signed-in',
  'https://site.example/signed-in\t',
  'https://site.example/signed-in\r\nX: y',
  'https://s\u0456te.example/signed-in',
  `${site.redirectUri}#x`,
  wildcard,
  'https://apps.example/signed-in',
  'https://.apps.example/signed-in',
  'https://a.b.apps.example/signed-in',
  'https://one.apps.example/signed-in/more',
  'https://one.apps.example:444/signed-in',
  'https://me@one.apps.example/signed-in',
  'https://evil.example/.apps.example/signed-in',
  'https://evil.example/?.apps.example/signed-in',
  'http://one.apps.example/signed-in',
  'http://localhost/other',
  'http://localhost:50123/web/',
  'http://localhost.evil.example/web',
  'http://localhost:1@evil.example/web',
  'https://localhost/web',
  'http://127.0.0.1/web',
  'http://127.0.0.1:1/native/',
  'http://[::1]:5000/six',
  'https://login.microsoftonline.com/common/oauth2/nativeclient/',
  'https://login.microsoftonline.com/organizations/oauth2/nativeclient',
  'javascript:alert(1)',
  'data:text/html,x',
  'msal00000000-0000-0000-0000-000000000000://auth',
];

test('a redirect address is the registered text, but for the port of a loopback one', async (t) => {
  const world = await openUserWorld(t, registered);
  const ask = (redirect_uri: string) => {
    const query = new URLSearchParams({ ...right, redirect_uri });
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}` });
  };
  for (const uri of known) assert.match((await ask(uri)).text, /id="i0116"/, uri);
  for (const uri of unknown) {
    const answer = await ask(uri);
    assert.equal(answer.status, 400, uri);
    assert.equal(answer.headers['Location'], undefined, uri);
    assert.match(answer.text, /AADSTS50011/, uri);
  }
});

test('an address under a wildcard gets its answer without the query that it was asked for with', async (t) => {
  const world = await openUserWorld(t, registered);
  const redirect_uri = 'https://one.apps.example/signed-in?next=https://evil.example/';
  const query = new URLSearchParams({ ...right, redirect_uri, prompt: 'none' });
  const answer = await world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}` });
  const { href } = new URL(answer.headers['Location'] ?? '');
  assert.ok(href.startsWith('https://one.apps.example/signed-in?error='), href);
  assert.equal(answerOf(answer).get('state'), 'kept');
});

test('http to another machine is refused although it is registered, but where the tenant is classic', async (t) => {
  const world = await openUserWorld(t, registered);
  const ask = (redirect_uri: string) => {
    const query = new URLSearchParams({ ...right, redirect_uri });
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}` });
  };
  for (const uri of ['http://mybatchdatasample', 'http://[::1]/six']) {
    const answer = await ask(uri);
    assert.equal(answer.status, 400, uri);
    assert.equal(answer.headers['Location'], undefined, uri);
    assert.match(answer.text, /AADSTS500117/, uri);
  }
  await world.store.write((tx) =>
    putTenantSettings(tx, contoso.tenantId, { hasClassicRedirectUris: true }),
  );
  assert.match((await ask('http://mybatchdatasample')).text, /id="i0116"/);
  assert.match((await ask('http://mybatchdatasample:80')).text, /AADSTS50011/);
  assert.match((await ask('javascript:alert(1)')).text, /AADSTS50011/);
});

test('a request without an address is answered at the default one, else at the first', async (t) => {
  const address = async (t: TestContext, more: Partial<Application>) => {
    const world = await openUserWorld(t, more);
    const query = new URLSearchParams({ ...right, redirect_uri: '', prompt: 'none' });
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}` });
  };
  const two = { webRedirectUris: ['https://a.example/', 'https://b.example/'] };
  const to = async (more: Partial<Application>) =>
    new URL((await address(t, more)).headers['Location'] ?? '').origin;
  assert.equal(await to(two), 'https://a.example');
  const profile = { defaultRedirectUri: 'https://b.example/' };
  assert.equal(await to({ ...two, profile }), 'https://b.example');
  const elsewhere = { defaultRedirectUri: 'https://evil.example/' };
  assert.equal(await to({ ...two, profile: elsewhere }), 'https://a.example');
  assert.match((await address(t, { webRedirectUris: [] })).text, /AADSTS900971/);
});

test('an application without any address is refused whatever address is asked for', async (t) => {
  const world = await openUserWorld(t, { webRedirectUris: [] });
  const query = new URLSearchParams(right);
  const answer = await world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}` });
  assert.deepEqual([answer.status, answer.headers['Location']], [400, undefined]);
  assert.match(answer.text, /AADSTS500113: No reply address is registered for the application\./);
});

test('the address that Entra lends to native applications shows a page without the code', async (t) => {
  const world = await openUserWorld(t);
  const path = '/common/oauth2/nativeclient?code=1.secret-code&state=x';
  const { status, headers, text } = await world.send({ path });
  assert.equal(status, 200);
  assert.doesNotMatch(text, /secret-code/);
  assert.equal(headers['Referrer-Policy'], 'no-referrer');
});

test('an address without a path is answered with a slash', async (t) => {
  const world = await openUserWorld(t, registered);
  const none = { ...right, prompt: 'none', redirect_uri: 'http://localhost:7071' };
  for (const [response_mode, start] of [
    ['query', 'http://localhost:7071/?error='],
    ['fragment', 'http://localhost:7071/#error='],
  ] as const) {
    const query = new URLSearchParams({ ...none, response_mode });
    const answer = await world.send({
      path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}`,
    });
    assert.ok(answer.headers['Location']?.startsWith(start), answer.headers['Location']);
  }
});

type Refused = readonly [name: string, change: Readonly<Record<string, string>>, code: string];

const shown: readonly Refused[] = [
  ['no client', { client_id: '' }, 'AADSTS900144'],
  ['what stands for a client in a sample', { client_id: '<client id>' }, 'AADSTS90013'],
  ['an unknown client', { client_id: 'nobody' }, 'AADSTS700016'],
  ['a state of 9000 characters', { state: 'x'.repeat(9000) }, 'AADSTS90015'],
];

const redirected: readonly Refused[] = [
  ['no response type', { response_type: '' }, 'AADSTS900144'],
  ['an unknown response type', { response_type: 'code x' }, 'AADSTS70005'],
  ['an id token that is not enabled', { response_type: 'id_token' }, 'AADSTS700054'],
  ['a token that is not enabled', { response_type: 'token' }, 'AADSTS700051'],
  ['a response type twice', { response_type: 'code code' }, 'AADSTS70005'],
  ['code and a token that is not enabled', { response_type: 'code token' }, 'AADSTS700051'],
  ['an unknown response mode', { response_mode: 'x' }, 'AADSTS70007'],
  ['an unknown prompt', { prompt: 'x' }, 'AADSTS90023'],
  ['no scope', { scope: '' }, 'AADSTS900144'],
  [
    'more than twenty resources',
    { scope: Array.from({ length: 21 }, (_, number) => `a${number}/x`).join(' ') },
    'AADSTS70011',
  ],
  ['.default beside a name of two resources', { scope: 'a/.default a/x b/y' }, 'AADSTS70011'],
  [
    '.default beside a name',
    { scope: `${batchScope} https://batch.core.windows.net//x` },
    'AADSTS70011',
  ],
  ['a resource on v2', { resource: 'x' }, 'AADSTS901002'],
  ['a short challenge', { code_challenge: 'x' }, 'AADSTS501491'],
  ['a method without a challenge', { code_challenge_method: 'S256' }, 'AADSTS50147'],
  [
    'an unknown challenge method',
    { code_challenge: 'x'.repeat(43), code_challenge_method: 'S512' },
    'AADSTS50149',
  ],
  [
    'a single-page application without a challenge',
    { redirect_uri: 'https://spa.example/' },
    'AADSTS9002325',
  ],
  ['claims that are no JSON', { claims: '{' }, 'AADSTS9002313'],
];

test('what is wrong before the address is known is a page, with its code and correlation id', async (t) => {
  const world = await openUserWorld(t, registered);
  for (const [name, change, code] of shown) {
    const query = new URLSearchParams({ ...right, ...change });
    const path = `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}`;
    const { headers, text } = await world.send({ path });
    assert.equal(headers['Location'], undefined, name);
    assert.ok(text.includes(code), `${name}: ${text}`);
    assert.match(text, /Correlation ID<\/dt><dd>[0-9a-f-]{36}/);
  }
});

test('what is wrong afterwards goes to the application, with its state, and leaves nothing behind', async (t) => {
  const world = await openUserWorld(t, registered);
  const before = await world.rows();
  for (const [name, change, code] of redirected) {
    const query = new URLSearchParams({ ...right, ...change });
    const path = `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}`;
    const answer = await world.send({ path });
    const told = answerOf(answer);
    assert.ok(told.get('error_description')?.startsWith(`${code}: `), `${name}: ${told}`);
    assert.equal(told.get('state'), 'kept', name);
    assert.equal(world.recorded.at(-1)?.code, code, name);
  }
  assert.deepEqual(await world.rows(), before);
});

const redirectedTokens: readonly Refused[] = [
  ['an id token without a nonce', { response_type: 'id_token', nonce: '' }, 'AADSTS90014'],
  ['an id token without openid', { response_type: 'id_token', scope: batchScope }, 'AADSTS70005'],
  ['a token in a query', { response_type: 'token', response_mode: 'query' }, 'AADSTS70007'],
  ['code and id token in a query', { response_mode: 'query' }, 'AADSTS70007'],
  ['nobody signed in', { prompt: 'none' }, 'AADSTS50058'],
];

test('what is wrong with a request for tokens is told in the fragment, never in a query', async (t) => {
  const enabled = { enableIdTokenIssuance: true, enableAccessTokenIssuance: true };
  const world = await openUserWorld(t, enabled);
  const hybrid = { ...right, response_type: 'code id_token', nonce: 'n' };
  for (const [name, change, code] of redirectedTokens) {
    const query = new URLSearchParams({ ...hybrid, ...change });
    const { headers } = await world.send({
      path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}`,
    });
    const { hash, search } = new URL(headers['Location'] ?? '');
    assert.equal(search, '', name);
    const told = new URLSearchParams(hash.slice(1));
    assert.ok(told.get('error_description')?.startsWith(`${code}: `), `${name}: ${told}`);
    assert.equal(told.get('state'), 'kept', name);
  }
});

test('a single-page application needs a challenge for a code, and for an id token none', async (t) => {
  const world = await openUserWorld(t, { ...registered, enableIdTokenIssuance: true });
  const spa = { ...right, redirect_uri: 'https://spa.example/', nonce: 'n' };
  const ask = (response_type: string) => {
    const query = new URLSearchParams({ ...spa, response_type });
    return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/authorize?${query}` });
  };
  assert.match((await ask('id_token')).text, /id="i0116"/);
  const told = answerOf(await ask('code id_token'));
  assert.match(told.get('error_description') ?? '', /^AADSTS9002325: /);
});

test('a parameter that comes twice is refused, and a form asks the same as a link', async (t) => {
  const world = await openUserWorld(t);
  const path = `/${contoso.tenantId}/oauth2/v2.0/authorize`;
  const query = `${new URLSearchParams(right)}`;
  const twice = await world.send({ path: `${path}?${query}&client_id=${site.appId}` });
  assert.match(twice.text, /AADSTS9002313/);
  assert.match((await world.send({ path, form: right })).text, /id="i0116"/);
});
