import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findUser, revokeSignIns, updateUser } from '#directory/user.store.ts';
import type { WriteTransaction } from '#store/store.ts';
import { openAccountsWorld, userNames } from './accounts-world.test.ts';
import { answerOf, formOf, openBrowser } from './browser.test.ts';
import { loginHintOf } from './login-hint.ts';
import { sessionLifetimeSeconds } from './sign-in-session.store.ts';
import { password, site } from './user-world.test.ts';
import { contoso, fabrikam } from './world.test.ts';

const { tenantId } = contoso;
const several = 'interaction_required AADSTS16000';
const nobody = 'login_required AADSTS50058';

/** With alice, carol and bob signed in: where, with which hints, and what comes of it without a page. */
const silences: readonly (readonly [
  what: string,
  tenant: string,
  hints: Readonly<Record<string, string>>,
  outcome: string,
])[] = [
  ['no hint', tenantId, {}, several],
  ['no hint, in the tenant of one of them', fabrikam.tenantId, {}, 'bob'],
  ['a name', tenantId, { login_hint: 'ALICE@contoso.example' }, 'alice'],
  ['a login_hint claim', tenantId, { login_hint: loginHintOf(userNames.carol) }, 'carol'],
  ['a name, at common', 'common', { login_hint: userNames.bob }, 'bob'],
  ['the name of somebody of another tenant', tenantId, { login_hint: userNames.bob }, nobody],
  ['the name of nobody', tenantId, { login_hint: 'dave@contoso.example' }, nobody],
  ['a sid of no session', tenantId, { sid: contoso.tenantId }, nobody],
  ['the domain of one of them', 'common', { domain_hint: 'FABRIKAM.example' }, 'bob'],
  ['the domain of two of them', 'common', { domain_hint: 'contoso.example' }, several],
  [
    'a domain and a name of it',
    'common',
    { domain_hint: 'contoso.example', login_hint: userNames.alice },
    'alice',
  ],
  [
    'a domain and a name of another',
    'common',
    { domain_hint: 'contoso.example', login_hint: userNames.bob },
    nobody,
  ],
  ['the domain of nobody', 'common', { domain_hint: 'nowhere.example' }, several],
  ['organizations as the domain', 'common', { domain_hint: 'organizations' }, several],
  ['consumers as the domain', 'common', { domain_hint: 'consumers' }, nobody],
  [
    'a sid and a name',
    tenantId,
    { sid: tenantId, login_hint: userNames.alice },
    'invalid_request AADSTS90005',
  ],
];

test('without a page, hints choose among the accounts that fit, and a refusal changes nothing', async (t) => {
  const world = await openAccountsWorld(t);
  for (const [what, tenant, hints, outcome] of silences) {
    const before = await world.rows();
    assert.equal(await world.silent(hints, tenant), outcome, what);
    const isRefused = !answerOf(world.browser.shown).has('code');
    assert.equal(isRefused, outcome.includes('AADSTS'), what);
    if (isRefused) assert.deepEqual(await world.rows(), before, what);
  }
});

test('a sid chooses the account of that session, of this browser alone', async (t) => {
  const world = await openAccountsWorld(t);
  for (const person of ['alice', 'carol'] as const) {
    assert.equal(await world.silent({ sid: world.sessionIds[person] }), person);
  }
  world.browser.cookie = undefined;
  assert.equal(await world.silent({ sid: world.sessionIds.alice }), nobody);
});

test('a refusal says whether nobody is signed in, or none of those who are', async (t) => {
  const world = await openAccountsWorld(t, ['alice']);
  const said = async () => {
    assert.equal(await world.silent({ login_hint: userNames.carol }), nobody);
    return answerOf(world.browser.shown).get('error_description') ?? '';
  };
  assert.match(
    await said(),
    /none of the currently signed in user\(s\) match the requested login hint/,
  );
  world.browser.cookie = undefined;
  assert.match(await said(), /no user is signed in/);
});

/** With alice, carol and bob signed in: what the browser shows first. */
const firstPages: readonly (readonly [
  what: string,
  tenant: string,
  change: Readonly<Record<string, string>>,
  outcome: string,
])[] = [
  ['several accounts fit', tenantId, {}, 'picker carol Alice'],
  ['several fit at common', 'common', {}, 'picker bob carol Alice'],
  ['one account fits', fabrikam.tenantId, {}, 'bob'],
  ['a hint leaves one', tenantId, { login_hint: userNames.carol }, 'carol'],
  ['a domain leaves two', 'common', { domain_hint: 'contoso.example' }, 'picker carol Alice'],
  ['somebody else is hinted at', tenantId, { login_hint: userNames.bob }, 'password'],
  ['the password is asked for', tenantId, { prompt: 'login' }, 'user name'],
  [
    'the password of one is asked for',
    tenantId,
    { prompt: 'login', login_hint: userNames.alice },
    'password',
  ],
  ['the account is asked for', fabrikam.tenantId, { prompt: 'select_account' }, 'picker bob'],
  ['consent is asked for', tenantId, { prompt: 'consent' }, 'picker carol Alice'],
];

for (const [what, tenant, change, outcome] of firstPages) {
  test(`when ${what}, the browser is at: ${outcome}`, async (t) => {
    const world = await openAccountsWorld(t);
    await world.authorize(change, tenant);
    assert.equal(world.outcome(), outcome);
  });
}

test('who is picked needs no password, and another account begins anew', async (t) => {
  const world = await openAccountsWorld(t);
  for (const person of ['alice', 'carol'] as const) {
    await world.authorize();
    assert.match(world.browser.shown.text, /Signed in/);
    await world.browser.submit({ account: userNames[person] });
    assert.equal(world.outcome(), person);
  }
  await world.authorize();
  await world.browser.submit({ account: 'other' });
  assert.equal(world.outcome(), 'user name');
});

test('an administrator who is asked for everybody says which account it is, too', async (t) => {
  const world = await openAccountsWorld(t);
  const query = { client_id: site.appId, redirect_uri: site.redirectUri, scope: 'openid' };
  await world.browser.open(`/${tenantId}/v2.0/adminconsent?${new URLSearchParams(query)}`);
  assert.equal(world.outcome(), 'picker carol Alice');
  const before = await world.consented();
  await world.browser.submit({ account: userNames.carol });
  assert.match(world.browser.shown.text, /AADSTS90094/);
  assert.deepEqual(await world.consented(), before);
});

test('whoever is not offered is not taken', async (t) => {
  const world = await openAccountsWorld(t);
  for (const account of [userNames.bob, 'dave@contoso.example', '', world.sessionIds.alice]) {
    await world.authorize();
    const before = await world.rows();
    await world.browser.submit({ account });
    assert.equal(world.outcome(), 'user name', account);
    assert.deepEqual(await world.rows(), before);
  }
});

test('a page of accounts is of no use in another browser', async (t) => {
  const world = await openAccountsWorld(t);
  await world.authorize();
  const { action, hidden } = formOf(world.browser.shown.text);
  const form = new URLSearchParams({ ...hidden, account: userNames.alice }).toString();
  const other = openBrowser((asked) => world.send(asked));
  assert.match((await other.post(action, form)).text, /AADSTS50089/);
});

test('picking an account does not answer a request for the password', async (t) => {
  const world = await openAccountsWorld(t);
  await world.authorize({ prompt: 'login' });
  const { hidden } = formOf(world.browser.shown.text);
  const form = new URLSearchParams({ ...hidden, account: userNames.alice }).toString();
  await world.browser.post(`/${tenantId}/account`, form);
  assert.equal(world.outcome(), 'password');
});

async function disable(tx: WriteTransaction, userId: string): Promise<void> {
  const user = await findUser(tx, tenantId, userId);
  assert.ok(user !== undefined);
  await updateUser(tx, { ...user, accountEnabled: false });
}

test('an account that is disabled or revoked is not offered, and the others are as before', async (t) => {
  for (const end of ['disabled', 'revoked'] as const) {
    const world = await openAccountsWorld(t);
    const { store, carol, clock } = world;
    await store.write(async (tx) => {
      if (end === 'disabled') await disable(tx, carol.objectId);
      else await revokeSignIns(tx, tenantId, carol.objectId, clock.civil());
    });
    assert.equal(await world.silent({ login_hint: userNames.carol }), nobody, end);
    await world.authorize();
    assert.equal(world.outcome(), 'alice', end);
    await world.authorize({ prompt: 'select_account' });
    assert.equal(world.outcome(), 'picker Alice', end);
    await world.browser.submit({ account: userNames.carol });
    assert.equal(world.outcome(), 'user name', end);
  }
});

test('each account has its own time', async (t) => {
  const world = await openAccountsWorld(t, ['bob']);
  await world.signIn('alice', { stay: '1' });
  await world.signIn('carol');
  world.clock.advanceSeconds(sessionLifetimeSeconds.once);
  assert.equal(await world.silent(), 'alice');
  assert.equal(await world.silent({}, fabrikam.tenantId), nobody);
  world.clock.advanceSeconds(sessionLifetimeSeconds.persistent - sessionLifetimeSeconds.once);
  assert.equal(await world.silent(), nobody);
});

test('who stays is there when the browser was closed, and nobody else is', async (t) => {
  const world = await openAccountsWorld(t, []);
  const { browser } = world;
  await world.signIn('carol');
  await world.signIn('alice', { stay: '1' });
  assert.equal(await world.silent(), several);
  browser.reopen();
  assert.equal(await world.silent(), 'alice');
  assert.equal(await world.silent({ login_hint: userNames.carol }), nobody);
  await world.authorize({ prompt: 'select_account' });
  assert.equal(world.outcome(), 'picker Alice');
  await browser.submit({ account: userNames.alice });
  assert.equal(world.outcome(), 'alice');
  await world.signIn('carol', { stay: '1' });
  browser.reopen();
  assert.equal(await world.silent(), several, 'both stay');
  await world.signIn('bob');
  await browser.open(`/common/oauth2/logout?logout_hint=${loginHintOf(userNames.alice)}`);
  browser.reopen();
  assert.equal(await world.silent(), 'carol');
  assert.equal(await world.silent({}, fabrikam.tenantId), nobody);
  await browser.open('/common/oauth2/logout');
  assert.equal(await world.silent(), nobody);
});

test('nobody is there when nobody chose to stay and the browser was closed', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol']);
  world.browser.reopen();
  assert.deepEqual([world.browser.cookie, await world.silent()], [undefined, nobody]);
});

test('the cookie that outlives the browser opens nothing that did not', async (t) => {
  const world = await openAccountsWorld(t, ['carol']);
  await world.signIn('alice', { stay: '1' });
  await world.authorize({ prompt: 'consent', login_hint: userNames.carol });
  const { action, hidden } = formOf(world.browser.shown.text);
  world.browser.reopen();
  await world.browser.post(
    action,
    new URLSearchParams({ ...hidden, consent: 'accept' }).toString(),
  );
  assert.equal(world.outcome(), 'AADSTS50089');
});

test('whether the page about staying comes back is each account’s own', async (t) => {
  const world = await openAccountsWorld(t, []);
  await world.signIn('alice', { stay: '1', DontShowAgain: 'true' });
  await world.signIn('carol');
  for (const [person, isAsked] of [
    ['alice', false],
    ['carol', true],
  ] as const) {
    await world.authorize({ prompt: 'login' });
    await world.prove(userNames[person]);
    assert.equal(world.browser.shown.text.includes('id="kmsiTitle"'), isAsked, person);
    if (isAsked) await world.browser.submit({ stay: '0' });
    assert.ok(answerOf(world.browser.shown).has('code'), person);
  }
});

test('who proves herself again has another session, and the others keep theirs', async (t) => {
  const world = await openAccountsWorld(t);
  const { alice, carol } = world.sessionIds;
  await world.signIn('alice');
  assert.notEqual(world.sessionIds.alice, alice);
  assert.equal(await world.silent({ sid: alice }), nobody);
  assert.equal(await world.silent({ sid: carol }), 'carol');
});

test('a page of an account that signed out meanwhile proves nothing; that of another goes on', async (t) => {
  const world = await openAccountsWorld(t);
  const { browser } = world;
  const consentOf = async (login_hint: string) => {
    await world.authorize({ prompt: 'consent', login_hint });
    return formOf(browser.shown.text);
  };
  const pages = {
    alice: await consentOf(userNames.alice),
    carol: await consentOf(userNames.carol),
  };
  await browser.open(`/common/oauth2/logout?logout_hint=${loginHintOf(userNames.alice)}`);
  const accept = ({ action, hidden }: typeof pages.alice) =>
    browser.post(action, new URLSearchParams({ ...hidden, consent: 'accept' }).toString());
  await accept(pages.alice);
  assert.equal(world.outcome(), 'AADSTS50089');
  await accept(pages.carol);
  assert.equal(world.outcome(), 'carol');
});

test('the cookie of before a sign-in is nobody’s', async (t) => {
  const world = await openAccountsWorld(t, ['alice']);
  const before = world.browser.cookie;
  await world.authorize({ login_hint: userNames.carol });
  await world.browser.submit({ passwd: password });
  await world.browser.submit({ stay: '0' });
  assert.notEqual(world.browser.cookie, before);
  world.browser.cookie = before;
  assert.equal(await world.silent(), nobody);
});

test('the hardened side chooses alike, and says of no name whether it is somebody’s', async (t) => {
  const world = await openAccountsWorld(t, ['alice', 'carol'], 'hardened');
  const said = async (login_hint: string) => {
    assert.equal(await world.silent({ login_hint }), nobody);
    const text = answerOf(world.browser.shown).get('error_description') ?? '';
    return text.slice(0, text.indexOf('Trace ID'));
  };
  assert.equal(await world.silent(), several);
  assert.equal(await world.silent({ login_hint: userNames.alice }), 'alice');
  assert.equal(await said('dave@contoso.example'), await said(userNames.bob));
  await world.authorize();
  await world.browser.submit({ account: 'dave@contoso.example' });
  assert.equal(world.outcome(), 'user name');
});
