import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { isPassword } from '#directory/password.ts';
import { updateServicePrincipal } from '#directory/service-principal.store.ts';
import {
  findUser,
  passwordHashOfUser,
  revokeSignIns,
  setPasswordHash,
  updateUser,
} from '#directory/user.store.ts';
import { answerOf } from './browser.test.ts';
import { failuresMax } from './lockout.ts';
import { openPagesWorld, type PagesWorld } from './pages-world.test.ts';
import { password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const fresh = 'Fresh1Secret';

/** A world in which an administrator wants alice to change her password. */
async function openForced(t: TestContext): Promise<PagesWorld> {
  const world = await openPagesWorld(t);
  await world.store.write((tx) => updateUser(tx, { ...world.alice, mustChangePassword: true }));
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await world.grant(world.graphPrincipal, 'openid', 'profile', 'offline_access');
  return world;
}

const aliceOf = ({ store, alice }: PagesWorld) =>
  store.read(async (tx) => ({
    user: await findUser(tx, contoso.tenantId, alice.objectId),
    hash: await passwordHashOfUser(tx, contoso.tenantId, alice.objectId),
  }));

const filledIn = (old = password, wanted = fresh, confirmed = wanted) => ({
  oldpasswd: old,
  newpasswd: wanted,
  confirmnewpasswd: confirmed,
});

test('who must change her password does so before she goes on, and the code works', async (t) => {
  const world = await openForced(t);
  const { browser, clock } = world;
  await world.authorize();
  await world.prove();
  assert.match(browser.shown.text, /id="newPassword" name="newpasswd" type="password"/);
  assert.equal(world.recorded.at(-1)?.code, 'AADSTS50055');
  await browser.submit(filledIn());
  assert.match(browser.shown.text, /id="kmsiTitle"/);
  const answer = answerOf(await browser.submit({ stay: '0' }));
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    code: answer.get('code') ?? '',
    redirect_uri: site.redirectUri,
  };
  const { status } = await world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
  assert.equal(status, 200);
  const { user, hash } = await aliceOf(world);
  assert.equal(await isPassword(fresh, hash), true);
  assert.equal(await isPassword(password, hash), false);
  assert.equal(user?.mustChangePassword, undefined);
  assert.equal(user?.signInSessionsValidFrom, clock.civil());
  assert.doesNotMatch(JSON.stringify(world.recorded), /Fresh1|right horse/);
});

const refusals: readonly (readonly [name: string, ReturnType<typeof filledIn>, shown: RegExp])[] = [
  ['the old one is wrong', filledIn('wrong'), /Your account or password is incorrect/],
  ['the two new ones differ', filledIn(password, fresh, 'Other1Secret'), /do not match/],
  ['the new one is the old one', filledIn(password, password), /not your current one/],
  ['the new one is weak', filledIn(password, 'weak'), /at least 8 characters/],
  ['there is none', filledIn(password, ''), /at least 8 characters/],
];

for (const [name, fields, shown] of refusals) {
  test(`a new password is asked for again when ${name}`, async (t) => {
    const world = await openForced(t);
    const before = await aliceOf(world);
    await world.authorize();
    await world.prove();
    await world.browser.submit(fields);
    assert.match(world.browser.shown.text, shown);
    assert.match(world.browser.shown.text, /role="alert" id="newPasswordError"/);
    assert.deepEqual(await aliceOf(world), before);
    await world.browser.submit(filledIn());
    assert.match(world.browser.shown.text, /id="kmsiTitle"/);
  });
}

test('the page takes nothing from who proved nothing, and skips no step', async (t) => {
  const world = await openForced(t);
  const before = await aliceOf(world);
  await world.authorize();
  await world.browser.submit({ loginfmt: 'alice@contoso.example' });
  const [, token = ''] = /name="flowToken" value="([^"]*)"/.exec(world.browser.shown.text) ?? [];
  const path = `/${contoso.tenantId}/updatepassword`;
  const form = new URLSearchParams({ flowToken: token, ...filledIn() }).toString();
  await world.browser.post(path, form);
  assert.match(world.browser.shown.text, /AADSTS/);
  assert.deepEqual(await aliceOf(world), before);

  await world.authorize();
  await world.prove();
  const [, next = ''] = /name="flowToken" value="([^"]*)"/.exec(world.browser.shown.text) ?? [];
  const stay = new URLSearchParams({ flowToken: next, stay: '1' }).toString();
  await world.browser.post(`/${contoso.tenantId}/kmsi`, stay);
  assert.match(world.browser.shown.text, /id="newPassword"/);
  assert.equal(world.browser.shown.headers['Location'], undefined);
});

test('wrong old passwords lock the account here too', async (t) => {
  const world = await openForced(t);
  await world.authorize();
  await world.prove();
  for (let tried = 0; tried <= failuresMax; tried++) {
    await world.browser.submit(filledIn(`wrong ${tried}`));
  }
  assert.match(world.browser.shown.text, /temporarily locked/);
  const before = await aliceOf(world);
  await world.browser.submit(filledIn());
  assert.deepEqual(await aliceOf(world), before);
});

test('a password that was set by another meanwhile ends the sign-in', async (t) => {
  const world = await openForced(t);
  await world.authorize();
  await world.prove();
  await world.store.write((tx) => setPasswordHash(tx, world.alice, 'another'));
  await world.store.write((tx) =>
    revokeSignIns(tx, contoso.tenantId, world.alice.objectId, world.clock.civil()),
  );
  await world.browser.submit(filledIn());
  assert.match(world.browser.shown.text, /id="newPasswordError"/);
  assert.equal((await aliceOf(world)).hash, 'another');
});

test('a password that was changed stays so, whatever the application then refuses', async (t) => {
  const world = await openForced(t);
  const { store, browser, sitePrincipal } = world;
  const closed = { ...sitePrincipal, appRoleAssignmentRequired: true };
  await store.write((tx) => updateServicePrincipal(tx, closed));
  await world.authorize();
  await world.prove();
  await browser.submit(filledIn());
  assert.match(browser.shown.text, /AADSTS50105/);
  const { user, hash } = await aliceOf(world);
  assert.equal(await isPassword(fresh, hash), true);
  assert.equal(user?.mustChangePassword, undefined);
});
