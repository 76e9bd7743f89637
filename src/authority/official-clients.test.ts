import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { ConfidentialClientApplication } from '@azure/msal-node';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { readCertificate } from '#directory/certificate.ts';
import { addKey } from '#directory/credential.store.ts';
import { machineClock } from '#kernel/clock.ts';
import { addSeconds } from '#kernel/instant.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import { newSigningKey } from './new-signing-key.ts';
import { identityOptionsOf, listenFor, networkOf } from './served.test.ts';
import { contoso, openWorld, type World, worker } from './world.test.ts';

const batchScope = 'https://batch.core.windows.net//.default';

/**
 * The world behind a real listener. Its clock begins at the machine's time, since clients date what
 * they send.
 */
async function serve(t: TestContext) {
  const world = await openWorld(t, machineClock().real());
  return { ...world, ...(await listenFor(t, world)) };
}

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

/** Registers a certificate of the worker, and gives it with its private key in PEM. */
async function registerCertificate(world: World) {
  const made = await newSigningKey('client', world.clock.real(), seededRandom('client'));
  const facts = readCertificate(made.certificate);
  assert.ok(facts !== undefined);
  await world.store.write((tx) =>
    addKey(tx, {
      ...facts,
      tenantId: contoso.tenantId,
      appObjectId: guidOfText('worker application'),
      keyId: guidOfText('worker certificate'),
      startAt: facts.validFrom,
      endAt: addSeconds(facts.validFrom, 3600),
      type: 'AsymmetricX509Cert',
      usage: 'Verify',
    }),
  );
  const { thumbprintSha256 } = facts;
  const thumbprint = Buffer.from(thumbprintSha256, 'base64url').toString('hex');
  const body = made.certificate.toString('base64').replace(/.{1,64}/g, '$&\n');
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`;
  return { thumbprint, privateKeyPem: made.privateKeyPem, certificatePem };
}

test('msal-node signs in with a secret at the real host, and a resource server believes the token', async (t) => {
  const world = await serve(t);
  const authority = `https://login.microsoftonline.com/${contoso.tenantId}`;
  const client = new ConfidentialClientApplication({
    auth: { clientId: worker.appId, clientSecret: worker.secretText, authority },
    system: { networkClient: networkOf(world.agent) },
  });
  const result = await client.acquireTokenByClientCredential({ scopes: [batchScope] });
  assert.ok(result !== null);
  const { json } = await world.send({ path: '/common/discovery/keys' });
  const keys = json.keys.map((key) => ({ ...key, x5c: [...key.x5c] }));
  const { payload } = await jwtVerify(result.accessToken, createLocalJWKSet({ keys }), {
    issuer: `https://sts.windows.net/${contoso.tenantId}/`,
    audience: 'https://batch.core.windows.net/',
    algorithms: ['RS256'],
    currentDate: new Date(world.clock.civil() / 1000),
  });
  assert.equal(payload['appid'], worker.appId);
});

test('msal-node is refused with a wrong secret and understands why', async (t) => {
  const world = await serve(t);
  const authority = 'https://login.microsoftonline.com/contoso.example';
  const client = new ConfidentialClientApplication({
    auth: { clientId: worker.appId, clientSecret: 'wrong', authority },
    system: { networkClient: networkOf(world.agent) },
  });
  await assert.rejects(client.acquireTokenByClientCredential({ scopes: [batchScope] }), (error) => {
    const { errorCode, errorMessage } = error as { errorCode: string; errorMessage: string };
    assert.equal(errorCode, 'invalid_client');
    assert.match(errorMessage, /AADSTS7000215/);
    return true;
  });
});

test('msal-node signs in with a registered certificate and with no other key', async (t) => {
  const world = await serve(t);
  const { thumbprint, privateKeyPem } = await registerCertificate(world);
  const authority = `https://login.microsoftonline.com/${contoso.tenantId}`;
  const signIn = (privateKey: string) => {
    const clientCertificate = { thumbprintSha256: thumbprint, privateKey };
    const client = new ConfidentialClientApplication({
      auth: { clientId: worker.appId, clientCertificate, authority },
      system: { networkClient: networkOf(world.agent) },
    });
    return client.acquireTokenByClientCredential({ scopes: [batchScope] });
  };
  const result = await signIn(privateKeyPem);
  assert.equal(claimsOf(result?.accessToken ?? '')['appidacr'], '2');
  const stranger = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'pem', type: 'spki' },
  });
  await assert.rejects(signIn(stranger.privateKey), /AADSTS700027/);
});

test('@azure/identity signs in with a secret in two clouds and explicitly', async (t) => {
  const world = await serve(t);
  const { tenantId } = contoso;
  for (const [authorityHost, scope, issuer] of [
    ['https://login.microsoftonline.com', batchScope, 'https://sts.windows.net'],
    [
      'https://login.chinacloudapi.cn',
      'https://batch.chinacloudapi.cn//.default',
      'https://sts.chinacloudapi.cn',
    ],
    [`https://localhost:${world.port}`, batchScope, 'https://sts.windows.net'],
  ] as const) {
    const credential = new ClientSecretCredential(tenantId, worker.appId, worker.secretText, {
      authorityHost,
      disableInstanceDiscovery: authorityHost.includes('localhost'),
      ...identityOptionsOf(world.agent),
    });
    const { token } = await credential.getToken(scope);
    assert.equal(claimsOf(token)['iss'], `${issuer}/${tenantId}/`);
    assert.equal(claimsOf(token)['aud'], scope.slice(0, -'/.default'.length));
  }
});

test('@azure/identity signs in with a certificate, and is refused with a wrong secret or resource', async (t) => {
  const world = await serve(t);
  const { tenantId } = contoso;
  const options = identityOptionsOf(world.agent);
  const { privateKeyPem, certificatePem } = await registerCertificate(world);
  const certificate = `${privateKeyPem}${certificatePem}`;
  const byCertificate = new ClientCertificateCredential(
    tenantId,
    worker.appId,
    { certificate },
    options,
  );
  const { token } = await byCertificate.getToken(batchScope);
  assert.equal(claimsOf(token)['appidacr'], '2');
  await assert.rejects(byCertificate.getToken('https://nothing.example/.default'), /AADSTS500011/);
  const wrong = new ClientSecretCredential(tenantId, worker.appId, 'wrong', options);
  await assert.rejects(wrong.getToken(batchScope), /AADSTS7000215/);
});
