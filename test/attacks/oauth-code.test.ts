import assert from 'node:assert/strict';
import { answerOf } from '#authority/browser.test.ts';
import { attack } from './attack.ts';
import {
  clients,
  grantSeedPath,
  openGrantWorld,
  proofKey,
  refusalIn,
  type Tokens,
} from './grant-world.ts';
import { codeShown, openPerson } from './person.ts';
import { openAttackedWorld } from './world.ts';

/*
 * Authorization codes: redeemed again, late, by somebody else, without proof or with a wrong one.
 */

const world = await openGrantWorld();
const { site, otherSite, native, page } = clients;
const { verifier, challenge } = proofKey;

// What renews is revoked; an access token lives its hour, as on Azure.
attack('OAU-20', async () => {
  const code = await world.code(site);
  const first = await world.redeem(site, code);
  assert.equal(first.status, 200, first.body);
  const elsewhere = await world.tokens(site);
  const again = await world.redeem(site, code);
  assert.deepEqual(refusalIn(again), [400, 'invalid_grant', 'AADSTS54005']);
  const { refresh_token } = first.json as Tokens;
  await world.refuses([400, 'invalid_grant', 'AADSTS70000'], () =>
    world.renew(site, refresh_token),
  );
  const other = await world.renew(site, elsewhere.refresh_token);
  assert.equal(other.status, 200, 'what came of another sign-in stays');
  await world.refuses([400, 'invalid_grant', 'AADSTS54005'], () => world.redeem(site, code));
});

attack('OAU-21', async () => {
  const code = await world.code(site);
  const answers = await Promise.all(Array.from({ length: 50 }, () => world.redeem(site, code)));
  const given = answers.filter(({ status }) => status === 200);
  assert.equal(given.length, 1);
  for (const answer of answers.filter((one) => one !== given[0])) {
    assert.deepEqual(refusalIn(answer), [400, 'invalid_grant', 'AADSTS54005']);
  }
});

attack('OAU-22', async () => {
  const code = await world.code(site);
  await world.later(600, () =>
    world.refuses([400, 'invalid_grant', 'AADSTS70008'], () => world.redeem(site, code)),
  );
  const inTime = await world.later(590, () => world.redeem(site, code));
  assert.equal(inTime.status, 200, inTime.body);
});

attack('OAU-23', async () => {
  const code = await world.code(site);
  const thieves = [otherSite, native, page, { ...native, redirectUri: site.redirectUri }];
  for (const thief of thieves) {
    await world.refuses([400, 'invalid_grant', 'AADSTS70000'], () => world.redeem(thief, code));
  }
  assert.equal((await world.redeem(site, code)).status, 200);
});

attack('OAU-25', async () => {
  const code = await world.code(site);
  const others = ['', 'https://site.example/signed-in/', 'https://SITE.example/signed-in'];
  for (const redirect_uri of [...others, 'https://evil.example/signed-in']) {
    await world.refuses([400, 'invalid_grant', 'AADSTS500112'], () =>
      world.redeem(site, code, { redirect_uri }),
    );
  }
  const grant = { grant_type: 'authorization_code', code };
  await world.refuses([400, 'invalid_grant', 'AADSTS500112'], () => world.send(site, grant));
  assert.equal((await world.redeem(site, code)).status, 200);
});

attack('OAU-26', async () => {
  const code = await world.code(native, challenge);
  const wrong = ['', 'w'.repeat(43), challenge.code_challenge];
  for (const code_verifier of wrong) {
    await world.refuses([400, 'invalid_grant', 'AADSTS501481'], () =>
      world.redeem(native, code, { code_verifier }),
    );
  }
  await world.refuses([400, 'invalid_grant', 'AADSTS501481'], () => world.redeem(native, code));
  assert.equal((await world.redeem(native, code, { code_verifier: verifier })).status, 200);
  const unbound = await world.code(native);
  await world.refuses([400, 'invalid_grant', 'AADSTS501481'], () =>
    world.redeem(native, unbound, { code_verifier: verifier }),
  );
});

attack('OAU-28', async () => {
  for (const method of [{}, { code_challenge_method: 'plain' }]) {
    const code = await world.code(native, { code_challenge: verifier, ...method });
    for (const length of [42, 129]) {
      await world.refuses([400, 'invalid_grant', 'AADSTS501491'], () =>
        world.redeem(native, code, { code_verifier: 'v'.repeat(length) }),
      );
    }
    assert.equal((await world.redeem(native, code, { code_verifier: verifier })).status, 200);
  }
  const hardened = await openAttackedWorld({ seedPath: grantSeedPath, compat: 'hardened' });
  const person = openPerson(hardened);
  const { client_id } = native.form;
  const asked = { client_id, redirect_uri: native.redirectUri, response_type: 'code' };
  await hardened.unchanged(() =>
    person.authorize({ ...asked, scope: 'openid', code_challenge: verifier }),
  );
  assert.equal(codeShown(person.shown), 'AADSTS9002325');
  assert.equal(answerOf(person.shown).get('code'), null);
});

attack('OAU-30', async () => {
  const code = await world.code(page);
  const { origin, ...withoutOrigin } = page;
  await world.refuses([400, 'invalid_request', 'AADSTS9002327'], () =>
    world.redeem(withoutOrigin, code, { code_verifier: verifier }),
  );
  assert.equal((await world.redeem(page, code)).status, 200);
  const codeOfNative = await world.code(native, challenge);
  await world.refuses([400, 'invalid_request', 'AADSTS9002326'], () =>
    world.redeem({ ...native, origin }, codeOfNative, { code_verifier: verifier }),
  );
});

attack('OAU-50', async () => {
  const { client_id } = site.form;
  const asked = { client_id, redirect_uri: site.redirectUri, scope: 'openid', nonce: 'nonce' };
  const refused = { token: 'AADSTS700051', id_token: 'AADSTS700054' };
  for (const [response_type, code] of Object.entries(refused)) {
    const shown = await world.unchanged(() =>
      world.ada.authorize({ ...asked, response_type, state: 'a state' }),
    );
    const answer = answerOf(shown);
    assert.ok(shown.headers['location']?.startsWith(`${site.redirectUri}#`));
    assert.equal(answer.get('error'), 'unsupported_response_type');
    assert.equal(answer.get('state'), 'a state');
    assert.equal(codeShown(shown), code);
    assert.deepEqual([answer.get('access_token'), answer.get('id_token')], [null, null]);
  }
});
