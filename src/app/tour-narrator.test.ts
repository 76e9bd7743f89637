import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError, SignInError } from '#client/client.ts';
import { narrator } from './tour-narrator.ts';

/** A narrator and the lines that it wrote. */
function listener() {
  const lines: string[] = [];
  return { lines, tell: narrator((line) => lines.push(line)) };
}

const refused = new ServiceError({ status: 403, code: 'Denied', text: 'No.', requestId: 'r' });

test('a step that goes well is ticked, told and returned', async () => {
  const { lines, tell } = listener();
  assert.equal(
    await tell.step(
      'count',
      async () => 3,
      (n) => `${n} things`,
    ),
    3,
  );
  assert.deepEqual(lines, ['  ✓  1 count: 3 things']);
});

test('a step that fails is crossed and ends the tour', async () => {
  const { lines, tell } = listener();
  await assert.rejects(
    tell.step('count', () => Promise.reject(refused)),
    refused,
  );
  assert.match(lines.join(), /✗ {2}1 count: .*Denied/);
});

test('an expected refusal is ticked with its own words', async () => {
  const { lines, tell } = listener();
  await tell.refusal('go in', 'Denied', () => Promise.reject(refused));
  assert.deepEqual(lines, ['  ✓  1 go in: Denied: No.']);
});

test('a refused sign-in is told without its trace', async () => {
  const { lines, tell } = listener();
  const text = 'AADSTS1: No. Trace ID: x Correlation ID: y';
  const error = new SignInError({ code: 'AADSTS1', text, correlationId: 'y' });
  await tell.refusal('sign in', 'AADSTS1', () => Promise.reject(error));
  assert.deepEqual(lines, ['  ✓  1 sign in: AADSTS1: No.']);
});

const failures: readonly (readonly [what: string, body: () => Promise<unknown>])[] = [
  ['what was to be refused is allowed', async () => 'in'],
  [
    'it is refused for another reason',
    () =>
      Promise.reject(
        new ServiceError({ status: 404, code: 'Missing', text: 'Gone.', requestId: 'r' }),
      ),
  ],
  ['something else broke', () => Promise.reject(new Error('ECONNRESET'))],
];

for (const [what, body] of failures) {
  test(`the tour ends when ${what}`, async () => {
    const { tell } = listener();
    await assert.rejects(tell.refusal('go in', 'Denied', body));
  });
}
