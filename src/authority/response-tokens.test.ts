import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { openPagesWorld, type PagesWorld, toldTo } from './pages-world.test.ts';
import { claimsOf, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const enabled = { enableIdTokenIssuance: true, enableAccessTokenIssuance: true };

async function openTokensWorld(t: TestContext): Promise<PagesWorld> {
  const world = await openPagesWorld(t, enabled);
  await world.grant(world.batchPrincipal, 'user_impersonation');
  await world.grant(world.graphPrincipal, 'openid', 'profile', 'offline_access');
  await world.authorize();
  await world.prove();
  await world.browser.submit({ stay: '0' });
  return world;
}

const halfHash = (text = '') =>
  createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

const access = ['access_token', 'token_type', 'expires_in', 'scope'];

const rows: readonly (readonly [responseType: string, fields: readonly string[]])[] = [
  ['id_token', ['id_token']],
  ['token', access],
  ['id_token token', [...access, 'id_token']],
  ['token id_token', [...access, 'id_token']],
  ['code id_token', ['code', 'id_token']],
  ['id_token code', ['code', 'id_token']],
  ['code token', ['code', ...access]],
  ['code id_token token', ['code', ...access, 'id_token']],
];

test('each response type hands out what it names, in the fragment, tied together by hashes', async (t) => {
  const world = await openTokensWorld(t);
  const before = await world.rows();
  for (const [response_type, fields] of rows) {
    await world.authorize({ response_type, nonce: 'n-0S6_WzA2Mj' });
    const { search, hash } = new URL(world.browser.shown.headers['Location'] ?? '');
    assert.equal(search, '', response_type);
    assert.ok(hash.length > 1);
    const told = toldTo(world);
    const expected = [...fields, 'state', 'session_state'];
    assert.deepEqual(Object.keys(told), expected, response_type);
    assert.equal(told['state'], 'kept');
    const { id_token, access_token, code } = told;
    if (access_token !== undefined) {
      assert.deepEqual([told['token_type'], told['expires_in']], ['Bearer', '3599']);
      const { scp, appidacr, aud, appid } = claimsOf(access_token);
      assert.deepEqual(
        { scp, appidacr, aud, appid },
        {
          scp: 'user_impersonation',
          appidacr: '0',
          aud: 'https://batch.core.windows.net/',
          appid: site.appId,
        },
      );
    }
    if (id_token === undefined) continue;
    const { aud, nonce, oid, at_hash, c_hash, ver } = claimsOf(id_token);
    assert.deepEqual(
      { aud, nonce, oid, at_hash, c_hash, ver },
      {
        aud: site.appId,
        nonce: 'n-0S6_WzA2Mj',
        oid: world.alice.objectId,
        at_hash: access_token === undefined ? undefined : halfHash(access_token),
        c_hash: code === undefined ? undefined : halfHash(code),
        ver: '2.0',
      },
      response_type,
    );
  }
  const isNew = (row: object) => !before.some((one) => JSON.stringify(one) === JSON.stringify(row));
  const added = (await world.rows()).filter(isNew);
  assert.ok(
    added.every((row) => 'code_hash' in row),
    'codes are stored, refresh tokens are not',
  );
  assert.equal(added.length, rows.filter(([, fields]) => fields.includes('code')).length);
});

test('the code beside tokens is redeemed as any other, and the id token of both is of one user', async (t) => {
  const world = await openTokensWorld(t);
  await world.authorize({ response_type: 'code id_token', nonce: 'n' });
  const { code = '', id_token } = toldTo(world);
  const form = {
    grant_type: 'authorization_code',
    client_id: site.appId,
    client_secret: site.secretText,
    code,
    redirect_uri: site.redirectUri,
  };
  const { json } = await world.send({ path: `/${contoso.tenantId}/oauth2/v2.0/token`, form });
  assert.equal(claimsOf(json.id_token)['sub'], claimsOf(id_token)['sub']);
  assert.equal(claimsOf(json.id_token)['nonce'], 'n');
  assert.equal(claimsOf(json.id_token)['c_hash'], undefined);
});

test('form_post carries tokens in a form that goes to the registered address only', async (t) => {
  const world = await openTokensWorld(t);
  const hybrid = { response_type: 'code id_token', nonce: 'n', response_mode: 'form_post' };
  await world.authorize(hybrid);
  const { headers, text } = world.browser.shown;
  assert.equal(headers['Location'], undefined);
  assert.match(text, /name="code" value="1\./);
  assert.match(text, /name="id_token" value="ey/);
  assert.match(
    headers['Content-Security-Policy'] ?? '',
    /form-action 'self' https:\/\/site\.example\/signed-in;/,
  );
});

test('the v1 endpoint hands out an id token of its own form, also without a resource', async (t) => {
  const world = await openTokensWorld(t);
  const asked = {
    client_id: site.appId,
    redirect_uri: site.redirectUri,
    response_type: 'id_token',
    response_mode: 'form_post',
    scope: 'openid profile',
    nonce: 'n',
  };
  const open = (change: object) => {
    const query = new URLSearchParams({ ...asked, ...change });
    return world.browser.open(`/${contoso.tenantId}/oauth2/authorize?${query}`);
  };
  const { text } = await open({});
  const idToken = /name="id_token" value="([^"]*)"/.exec(text)?.[1];
  const { ver, upn, nonce } = claimsOf(idToken);
  assert.deepEqual([ver, upn, nonce], ['1.0', 'Alice@contoso.example', 'n']);
  await open({ response_type: 'token', response_mode: 'fragment', scope: '' });
  assert.match(toldTo(world)['error_description'] ?? '', /^AADSTS500013: /);
  await open({
    response_type: 'token',
    response_mode: 'fragment',
    resource: 'https://batch.core.windows.net/',
  });
  assert.equal(claimsOf(toldTo(world)['access_token'])['scp'], 'user_impersonation');
});

test('a frame asks for tokens without a page, and is told when nobody consented', async (t) => {
  const world = await openTokensWorld(t);
  const silent = { prompt: 'none', response_type: 'id_token token', nonce: 'n' };
  await world.authorize(silent);
  assert.ok(toldTo(world)['access_token'] !== undefined);
  const before = await world.rows();
  await world.authorize({ ...silent, scope: 'openid User.Read' });
  const { search, hash } = new URL(world.browser.shown.headers['Location'] ?? '');
  assert.equal(search, '');
  const told = new URLSearchParams(hash.slice(1));
  assert.equal(told.get('error'), 'interaction_required');
  assert.deepEqual(await world.rows(), before);
});

test('no token is ever written into the log of sign-ins', async (t) => {
  const world = await openTokensWorld(t);
  await world.authorize({ response_type: 'code id_token token', nonce: 'n' });
  const { code = '', id_token = '', access_token = '' } = toldTo(world);
  const log = JSON.stringify(world.recorded);
  for (const secret of [code, id_token, access_token]) {
    assert.ok(secret.length > 0);
    assert.ok(!log.includes(secret));
  }
});
