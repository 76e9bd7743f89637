import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addSeconds, type Instant, instantOfSeconds } from '#kernel/instant.ts';
import { guidOfText } from '#kernel/random.ts';
import { opaqueHashOf } from './opaque-text.ts';
import {
  addSessionClient,
  addSignInSession,
  findSignInSessions,
  removeSignInSessions,
  reopened,
  type SignInSession,
  sessionsMax,
} from './sign-in-session.store.ts';
import { contoso, fabrikam, openStore } from './world.test.ts';

const now = instantOfSeconds(1_800_000_000);

function sessionOf(name: string, more: Partial<SignInSession> = {}): SignInSession {
  return {
    sessionId: guidOfText(name, 'session'),
    tenantId: contoso.tenantId,
    userId: guidOfText(name),
    authenticatedAt: now,
    passwordMark: 'mark',
    expiresAt: addSeconds(now, 60),
    isPersistent: false,
    clientIds: ['one'],
    ...more,
  };
}

const alice = sessionOf('alice');
const bob = sessionOf('bob', { expiresAt: addSeconds(now, 90) });

/** A store with what the tests do to it. Each sign-in moves on to the next cookie: 1, 2, and so on. */
async function openSessions(t: TestContext, ...signedIn: readonly SignInSession[]) {
  const { store, remove } = await openStore();
  t.after(remove);
  let last = 0;
  const signIn = (session: SignInSession, at: Instant = now) => {
    const cookies = { before: `${last}`, next: `${last + 1}` };
    last += 1;
    return store.write((tx) => addSignInSession(tx, cookies, session, at));
  };
  for (const session of signedIn) await signIn(session);
  return {
    store,
    signIn,
    find: (cookie = `${last}`, at: Instant = now) =>
      store.read((tx) => findSignInSessions(tx, cookie, at)),
    rows: () => store.read((tx) => tx.all(allRows)),
  };
}

const allRows = { name: 'test.signInSession', sql: 'SELECT * FROM sign_in_session' };

test('who signs in is first, beside whoever was signed in before', async (t) => {
  const { find, signIn } = await openSessions(t, alice, bob);
  assert.deepEqual(await find(), [bob, alice]);
  const carol = sessionOf('carol');
  assert.deepEqual(await signIn(carol), [carol, bob, alice]);
});

test('the cookie before and another one find nobody', async (t) => {
  const { find, rows } = await openSessions(t, alice, bob);
  assert.deepEqual([await find('1'), await find('other')], [[], []]);
  assert.equal((await rows()).length, 1);
});

test('who signs in again has one session, the new one', async (t) => {
  const { find, signIn } = await openSessions(t, alice, bob);
  const again = sessionOf('alice', { sessionId: guidOfText('again') });
  await signIn(again);
  assert.deepEqual(await find(), [again, bob]);
  const namesake = sessionOf('alice', { tenantId: fabrikam.tenantId });
  await signIn(namesake);
  assert.deepEqual(await find(), [namesake, again, bob]);
});

test('each account lives until its own time is over', async (t) => {
  const { find } = await openSessions(t, alice, bob);
  assert.deepEqual(await find('2', addSeconds(now, 59)), [bob, alice]);
  assert.deepEqual(await find('2', alice.expiresAt), [bob]);
  assert.deepEqual(await find('2', bob.expiresAt), []);
});

test('a browser that was closed has who stays, and forgets the others when it is written', async (t) => {
  const stays = sessionOf('stays', { isPersistent: true });
  const { store, find } = await openSessions(t, alice, stays);
  const closed = reopened('2');
  assert.deepEqual(await find(closed), [stays]);
  assert.deepEqual(await find(), [stays, alice]);
  assert.deepEqual(await find(reopened('1')), []);
  const where = { cookie: closed, sessionId: stays.sessionId };
  await store.write((tx) => addSessionClient(tx, where, 'two', now));
  assert.deepEqual(await find(), [{ ...stays, clientIds: ['one', 'two'] }]);
});

test('a sign-in forgets the accounts and the browsers whose time is over', async (t) => {
  const { find, signIn, rows } = await openSessions(t, alice, bob);
  const late = sessionOf('late', { expiresAt: addSeconds(now, 3600) });
  assert.deepEqual(await signIn(late, alice.expiresAt), [late, bob]);
  await signIn(sessionOf('later', { expiresAt: addSeconds(now, 7200) }), late.expiresAt);
  assert.deepEqual([(await find()).length, (await rows()).length], [1, 1]);
});

test('the oldest of too many accounts is signed out', async (t) => {
  const many = Array.from({ length: sessionsMax + 1 }, (_, at) => sessionOf(`user ${at}`));
  const { find } = await openSessions(t, ...many);
  assert.deepEqual(await find(), many.slice(1).reverse());
});

test('an application is remembered of the account that signed in to it', async (t) => {
  const { store, find, rows } = await openSessions(t, alice, bob);
  const add = (cookie: string, sessionId: string, clientId: string) =>
    store.write((tx) => addSessionClient(tx, { cookie, sessionId }, clientId, now));
  for (const clientId of ['two', 'one']) await add('2', alice.sessionId, clientId);
  assert.deepEqual(await find(), [bob, { ...alice, clientIds: ['one', 'two'] }]);
  const before = await rows();
  await add('other', alice.sessionId, 'three');
  await add('2', guidOfText('nobody'), 'three');
  assert.deepEqual(await rows(), before);
});

test('one account signs out, and the others stay', async (t) => {
  const { store, find, rows } = await openSessions(t, alice, bob);
  const end = (session: SignInSession, cookie = '2') =>
    store.write((tx) => removeSignInSessions(tx, cookie, [session], now));
  const before = await rows();
  await end(alice, 'other');
  await end(sessionOf('carol'));
  assert.deepEqual(await rows(), before);
  assert.deepEqual(await end(alice), [bob]);
  assert.deepEqual(await find(), [bob]);
  assert.deepEqual(await end(bob), []);
  assert.deepEqual(await rows(), []);
});

test('a row of before there could be several is an account', async (t) => {
  const { store, find } = await openSessions(t);
  const { clientIds: _none, ...first } = alice;
  for (const [cookie, document] of Object.entries({ first, second: alice })) {
    await store.write((tx) =>
      tx.run(insertRow, opaqueHashOf(cookie), alice.expiresAt, JSON.stringify(document)),
    );
  }
  assert.deepEqual(await find('first'), [{ ...alice, clientIds: [] }]);
  assert.deepEqual(await find('second'), [alice]);
  const cookies = { before: 'second', next: 'third' };
  await store.write((tx) => addSignInSession(tx, cookies, bob, now));
  assert.deepEqual(await find('third'), [bob, alice]);
});

const insertRow = {
  name: 'test.signInSession.insert',
  sql: 'INSERT INTO sign_in_session (cookie_hash, expires_at, document) VALUES (?, ?, ?)',
};
