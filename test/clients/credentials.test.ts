import assert from 'node:assert/strict';
import { createHash, createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { compactVerify, decodeJwt } from 'jose';
import { askServer } from '#app/control-client.ts';
import {
  BatchClient,
  BatchSharedKeyCredentials,
  BatchTokenCredentials,
  type ClientProof,
  cloudOfAccount,
  SignInError,
  servicePrincipal,
} from '#client/client.ts';
import { fakeService } from '#client/fake-service.ts';
import { clouds } from '#cloud/cloud.ts';
import { newCertificate } from './certificate.ts';
import { addCertificate, LocalAgent, signUp, startWorld } from './world.ts';

/* Applications sign in with `batten/client` at a running Batten: each way in, and each no. */

const world = await startWorld('--dev-clock');
const { env, agent, dataFolder } = world.batten;
const worker = await signUp(world, 'worker', 'Azure Batch Data Contributor');
const [own, stranger] = await Promise.all([newCertificate(), newCertificate()]);
await addCertificate(world.graph, worker, own);
const folder = mkdtempSync(join(tmpdir(), 'batten-credentials-'));
after(() => rmSync(folder, { recursive: true }));
const base = {
  tenantId: world.tenantId,
  clientId: worker.appId,
  authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
  agent,
};
const accountUrl = env['AZURE_BATCH_ENDPOINT'] ?? '';

const certificateAlone = own.pem.slice(own.pem.indexOf('-----BEGIN CERTIFICATE'));
const sealed =
  certificateAlone +
  createPrivateKey(own.pem).export({
    ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' },
  });

async function countJobs(proof: ClientProof): Promise<number> {
  const tokens = servicePrincipal({ ...base, ...proof });
  const client = BatchClient.open(new BatchTokenCredentials(accountUrl, tokens), { agent });
  let count = 0;
  for await (const _ of client.jobs.list()) count += 1;
  return count;
}

function fileWith(text: string): string {
  const path = join(folder, 'proof.pem');
  writeFileSync(path, text);
  return path;
}

const proofs: readonly (readonly [what: string, proof: () => ClientProof])[] = [
  ['a secret', () => ({ clientSecret: worker.secret })],
  ['a certificate', () => ({ certificate: own.pem })],
  ['a certificate in a file', () => ({ certificateFile: fileWith(own.pem) })],
  [
    'a certificate whose key is under a password',
    () => ({ certificate: sealed, certificatePassword: 'open sesame' }),
  ],
];

test('a certificate is named by its SHA-256 thumbprint, and the assertion signed with PS256', async () => {
  await using authority = await fakeService(({ headers, target }) => {
    const place = `https://${headers.host}/${world.tenantId}`;
    const [issuer, token_endpoint] = [`${place}/v2.0`, `${place}/oauth2/v2.0/token`];
    const authorization_endpoint = `${place}/oauth2/v2.0/authorize`;
    const json = target.includes('openid-configuration')
      ? { issuer, token_endpoint, authorization_endpoint, jwks_uri: `${place}/keys` }
      : { token_type: 'Bearer', expires_in: 3599, access_token: 'given' };
    return { status: 200, json };
  });
  const { url: authorityHost, agent: trusting } = authority;
  const at = { ...base, authorityHost, agent: trusting };
  assert.equal(await servicePrincipal({ ...at, certificate: own.pem })(), 'given');
  const form = new URLSearchParams(authority.seen.at(-1)?.body);
  const assertion = form.get('client_assertion') ?? '';
  const { raw, publicKey } = new X509Certificate(certificateAlone);
  // MSAL rounds the time, at worst into the future, so the signature alone is verified here.
  const { protectedHeader } = await compactVerify(assertion, publicKey);
  const payload = decodeJwt(assertion);
  assert.deepEqual(
    [protectedHeader.alg, protectedHeader['x5t#S256'], protectedHeader.x5t],
    ['PS256', createHash('sha256').update(raw).digest('base64url'), undefined],
  );
  assert.deepEqual([payload.iss, payload.sub], [worker.appId, worker.appId]);
});

for (const [what, proof] of proofs) {
  test(`${what} signs an application in, and it lists jobs`, async () => {
    assert.equal(await countJobs(proof()), 0);
  });
}

const otherKey = own.pem.replace(/-----BEGIN PRIVATE KEY-----[^-]+/, () => {
  const [key = ''] = /-----BEGIN PRIVATE KEY-----[^-]+/.exec(stranger.pem) ?? [];
  return key;
});

const ellipticKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();

const refusals: readonly (readonly [
  what: string,
  proof: () => ClientProof,
  code: string,
  message: RegExp,
])[] = [
  [
    'a wrong secret',
    () => ({ clientSecret: 'not-the-secret' }),
    'AADSTS7000215',
    /value of the secret and not its id/,
  ],
  [
    'a certificate that was not uploaded',
    () => ({ certificate: stranger.pem }),
    'AADSTS700027',
    /Upload this certificate/,
  ],
  [
    'a certificate with the key of another',
    () => ({ certificate: otherKey }),
    'invalid_certificate',
    /not that of the certificate/,
  ],
  [
    'a certificate without its key',
    () => ({ certificate: certificateAlone }),
    'invalid_certificate',
    /no private key.*certificatePassword/s,
  ],
  [
    'a wrong password of a key',
    () => ({ certificate: sealed, certificatePassword: 'not-the-secret' }),
    'invalid_certificate',
    /no private key/,
  ],
  [
    'a key that is no RSA key',
    () => ({ certificate: certificateAlone + ellipticKey }),
    'invalid_certificate',
    /not an RSA key/,
  ],
  [
    'a text that is no certificate',
    () => ({ certificate: 'not PEM' }),
    'invalid_certificate',
    /no certificate can be read/,
  ],
  [
    'a file that is not there',
    () => ({ certificateFile: join(folder, 'nowhere.pem') }),
    'ENOENT',
    /nowhere\.pem cannot be read/,
  ],
  [
    'a federated token that is none',
    () => ({ federatedToken: () => 'not.a.token' }),
    'AADSTS50027',
    /./,
  ],
  [
    'a platform that gives no federated token',
    () => ({ federatedToken: () => Promise.reject(new SignInError({ code: 'own', text: 'own' })) }),
    'own',
    /own/,
  ],
];

for (const [what, proof, code, message] of refusals) {
  test(`${what} signs nobody in, and the error says what to do and no secret`, async () => {
    await assert.rejects(countJobs(proof()), (error) => {
      assert.ok(error instanceof SignInError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      const shown = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`;
      for (const secret of ['not-the-secret', 'PRIVATE KEY', 'not.a.token']) {
        assert.ok(!shown.includes(secret), `${secret} in ${shown}`);
      }
      return true;
    });
  });
}

test('a secret that has expired signs nobody in', async (t) => {
  t.after(() => askServer(dataFolder, 'clock', { move: 'reset' }));
  await askServer(dataFolder, 'clock', { move: 'advance', value: '731d' });
  await assert.rejects(countJobs({ clientSecret: worker.secret }), {
    code: 'AADSTS7000222',
    message: /Make a new secret/,
  });
});

test('a disabled application signs in no more', async () => {
  const { appId, secret, principalId } = await signUp(world, 'disabled');
  const tokens = servicePrincipal({ ...base, clientId: appId, clientSecret: secret });
  await tokens();
  const path = `/v1.0/servicePrincipals/${principalId}`;
  await world.graph.call('PATCH', path, { accountEnabled: false });
  const other = servicePrincipal({ ...base, clientId: appId, clientSecret: secret });
  await assert.rejects(async () => other(), { code: 'AADSTS7000112', message: /enable/ });
});

test('a credential of @azure/identity signs in as it is, with the audience of the account', async () => {
  const client = BatchClient.open(new BatchTokenCredentials(accountUrl, worker.credential), {
    agent,
  });
  for await (const job of client.jobs.list()) assert.fail(job.id);
});

test('a shared key opens the account, and a wrong one does not', async () => {
  const byAzureName = new LocalAgent(world.batten);
  after(() => byAzureName.destroy());
  const open = (key: string) =>
    BatchClient.open(new BatchSharedKeyCredentials(world.batchUrl, world.accountName, key), {
      agent: byAzureName,
    });
  const key = env['AZURE_BATCH_ACCESS_KEY'] ?? '';
  for await (const job of open(key).jobs.list()) assert.fail(job.id);
  const wrong = open(Buffer.alloc(64).toString('base64')).jobs.get('any');
  await assert.rejects(wrong, { status: 403 });
});

test('in every cloud the token has the audience of its Batch, at the names of that cloud', async () => {
  const byAzureName = new LocalAgent(world.batten);
  after(() => byAzureName.destroy());
  for (const { name: cloud, batchSuffix, batchAudience } of clouds) {
    const { authorityHost: _, ...asAzure } = base;
    const tokens = servicePrincipal({
      ...asAzure,
      cloud,
      clientSecret: worker.secret,
      agent: byAzureName,
    });
    assert.equal(decodeJwt(await tokens()).aud, batchAudience);
    const url = `https://${world.accountName}.${env['BATTEN_LOCATION']}${batchSuffix}`;
    assert.equal(cloudOfAccount(url), cloud);
    const client = BatchClient.open(new BatchTokenCredentials(url, tokens), { agent: byAzureName });
    for await (const job of client.jobs.list()) assert.fail(job.id);
  }
});

test('where nobody listens, the error says that the sign-in service was not reached', async () => {
  const tokens = servicePrincipal({
    ...base,
    clientSecret: worker.secret,
    authorityHost: 'https://localhost:1',
  });
  await assert.rejects(async () => tokens(), {
    name: 'SignInError',
    code: 'ECONNREFUSED',
    message: /was not reached/,
  });
});

test('a tenant that is not there is told as Entra tells it', async () => {
  const tokens = servicePrincipal({
    ...base,
    tenantId: 'nobody.example',
    clientSecret: worker.secret,
  });
  await assert.rejects(async () => tokens(), { code: 'AADSTS90002', message: /Check the tenant/ });
});
