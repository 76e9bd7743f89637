import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, openBrowser } from './browser.test.ts';
import { batchScope, claimsOf, openUserWorld, password, site } from './user-world.test.ts';
import { contoso } from './world.test.ts';

const tenant = `/${contoso.tenantId}/oauth2/v2.0`;

/** What MSAL asks for with every sign-in since 2026. */
const claims = '{"id_token":{"signin_state":{"essential":false},"login_hint":{"essential":false}}}';

for (const [stay, expected] of [
  ['1', ['kmsi']],
  ['0', undefined],
] as const) {
  test(`signin_state of who answered ${stay} to staying signed in is ${expected}`, async (t) => {
    const world = await openUserWorld(t);
    await world.grant(world.batchPrincipal, 'user_impersonation');
    const browser = openBrowser((asked) => world.send(asked));
    const { appId: client_id, secretText: client_secret, redirectUri: redirect_uri } = site;
    const scope = `${batchScope} openid profile offline_access`;
    const asked = { client_id, redirect_uri, response_type: 'code', scope, claims };
    const open = () => browser.open(`${tenant}/authorize?${new URLSearchParams(asked)}`);
    const send = (form: Readonly<Record<string, string>>) =>
      world.send({ path: `${tenant}/token`, form: { client_id, client_secret, claims, ...form } });
    const redeem = async () => {
      const code = answerOf(browser.shown).get('code') ?? '';
      return (await send({ grant_type: 'authorization_code', code, redirect_uri })).json;
    };
    await open();
    await browser.submit({ loginfmt: 'alice@contoso.example' });
    await browser.submit({ passwd: password });
    await browser.submit({ stay });
    const first = await redeem();
    assert.deepEqual(claimsOf(first.id_token)['signin_state'], expected);
    await open();
    assert.deepEqual(claimsOf((await redeem()).id_token)['signin_state'], expected);
    const { refresh_token = '' } = first;
    const renewed = await send({ grant_type: 'refresh_token', refresh_token, scope });
    assert.deepEqual(claimsOf(renewed.json.id_token)['signin_state'], expected);
    const unasked = await send({ grant_type: 'refresh_token', refresh_token, scope, claims: '' });
    assert.equal(claimsOf(unasked.json.id_token)['signin_state'], undefined);
  });
}
