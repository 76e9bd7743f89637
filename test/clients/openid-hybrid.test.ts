import assert from 'node:assert/strict';
import { request } from 'node:https';
import { test } from 'node:test';
import * as openid from 'openid-client';
import { addSecret, registerApplication } from '#app/tour-identity.ts';
import { openBrowser, type Shown } from '#authority/browser.test.ts';
import { startWorld } from './world.ts';

/*
 * A strict client of OpenID Connect takes id tokens from the authorization endpoint: it checks the
 * signature, the nonce, and that the hash in the id token is of the code beside it.
 */

const world = await startWorld();
const { env, agent } = world.batten;
const redirectUri = 'https://hybrid.example/signed-in';
const application = await registerApplication(world.graph, 'openid-hybrid');
const secret = await addSecret(world.graph, application);

function register(enableIdTokenIssuance: boolean): Promise<unknown> {
  const web = { redirectUris: [redirectUri], implicitGrantSettings: { enableIdTokenIssuance } };
  return world.graph.call('PATCH', `/v1.0/applications/${application.objectId}`, { web });
}

function send(path: string, form: string | undefined, headers: object): Promise<Shown> {
  const type = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  const method = form === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const url = new URL(path, env['BATTEN_URL']);
    const sent = request(url, { method, headers: type, agent }, async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      const entries = Object.entries(reply.headers).map(([name, value]) => [name, `${value}`]);
      const text = Buffer.concat(chunks).toString();
      resolve({ status: reply.statusCode ?? 0, headers: Object.fromEntries(entries), text });
    });
    sent.on('error', reject);
    sent.end(form);
  });
}

const browser = openBrowser(({ path, form, headers }) => send(path, form, headers));

/** Walks the pages that are shown, to the address that the last redirect names. */
async function walk(url: URL): Promise<URL> {
  await browser.open(url.href);
  const answers = [
    ['id="i0116"', { loginfmt: env['BATTEN_USERNAME'] ?? '' }],
    ['id="i0118"', { passwd: env['BATTEN_PASSWORD'] ?? '' }],
    ['value="accept"', { consent: 'accept' }],
    ['id="kmsiTitle"', { stay: '1' }],
  ] as const;
  for (const [mark, fields] of answers) {
    if (browser.shown.text.includes(mark)) await browser.submit(fields);
  }
  return new URL(browser.shown.headers['location'] ?? '');
}

/** The client says what was wrong in the cause of its error. */
function because(reason: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof Error && reason.test(String(error.cause));
}

async function discover(): Promise<openid.Configuration> {
  const issuer = new URL(`${env['AZURE_AUTHORITY_HOST']}/${world.tenantId}/v2.0`);
  return openid.discovery(issuer, application.appId, secret);
}

const asked = { redirect_uri: redirectUri, scope: 'openid profile', nonce: openid.randomNonce() };

test('openid-client takes a code and an id token whose hashes fit, and redeems the code', async () => {
  await register(true);
  const config = await discover();
  openid.useCodeIdTokenResponseType(config);
  const codeVerifier = openid.randomPKCECodeVerifier();
  const code_challenge = await openid.calculatePKCECodeChallenge(codeVerifier);
  const challenge = { code_challenge, code_challenge_method: 'S256' };
  const state = openid.randomState();
  const url = openid.buildAuthorizationUrl(config, { ...asked, ...challenge, state });
  const answer = await walk(url);
  const tokens = await openid.authorizationCodeGrant(config, answer, {
    expectedNonce: asked.nonce,
    expectedState: state,
    pkceCodeVerifier: codeVerifier,
  });
  assert.equal(tokens.claims()?.['preferred_username'], env['BATTEN_USERNAME']);
  const { hash } = answer;
  const changed = new URL(answer.href);
  changed.hash = hash.replace(/code=[^&]{20}/, 'code=1.somebody-elses-cod');
  const checks = { expectedNonce: asked.nonce, expectedState: state };
  await assert.rejects(openid.authorizationCodeGrant(config, changed, checks), because(/c_hash/));
});

test('openid-client takes an id token alone, and refuses one with another nonce', async () => {
  await register(true);
  const config = await discover();
  openid.useIdTokenResponseType(config);
  const answer = await walk(openid.buildAuthorizationUrl(config, asked));
  const claims = await openid.implicitAuthentication(config, answer, asked.nonce);
  assert.equal(claims['preferred_username'], env['BATTEN_USERNAME']);
  await assert.rejects(openid.implicitAuthentication(config, answer, 'another'), because(/nonce/));
});

test('openid-client hears that id tokens are not enabled', async () => {
  await register(false);
  const config = await discover();
  openid.useIdTokenResponseType(config);
  const answer = await walk(openid.buildAuthorizationUrl(config, asked));
  await assert.rejects(openid.implicitAuthentication(config, answer, asked.nonce), (error) => {
    assert.ok(error instanceof openid.AuthorizationResponseError, String(error));
    assert.equal(error.error, 'unsupported_response_type');
    assert.match(error.error_description ?? '', /^AADSTS700054: /);
    return true;
  });
});
