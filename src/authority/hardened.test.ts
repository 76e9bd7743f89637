import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { putTenantSettings } from '#directory/tenant-settings.store.ts';
import { guidOfText, seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { answerOf, formOf, openBrowser } from './browser.test.ts';
import { failuresMax } from './lockout.ts';
import { inventedUserIdOf, inventedUsersMax } from './named-user.ts';
import { batchScope, openUserWorld, password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

/*
 * The rows of docs/reference/compat.md that are about signing in: each as Azure has it, and hardened.
 */

const sides = ['azure', 'hardened'] as const;
type Side = (typeof sides)[number];

const verifier = 'v'.repeat(43);
const hashed = createHash('sha256').update(verifier).digest('base64url');
const bound = { code_challenge: hashed, code_challenge_method: 'S256' };
const insecureAddress = 'http://site.example/signed-in';
const wildcard = 'https://*.site.example/signed-in';

async function openSide(t: TestContext, side: Side) {
  const registration = {
    enableIdTokenIssuance: true,
    enableAccessTokenIssuance: true,
    webRedirectUris: [site.redirectUri, insecureAddress, wildcard],
  };
  const world = await openUserWorld(t, registration, undefined, side);
  const browser = openBrowser((asked) => world.send(asked));
  const open = (more: Readonly<Record<string, string>>, tenant = contoso.tenantId) => {
    const asked = {
      client_id: site.appId,
      redirect_uri: site.redirectUri,
      response_type: 'code',
      scope: batchScope,
      nonce: 'nonce',
      ...more,
    };
    const query = new URLSearchParams(asked);
    return browser.open(`/${tenant}/oauth2/v2.0/authorize?${query}`);
  };
  return { world, browser, open };
}

const asked: readonly (readonly [
  name: string,
  parameters: Readonly<Record<string, string>>,
  refusal: string,
])[] = [
  ['a code without a challenge', {}, 'AADSTS9002325'],
  ['a code with a plain challenge', { code_challenge: verifier }, 'AADSTS9002325'],
  [
    'a code with a challenge that says plain',
    { code_challenge: verifier, code_challenge_method: 'plain' },
    'AADSTS9002325',
  ],
  ['a token by redirect', { ...bound, response_type: 'token' }, 'AADSTS700051'],
  [
    'an id token by redirect',
    { ...bound, response_type: 'id_token', scope: 'openid' },
    'AADSTS700054',
  ],
  [
    'an id token beside the code',
    { ...bound, response_type: 'code id_token', scope: 'openid' },
    'AADSTS700054',
  ],
];

for (const [name, parameters, refusal] of asked) {
  test(`${name} is for the asking on Azure and refused on the hardened side`, async (t) => {
    const azure = await openSide(t, 'azure');
    assert.match((await azure.open(parameters)).text, /id="i0116"/);
    const hardened = await openSide(t, 'hardened');
    const before = await hardened.world.rows();
    const answer = answerOf(await hardened.open(parameters));
    assert.ok(answer.get('error_description')?.startsWith(`${refusal}:`), `${answer}`);
    assert.deepEqual(await hardened.world.rows(), before);
  });
}

test('with a hashed challenge the hardened side signs in as the other does', async (t) => {
  for (const side of sides) {
    const { world, browser, open } = await openSide(t, side);
    await world.grant(world.batchPrincipal, 'user_impersonation');
    await open(bound);
    await browser.submit({ loginfmt: 'alice@contoso.example' });
    await browser.submit({ passwd: password });
    const code = answerOf(await browser.submit({ stay: '0' })).get('code') ?? '';
    const form = {
      grant_type: 'authorization_code',
      client_id: site.appId,
      client_secret: site.secretText,
      redirect_uri: site.redirectUri,
      code,
    };
    const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
    assert.equal((await world.send({ path, form })).status, 400);
    const proved = await world.send({ path, form: { ...form, code_verifier: verifier } });
    assert.equal(proved.status, 200, proved.json.error_description);
  }
});

test('a classic tenant may have an http address on Azure, and on the hardened side nobody may', async (t) => {
  const answers = { azure: /id="i0116"/, hardened: /AADSTS500117/ };
  for (const side of sides) {
    const { world, open } = await openSide(t, side);
    const classic = { hasClassicRedirectUris: true };
    await world.store.write((tx) => putTenantSettings(tx, contoso.tenantId, classic));
    const { text } = await open({ ...bound, redirect_uri: insecureAddress });
    assert.match(text, answers[side]);
  }
});

test('an address under a wildcard is answered on Azure, and only one that is registered on the hardened side', async (t) => {
  const answers = { azure: /id="i0116"/, hardened: /AADSTS50011/ };
  for (const side of sides) {
    const { world, open } = await openSide(t, side);
    const before = await world.rows();
    const { text } = await open({ ...bound, redirect_uri: 'https://one.site.example/signed-in' });
    assert.match(text, answers[side]);
    if (side === 'hardened') assert.deepEqual(await world.rows(), before);
    assert.match((await open(bound)).text, /id="i0116"/);
  }
});

test('a client that sees the password signs in on Azure, and not on the hardened side', async (t) => {
  const form = {
    grant_type: 'password',
    client_id: firstPartyAppIds.azureCli,
    username: 'alice@contoso.example',
    password,
    scope: batchScope,
  };
  const path = `/${contoso.tenantId}/oauth2/v2.0/token`;
  const azure = await openSide(t, 'azure');
  assert.equal((await azure.world.send({ path, form })).status, 200);
  const { world } = await openSide(t, 'hardened');
  for (const username of [form.username, 'nobody@contoso.example']) {
    const { status, json } = await world.send({ path, form: { ...form, username } });
    assert.deepEqual(
      [status, json.error, json.error_codes],
      [400, 'unsupported_grant_type', [70003]],
    );
  }
});

test('the pages of Azure tell who exists', async (t) => {
  const { browser, open } = await openSide(t, 'azure');
  await open(bound);
  assert.match((await browser.submit({ loginfmt: 'nobody@contoso.example' })).text, /id="i0116"/);
  assert.match((await browser.submit({ loginfmt: 'alice@contoso.example' })).text, /id="i0118"/);
  const hinted = await open({ ...bound, login_hint: 'nobody@contoso.example' });
  assert.match(hinted.text, /id="i0116"/);
});

/** A page without the texts that are of one sign-in alone. */
function comparable(text: string, name: string): string {
  return text
    .replaceAll(name, 'NAME')
    .replaceAll(/name="flowToken" value="[^"]*"/g, '')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '')
    .replaceAll(/nonce(-|=")[\w+/=-]+/g, '');
}

test('the hardened pages answer the same to every name, the lock included', async (t) => {
  const { browser, open } = await openSide(t, 'hardened');
  const walk = async (name: string): Promise<readonly string[]> => {
    const pages: string[] = [];
    await open({ ...bound, login_hint: name });
    pages.push(browser.shown.text);
    await open({ ...bound, prompt: 'login' });
    await browser.submit({ loginfmt: name });
    pages.push(browser.shown.text);
    for (let nth = 0; nth <= failuresMax; nth++) {
      pages.push((await browser.submit({ passwd: `guess ${nth}` })).text);
    }
    return pages.map((page) => comparable(page, name));
  };
  const known = await walk('alice@contoso.example');
  assert.match(known[0] ?? '', /id="i0118"/);
  assert.notEqual(known[2], known.at(-1), 'the account was locked on the way');
  assert.deepEqual(await walk('nobody@contoso.example'), known);
});

test('a page of the hardened side is as long for a name of nobody, at home and by an alias', async (t) => {
  const { browser, world, open } = await openSide(t, 'hardened');
  const application = { signInAudience: 'AzureADMultipleOrgs' } as const;
  await world.register('Everywhere', { webRedirectUris: [site.redirectUri], ...application });
  for (const tenant of [contoso.tenantId, 'organizations']) {
    const shown: string[] = [];
    for (const name of ['alice@contoso.example', 'nobod@contoso.example']) {
      const query = { ...bound, client_id: guidOfText('Everywhere'), login_hint: name };
      await open(query, tenant);
      assert.match(browser.shown.text, /id="i0118"/);
      const { length } = formOf(browser.shown.text).hidden['flowToken'] ?? '';
      shown.push(`${length} ${comparable(browser.shown.text, name)}`);
    }
    assert.equal(shown[0], shown[1], tenant);
  }
});

test('names that a guesser makes up are counted together, some thousand at most', () => {
  const random = seededRandom('invented');
  const seal = sealWith(random.bytes(32), random);
  const ids = new Set<string>();
  for (let nth = 0; nth < 3 * inventedUsersMax; nth++) {
    ids.add(inventedUserIdOf(seal, `guess${nth}@contoso.example`));
  }
  assert.ok(ids.size <= inventedUsersMax && ids.size > 0.94 * inventedUsersMax, `${ids.size}`);
  const first = inventedUserIdOf(seal, 'guess@contoso.example');
  assert.equal(inventedUserIdOf(seal, 'Guess@Contoso.example'), first);
  const other = sealWith(random.bytes(32), random);
  assert.notEqual(inventedUserIdOf(other, 'guess@contoso.example'), first, 'by the key');
});
