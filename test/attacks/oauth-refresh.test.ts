import assert from 'node:assert/strict';
import { attack } from './attack.ts';
import {
  batchScope,
  clients,
  openGrantWorld,
  refusalIn,
  signIn,
  type Tokens,
} from './grant-world.ts';
import { openPerson } from './person.ts';

/*
 * Refresh tokens: used again where each is good once, by others, elsewhere, and after what they
 * stand for has ended.
 */

const world = await openGrantWorld();
const { site, otherSite, native, page, everybody } = clients;

attack('OAU-32', async () => {
  const first = await world.tokens(page);
  const renewed = await world.renew(page, first.refresh_token);
  assert.equal(renewed.status, 200, renewed.body);
  const second = (renewed.json as Tokens).refresh_token;
  const elsewhere = await world.tokens(page);
  const reused = await world.renew(page, first.refresh_token);
  assert.deepEqual(refusalIn(reused), [400, 'invalid_grant', 'AADSTS70000']);
  for (const token of [second, first.refresh_token]) {
    await world.refuses([400, 'invalid_grant', 'AADSTS70000'], () => world.renew(page, token));
  }
  const other = await world.renew(page, elsewhere.refresh_token);
  assert.equal(other.status, 200, 'what came of another sign-in stays');
});

attack('OAU-33', async () => {
  const { refresh_token } = await world.tokens(site);
  for (const other of [otherSite, native, page]) {
    await world.refuses([400, 'invalid_grant', 'AADSTS70000'], () =>
      world.renew(other, refresh_token),
    );
  }
  assert.equal((await world.renew(site, refresh_token)).status, 200);
  const shared = (await world.tokens(everybody)).refresh_token;
  const fabrikam = '/fabrikam.example/oauth2/v2.0/token';
  await assertSignsInAtFabrikam();
  await world.refuses([400, 'invalid_grant', 'AADSTS70000'], () =>
    world.renew(everybody, shared, {}, fabrikam),
  );
  assert.equal((await world.renew(everybody, shared)).status, 200);
});

/** The application is known at Fabrikam too: its tenant is all that is wrong with the token. */
async function assertSignsInAtFabrikam(): Promise<void> {
  const bob = openPerson(world);
  const asked = { client_id: everybody.form.client_id, redirect_uri: everybody.redirectUri };
  await bob.authorize({ ...asked, response_type: 'code', scope: batchScope }, 'fabrikam.example');
  await bob.signIn('bob@fabrikam.example', 'bob-of-fabrikam-1');
  await bob.submit({ consent: 'accept' });
  assert.match((await bob.submit({ stay: '0' })).headers['location'] ?? '', /[?&]code=/);
}

attack('OAU-34', async () => {
  const ended = [
    ['changed', 'AADSTS50173', { passwordProfile: { password: 'Quite-another-1' } }],
    ['disabled', 'AADSTS50057', { accountEnabled: false }],
    ['revoked', 'AADSTS50173', undefined],
  ] as const;
  for (const [name, code, change] of ended) {
    const person = openPerson(world);
    await signIn(person, name);
    const { refresh_token } = await world.tokens(site, {}, person);
    assert.equal((await world.renew(site, refresh_token)).status, 200);
    const path = `/v1.0/users/${name}@contoso.example`;
    await world.later(60, async () => {
      if (change === undefined) await world.graph.call('POST', `${path}/revokeSignInSessions`);
      else await world.graph.call('PATCH', path, change);
      await world.refuses([400, 'invalid_grant', code], () => world.renew(site, refresh_token));
    });
  }
});

attack('OAU-35', async () => {
  const first = await world.tokens(page);
  const half = await world.later(12 * 3600, () => world.renew(page, first.refresh_token));
  assert.equal(half.status, 200, half.body);
  const { refresh_token } = half.json as Tokens;
  await world.later(24 * 3600 + 1, () =>
    world.refuses([400, 'invalid_grant', 'AADSTS700084'], () => world.renew(page, refresh_token)),
  );
  const web = await world.tokens(site);
  const nextDay = await world.later(24 * 3600 + 1, () => world.renew(site, web.refresh_token));
  assert.equal(nextDay.status, 200, 'only single-page applications are held to a day');
});
