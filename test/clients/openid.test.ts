import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as openid from 'openid-client';
import { addSecret, type RegisteredApplication, registerApplication } from '#app/tour-identity.ts';
import { startWorld } from './world.ts';

/*
 * A strict client of OpenID Connect that knows nothing of Entra: it reads the metadata, checks every
 * claim of the id token, and compares the subject that userinfo names with the token's own.
 */

const world = await startWorld();
const { env } = world.batten;
const username = env['BATTEN_USERNAME'] ?? '';
const password = env['BATTEN_PASSWORD'] ?? '';
const application = await registerApplication(world.graph, 'openid-client');
const secret = await addSecret(world.graph, application);
await consent(application, 'openid profile email User.Read');

/** Consents for everybody to scopes of Microsoft Graph. */
async function consent(client: RegisteredApplication, scope: string): Promise<void> {
  const appId = '00000003-0000-0000-c000-000000000000';
  const found = await world.graph.call('GET', `/v1.0/servicePrincipals(appId='${appId}')`);
  const grant = {
    clientId: client.principalId,
    consentType: 'AllPrincipals',
    resourceId: (found.json as { id: string }).id,
    scope,
  };
  await world.graph.call('POST', '/v1.0/oauth2PermissionGrants', grant);
}

function discover(clientSecret: string, { appId } = application): Promise<openid.Configuration> {
  const issuer = new URL(`${env['AZURE_AUTHORITY_HOST']}/${world.tenantId}/v2.0`);
  return openid.discovery(issuer, appId, clientSecret);
}

async function signIn(scope: string, discovered = discover(secret)): Promise<Tokens> {
  const config = await discovered;
  const asked = { username, password, scope };
  const tokens = await openid.genericGrantRequest(config, 'password', asked);
  return { config, tokens, subject: tokens.claims()?.sub ?? '' };
}

interface Tokens {
  readonly config: openid.Configuration;
  readonly tokens: openid.TokenEndpointResponse;
  readonly subject: string;
}

test('openid-client believes the metadata and the id token, and userinfo names the same subject', async () => {
  const { config, tokens, subject } = await signIn('openid profile email');
  assert.equal(subject.length, 43);
  const info = await openid.fetchUserInfo(config, tokens.access_token, subject);
  assert.equal(typeof info.name, 'string');
  assert.match(info.picture ?? '', /\/v1\.0\/me\/photo\/\$value$/);
});

test('openid-client reads no name that nobody consented to', async () => {
  const nameless = await registerApplication(world.graph, 'nameless');
  await consent(nameless, 'openid');
  const discovered = discover(await addSecret(world.graph, nameless), nameless);
  const { config, tokens, subject } = await signIn('openid', discovered);
  const info = await openid.fetchUserInfo(config, tokens.access_token, subject);
  assert.deepEqual(Object.keys(info), ['sub']);
});

test('openid-client is refused at userinfo with a changed token, and another subject is noticed', async () => {
  const { config, tokens, subject } = await signIn('openid');
  const changed = `${tokens.access_token.slice(0, -6)}AAAAAA`;
  await assert.rejects(openid.fetchUserInfo(config, changed, subject), (error) => {
    assert.ok(error instanceof openid.WWWAuthenticateChallengeError, String(error));
    assert.equal(error.status, 401);
    return true;
  });
  await assert.rejects(openid.fetchUserInfo(config, tokens.access_token, 'another'));
});

test('openid-client is refused a wrong secret', async () => {
  const config = await discover('not-the-secret');
  const asked = { username, password, scope: 'openid' };
  await assert.rejects(openid.genericGrantRequest(config, 'password', asked), (error) => {
    assert.ok(error instanceof openid.ResponseBodyError, String(error));
    assert.equal(error.error, 'invalid_client');
    assert.match(error.error_description ?? '', /AADSTS7000215/);
    return true;
  });
});

/** The metadata of the v1 endpoints as openid-client takes it, and a token of a v1 sign-in. */
async function signInV1(more: Readonly<Record<string, string>>) {
  const base = `${env['AZURE_AUTHORITY_HOST']}/${world.tenantId}`;
  const metadata = await (await fetch(`${base}/.well-known/openid-configuration`)).json();
  const config = new openid.Configuration(metadata as openid.ServerMetadata, application.appId);
  const form = { grant_type: 'password', client_id: application.appId, client_secret: secret };
  const body = new URLSearchParams({ ...form, username, password, scope: 'openid', ...more });
  const answer = await fetch(`${base}/oauth2/token`, { method: 'POST', body });
  const tokens = (await answer.json()) as { access_token: string; id_token: string };
  const [, payload = ''] = tokens.id_token.split('.');
  const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return { config, accessToken: tokens.access_token, subject: String(sub) };
}

test('openid-client reads at the v1 endpoint who signed in without a resource, and not for one', async () => {
  const { config, accessToken, subject } = await signInV1({});
  const info = await openid.fetchUserInfo(config, accessToken, subject);
  assert.equal(info['upn'], username);
  const ofGraph = await signInV1({ resource: 'https://graph.microsoft.com' });
  await assert.rejects(openid.fetchUserInfo(config, ofGraph.accessToken, subject), (error) => {
    assert.ok(error instanceof openid.ClientError, String(error));
    assert.equal((error.cause as Response).status, 400);
    return true;
  });
});
