import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findApplicationByAppId, updateApplication } from '#directory/application.store.ts';
import { revokeSignIns } from '#directory/user.store.ts';
import { type AccountsWorld, openAccountsWorld, userNames } from './accounts-world.test.ts';
import { formOf, type Shown } from './browser.test.ts';
import { loginHintOf } from './login-hint.ts';
import { site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const path = `/${contoso.tenantId}/oauth2/v2.0/logout`;
const nobody = 'login_required AADSTS50058';
const out = 'https://site.example/out';

function logout(world: AccountsWorld, query: Readonly<Record<string, string>> = {}) {
  return world.browser.open(`${path}?${new URLSearchParams(query)}`);
}

/** An id token as far as it is looked at. */
function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}

/** The sessions that the application hears of. */
function toldOf({ text }: Shown): readonly string[] {
  return [...text.matchAll(/<iframe[^>]* src="https:\/\/site\.example\/out\?sid=([^"]*)"/g)].map(
    ([, sessionId = '']) => sessionId,
  );
}

/** Who of the two is still signed in. */
async function stayed(world: AccountsWorld): Promise<readonly string[]> {
  const there: string[] = [];
  for (const person of ['alice', 'carol'] as const) {
    const outcome = await world.silent({ login_hint: userNames[person] });
    if (outcome === person) there.push(person);
    else assert.equal(outcome, nobody);
  }
  return there;
}

/** Has the site hear of it when someone signs out. */
async function listen({ store }: AccountsWorld): Promise<void> {
  await store.write(async (tx) => {
    const application = await findApplicationByAppId(tx, site.appId);
    assert.ok(application !== undefined);
    const profile = { ...application.profile, logoutUrl: out };
    await updateApplication(tx, { ...application, profile });
  });
}

test('with several accounts the browser asks which one signs out, and has ended none', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  await listen(world);
  const before = await world.rows();
  const shown = await logout(world);
  assert.equal(world.outcome(), 'picker carol Alice');
  assert.match(shown.text, /Which account do you want to sign out of\?/);
  assert.deepEqual([toldOf(shown), shown.headers['Set-Cookie']], [[], undefined]);
  assert.deepEqual(await world.rows(), before);
});

test('the account that is picked signs out alone, and its applications hear of its session alone', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  await listen(world);
  await logout(world);
  const shown = await world.browser.submit({ logout_hint: loginHintOf(userNames.alice) });
  assert.match(shown.text, /You signed out of your account/);
  assert.deepEqual(toldOf(shown), [world.sessionIds.alice]);
  assert.equal(shown.headers['Set-Cookie'], undefined);
  assert.deepEqual(await stayed(world), ['carol']);
});

test('the question keeps where the browser goes on to, in the language that was asked for', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  const query = { post_logout_redirect_uri: site.redirectUri, state: 'a b&"', ui_locales: 'nl' };
  const shown = await logout(world, { ...query, client_id: site.appId });
  assert.match(shown.text, /<html lang="nl">/);
  const { action, hidden } = formOf(shown.text);
  assert.equal(action, `${path}?ui_locales=nl`);
  const { ui_locales: _language, ...again } = query;
  assert.deepEqual(hidden, { ...again, client_id: site.appId });
  assert.match(
    shown.headers['Content-Security-Policy'] ?? '',
    /form-action 'self' https:\/\/site\.example;/,
  );
  const { headers } = await world.browser.submit({ logout_hint: loginHintOf(userNames.carol) });
  assert.equal(headers['Location'], `${site.redirectUri}?state=a%20b%26%22`);
  assert.deepEqual(await stayed(world), ['alice']);
});

test('an address that no application registered is no place to go on to from the question', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  const shown = await logout(world, { post_logout_redirect_uri: 'https://evil.example/' });
  assert.match(shown.headers['Content-Security-Policy'] ?? '', /form-action 'self';/);
  const done = await world.browser.submit({ logout_hint: loginHintOf(userNames.carol) });
  assert.deepEqual([done.status, done.headers['Location']], [200, undefined]);
});

const hints: readonly (readonly [
  what: string,
  query: (world: AccountsWorld) => Readonly<Record<string, string>>,
  stays: readonly string[] | 'asked',
])[] = [
  ['a login_hint claim', () => ({ logout_hint: loginHintOf(userNames.carol) }), ['alice']],
  ['that of nobody here', () => ({ logout_hint: loginHintOf(userNames.bob) }), ['alice', 'carol']],
  ['a name, which is no hint', () => ({ logout_hint: userNames.carol }), 'asked'],
  [
    'an id token with a sid of this browser',
    ({ sessionIds }) => ({ id_token_hint: tokenOf({ sid: sessionIds.alice }) }),
    ['carol'],
  ],
  [
    'an id token with a sid of before',
    () => ({ id_token_hint: tokenOf({ sid: contoso.tenantId }) }),
    'asked',
  ],
  ['an id token without one', () => ({ id_token_hint: tokenOf({ aud: site.appId }) }), 'asked'],
  ['no id token at all', () => ({ id_token_hint: 'nothing' }), 'asked'],
];

for (const [what, query, stays] of hints) {
  test(`${what} leaves ${stays === 'asked' ? 'the question' : stays}`, async (t) => {
    const world = await openAccountsWorld(t, ['alice', 'carol']);
    await logout(world, query(world));
    if (stays === 'asked') assert.equal(world.outcome(), 'picker carol Alice');
    assert.deepEqual(await stayed(world), stays === 'asked' ? ['alice', 'carol'] : stays);
  });
}

test('the last account takes the cookie along', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  await logout(world, { logout_hint: loginHintOf(userNames.alice) });
  const shown = await logout(world);
  assert.match(shown.headers['Set-Cookie'] ?? '', /Max-Age=0/);
  assert.deepEqual(await stayed(world), []);
});

test('nobody is asked about an account that could not sign in any more, and it ends, too', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  await listen(world);
  const { store, carol, clock, sessionIds } = world;
  await store.write((tx) => revokeSignIns(tx, carol.tenantId, carol.objectId, clock.civil()));
  const shown = await logout(world);
  assert.deepEqual(toldOf(shown), [sessionIds.carol, sessionIds.alice]);
  assert.match(shown.headers['Set-Cookie'] ?? '', /Max-Age=0/);
  assert.deepEqual(await stayed(world), []);
});

test('another browser signs nobody out', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  const form = new URLSearchParams({ logout_hint: loginHintOf(userNames.alice) });
  assert.equal((await world.send({ path: `${path}?${form}` })).status, 200);
  assert.deepEqual(await stayed(world), ['alice', 'carol']);
});
