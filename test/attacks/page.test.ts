import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { poolReady, smallPool } from '#app/tour-work.ts';
import { answerOf, formOf, type Shown } from '#authority/browser.test.ts';
import { catalogues } from '#authority/texts.ts';
import { BatchClient, BatchSharedKeyCredentials, waitUntil } from '#client/client.ts';
import { attack } from './attack.ts';
import { codeShown, fetchPage, openPerson } from './person.ts';
import { openAttackedWorld } from './world.ts';

/*
 * The pages of a sign-in, and what browsers are told of everything else: framing, scripts, cookies,
 * redirects, languages. test/browser looks at the same pages in Chromium.
 */

const world = await openAttackedWorld();
const redirectUri = 'https://site.example/cb';
const site = await world.register('site', { web: { redirectUris: [redirectUri] } });
const name = world.env['BATTEN_USERNAME'] ?? '';
const password = world.env['BATTEN_PASSWORD'] ?? '';
const asked = {
  client_id: site.appId,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'openid',
};

/** Every page that a person sees from the first to the last, with the redirect at the end. */
async function pagesOfSignIn(more: Readonly<Record<string, string>> = {}) {
  const person = openPerson(world);
  const pages: Shown[] = [await person.authorize({ ...asked, ...more })];
  pages.push(await person.submit({ loginfmt: name }));
  pages.push(await person.submit({ passwd: 'wrong' }));
  pages.push(await person.submit({ passwd: password }));
  for (const field of [{ consent: 'accept' }, { stay: '1' }]) {
    if (person.shown.headers['location'] === undefined) pages.push(await person.submit(field));
  }
  const redirect = pages.pop();
  assert.ok(redirect?.headers['location'], 'the last answer is the redirect');
  return { person, pages, redirect };
}

const signIn = await pagesOfSignIn();
const { pages } = signIn;
const standing: readonly Shown[] = [
  ...pages,
  await openPerson(world).authorize({ ...asked, redirect_uri: 'https://evil.example' }),
  await openPerson(world).open('/common/oauth2/deviceauth'),
  await openPerson(world).open('/common/oauth2/v2.0/logout'),
];

attack('WEB-04', async () => {
  const { json } = await world.arm.call(
    'POST',
    `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/${world.env['BATTEN_RESOURCE_GROUP']}/providers/Microsoft.Batch/batchAccounts/${world.account}/listKeys?api-version=2023-11-01`,
  );
  const { primary } = json as { readonly primary: string };
  const endpoint = world.env['AZURE_BATCH_ENDPOINT'] ?? '';
  const credentials = new BatchSharedKeyCredentials(endpoint, world.account, primary);
  const batch = BatchClient.open(credentials, { agent: world.agent });
  await batch.pools.add({ ...smallPool('web'), targetDedicatedNodes: 1 });
  await poolReady(batch, 'web');
  await batch.jobs.add({ id: 'web', poolInfo: { poolId: 'web' } });
  const script = '<script>alert(1)</script>';
  const commandLine = `/bin/sh -c "echo '${script}' > evil.html; echo '${script}' > evil.svg"`;
  await batch.tasks.add('web', { id: 'evil', commandLine });
  const read = () => batch.tasks.get('web', 'evil');
  await waitUntil('the task', read, ({ state }) => state === 'completed', { deadlineSeconds: 60 });
  const token = await world.tokenFor('https://batch.core.windows.net/');
  for (const file of ['evil.html', 'evil.svg']) {
    const path = `/batch/${world.account}/jobs/web/tasks/evil/files/wd%2F${file}`;
    const shown = await fetchPage(world, `${path}?api-version=2024-07-01.20.0`, undefined, {
      authorization: `Bearer ${token}`,
    });
    assert.match(shown.text, /<script>/);
    assert.equal(shown.headers['content-type'], 'application/octet-stream');
    assert.equal(shown.headers['x-content-type-options'], 'nosniff');
    assert.equal(shown.headers['content-disposition'], 'attachment');
    assert.equal(shown.headers['content-security-policy'], 'sandbox');
  }
});

attack('WEB-06', async () => {
  const origin = 'https://evil.example';
  const preflight = { origin, 'access-control-request-method': 'GET' };
  // Graph and Resource Manager are called by pages of every site, as on Azure; no cookie counts there.
  const targets = [
    '/v1.0/me',
    '/subscriptions?api-version=2022-12-01',
    `/batch/${world.account}/jobs?api-version=2024-07-01.20.0`,
    `/${world.tenantId}/oauth2/v2.0/authorize`,
  ];
  for (const path of targets) {
    for (const method of ['OPTIONS', 'GET']) {
      const { headers, status } = await send(method, path, preflight);
      assert.equal(headers['access-control-allow-credentials'], undefined, path);
      assert.notEqual(headers['access-control-allow-origin'], origin, path);
      const isOpen = path.startsWith('/v1.0') || path.startsWith('/subscriptions');
      if (!isOpen) assert.equal(headers['access-control-allow-origin'], undefined, path);
      assert.notEqual(status, 500);
    }
  }
});

function send(method: string, path: string, headers: Readonly<Record<string, string>>) {
  return new Promise<{ status: number; headers: Readonly<Record<string, unknown>> }>(
    (resolve, reject) => {
      const { request } = process.getBuiltinModule('node:https');
      const sent = request(`${world.url}${path}`, { method, headers, agent: world.agent });
      sent.on('error', reject);
      sent.on('response', (reply) => {
        reply.resume();
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers });
      });
      sent.end();
    },
  );
}

attack('WEB-08', async () => {
  for (const { headers, text } of standing) {
    assert.match(headers['content-security-policy'] ?? '', /frame-ancestors 'none'/, text);
    assert.equal(headers['x-frame-options'], 'DENY');
  }
});

attack('WEB-09', async () => {
  const { person } = signIn;
  const silent = await person.authorize({ ...asked, prompt: 'none' });
  assert.ok(answerOf(silent).get('code'));
  const nobody = await openPerson(world).authorize({ ...asked, prompt: 'none' });
  assert.equal(answerOf(nobody).get('error'), 'login_required');
  const elsewhere = { ...asked, prompt: 'none', redirect_uri: 'https://evil.example/cb' };
  const refused = await world.unchanged(() => person.authorize(elsewhere));
  assert.equal(refused.headers['location'], undefined);
  assert.equal(codeShown(refused), 'AADSTS50011');
  for (const { headers } of pages) {
    assert.equal(headers['cross-origin-opener-policy'], undefined, 'popups keep their opener');
  }
});

attack('WEB-10', async () => {
  const addresses = [
    '//evil.example',
    'https:evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
  ];
  for (const address of addresses) {
    const query = new URLSearchParams({ ...asked, returnUrl: address, redirect_uri: address });
    const shown = await openPerson(world).open(`/${world.tenantId}/oauth2/v2.0/authorize?${query}`);
    assert.equal(shown.headers['location'], undefined, address);
    const logout = new URLSearchParams({ post_logout_redirect_uri: address, returnUrl: address });
    const out = await openPerson(world).open(`/common/oauth2/v2.0/logout?${logout}`);
    assert.equal(out.headers['location'], undefined, address);
    assert.ok(!/href="(?!\/|https:\/\/localhost)/.test(out.text), address);
  }
});

attack('WEB-11', async () => {
  const person = openPerson(world);
  await person.authorize(asked);
  const before = person.cookie;
  await person.submit({ loginfmt: name });
  await person.submit({ passwd: password });
  await person.submit({ stay: '0' });
  assert.ok(answerOf(person.shown).get('code'));
  assert.notEqual(person.cookie, before, 'a sign-in gives a new cookie');
  const set = person.shown.headers['set-cookie'] ?? '';
  assert.match(set, /^__Host-[^;]+; Path=\/; Secure; HttpOnly/);
  assert.ok(!/Domain=/i.test(set));
  const fixed = openPerson(world);
  fixed.cookie = before;
  const asVictim = await fixed.authorize({ ...asked, prompt: 'none' });
  assert.equal(answerOf(asVictim).get('error'), 'login_required');
  const plain = await plainHttp(`/${world.tenantId}/oauth2/v2.0/authorize`);
  assert.match(plain, /^HTTP\/1\.1 4\d\d/);
  assert.ok(!/set-cookie/i.test(plain));
});

/** What the same port answers without TLS. */
function plainHttp(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(world.url);
    const socket = connect(Number(port), '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => resolve(Buffer.concat(chunks).toString()));
    socket.end(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n\r\n`);
  });
}

attack('WEB-12', async () => {
  for (const { headers } of standing) {
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.match(headers['cache-control'] ?? '', /no-store/);
  }
  const code = answerOf(signIn.redirect).get('code') ?? '';
  assert.ok(code);
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    redirect_uri: redirectUri,
  };
  const { json } = await world.token({ ...form, code, client_secret: site.secret });
  const { access_token } = json as { readonly access_token: string };
  const stored = await Promise.all(
    ['batten.db', 'batten.db-wal'].map((file) =>
      readFile(join(world.dataFolder, file)).catch(() => Buffer.alloc(0)),
    ),
  );
  for (const secret of [code, access_token, password]) {
    assert.ok(!Buffer.concat(stored).includes(secret), 'neither log nor table holds it');
  }
});

attack('WEB-17', async () => {
  for (const unknown of ['ar', 'xx-pseudo', '../../en', 'a'.repeat(5000)]) {
    const shown = await openPerson(world).authorize({ ...asked, ui_locales: unknown });
    assert.match(shown.text, /<html lang="en">/, unknown.slice(0, 20));
  }
  const [english, ...others] = catalogues;
  assert.ok(english && others.length >= 3);
  for (const texts of others) {
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(english).sort(), texts.language);
    assert.ok(
      Object.values(texts).every((text) => text !== ''),
      texts.language,
    );
  }
});

attack('WEB-18', async () => {
  for (const { text } of standing) {
    assert.match(text, /<html lang="\w/);
    assert.equal(text.match(/<h1\b/g)?.length, 1, text);
    const ids = [...text.matchAll(/<input id="([^"]+)"[^>]*type="(?:email|password|text)"/g)];
    for (const [, id] of ids) assert.ok(text.includes(`<label for="${id}"`), id);
    assert.ok(!/tabindex="[1-9]/.test(text), 'the order of the keyboard is that of the page');
  }
  const [, , wrong] = pages;
  assert.match(wrong?.text ?? '', /role="alert" id="passwordError"/);
  assert.match(wrong?.text ?? '', /aria-describedby="passwordError"/);
});

attack('WEB-19', async () => {
  for (const { text, headers } of standing) {
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'/);
    assert.ok(!/<(script|link|img|iframe|object)\b/i.test(text), text);
    assert.ok(!/url\(|@import/i.test(text));
  }
});

attack('WEB-21', async () => {
  const polluted = [
    '__proto__=polluted&__proto__[isAdmin]=1',
    'constructor[prototype][isAdmin]=1',
    'client_id[__proto__]=x&toString=x',
  ];
  for (const query of polluted) {
    const path = `/${world.tenantId}/oauth2/v2.0/authorize?${new URLSearchParams(asked)}&${query}`;
    const shown = await openPerson(world).open(path);
    assert.equal(shown.status, 200);
    assert.ok(formOf(shown.text).action);
    const answer = await world.ask({
      target: `/v1.0/applications?${query}`,
      token: await world.tokenFor('https://graph.microsoft.com'),
    });
    assert.ok([200, 400].includes(answer.status), answer.body);
  }
  assert.equal(({} as { readonly isAdmin?: unknown }).isAdmin, undefined);
});

attack('WEB-22', async () => {
  // Output is read by range requests, each of which proves its caller; there is no stream to keep open.
  const path = `/batch/${world.account}/jobs/web/tasks/evil/files/stdout.txt?api-version=2024-07-01.20.0`;
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  };
  assert.equal((await world.unchanged(() => world.ask({ target: path }))).status, 401);
  const upgraded = await world.unchanged(() => world.ask({ target: path, headers: upgrade }));
  assert.equal(upgraded.status, 401);
  const other = await world.register('other user');
  const { json } = await world.token({
    grant_type: 'client_credentials',
    client_id: other.appId,
    client_secret: other.secret,
    scope: 'https://batch.core.windows.net//.default',
  });
  const token = (json as { readonly access_token: string }).access_token;
  const target = path;
  assert.equal((await world.unchanged(() => world.ask({ target, token }))).status, 403);
});
