import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openLoopback } from './loopback.ts';

async function open(t: TestContext, deadlineSeconds = 30) {
  const loopback = await openLoopback();
  t.after(() => loopback.close());
  const { redirectUri } = loopback;
  const answer = loopback.answer('right', { deadlineSeconds });
  const post = (fields: Readonly<Record<string, string>>, path = '/') =>
    fetch(`${redirectUri}${path}`, { method: 'POST', body: new URLSearchParams(fields) });
  return { loopback, redirectUri, answer, post };
}

test('the answer with the state is taken, and the browser told that it may close', async (t) => {
  const { answer, post } = await open(t);
  const page = await post({ state: 'right', code: 'c' });
  assert.equal(page.status, 200);
  assert.match(await page.text(), /You may close this page/);
  assert.equal(page.headers.get('content-security-policy')?.includes("default-src 'none'"), true);
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.equal((await answer).get('code'), 'c');
});

test('a refusal with the state is an answer too, and the page does not say that she is signed in', async (t) => {
  const { answer, post } = await open(t);
  const page = await post({ state: 'right', error: 'access_denied' });
  assert.match(await page.text(), /You are not signed in/);
  assert.equal((await answer).get('error'), 'access_denied');
});

test('nothing else is an answer, and the wait goes on', async (t) => {
  const { answer, post, redirectUri } = await open(t);
  const statuses = [
    (await post({ state: 'wrong', code: 'c' })).status,
    (await post({ code: 'c' })).status,
    (await post({ state: 'right', code: 'c' }, '/elsewhere')).status,
    (await fetch(`${redirectUri}/?state=right&code=c`)).status,
    (await fetch(`${redirectUri}/favicon.ico`)).status,
    (await post({ state: 'right', code: 'x'.repeat(70_000) })).status,
  ];
  assert.deepEqual(statuses, [400, 400, 404, 404, 404, 404]);
  await post({ state: 'right', code: 'the one' });
  assert.equal((await answer).get('code'), 'the one');
});

test('who hangs up in the middle of an answer does no harm', async (t) => {
  const { answer, post, redirectUri } = await open(t);
  const socket = connect(Number(new URL(redirectUri).port), '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nstate=right');
  await new Promise((written) => socket.once('drain', written).once('connect', written));
  socket.destroy();
  await post({ state: 'right', code: 'c' });
  assert.equal((await answer).get('code'), 'c');
});

test('without an answer the wait ends with the deadline', async (t) => {
  const { answer } = await open(t, 0.05);
  await assert.rejects(answer, { name: 'SignInError', code: 'timed_out' });
});

test('a wait that was given up before it began ends at once', async (t) => {
  const { loopback } = await open(t);
  const limits = { deadlineSeconds: 30, signal: AbortSignal.abort() };
  await assert.rejects(loopback.answer('right', limits), { code: 'aborted' });
});
