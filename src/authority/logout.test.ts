import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addPermissionGrant } from '#directory/permission-grant.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { answerOf, type Shown } from './browser.test.ts';
import { loginHintOf } from './login-hint.ts';
import { openPagesWorld, type PagesWorld } from './pages-world.test.ts';
import { site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const path = `/${contoso.tenantId}/oauth2/v2.0/logout`;
const siteOut = 'https://site.example/out?from=entra';
const other = {
  redirectUri: 'https://other.example/in',
  out: 'https://other.example/a;b/out#part',
};

/** A world in which alice is signed in to the site, and the answer of that sign-in. */
async function signedIn(t: TestContext, logoutUrl?: string) {
  const world = await openPagesWorld(t, logoutUrl === undefined ? {} : { profile: { logoutUrl } });
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await world.grant(world.graphPrincipal, 'openid', 'profile', 'offline_access');
  await world.authorize();
  await world.prove();
  return { world, answer: answerOf(await world.browser.submit({ stay: '0' })) };
}

/** Signs alice in to another application of hers, silently. */
async function signInToOther(world: PagesWorld, logoutUrl?: string): Promise<void> {
  const profile = logoutUrl === undefined ? {} : { logoutUrl };
  const { appId } = await world.register('Other <b>', {
    ...{ webRedirectUris: [other.redirectUri], profile },
  });
  await world.store.write((tx) =>
    addPermissionGrant(tx, {
      ...{ tenantId: contoso.tenantId, grantId: 'other', oauthScopes: ['openid'] },
      clientId: guidOfText('Other <b>', 'principal'),
      resourceId: world.graphPrincipal.objectId,
    }),
  );
  const silent = { client_id: appId, redirect_uri: other.redirectUri, scope: 'openid' };
  await world.authorize({ ...silent, prompt: 'none' });
  assert.ok(answerOf(world.browser.shown).has('code'));
}

async function isSignedIn(world: PagesWorld): Promise<boolean> {
  await world.authorize({ prompt: 'none' });
  return answerOf(world.browser.shown).has('code');
}

function framesOf({ text }: Shown): readonly string[] {
  return [...text.matchAll(/<iframe[^>]* src="([^"]*)"/g)].map(([, address = '']) => address);
}

function policyOf({ headers }: Shown, directive: string): string | undefined {
  const policy = headers['Content-Security-Policy'] ?? '';
  return policy.split('; ').find((one) => one.startsWith(`${directive} `));
}

test('every application that she signed in to hears of it with the session, and of nothing else', async (t) => {
  const { world, answer } = await signedIn(t, siteOut);
  await signInToOther(world, other.out);
  const shown = await world.browser.open(path);
  assert.equal(shown.status, 200);
  const sid = answer.get('session_state');
  assert.ok(sid);
  assert.deepEqual(framesOf(shown), [
    `https://site.example/out?from=entra&amp;sid=${sid}`,
    `https://other.example/a;b/out?sid=${sid}`,
  ]);
  assert.equal(
    policyOf(shown, 'frame-src'),
    'frame-src https://site.example/out https://other.example/a%3Bb/out',
  );
  assert.match(shown.text, /title="Other &lt;b&gt;"/);
  assert.equal(policyOf(shown, 'script-src'), undefined);
  assert.equal(shown.headers['Refresh'], undefined);
  assert.equal(await isSignedIn(world), false);
  assert.deepEqual(framesOf(await world.browser.open(path)), []);
});

test('who hears of it hears it before the browser goes on', async (t) => {
  const { world } = await signedIn(t, siteOut);
  const query = new URLSearchParams({ post_logout_redirect_uri: site.redirectUri, state: 'a b&' });
  const shown = await world.browser.open(`${path}?${query}`);
  assert.equal(shown.status, 200);
  assert.equal(framesOf(shown).length, 1);
  const onward = `${site.redirectUri}?state=a%20b%26`;
  assert.ok(shown.text.includes(`<a id="continue" href="${onward}">`));
  assert.equal(shown.headers['Refresh'], `10;url=${onward}`);
  assert.match(policyOf(shown, 'script-src') ?? '', /^script-src 'sha256-/);
});

const silent: readonly (readonly [what: string, logoutUrl: string | undefined])[] = [
  ['has no address for it', undefined],
  ['has one that runs something', 'javascript:alert(1)'],
  ['has one that is none', 'out'],
];

for (const [what, logoutUrl] of silent) {
  test(`an application that ${what} hears nothing, and the browser goes on at once`, async (t) => {
    const { world } = await signedIn(t, logoutUrl);
    const query = new URLSearchParams({ post_logout_redirect_uri: site.redirectUri });
    const shown = await world.browser.open(`${path}?${query}`);
    assert.deepEqual([shown.status, shown.headers['Location']], [302, site.redirectUri]);
    assert.equal(await isSignedIn(world), false);
  });
}

test('who is not signed in is told about by nobody', async (t) => {
  const { world } = await signedIn(t, siteOut);
  const { status, text } = await world.send({ path });
  assert.deepEqual([status, text.includes('<iframe')], [200, false]);
  assert.equal(await isSignedIn(world), true);
});

test('applications with one address for it share a source of the policy', async (t) => {
  const { world } = await signedIn(t, siteOut);
  await signInToOther(world, 'https://site.example/out');
  const shown = await world.browser.open(path);
  assert.equal(framesOf(shown).length, 2);
  assert.equal(policyOf(shown, 'frame-src'), 'frame-src https://site.example/out');
});

test('a form without anything in it signs out, too', async (t) => {
  const { world } = await signedIn(t);
  const { status, text } = await world.browser.post(path, '');
  assert.deepEqual([status, text.includes('id="continue"')], [200, false]);
  assert.equal(await isSignedIn(world), false);
});

test('an application may ask by a form, and at the v1 address', async (t) => {
  for (const at of [path, `/${contoso.tenantId}/oauth2/logout`, '/common/oauth2/logout']) {
    const { world } = await signedIn(t);
    const form = new URLSearchParams({ post_logout_redirect_uri: site.redirectUri, state: 's' });
    const shown = await world.browser.post(at, form.toString());
    assert.equal(shown.headers['Location'], `${site.redirectUri}?state=s`);
    assert.equal(await isSignedIn(world), false);
  }
});

const hints: readonly (readonly [what: string, hint: string, endsSession: boolean])[] = [
  ['the account that is signed in', loginHintOf('ALICE@contoso.example'), true],
  ['another account', loginHintOf('bob@fabrikam.example'), false],
  ['a name that is no hint', 'bob@fabrikam.example', true],
  ['nothing', '', true],
];

for (const [what, hint, endsSession] of hints) {
  test(`a logout_hint that names ${what} ${endsSession ? 'ends' : 'leaves'} the session`, async (t) => {
    const { world } = await signedIn(t, siteOut);
    const shown = await world.browser.open(`${path}?${new URLSearchParams({ logout_hint: hint })}`);
    assert.equal(shown.status, 200);
    assert.equal(framesOf(shown).length, endsSession ? 1 : 0);
    assert.equal(await isSignedIn(world), !endsSession);
  });
}

test('an id_token_hint picks the application whose address counts, whatever else is wrong with it', async (t) => {
  const { world } = await signedIn(t);
  await signInToOther(world);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hint = `${part({ alg: 'none' })}.${part({ aud: site.appId })}.`;
  const ask = (address: string) =>
    world.browser.open(
      `${path}?${new URLSearchParams({ post_logout_redirect_uri: address, id_token_hint: hint })}`,
    );
  assert.equal((await ask(other.redirectUri)).status, 200);
  assert.equal((await ask(site.redirectUri)).headers['Location'], site.redirectUri);
});
