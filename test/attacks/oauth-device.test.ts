import assert from 'node:assert/strict';
import { devicePagePath } from '#authority/device-pages.ts';
import { refusalRule } from '#authority/limits.ts';
import type { Answer } from '../lock/ask.ts';
import { attack } from './attack.ts';
import { batchScope, type Client, clients, openGrantWorld, refusalIn } from './grant-world.ts';
import { fetchPage } from './person.ts';

/*
 * Device codes: asked about too often, too early, too late, by another client, or twice.
 */

const world = await openGrantWorld();
const { native, everybody, site } = clients;

interface DeviceCodes {
  readonly device_code: string;
  readonly user_code: string;
}

async function start(): Promise<DeviceCodes> {
  const target = `/${world.tenantId}/oauth2/v2.0/devicecode`;
  const answer = await world.send(native, { scope: batchScope }, target);
  assert.equal(answer.status, 200, answer.body);
  return answer.json as DeviceCodes;
}

function poll(device_code: string, client: Client = native): Promise<Answer> {
  return world.send(client, { grant_type: 'device_code', device_code });
}

/** Ada types the code, and says that the device is hers or that it is not. */
async function decide(user_code: string, connect: '0' | '1'): Promise<void> {
  await world.ada.open(devicePagePath);
  await world.ada.submit({ otc: user_code });
  await world.ada.submit({ connect });
  if (connect === '1') await world.ada.submit({ account: 'ada@contoso.example' });
  assert.match(world.ada.shown.text, /id="message"/);
}

const pending = [400, 'authorization_pending', 'AADSTS70016'] as const;

attack('OAU-37', async () => {
  const { device_code, user_code } = await start();
  const form = { ...native.form, grant_type: 'device_code', device_code };
  const text = new URLSearchParams(form).toString();
  const target = `/${world.tenantId}/oauth2/v2.0/token`;
  // More than a client may be refused, at once: each is one read, and slow_down would end most clients.
  await world.unchanged(async () => {
    for (let sent = 0; sent <= refusalRule.burst; sent += 50) {
      const batch = Array.from({ length: 50 }, () => fetchPage(world, target, text, {}));
      for (const { status, text } of await Promise.all(batch)) {
        const { error } = JSON.parse(text) as { readonly error: string };
        assert.deepEqual([status, error], [400, 'authorization_pending']);
      }
    }
  });
  await decide(user_code, '1');
  assert.equal((await poll(device_code)).status, 200);
});

attack('OAU-38', async () => {
  const declined = await start();
  await world.refuses(pending, () => poll(declined.device_code));
  await decide(declined.user_code, '0');
  await world.refuses([400, 'authorization_declined', 'AADSTS90120'], () =>
    poll(declined.device_code),
  );
  const expired = await start();
  await world.later(900, async () => {
    await world.refuses([400, 'expired_token', 'AADSTS70020'], () => poll(expired.device_code));
    // 70019 is what the page says to the person.
    await world.ada.open(devicePagePath);
    const shown = await world.unchanged(() => world.ada.submit({ otc: expired.user_code }));
    assert.match(shown.text, /That code has expired/);
  });
  for (const wrong of ['guessed', expired.user_code, `${expired.device_code}A`]) {
    await world.refuses([400, 'bad_verification_code', 'AADSTS70018'], () => poll(wrong));
  }
  await world.ada.open(devicePagePath);
  const shown = await world.unchanged(() => world.ada.submit({ otc: 'ABCDEFGHJ' }));
  assert.match(shown.text, /That code didn&#39;t work/);
});

attack('OAU-39', async () => {
  const { device_code, user_code } = await start();
  await decide(user_code, '1');
  for (const other of [everybody, site]) {
    await world.refuses([400, 'bad_verification_code', 'AADSTS70018'], () =>
      poll(device_code, other),
    );
  }
  const answers = await Promise.all([1, 2, 3].map(() => poll(device_code)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400]);
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    assert.deepEqual(refusalIn(answer), [400, 'invalid_grant', 'AADSTS54005']);
  }
  await world.refuses([400, 'invalid_grant', 'AADSTS54005'], () => poll(device_code));
});
