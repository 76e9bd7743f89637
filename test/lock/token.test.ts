import assert from 'node:assert/strict';
import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
} from 'node:crypto';
import { test } from 'node:test';
import { guidOfText } from '#kernel/random.ts';
import { newCertificate } from '../clients/certificate.ts';
import { signUp } from '../clients/world.ts';
import { ask, type Question } from './ask.ts';
import { encoded, forged, partsOf } from './forged-token.ts';
import {
  job,
  jobsOf,
  postJob,
  scopes,
  shut,
  startLockWorld,
  tokenOf,
  tokenQuestion,
  versions,
} from './lock-world.ts';

/** Tokens that must not open anything: each is refused, and every list that it might have changed reads as before. */

const world = await startLockWorld();
const { batten, accountName, worker, goodToken } = world;
const { header, claims } = partsOf(goodToken);
const refused = [401, 'AuthenticationFailed'] as const;

const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const byStranger = (input: string): Buffer =>
  sign('RSA-SHA256', Buffer.from(input), stranger.privateKey);
const strangersJwk = stranger.publicKey.export({ format: 'jwk' });
const strangersChain = [(await newCertificate()).certificateBase64];

test('the good token of these tests is accepted, so that each refusal has its own reason', async () => {
  assert.equal((await ask(batten, { target: jobsOf(accountName), token: goodToken })).status, 200);
});

const foreignIssuer = 'https://sts.windows.net/11111111-2222-4333-8444-555555555555/';

const strange: readonly (readonly [what: string, token: () => string])[] = [
  ['of a foreign issuer', () => forged(header, { ...claims, iss: foreignIssuer }, byStranger)],
  ['with our claims and a foreign signature', () => forged(header, claims, byStranger)],
  ['that brings its key along', () => forged({ ...header, jwk: strangersJwk }, claims, byStranger)],
  [
    'that brings its certificate along',
    () => forged({ ...header, x5c: strangersChain }, claims, byStranger),
  ],
  [
    'that says where its key is',
    () => forged({ ...header, jku: 'https://evil.example/keys' }, claims, byStranger),
  ],
  ['whose key is a path', () => forged({ ...header, kid: '../../key' }, claims, byStranger)],
  ['whose key is SQL', () => forged({ ...header, kid: "' OR 1=1--" }, claims, byStranger)],
  ['without a key', () => forged({ typ: 'JWT', alg: 'RS256' }, claims, byStranger)],
  ['with a claim that nobody signed', () => spliced({ ...claims, oid: guidOfText('another') })],
  ['with PS256 under an RS256 signature', () => withHeader({ ...header, alg: 'PS256' })],
  ['with ES256 and a signature of zeros', () => zeros({ ...header, alg: 'ES256' })],
  ['with an unknown critical header', () => withHeader({ ...header, crit: ['x'], x: 1 })],
  ['without a signature', () => `${goodToken.split('.').slice(0, 2).join('.')}.`],
  ['of two parts', () => goodToken.split('.').slice(0, 2).join('.')],
  ['of five parts', () => `${goodToken}.a.b`],
  ['whose claims are a list', () => forged(header, '[]', byStranger)],
  ['whose claims are no JSON', () => forged(header, 'x', byStranger)],
  ['whose claims nest deeply', () => forged(header, '['.repeat(9000), byStranger)],
];

/** The good signature under other claims. */
function spliced(other: object): string {
  const [first = '', , signature = ''] = goodToken.split('.');
  return `${first}.${encoded(other)}.${signature}`;
}

/** The good signature under another header. */
function withHeader(other: object): string {
  const [, second = '', signature = ''] = goodToken.split('.');
  return `${encoded(other)}.${second}.${signature}`;
}

function zeros(other: object): string {
  return forged(other, claims, () => Buffer.alloc(64));
}

for (const [what, token] of strange) {
  test(`a token ${what} is refused`, async () => {
    await shut(world, postJob(world, token()), ...refused);
  });
}

for (const alg of ['none', 'None', 'NONE', '']) {
  test(`a token with the algorithm "${alg}" is refused`, async () => {
    const token = forged({ ...header, alg }, claims, () => Buffer.alloc(0));
    await shut(world, postJob(world, token), ...refused);
  });
}

/** The public key that the authority publishes for the good token. */
async function publishedKey(): Promise<JsonWebKey> {
  const { json } = await ask(batten, { target: `/${world.tenantId}/discovery/v2.0/keys` });
  const found = (json as { keys: JsonWebKey[] }).keys.find((key) => key['kid'] === header['kid']);
  return found ?? assert.fail('the key of the token is not published');
}

test('a token that is signed with HS256 and the public key is refused', async () => {
  const jwk = await publishedKey();
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const [x5c = ''] = jwk['x5c'] as unknown as string[];
  const secrets = [
    key.export({ type: 'spki', format: 'pem' }),
    key.export({ type: 'spki', format: 'der' }),
    key.export({ type: 'pkcs1', format: 'pem' }),
    Buffer.from(String(jwk.n), 'base64url'),
    x5c,
  ];
  for (const secret of secrets) {
    const byPublicKey = (input: string): Buffer =>
      createHmac('sha256', secret).update(input).digest();
    const token = forged({ ...header, alg: 'HS256' }, claims, byPublicKey);
    await shut(world, postJob(world, token), ...refused);
  }
});

const audiences = [
  { what: 'for Resource Manager', scope: scopes.arm },
  { what: 'for Microsoft Graph', scope: scopes.graph },
  { what: 'whose audience lacks the slash', scope: 'https://batch.core.windows.net/.default' },
];

for (const { what, scope } of audiences) {
  test(`a token ${what} is refused by Batch`, async () => {
    const token = await tokenOf(worker, scope);
    const answer = await shut(world, postJob(world, token), ...refused);
    assert.match(answer.body, /wrong audience or resource '[^']+'/);
  });
}

test('a token for Batch is refused by Resource Manager and by Graph', async () => {
  const groups = `/subscriptions/${world.subscriptionId}/resourceGroups?${versions.group}`;
  const toArm = { target: groups, token: goodToken };
  await shut(world, toArm, 401, 'InvalidAuthenticationTokenAudience');
  const toGraph = { target: '/v1.0/applications', token: goodToken };
  await shut(world, toGraph, 401, 'InvalidAuthenticationToken');
});

test('a token of the China cloud is refused in the public one, and the other way round', async () => {
  const scope = 'https://batch.chinacloudapi.cn//.default';
  const asked = tokenQuestion(world, worker, { host: 'login.chinacloudapi.cn', scope });
  const { access_token: chinese = '' } = (await ask(batten, asked)).json as {
    access_token?: string;
  };
  const inChina = (token: string): Question => ({
    host: `${accountName}.${world.location}.batch.chinacloudapi.cn`,
    target: `/jobs?${versions.batch}`,
    token,
  });
  assert.equal((await ask(batten, inChina(chinese))).status, 200);
  await shut(world, postJob(world, chinese), ...refused);
  await shut(world, { ...inChina(goodToken), json: job }, ...refused);
});

test('the authority of one cloud gives no token for the Batch of another', async () => {
  const question = tokenQuestion(world, worker, { host: 'login.chinacloudapi.cn' });
  await shut(world, question, 400, 'AADSTS500011');
});

test('a token of an application that is gone, or disabled, is refused', async () => {
  for (const end of ['disable', 'delete'] as const) {
    const leaver = await signUp(world, `leaver-${end}`, 'Azure Batch Data Contributor');
    const token = await tokenOf(leaver, scopes.batch);
    assert.equal((await ask(batten, { target: jobsOf(accountName), token })).status, 200);
    const path = `/v1.0/servicePrincipals/${leaver.principalId}`;
    if (end === 'disable') await world.graph.call('PATCH', path, { accountEnabled: false });
    else await world.graph.call('DELETE', path);
    await shut(world, postJob(world, token), ...refused);
  }
});

const headers: readonly (readonly [authorization: string, what: string])[] = [
  ['', 'an empty header'],
  ['Bearer', 'a scheme alone'],
  ['Bearer ', 'an empty token'],
  ['Bearer x.y.z', 'three letters'],
  ['Basic eDp5', 'a name and a password'],
  [`bearer${goodToken}`, 'no blank'],
  [`Bearer ${goodToken}, Bearer ${goodToken}`, 'two tokens in one header'],
  [`Bearer ${goodToken} `.replace('.', ' .'), 'a blank in the token'],
];

for (const [authorization, what] of headers) {
  test(`${what} as authorization is refused`, async () => {
    const { target } = postJob(world, '');
    const question = { target, json: job, headers: { authorization } };
    const answer = await ask(batten, question);
    assert.ok([400, 401, 403].includes(answer.status), `${answer.status} ${answer.body}`);
    const list = await ask(batten, { target: jobsOf(accountName), token: goodToken });
    assert.ok(!list.body.includes(job.id));
  });
}

test('a token in the query or in a form is not looked at', async () => {
  const target = `${jobsOf(accountName)}&access_token=${goodToken}`;
  const answer = await shut(world, { target, json: job }, ...refused);
  assert.ok(!answer.body.includes(goodToken));
  const form = { access_token: goodToken };
  assert.equal((await ask(batten, { target: jobsOf(accountName), form })).status, 401);
});

test('the scheme of a token is read in any case', async () => {
  const headers = { authorization: `bearer ${goodToken}` };
  assert.equal((await ask(batten, { target: jobsOf(accountName), headers })).status, 200);
});

test('a header larger than any token is refused before it is read', async () => {
  const headers = { authorization: `Bearer ${'x'.repeat(40_000)}` };
  const answer = await ask(batten, { target: jobsOf(accountName), headers });
  assert.equal(answer.status, 431);
});
