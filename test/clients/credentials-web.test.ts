import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addSecret, registerApplication } from '#app/tour-identity.ts';
import { answerOf } from '#authority/browser.test.ts';
import {
  type AuthorizationCodeOptions,
  authorizationCode,
  BatchClient,
  BatchTokenCredentials,
  type SignedInUser,
  SignInError,
} from '#client/client.ts';
import { newCertificate } from './certificate.ts';
import { type Choice, openPerson } from './person.ts';
import { addCertificate, batchPermission, startWorld } from './world.ts';

/* A web application signs its users in with `batten/client`, at a running Batten. */

const world = await startWorld();
const { env, agent } = world.batten;
const redirectUri = 'https://site.example/signed-in';
const site = await registerApplication(world.graph, 'site');
await world.graph.call('PATCH', `/v1.0/applications/${site.objectId}`, {
  web: { redirectUris: [redirectUri] },
  requiredResourceAccess: [await batchPermission(world)],
});
const options: AuthorizationCodeOptions = {
  tenantId: world.tenantId,
  clientId: site.appId,
  clientSecret: await addSecret(world.graph, site),
  authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
  redirectUri,
  agent,
};

/** Sends a person away and answers what her browser came back with. */
async function visit(signIn = authorizationCode(options), choice: Choice = {}) {
  const { url, pending } = await signIn.begin();
  const answer = answerOf(await openPerson(world).walk(url, choice));
  return { signIn, pending, answer };
}

async function signedIn(signIn = authorizationCode(options)): Promise<SignedInUser> {
  const { pending, answer } = await visit(signIn);
  return signIn.complete(pending, answer);
}

async function countJobs({ tokens }: SignedInUser): Promise<number> {
  const credentials = new BatchTokenCredentials(env['AZURE_BATCH_ENDPOINT'] ?? '', tokens);
  let count = 0;
  for await (const _ of BatchClient.open(credentials, { agent }).jobs.list()) count += 1;
  return count;
}

const refused = (code: string, advice: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SignInError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, advice);
  return true;
};

test('a user comes back with a code, and the site lists jobs as her', async () => {
  const user = await signedIn();
  assert.equal(user.userPrincipalName, env['BATTEN_USERNAME']);
  assert.equal(await countJobs(user), 0);
});

test('a site that proves itself by a certificate signs users in as well', async () => {
  const certificate = await newCertificate();
  await addCertificate(world.graph, site, certificate);
  const { clientSecret: _, ...rest } = options as typeof options & { clientSecret: string };
  const user = await signedIn(authorizationCode({ ...rest, certificate: certificate.pem }));
  assert.equal(await countJobs(user), 0);
});

test('a redirect that was made for another visit is not redeemed', async () => {
  const first = await visit();
  const second = await visit(first.signIn);
  await assert.rejects(
    first.signIn.complete(first.pending, second.answer),
    refused('wrong_state', /Begin the sign-in again/),
  );
  assert.equal(await countJobs(await second.signIn.complete(second.pending, second.answer)), 0);
});

test('a code that somebody took is worth nothing without what the site kept', async () => {
  const { signIn, pending, answer } = await visit();
  const stolen = { ...pending, codeVerifier: 'w'.repeat(43) };
  await assert.rejects(signIn.complete(stolen, answer), refused('AADSTS501481', /./));
  assert.equal(await countJobs(await signIn.complete(pending, answer)), 0);
});

test('a token that answers another sign-in than the browser began is not taken', async () => {
  const { signIn, pending, answer } = await visit();
  const replayed = { ...pending, nonce: 'another' };
  await assert.rejects(signIn.complete(replayed, answer), refused('nonce_mismatch', /begin again/));
});

test('a code counts once', async () => {
  const { signIn, pending, answer } = await visit();
  await signIn.complete(pending, answer);
  await assert.rejects(signIn.complete(pending, answer), refused('AADSTS54005', /./));
});

test('a wrong secret is told with its code, and neither it nor the code of the sign-in is shown', async () => {
  const signIn = authorizationCode({ ...options, clientSecret: 'not-the-secret' });
  const { pending, answer } = await visit(signIn);
  await assert.rejects(signIn.complete(pending, answer), (error: Error) => {
    const shown = `${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.cause)}`;
    for (const secret of ['not-the-secret', answer.get('code') ?? '', pending.codeVerifier]) {
      assert.ok(!shown.includes(secret));
    }
    return refused('AADSTS7000215', /value of the secret/)(error);
  });
});

test('an answer without a code or an error is none', async () => {
  const { signIn, pending } = await visit();
  const { state } = pending;
  const empty = signIn.complete(pending, new URLSearchParams({ state }));
  await assert.rejects(empty, refused('no_code', /neither a code nor an error/));
});

test('a disabled user has no new tokens, and the site is told why', async () => {
  const made = await world.graph.call('POST', '/v1.0/users', {
    accountEnabled: true,
    displayName: 'Eve',
    mailNickname: 'eve',
    userPrincipalName: 'eve@contoso.onmicrosoft.com',
    passwordProfile: { password: 'right Horse 4 battery', forceChangePasswordNextSignIn: false },
  });
  const { id } = made.json as { id: string };
  const eve = { userName: 'eve@contoso.onmicrosoft.com', password: 'right Horse 4 battery' };
  const { signIn, pending, answer } = await visit(undefined, eve);
  const user = await signIn.complete(pending, answer);
  const token = await user.tokens();
  await assert.rejects(countJobs(user), { status: 403 });
  await world.graph.call('PATCH', `/v1.0/users/${id}`, { accountEnabled: false });
  await assert.rejects(
    async () => user.tokens(token),
    refused('AADSTS50057', /administrator must enable/),
  );
});

test('a user is found again by her account id in another process with the same cache, until she is forgotten', async () => {
  let kept: string | undefined;
  const save = (text: string): void => {
    kept = text;
  };
  const cached = { ...options, cache: { load: () => kept, save } };
  const { accountId } = await signedIn(authorizationCode(cached));
  const other = authorizationCode(cached);
  const found = await other.resume(accountId);
  assert.ok(found !== undefined);
  assert.equal(await countJobs(found), 0);
  assert.equal(await authorizationCode(options).resume(accountId), undefined);
  await other.forget(accountId);
  assert.equal(await authorizationCode(cached).resume(accountId), undefined);
  await assert.rejects(
    async () => found.tokens(await found.tokens()),
    refused('no_tokens_found', /sign-in page again/),
  );
});
