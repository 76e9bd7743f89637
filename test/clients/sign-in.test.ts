import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientCertificateCredential, ClientSecretCredential } from '@azure/identity';
import { AuthError, ConfidentialClientApplication } from '@azure/msal-node';
import { decodeJwt } from 'jose';
import { newCertificate } from './certificate.ts';
import { credentialOf, type SignedUp, signUp, startWorld } from './world.ts';

const world = await startWorld();
const worker = await signUp(world, 'sign-in');
const batchScope = 'https://batch.core.windows.net//.default';

/** msal-node for an application of this Batten. */
function msal(clientSecret: string, { clientId = worker.appId, tenant = world.tenantId } = {}) {
  const host = world.batten.env['AZURE_AUTHORITY_HOST'] ?? '';
  const authority = `${host.replace(/\/$/, '')}/${tenant}`;
  const knownAuthorities = [new URL(host).host];
  return new ConfidentialClientApplication({
    auth: { clientId, clientSecret, authority, knownAuthorities },
  });
}

async function msalRefusal(application: ConfidentialClientApplication, scope = batchScope) {
  try {
    await application.acquireTokenByClientCredential({ scopes: [scope] });
  } catch (error) {
    assert.ok(error instanceof AuthError, String(error));
    const code = /AADSTS\d+/.exec(error.errorMessage)?.[0];
    return { error: error.errorCode, code };
  }
  return assert.fail('a token was given');
}

test('msal-node gets a token whose audience keeps the slash', async () => {
  const result = await msal(worker.secret).acquireTokenByClientCredential({ scopes: [batchScope] });
  const claims = decodeJwt(result?.accessToken ?? '');
  assert.equal(claims.aud, 'https://batch.core.windows.net/');
  assert.equal(claims['appid'], worker.appId);
  assert.equal(claims['oid'], worker.principalId);
  assert.equal(claims['tid'], world.tenantId);
});

test('msal-node keeps the token for the next call', async () => {
  const application = msal(worker.secret);
  const request = { scopes: [batchScope] };
  const first = await application.acquireTokenByClientCredential(request);
  const second = await application.acquireTokenByClientCredential(request);
  assert.equal(first?.fromCache, false);
  assert.equal(second?.fromCache, true);
  assert.equal(second?.accessToken, first?.accessToken);
});

const refusals = [
  {
    what: 'a wrong secret',
    application: () => msal('not-the-secret'),
    answer: { error: 'invalid_client', code: 'AADSTS7000215' },
  },
  {
    what: 'an application that is not in the tenant',
    application: () => msal('x', { clientId: '11111111-2222-4333-8444-555555555555' }),
    answer: { error: 'unauthorized_client', code: 'AADSTS700016' },
  },
  {
    what: 'a tenant that does not exist',
    application: () => msal('x', { tenant: '11111111-2222-4333-8444-555555555555' }),
    answer: { error: 'endpoints_resolution_error', code: undefined },
  },
] as const;

for (const { what, application, answer } of refusals) {
  test(`msal-node is refused for ${what}`, async () => {
    assert.deepEqual(await msalRefusal(application()), answer);
  });
}

test('msal-node is refused a resource that the tenant does not know', async () => {
  const scope = 'https://unknown.example//.default';
  assert.equal((await msalRefusal(msal(worker.secret), scope)).code, 'AADSTS500011');
});

test('@azure/identity gets a token with a secret', async () => {
  const { token, expiresOnTimestamp } = await worker.credential.getToken(batchScope);
  assert.equal(decodeJwt(token).aud, 'https://batch.core.windows.net/');
  const { exp = 0 } = decodeJwt(token);
  assert.ok(Math.abs(exp * 1000 - expiresOnTimestamp) < 10_000);
});

test('@azure/identity is refused a wrong secret with the code of Entra', async () => {
  const wrong = credentialOf(world.batten, worker.appId, 'not-the-secret');
  await assert.rejects(wrong.getToken(batchScope), /AADSTS7000215/);
});

test('@azure/identity is refused a tenant that it was not made for', async () => {
  const host = world.batten.env['AZURE_AUTHORITY_HOST'] ?? '';
  const options = { authorityHost: host, disableInstanceDiscovery: true };
  const other = new ClientSecretCredential('unknown.example', worker.appId, worker.secret, options);
  await assert.rejects(other.getToken(batchScope), /endpoints_resolution_error|AADSTS90002/);
});

/** Gives the application a certificate and returns a credential that signs with `signing`. */
function certificateCredential(who: SignedUp, signing: { readonly pem: string }) {
  const host = world.batten.env['AZURE_AUTHORITY_HOST'] ?? '';
  return new ClientCertificateCredential(
    world.tenantId,
    who.appId,
    { certificate: signing.pem },
    { authorityHost: host, disableInstanceDiscovery: true },
  );
}

test('@azure/identity signs in with a certificate, and not with another one', async () => {
  const [own, stranger] = [await newCertificate(), await newCertificate()];
  await world.graph.call('PATCH', `/v1.0/applications/${worker.objectId}`, {
    keyCredentials: [
      {
        type: 'AsymmetricX509Cert',
        usage: 'Verify',
        key: own.certificateBase64,
        displayName: 'own',
      },
    ],
  });
  const { token } = await certificateCredential(worker, own).getToken(batchScope);
  assert.equal(decodeJwt(token)['appidacr'], '2');
  const refused = certificateCredential(worker, stranger).getToken(batchScope);
  await assert.rejects(refused, /AADSTS700027/);
});
