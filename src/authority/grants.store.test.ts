import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSeconds, type Instant, instantOfSeconds } from '#kernel/instant.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import {
  type AuthorizationCode,
  addAuthorizationCode,
  codeLifetimeSeconds,
  takeAuthorizationCode,
} from './authorization-code.store.ts';
import { newOpaqueText, opaqueHashOf } from './opaque-text.ts';
import {
  addRefreshToken,
  findRefreshToken,
  removeRefreshTokensOf,
  spendRefreshToken,
} from './refresh-token.store.ts';
import { signInMarkOf } from './sign-in-mark.ts';
import { findSpentGrant } from './spent-grant.store.ts';
import { contoso, openStore, worker } from './world.test.ts';

const now = instantOfSeconds(1_800_000_000);
const userId = guidOfText('user');

const grant: AuthorizationCode = {
  grantId: guidOfText('grant'),
  cloud: 'public',
  tenantId: contoso.tenantId,
  userId,
  clientId: worker.appId,
  redirectKind: 'web',
  scope: 'openid',
  authenticatedAt: now,
  passwordMark: signInMarkOf('hash', {}),
  sessionId: guidOfText('session'),
  redirectUri: 'https://app.example/cb',
  expiresAt: addSeconds(now, codeLifetimeSeconds),
};

test('a code is taken once, however many ask for it at the same time', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  await store.write((tx) => addAuthorizationCode(tx, 'code', grant, now));
  const takers = Array.from({ length: 50 }, () =>
    store.write((tx) => takeAuthorizationCode(tx, 'code')),
  );
  const taken = (await Promise.all(takers)).filter((one) => one !== undefined);
  assert.deepEqual(taken, [grant]);
  const spent = await store.read((tx) => findSpentGrant(tx, opaqueHashOf('code')));
  assert.equal(spent, grant.grantId);
});

test('another text takes nothing, and neither code nor token is stored as written', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  await store.write(async (tx) => {
    await addAuthorizationCode(tx, 'code', grant, now);
    await addRefreshToken(tx, 'token', grant, now);
    assert.equal(await takeAuthorizationCode(tx, 'CODE'), undefined);
    const everything = { name: 'test.codes', sql: 'SELECT * FROM authorization_code' };
    const tokens = { name: 'test.tokens', sql: 'SELECT * FROM refresh_token' };
    const [code] = await tx.all(everything);
    const [token] = await tx.all(tokens);
    assert.equal(code?.['code_hash'], opaqueHashOf('code'));
    assert.equal(token?.['token_hash'], opaqueHashOf('token'));
  });
});

test('expired codes are known for as long again, and then forgotten', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  const addAt = (code: string, at: Instant) =>
    store.write((tx) => addAuthorizationCode(tx, code, grant, at));
  await addAt('first', now);
  await addAt('second', addSeconds(now, codeLifetimeSeconds + 1));
  const expired = await store.write((tx) => takeAuthorizationCode(tx, 'first'));
  assert.equal(expired?.expiresAt, grant.expiresAt);
  await addAt('third', addSeconds(now, 2 * codeLifetimeSeconds + 1));
  assert.equal(await store.write((tx) => takeAuthorizationCode(tx, 'second')), undefined);
});

test('a refresh token is spent once, and all of one sign-in go together', async (t) => {
  const { store, remove } = await openStore();
  t.after(remove);
  const other = { ...grant, grantId: guidOfText('other') };
  await store.write(async (tx) => {
    await addRefreshToken(tx, 'one', grant, now);
    await addRefreshToken(tx, 'two', grant, now);
    await addRefreshToken(tx, 'three', other, now);
    assert.equal(await spendRefreshToken(tx, 'one', grant), true);
    assert.equal(await spendRefreshToken(tx, 'one', grant), false);
    await removeRefreshTokensOf(tx, grant.grantId);
    assert.equal(await findRefreshToken(tx, 'two'), undefined);
    assert.deepEqual(await findRefreshToken(tx, 'three'), other);
  });
});

test('opaque texts never repeat', () => {
  const random = seededRandom('opaque');
  const first = newOpaqueText(random, '1.');
  assert.match(first, /^1\.[\w-]{64}$/);
  assert.notEqual(first, newOpaqueText(random, '1.'));
});
