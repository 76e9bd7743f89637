import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { askServer } from '#app/control-client.ts';
import { addSecret, registerApplication } from '#app/tour-identity.ts';
import { signUp } from '../clients/world.ts';
import { ask, type Question } from './ask.ts';
import { forged } from './forged-token.ts';
import {
  job,
  jobsOf,
  scopes,
  shut,
  startLockWorld,
  tokenQuestion,
  versions,
} from './lock-world.ts';

/** Secrets and keys that do not open, or no more: each is refused, and every list reads as before. */

const world = await startLockWorld('--dev-clock');
const { batten, tenantId, accountName, accountId, worker, arm, graph } = world;
const wrongSecret = [401, 'AADSTS7000215'] as const;

test('a secret that has ended signs in no more', async () => {
  const application = await registerApplication(graph, 'ending');
  const secret = await addSecret(graph, application, minutes(10).toISOString());
  const question = tokenQuestion(world, { ...application, secret });
  assert.equal((await ask(batten, question)).status, 200);
  // It stays there: the tokens that others get meanwhile would not be valid yet in an earlier time.
  await askServer(batten.dataFolder, 'clock', { move: 'advance', value: '11m' });
  await shut(world, question, 401, 'AADSTS7000222');
});

/** The ids of an application's secrets, oldest first. */
async function secretIds(objectId: string): Promise<readonly string[]> {
  const { json } = await graph.call('GET', `/v1.0/applications/${objectId}`);
  const { passwordCredentials } = json as { passwordCredentials: { keyId: string }[] };
  return passwordCredentials.map(({ keyId }) => keyId);
}

test('a secret that was removed signs in no more, and the other one still does', async () => {
  const application = await registerApplication(graph, 'removing');
  const secret = await addSecret(graph, application);
  const [keyId] = await secretIds(application.objectId);
  const other = await addSecret(graph, application);
  const question = tokenQuestion(world, { ...application, secret });
  assert.equal((await ask(batten, question)).status, 200);
  const path = `/v1.0/applications/${application.objectId}/removePassword`;
  await graph.call('POST', path, { keyId });
  await shut(world, question, ...wrongSecret);
  const withOther = tokenQuestion(world, { ...application, secret: other });
  assert.equal((await ask(batten, withOther)).status, 200);
});

test('a wrong secret gives no token', async () => {
  const other = await signUp(world, 'other');
  const [keyId = ''] = await secretIds(worker.objectId);
  const secrets = [
    'not-the-secret',
    other.secret,
    keyId,
    worker.secret.slice(0, -1),
    `${worker.secret} `,
    worker.secret.toUpperCase(),
  ];
  for (const secret of secrets) {
    await shut(world, tokenQuestion(world, { ...worker, secret }), ...wrongSecret);
  }
});

const { form = {}, target } = tokenQuestion(world, worker);
const { client_secret: _, ...secretless } = form;
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const selfMade = forged(
  { alg: 'none', typ: 'JWT' },
  { iss: worker.appId, sub: worker.appId, aud: target, exp: 4_000_000_000 },
  () => Buffer.alloc(0),
);

const requests: readonly {
  readonly what: string;
  readonly question: Question;
  readonly status: number;
  readonly code: RegExp;
}[] = [
  {
    what: 'without a secret',
    question: { target, form: secretless },
    status: 401,
    code: /AADSTS7000216/,
  },
  {
    what: 'with an assertion that nobody signed',
    question: {
      target,
      form: { ...secretless, client_assertion_type: assertionType, client_assertion: selfMade },
    },
    status: 401,
    code: /AADSTS\d+/,
  },
  { what: 'by GET', question: { target }, status: 405, code: /AADSTS900561/ },
  {
    what: 'with the resource of the older endpoint',
    question: { target, form: { ...form, resource: 'https://batch.core.windows.net/' } },
    status: 400,
    code: /AADSTS901002/,
  },
  {
    what: 'for a tenant that is a path',
    question: { target: `/..%2f${tenantId}/oauth2/v2.0/token`, form },
    status: 421,
    code: /MisdirectedRequest/,
  },
  {
    what: 'at common, where a service principal has no tenant',
    question: { target: '/common/oauth2/v2.0/token', form },
    status: 400,
    code: /AADSTS\d+/,
  },
  {
    what: 'for two resources',
    question: { target, form: { ...form, scope: `${scopes.batch} ${scopes.graph}` } },
    status: 400,
    code: /AADSTS\d+/,
  },
  {
    what: 'with a scope of 64 KB',
    question: { target, form: { ...form, scope: 'x'.repeat(65_536) } },
    status: 400,
    code: /AADSTS\d+/,
  },
];

for (const { what, question, status, code } of requests) {
  test(`a token request ${what} is refused`, async () => {
    const answer = await ask(batten, question);
    assert.equal(answer.status, status, answer.body);
    assert.match(answer.code, code);
    assert.ok(!answer.body.includes(worker.secret));
  });
}

/** A request that is signed as an account, with a key and a date. */
function signed(parts: {
  readonly account?: string;
  readonly key: string;
  readonly date?: Date;
  readonly scheme?: string;
}): Question {
  const { account = accountName, key, date = new Date(), scheme = 'SharedKey' } = parts;
  const text = JSON.stringify(job);
  const type = 'application/json; odata=minimalmetadata';
  const dated = `ocp-date:${date.toUTCString()}`;
  const path = `/${account}/batch/${accountName}/jobs`;
  const query = versions.batch.replace('=', ':');
  const lines = ['POST', '', '', `${text.length}`, '', type, '', '', '', '', '', ''];
  const toSign = [...lines, dated, `${path}\n${query}`].join('\n');
  const hmac = createHmac('sha256', Buffer.from(key, 'base64')).update(toSign).digest('base64');
  const headers = { 'ocp-date': date.toUTCString(), authorization: `${scheme} ${account}:${hmac}` };
  return { target: jobsOf(accountName), json: job, headers };
}

const readyKey = batten.env['AZURE_BATCH_ACCESS_KEY'] ?? '';
const minutes = (count: number): Date => new Date(Date.now() + count * 60_000);

const badKeys: readonly (readonly [what: string, question: () => Question])[] = [
  ['with another key', () => signed({ key: Buffer.alloc(64, 7).toString('base64') })],
  ['sixteen minutes old', () => signed({ key: readyKey, date: minutes(-16) })],
  ['sixteen minutes ahead', () => signed({ key: readyKey, date: minutes(16) })],
  ['of another account', () => signed({ key: readyKey, account: world.sibling })],
  ['of an account that is not there', () => signed({ key: readyKey, account: 'nobodysaccount' })],
];

for (const [what, question] of badKeys) {
  test(`a signature ${what} is refused`, async () => {
    const answer = await shut(world, question(), 403, 'AuthenticationFailed');
    assert.ok(!answer.body.includes(readyKey));
  });
}

test('the lighter scheme of other services is not taken for a shared key', async () => {
  const answer = await ask(batten, signed({ key: readyKey, scheme: 'SharedKeyLite' }));
  assert.ok([400, 401, 403].includes(answer.status), answer.body);
});

test('a signature is accepted until its key is made anew, and the other key goes on', async () => {
  const keys = async () => {
    const reply = await arm.call('POST', `${accountId}/listKeys?${versions.account}`);
    return reply.json as { primary: string; secondary: string };
  };
  const { primary, secondary } = await keys();
  assert.equal((await ask(batten, signed({ key: primary }))).status, 201);
  const renew = `${accountId}/regenerateKeys?${versions.account}`;
  await arm.call('POST', renew, { keyName: 'Primary' });
  await shut(world, signed({ key: primary }), 403, 'AuthenticationFailed');
  const again = await ask(batten, signed({ key: secondary }));
  assert.deepEqual([again.status, again.code], [409, 'JobExists']);
});

test('an account that does not take shared keys refuses the right one', async () => {
  const allow = (modes: readonly string[]) =>
    arm.call('PATCH', `${accountId}?${versions.account}`, {
      properties: { allowedAuthenticationModes: modes },
    });
  const { json } = await arm
    .call('POST', `${accountId}/listKeys?${versions.account}`)
    .then((reply) => reply);
  const { secondary } = json as { secondary: string };
  await allow(['AAD']);
  const answer = await shut(world, signed({ key: secondary }), 403, 'AuthenticationFailed');
  assert.match(answer.body, /SharedKey is not allowed/);
});
