import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { openAttackedWorld } from './attacks/world.ts';

const seedPath = join(import.meta.dirname, 'attacks/people.yaml');
const username = 'right@contoso.example';
const password = 'right-of-contoso-1';

test('who has a token guesses a password in Graph no longer than on the sign-in pages', async () => {
  const world = await openAttackedWorld({ seedPath });
  const signIn = () =>
    world.token({
      grant_type: 'password',
      client_id: firstPartyAppIds.azureCli,
      scope: 'https://graph.microsoft.com/.default',
      ...{ username, password },
    });
  const { access_token: token } = (await signIn()).json as { readonly access_token: string };
  const change = (currentPassword: string) =>
    world.ask({
      target: '/v1.0/me/changePassword',
      token,
      json: { currentPassword, newPassword: 'Another-of-contoso-2' },
    });
  for (let index = 0; index < 10; index += 1) {
    const refused = await world.unchanged(() => change(`wrong ${index}`), 'sign_in_failure');
    assert.equal(refused.status, 400);
  }
  const locked = await world.unchanged(() => change(password));
  assert.equal(locked.status, 400);
  assert.equal((await signIn()).code, 'AADSTS50053');
  await world.moveClock({ kind: 'advance', microseconds: 61_000_000 });
  assert.equal((await change(password)).status, 204);
});
