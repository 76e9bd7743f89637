import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { assignDirectoryRole } from '#directory/directory-role.store.ts';
import { directoryRoleTemplates } from '#directory/directory-role.ts';
import { addPermissionGrant, permissionGrantsOf } from '#directory/permission-grant.store.ts';
import { updateServicePrincipal } from '#directory/service-principal.store.ts';
import { revokeSignIns } from '#directory/user.store.ts';
import { guidOfText } from '#kernel/random.ts';
import { answerOf, type Browser, openBrowser } from './browser.test.ts';
import { failuresMax, firstLockSeconds } from './lockout.ts';
import { attemptLifetimeSeconds } from './sign-in-attempt.store.ts';
import { sessionLifetimeSeconds } from './sign-in-session.store.ts';
import {
  batchScope,
  claimsOf,
  openUserWorld,
  password,
  requiredOf,
  site,
  type UserWorld,
} from './user-world.test.ts';
import { contoso } from './world.test.ts';

const right = {
  client_id: site.appId,
  redirect_uri: site.redirectUri,
  response_type: 'code',
  scope: `${batchScope} openid profile offline_access`,
  state: 'a+b %2F"><script>&=ü',
};

function authorizePath(more: Readonly<Record<string, string>> = {}, tenant = contoso.tenantId) {
  return `/${tenant}/oauth2/v2.0/authorize?${new URLSearchParams({ ...right, ...more })}`;
}

async function openPages(
  t: TestContext,
  ...more: Parameters<typeof openUserWorld> extends [unknown, ...infer Rest] ? Rest : never
) {
  const world = await openUserWorld(t, ...more);
  return { world, browser: openBrowser((asked) => world.send(asked)) };
}

async function signIn(browser: Browser, stay = '0', more = {}): Promise<URLSearchParams> {
  await browser.open(authorizePath(more));
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  if (browser.shown.text.includes('name="consent"')) await browser.submit({ consent: 'accept' });
  return answerOf(await browser.submit({ stay }));
}

async function redeem(world: UserWorld, answer: URLSearchParams) {
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    code: answer.get('code') ?? '',
    redirect_uri: site.redirectUri,
  };
  return world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
}

for (const [stay, kept] of [
  ['1', /Max-Age=7776000/],
  ['0', /^(?!.*Max-Age)/],
] as const) {
  test(`who asked not to be asked again stays as she answered then: ${stay}`, async (t) => {
    const { world, browser } = await openPages(t);
    await world.grant(world.batchPrincipal, 'user_impersonation offline_access');
    const toPassword = async () => {
      await browser.open(authorizePath({ prompt: 'login' }));
      await browser.submit({ loginfmt: 'alice@contoso.example' });
      return browser.submit({ passwd: password });
    };
    assert.match((await toPassword()).text, /id="KmsiCheckboxField" name="DontShowAgain"/);
    answerOf(await browser.submit({ stay }));
    assert.match((await toPassword()).text, /id="kmsiTitle"/, 'without it she is asked again');
    answerOf(await browser.submit({ stay, DontShowAgain: 'true' }));
    for (const time of ['first', 'second']) {
      assert.ok(answerOf(await toPassword()).get('code'), time);
      assert.match(browser.shown.headers['Set-Cookie'] ?? '', kept, time);
    }
    await browser.open(`/${contoso.tenantId}/oauth2/v2.0/logout`);
    assert.match((await toPassword()).text, /id="kmsiTitle"/, 'signed out, she is asked again');
  });
}

test('name, password, consent and stay lead to a code, and the code to tokens', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  assert.match(browser.shown.text, /id="i0116" name="loginfmt" type="email"/);
  assert.match(browser.shown.text, /id="idSIButton9"/);
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  assert.match(browser.shown.text, /id="i0118" name="passwd" type="password"/);
  assert.match(browser.shown.text, /id="idA_PWD_ForgotPassword"/);
  await browser.submit({ passwd: password });
  assert.match(browser.shown.text, /Access Azure Batch as you/);
  assert.match(browser.shown.text, /\(offline_access\)/);
  assert.doesNotMatch(browser.shown.text, /name="everybody"/);
  await browser.submit({ consent: 'accept' });
  assert.match(browser.shown.text, /id="kmsiTitle"/);
  const answer = answerOf(await browser.submit({ stay: '1' }));
  assert.equal(answer.get('state'), right.state);
  assert.match(
    browser.shown.headers['Set-Cookie'] ?? '',
    /^__Host-BattenSignIn=.*; Max-Age=7776000$/,
  );
  const { status, json } = await redeem(world, answer);
  assert.equal(status, 200, json.error_description);
  assert.equal(claimsOf(json.access_token)['scp'], 'user_impersonation');
  assert.equal(claimsOf(json.id_token)['sid'], answer.get('session_state'));
  const { tenantId } = contoso;
  const { sitePrincipal, batchPrincipal, graphPrincipal, alice } = world;
  const grants = await world.store.read((tx) =>
    permissionGrantsOf(tx, tenantId, sitePrincipal.objectId),
  );
  const known = grants.map(({ resourceId, principalId, oauthScopes }) => ({
    resourceId,
    principalId,
    oauthScopes: [...oauthScopes].sort(),
  }));
  const expected = [
    [batchPrincipal.objectId, ['user_impersonation']],
    [graphPrincipal.objectId, ['offline_access', 'openid', 'profile']],
  ].map(([resourceId, oauthScopes]) => ({ resourceId, principalId: alice.objectId, oauthScopes }));
  const byResource = (one: { readonly resourceId?: unknown }) => String(one.resourceId);
  assert.deepEqual(
    known.toSorted((a, b) => byResource(a).localeCompare(byResource(b))),
    expected.toSorted((a, b) => byResource(a).localeCompare(byResource(b))),
  );
});

test('who is signed in goes through without a page, and each answer form is served', async (t) => {
  const { world, browser } = await openPages(t);
  await signIn(browser);
  for (const prompt of ['none', '']) {
    const again = answerOf(await browser.open(authorizePath({ prompt })));
    assert.equal((await redeem(world, again)).status, 200);
  }
  await browser.open(authorizePath({ response_mode: 'fragment' }));
  assert.match(
    browser.shown.headers['Location'] ?? '',
    /^https:\/\/site\.example\/signed-in#code=/,
  );
  const { text, headers } = await browser.open(authorizePath({ response_mode: 'form_post' }));
  assert.match(
    text,
    /<form method="post" name="hiddenform" action="https:\/\/site\.example\/signed-in">/,
  );
  assert.ok(text.includes('value="a+b %2F&quot;&gt;&lt;script&gt;&amp;=ü"'));
  assert.match(
    headers['Content-Security-Policy'] ?? '',
    /form-action 'self' https:\/\/site\.example\/signed-in;/,
  );
});

test('the v1 endpoint signs in for a resource', async (t) => {
  const { world, browser } = await openPages(t);
  await signIn(browser);
  const resource = 'https://batch.core.windows.net/';
  const asked = { client_id: site.appId, redirect_uri: site.redirectUri, response_type: 'code' };
  const query = new URLSearchParams({ ...asked, resource });
  const answer = answerOf(await browser.open(`/${contoso.tenantId}/oauth2/authorize?${query}`));
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    code: answer.get('code') ?? '',
    redirect_uri: site.redirectUri,
  };
  const { json } = await world.send({ path: `/${contoso.tenantId}/oauth2/token`, form });
  assert.equal(json.resource, resource, json.error_description);
});

test('the v1 endpoint signs in for no resource, but hands out no access token for none', async (t) => {
  const { browser } = await openPages(t, { enableAccessTokenIssuance: true });
  await signIn(browser);
  const asked = { client_id: site.appId, redirect_uri: site.redirectUri, nonce: 'n' };
  const open = async (response_type: string, scope = '') => {
    const query = new URLSearchParams({ ...asked, response_type, scope });
    return answerOf(await browser.open(`/${contoso.tenantId}/oauth2/authorize?${query}`));
  };
  assert.match((await open('code')).get('code') ?? '', /^1\./);
  const refused = await open('token', 'openid');
  assert.match(refused.get('error_description') ?? '', /^AADSTS500013: /);
  assert.equal(refused.get('error'), 'invalid_resource');
});

test('each prompt does what it says, and a login hint spares the name', async (t) => {
  const { browser } = await openPages(t);
  const hint = { login_hint: 'ALICE@contoso.example' };
  await browser.open(authorizePath(hint));
  assert.match(browser.shown.text, /id="i0118"/);
  await signIn(browser);
  await browser.open(authorizePath({ prompt: 'login' }));
  assert.match(browser.shown.text, /id="i0116"/);
  await browser.open(authorizePath({ prompt: 'consent' }));
  assert.match(browser.shown.text, /name="consent"/);
  assert.ok(answerOf(await browser.submit({ consent: 'accept' })).has('code'));
  await browser.open(authorizePath({ prompt: 'select_account' }));
  assert.match(browser.shown.text, /data-test-id="Alice@contoso\.example"/);
  assert.ok(answerOf(await browser.submit({ account: 'Alice@contoso.example' })).has('code'));
  await browser.open(authorizePath({ prompt: 'select_account' }));
  await browser.submit({ account: 'other' });
  assert.match(browser.shown.text, /id="i0116"/);
  await browser.open(authorizePath({ login_hint: 'bob@contoso.example' }));
  assert.match(browser.shown.text, /value="bob@contoso\.example"/);
});

test('prompt=none says what is missing and shows nothing', async (t) => {
  const { world, browser } = await openPages(t);
  const refused = answerOf(await browser.open(authorizePath({ prompt: 'none' })));
  assert.equal(refused.get('error'), 'login_required');
  assert.match(refused.get('error_description') ?? '', /^AADSTS50058: /);
  assert.match(refused.get('error_uri') ?? '', /code=50058$/);
  await signIn(browser);
  const before = await world.rows();
  const more = { prompt: 'none', scope: 'User.ReadBasic.All' };
  const consent = answerOf(await browser.open(authorizePath(more)));
  assert.equal(consent.get('error'), 'interaction_required');
  const other = { prompt: 'none', login_hint: 'bob@contoso.example' };
  assert.equal(answerOf(await browser.open(authorizePath(other))).get('error'), 'login_required');
  assert.deepEqual(await world.rows(), before);
});

test('a session ends with its day or its 90 days, and with revocation', async (t) => {
  const { world, browser } = await openPages(t);
  const silent = async () =>
    answerOf(await browser.open(authorizePath({ prompt: 'none' }))).get('error');
  await signIn(browser, '0');
  world.clock.advanceSeconds(sessionLifetimeSeconds.once - 1);
  assert.equal(await silent(), null);
  world.clock.advanceSeconds(1);
  assert.equal(await silent(), 'login_required');
  await signIn(browser, '1');
  world.clock.advanceSeconds(sessionLifetimeSeconds.once);
  assert.equal(await silent(), null);
  const { tenantId, objectId } = world.alice;
  await world.store.write((tx) => revokeSignIns(tx, tenantId, objectId, world.clock.civil()));
  assert.equal(await silent(), 'login_required');
});

test('a sign-in changes the cookie, so that one known before is worth nothing', async (t) => {
  const { browser } = await openPages(t);
  await browser.open(authorizePath());
  const before = browser.cookie;
  await signIn(browser);
  assert.notEqual(browser.cookie, before);
  browser.cookie = before;
  const silent = answerOf(await browser.open(authorizePath({ prompt: 'none' })));
  assert.equal(silent.get('error'), 'login_required');
});

test('who declines sends a refusal back and grants nothing', async (t) => {
  const { world, browser } = await openPages(t);
  const before = await world.rows();
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  const answer = answerOf(await browser.submit({ consent: 'decline' }));
  assert.equal(answer.get('error'), 'access_denied');
  assert.match(answer.get('error_description') ?? '', /^AADSTS65004: /);
  assert.equal(answer.get('state'), right.state);
  assert.deepEqual(await world.rows(), before);
});

test('a form of another browser, without its token, or sent again changes nothing', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  const before = await world.rows();
  const path = `/${contoso.tenantId}/consent`;
  const cookie = browser.cookie ?? '';
  const token = /name="flowToken" value="([^"]*)"/.exec(browser.shown.text)?.[1] ?? '';
  const forged = [
    { cookie: '', flowToken: token },
    { cookie: `__Host-BattenSignIn=${'x'.repeat(64)}`, flowToken: token },
    { cookie, flowToken: '' },
    { cookie, flowToken: 'x'.repeat(64) },
  ];
  for (const { cookie, flowToken } of forged) {
    const form = { flowToken, consent: 'accept' };
    const answer = await world.send({ path, form, headers: { cookie } });
    assert.equal(answer.status, 400);
    assert.match(answer.text, /AADSTS50089/);
  }
  assert.deepEqual(await world.rows(), before);
  await browser.submit({ consent: 'accept' });
  await browser.submit({ stay: '0' });
  const after = await world.rows();
  const form = { flowToken: token, consent: 'accept' };
  assert.equal((await world.send({ path, form, headers: { cookie } })).status, 400);
  assert.deepEqual(await world.rows(), after);
});

test('consent cannot be given, nor the end be reached, before the password', async (t) => {
  const { world, browser } = await openPages(t);
  const before = await world.rows();
  for (const [step, fields] of [
    ['consent', { consent: 'accept' }],
    ['kmsi', { stay: '0' }],
  ] as const) {
    await browser.open(authorizePath());
    await browser.submit({ loginfmt: 'alice@contoso.example' });
    const flowToken = /name="flowToken" value="([^"]*)"/.exec(browser.shown.text)?.[1] ?? '';
    const headers = { cookie: browser.cookie ?? '' };
    const path = `/${contoso.tenantId}/${step}`;
    const answer = await world.send({ path, form: { ...fields, flowToken }, headers });
    assert.equal(answer.status, 400);
  }
  assert.deepEqual(await world.rows(), before);
});

test('naming a user again forgets that anyone proved anything', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  const flowToken = /name="flowToken" value="([^"]*)"/.exec(browser.shown.text)?.[1] ?? '';
  const headers = { cookie: browser.cookie ?? '' };
  const send = (step: string, fields: Readonly<Record<string, string>>) =>
    world.send({ path: `/${contoso.tenantId}/${step}`, form: { flowToken, ...fields }, headers });
  const before = await world.rows();
  assert.match((await send('login', { loginfmt: 'alice@contoso.example' })).text, /id="i0118"/);
  for (const [step, fields] of [
    ['consent', { consent: 'accept' }],
    ['kmsi', { stay: '0' }],
  ] as const) {
    assert.match((await send(step, fields)).text, /AADSTS50089/);
  }
  assert.deepEqual(await world.rows(), before);
});

test('who takes too long begins again', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  world.clock.advanceSeconds(attemptLifetimeSeconds);
  const { status } = await browser.submit({ loginfmt: 'alice@contoso.example' });
  assert.equal(status, 400);
});

test('an unknown name and a wrong password are told apart, and recorded', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  for (const loginfmt of [
    'nobody@contoso.example',
    world.alice.objectId,
    'a@fabrikam.example',
    '',
  ]) {
    await browser.submit({ loginfmt });
    assert.match(browser.shown.text, /role="alert" id="usernameError"/);
  }
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: 'wrong' });
  assert.match(browser.shown.text, /role="alert" id="passwordError"/);
  assert.equal(world.recorded.at(-1)?.code, 'AADSTS50126');
  assert.doesNotMatch(JSON.stringify(world.recorded), /"wrong"/);
  await browser.submit({ back: '1', passwd: '' });
  assert.match(browser.shown.text, /id="i0116"/);
});

test('ten wrong passwords lock the account, also for the right one, and for longer each time', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  const tryOne = async (passwd: string) => {
    await browser.submit({ passwd });
    return world.recorded.at(-1)?.code;
  };
  for (let count = 0; count < failuresMax; count++) {
    assert.equal(await tryOne(`wrong ${count}`), 'AADSTS50126');
  }
  assert.equal(await tryOne(password), 'AADSTS50053');
  world.clock.advanceSeconds(firstLockSeconds);
  assert.equal(await tryOne('wrong again'), 'AADSTS50126');
  world.clock.advanceSeconds(firstLockSeconds);
  assert.equal(await tryOne(password), 'AADSTS50053');
  world.clock.advanceSeconds(firstLockSeconds);
  await tryOne(password);
  assert.match(browser.shown.text, /name="consent"/);
});

test('a disabled user hears it only after the right password', async (t) => {
  const { world, browser } = await openPages(t);
  const { tenantId, objectId } = world.alice;
  const document = JSON.stringify({ ...world.alice, accountEnabled: false });
  const sql = 'UPDATE user_account SET document = ? WHERE tenant_id = ? AND object_id = ?';
  await world.store.write((tx) =>
    tx.run({ name: 'test.disable', sql }, document, tenantId, objectId),
  );
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: 'wrong' });
  assert.doesNotMatch(browser.shown.text, /AADSTS/);
  await browser.submit({ passwd: password });
  assert.match(browser.shown.text, /AADSTS50057/);
});

test('a user who is not assigned is told so, and the application is not', async (t) => {
  const { world, browser } = await openPages(t);
  const changed = { ...world.sitePrincipal, appRoleAssignmentRequired: true };
  await world.store.write((tx) => updateServicePrincipal(tx, changed));
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  assert.equal(browser.shown.headers['Location'], undefined);
  assert.match(browser.shown.text, /AADSTS50105/);
});

test('what only an administrator may grant needs one, who may consent for everybody', async (t) => {
  const { world, browser } = await openPages(t);
  const scope = 'openid Directory.Read.All';
  const { tenantId, objectId } = world.alice;
  await browser.open(authorizePath({ scope }));
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  assert.match(browser.shown.text, /AADSTS90094/);
  await world.store.write((tx) =>
    assignDirectoryRole(tx, tenantId, objectId, directoryRoleTemplates.globalAdministrator),
  );
  await browser.open(authorizePath({ scope }));
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  assert.match(browser.shown.text, /name="everybody"/);
  await browser.submit({ consent: 'accept', everybody: '1' });
  const grants = await world.store.read((tx) =>
    permissionGrantsOf(tx, tenantId, world.sitePrincipal.objectId),
  );
  assert.deepEqual(
    grants.map(({ principalId }) => principalId),
    [undefined],
  );
  assert.deepEqual(grants[0]?.oauthScopes, ['Directory.Read.All', 'openid']);
});

test('who is no administrator cannot consent for everybody by adding the field', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath());
  await browser.submit({ loginfmt: 'alice@contoso.example' });
  await browser.submit({ passwd: password });
  await browser.submit({ consent: 'accept', everybody: '1' });
  const grants = await world.store.read((tx) =>
    permissionGrantsOf(tx, contoso.tenantId, world.sitePrincipal.objectId),
  );
  assert.match(browser.shown.text, /AADSTS90094/);
  assert.deepEqual(grants, []);
});

test('the pages load nothing, are framed by nobody, and escape what applications are called', async (t) => {
  const { browser } = await openPages(t, { displayName: 'Site <b>\u202e"x' });
  const { headers, text } = await browser.open(authorizePath());
  const policy = headers['Content-Security-Policy'] ?? '';
  assert.match(
    policy,
    /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self' https:\/\/site\.example; base-uri 'none'; frame-ancestors 'none'$/,
  );
  assert.equal(headers['X-Frame-Options'], 'DENY');
  assert.equal(headers['Referrer-Policy'], 'no-referrer');
  assert.equal(headers['Cross-Origin-Opener-Policy'], undefined);
  assert.equal(headers['Cache-Control'], 'no-store, no-cache');
  assert.doesNotMatch(text, /<b>|<script/);
  assert.match(text, /\u2068Site &lt;b&gt;/);
  assert.match(
    headers['Set-Cookie'] ?? '',
    /^__Host-BattenSignIn=[\w-]{64}; Path=\/; Secure; HttpOnly; SameSite=None$/,
  );
});

test('the pages speak the language of the browser, and English to all others', async (t) => {
  const { world } = await openPages(t);
  for (const [asked, language] of [
    ['ko-KR,ko;q=0.9', 'ko'],
    ['nl', 'nl'],
    ['zh-CN', 'zh-Hans'],
    ['zh-TW', 'en'],
    ['xx', 'en'],
  ]) {
    const headers = { 'accept-language': asked ?? '' };
    const { text } = await world.send({ path: authorizePath(), headers });
    assert.match(text, new RegExp(`<html lang="${language}">`));
  }
});

test('signing out ends the session, and goes on only to a registered address', async (t) => {
  const { world, browser } = await openPages(t);
  const path = `/${contoso.tenantId}/oauth2/v2.0/logout`;
  for (const [address, goesOn] of [
    [site.redirectUri, true],
    ['https://evil.example/', false],
    ['javascript:alert(1)', false],
  ] as const) {
    await signIn(browser);
    const cookie = browser.cookie;
    const query = new URLSearchParams({ post_logout_redirect_uri: address, state: 's' });
    const { status, headers } = await browser.open(`${path}?${query}`);
    assert.equal(status, goesOn ? 302 : 200, address);
    assert.equal(headers['Location'], goesOn ? `${site.redirectUri}?state=s` : undefined);
    assert.match(headers['Set-Cookie'] ?? '', /Max-Age=0$/);
    browser.cookie = cookie;
    const silent = answerOf(await browser.open(authorizePath({ prompt: 'none' })));
    assert.equal(silent.get('error'), 'login_required');
  }
  assert.equal((await world.send({ path })).status, 200);
  const other = 'https://other.example/out';
  await world.register('Other', { webRedirectUris: [other] });
  await signIn(browser);
  const query = new URLSearchParams({ post_logout_redirect_uri: other });
  const elsewhere = await browser.open(`${path}?${query}`);
  assert.equal(elsewhere.status, 200, 'she did not sign in to this application');
});

test('signing out leads back to any application that the session signed in to', async (t) => {
  const { world, browser } = await openPages(t);
  const other = 'https://other.example/out';
  const { appId } = await world.register('Other', { webRedirectUris: [other] });
  await world.store.write((tx) =>
    addPermissionGrant(tx, {
      tenantId: contoso.tenantId,
      grantId: 'other',
      clientId: guidOfText('Other', 'principal'),
      resourceId: world.graphPrincipal.objectId,
      oauthScopes: ['openid'],
    }),
  );
  await signIn(browser);
  const silent = { client_id: appId, redirect_uri: other, scope: 'openid', prompt: 'none' };
  assert.ok(answerOf(await browser.open(authorizePath(silent))).has('code'));
  const query = new URLSearchParams({ post_logout_redirect_uri: other });
  const path = `/${contoso.tenantId}/oauth2/v2.0/logout`;
  assert.equal((await browser.open(`${path}?${query}`)).headers['Location'], other);
});

test('an application of one tenant is not reached through common; another is, by the name of the user', async (t) => {
  const { world, browser } = await openPages(t);
  await browser.open(authorizePath({}, 'common'));
  const told = new URL(browser.shown.headers['Location'] ?? '').searchParams;
  assert.equal(told.get('error'), 'invalid_request');
  assert.match(told.get('error_description') ?? '', /^AADSTS50194: /);
  const { world: wide, browser: other } = await openPages(t, {
    signInAudience: 'AzureADMultipleOrgs',
    requiredResourceAccess: [requiredOf(world.batchPrincipal, 'user_impersonation')],
  });
  await other.open(authorizePath({}, 'common'));
  await other.submit({ loginfmt: 'alice@contoso.example' });
  await other.submit({ passwd: password });
  await other.submit({ consent: 'accept' });
  const answer = answerOf(await other.submit({ stay: '0' }));
  assert.equal((await redeem(wide, answer)).status, 200);
});
