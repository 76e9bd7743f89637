import assert from 'node:assert/strict';
import { answerOf, formOf, type Shown } from '#authority/browser.test.ts';
import { attack } from './attack.ts';
import { codeShown, openPerson } from './person.ts';
import { openAttackedWorld } from './world.ts';

/*
 * Where an answer is sent: only to an address that is registered, compared as it is written, never
 * as a browser would mend it.
 */

const world = await openAttackedWorld();
const registered = 'https://good.example/cb';
const withSlash = 'https://slash.example/cb/';
const site = await world.register('site', { web: { redirectUris: [registered, withSlash] } });
const loopback = await world.register('loopback', {
  publicClient: { redirectUris: ['http://localhost/path', 'http://localhost'] },
});
const person = openPerson(world);
const name = world.env['BATTEN_USERNAME'] ?? '';
const password = world.env['BATTEN_PASSWORD'] ?? '';

function ask(redirect_uri: string, client_id = site.appId): Promise<Shown> {
  const asked = { client_id, redirect_uri, response_type: 'code', scope: 'openid' };
  return person.authorize(asked);
}

/** The person is signed in and has agreed, so that whatever is allowed is answered at once. */
for (const [address, clientId] of [
  [registered, site.appId],
  ['http://localhost/path', loopback.appId],
] as const) {
  await ask(address, clientId);
  if (person.shown.text.includes('i0116')) await person.signIn(name, password);
  for (const field of [{ consent: 'accept' }, { stay: '0' }]) {
    if (person.shown.headers['location'] === undefined) await person.submit(field);
  }
  assert.ok(answerOf(await ask(address, clientId)).get('code'), address);
}

/** Nobody is sent there: a page says why, and no code was made. */
async function refused(address: string, clientId = site.appId, code = 'AADSTS50011') {
  const shown = await world.unchanged(() => ask(address, clientId));
  assert.equal(shown.headers['location'], undefined, JSON.stringify(address));
  assert.deepEqual([shown.status, codeShown(shown)], [400, code], JSON.stringify(address));
  assert.ok(!shown.text.includes(`href="${address}`), 'nor is it offered as a link');
}

const graphToken = await world.tokenFor('https://graph.microsoft.com');

/** Registration refuses an address. */
async function notRegistered(address: string, platform = 'web') {
  const target = `/v1.0/applications/${site.objectId}`;
  const json = { [platform]: { redirectUris: [registered, address] } };
  const answer = await world.unchanged(() =>
    world.ask({ method: 'PATCH', target, token: graphToken, json }),
  );
  assert.equal(answer.status, 400, `${platform} ${address}: ${answer.body}`);
}

attack('RED-01', async () => {
  await refused('https://evil.example/cb');
  const query = new URLSearchParams({
    ...{ client_id: site.appId, redirect_uri: 'https://evil.example/cb', response_type: 'code' },
    ...{ resource: 'https://management.azure.com/', scope: 'openid' },
  });
  for (const path of [`/${world.tenantId}/oauth2/authorize`, '/common/oauth2/v2.0/authorize']) {
    const shown = await world.unchanged(() => person.open(`${path}?${query}`));
    assert.deepEqual([shown.headers['location'], shown.status], [undefined, 400], path);
  }
});

attack('RED-03', async () => {
  for (const address of [
    `${registered}/`,
    `${registered}/more`,
    'https://good.example/',
    `${registered}?a=b`,
    withSlash.slice(0, -1),
    `${withSlash}/`,
    `${withSlash}more`,
  ]) {
    await refused(address);
  }
});

attack('RED-05', async () => {
  for (const port of ['', ':1', ':8080', ':65535']) {
    const shown = await ask(`http://localhost${port}/path`, loopback.appId);
    assert.ok(shown.headers['location']?.startsWith(`http://localhost${port}/path?`), port);
  }
});

attack('RED-06', async () => {
  for (const address of [
    'http://localhost/other',
    'http://localhost:8080/other',
    'http://localhost:8080/path/',
  ]) {
    await refused(address, loopback.appId);
  }
});

attack('RED-09', async () => {
  for (const address of [
    'http://site.example/cb',
    'http://10.0.0.1/cb',
    'http://localhost.evil.example/cb',
  ]) {
    await notRegistered(address);
    await notRegistered(address, 'spa');
  }
});

attack('RED-10', async () => {
  for (const address of [
    'https://good.example@evil.example/cb',
    'https://good.example:443@evil.example/cb',
  ]) {
    await refused(address);
  }
});

attack('RED-11', async () => {
  const odd = [
    'https://good.example\\cb',
    'https://good.example/cb\t',
    'https://good.example/cb\n',
    'https://good.example/cb\r\nSet-Cookie: a=b',
    'https://good.example/cb%0d%0aSet-Cookie:%20a=b',
    'https://good。example/cb',
    'https://gооd.example/cb',
    'https://xn--gd-jbb.example/cb',
    'https://good.example\u2024evil.example/cb',
  ];
  for (const address of odd) await refused(address);
});

attack('RED-12', async () => {
  const paths = ['/cb/../../evil', '/./cb', '/x/../cb', '/x/%2e%2e/cb', '/cb/.', '//cb'];
  for (const path of paths) await refused(`https://good.example${path}`);
  await refused('HTTPS://GOOD.EXAMPLE/cb/../cb');
});

attack('RED-13', async () => {
  const shown = await world.unchanged(() => ask(`${registered}#fragment`));
  assert.deepEqual([shown.headers['location'], shown.status], [undefined, 400]);
  assert.equal(codeShown(shown), 'AADSTS50011');
  await notRegistered(`${registered}#fragment`);
});

attack('RED-14', async () => {
  const schemes = [
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'blob:x',
  ];
  for (const address of schemes) {
    await notRegistered(address);
    await notRegistered(address, 'publicClient');
    await notRegistered(address, 'spa');
    await refused(address);
  }
});

attack('RED-15', async () => {
  const other = await world.register('mobile', {});
  const own = `msal${other.appId}://auth`;
  await world.graph.call('PATCH', `/v1.0/applications/${other.objectId}`, {
    publicClient: { redirectUris: [own] },
  });
  await refused(own, loopback.appId);
  await refused(`msal${loopback.appId}://auth/other`, loopback.appId);
});

attack('RED-17', async () => {
  const base = 'https://good.example/';
  const addresses = (count: number) =>
    Array.from({ length: count }, (_, index) => `${base}${index}`);
  const longest = `${base}${'a'.repeat(256 - base.length)}`;
  const everybody = { signInAudience: 'AzureADandPersonalMicrosoftAccount' };
  const shared = await world.register('shared', {
    ...everybody,
    api: { requestedAccessTokenVersion: 2 },
  });
  const wide = await world.register('wide', {});
  const send = ({ objectId }: { readonly objectId: string }, redirectUris: readonly string[]) =>
    world.ask({
      method: 'PATCH',
      target: `/v1.0/applications/${objectId}`,
      token: graphToken,
      json: { web: { redirectUris } },
    });
  for (const [application, allowed, refusedOnes] of [
    [wide, [longest], [`${longest}a`]],
    [wide, addresses(256), addresses(257)],
    [shared, addresses(100), addresses(101)],
  ] as const) {
    const answer = await world.unchanged(() => send(application, refusedOnes));
    assert.equal(answer.status, 400, answer.body);
    assert.equal((await send(application, allowed)).status, 204);
  }
});

attack('RED-18', async () => {
  for (const sign of ['!', '$', "'", '(', ')', ',', ';']) {
    await notRegistered(`https://good.example/c${sign}b`);
  }
});

attack('RED-20', async () => {
  const path = `/${world.tenantId}/oauth2/v2.0/logout`;
  for (const address of [
    'https://evil.example/',
    `${registered}/../evil`,
    'https://good.example',
  ]) {
    const query = new URLSearchParams({ post_logout_redirect_uri: address });
    const shown = await world.unchanged(() => openPerson(world).open(`${path}?${query}`));
    assert.deepEqual([shown.status, shown.headers['location']], [200, undefined], address);
    assert.ok(!shown.text.includes('evil.example'), address);
  }
});

attack('RED-21', async () => {
  const states = [
    'a'.repeat(100_000),
    '"><script>alert(1)</script>',
    'a\r\nSet-Cookie: x=y',
    'ü%25&=#',
  ];
  for (const state of states) {
    const query = new URLSearchParams({
      ...{ client_id: site.appId, redirect_uri: registered, response_type: 'code' },
      ...{ scope: 'openid', state },
    });
    // What does not fit into an address is sent as a form.
    const path = `/${world.tenantId}/oauth2/v2.0/authorize`;
    const shown = await person.post(path, query.toString());
    assert.ok(!shown.text.includes('<script>alert'), 'never rendered');
    assert.equal(shown.headers['set-cookie']?.includes('x=y') ?? false, false);
    const location = shown.headers['location'];
    if (state.length > 10_000) assert.deepEqual([location, shown.status], [undefined, 400]);
    else assert.equal(new URL(location ?? '').searchParams.get('state'), state);
  }
});

attack('RED-22', async () => {
  const state = '"><script>alert(1)</script>';
  const shown = await person.authorize({
    ...{ client_id: site.appId, redirect_uri: registered, response_type: 'code' },
    ...{ scope: 'openid', state, response_mode: 'form_post' },
  });
  const { action, hidden } = formOf(shown.text);
  assert.equal(action, registered);
  assert.equal(hidden['state'], state);
  assert.ok(hidden['code']);
  assert.ok(!shown.text.includes('<script>alert'));
  const policy = shown.headers['content-security-policy'] ?? '';
  assert.equal(/form-action ([^;]*)/.exec(policy)?.[1]?.trim(), `'self' ${registered}`);
});

attack('RED-24', async () => {
  for (const path of ['v2.0/adminconsent', 'adminconsent']) {
    const query = new URLSearchParams({
      ...{ client_id: site.appId, redirect_uri: 'https://evil.example/cb' },
      ...{ scope: 'https://graph.microsoft.com/.default', state: 'x' },
    });
    const shown = await world.unchanged(() => person.open(`/${world.tenantId}/${path}?${query}`));
    assert.equal(shown.headers['location'], undefined);
    assert.deepEqual([shown.status, codeShown(shown)], [400, 'AADSTS50011'], path);
  }
});
