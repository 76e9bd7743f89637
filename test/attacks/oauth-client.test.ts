import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { answerOf } from '#authority/browser.test.ts';
import { attack } from './attack.ts';
import { claimsOf } from './forge.ts';
import { clients, grantSeedPath, openGrantWorld, type Tokens } from './grant-world.ts';
import { codeShown, fetchPage } from './person.ts';
import { leastWork } from './work.ts';
import { openAttackedWorld } from './world.ts';

/*
 * Token requests of clients that cannot prove who they are, and requests that are written wrong.
 */

const world = await openGrantWorld();
const { site, otherSite, native } = clients;

const applicationAlone = {
  grant_type: 'client_credentials',
  scope: 'https://batch.core.windows.net//.default',
};
const v2 = `/${world.tenantId}/oauth2/v2.0/token`;

const sitePrincipal = '/v1.0/servicePrincipals/51700000-0000-4000-8000-00000000000b';
const siteApplication = '/v1.0/applications/51700000-0000-4000-8000-00000000000a';

attack('OAU-01', async () => {
  const secret = site.form.client_secret;
  const wrong = ['wrong', ` ${secret}`, `${secret} `, secret.toUpperCase(), secret.slice(0, -1)];
  for (const client_secret of [...wrong, otherSite.form.client_secret]) {
    await world.refuses([401, 'invalid_client', 'AADSTS7000215'], () =>
      world.send(site, { ...applicationAlone, client_secret }),
    );
  }
  assert.equal((await world.send(site, applicationAlone)).status, 200);
});

attack('OAU-02', async () => {
  const form = { ...applicationAlone, client_secret: 'secret-that-ends-after-one-day' };
  assert.equal((await world.send(otherSite, form)).status, 200);
  await world.later(86_400, async () => {
    await world.refuses([401, 'invalid_client', 'AADSTS7000222'], () =>
      world.send(otherSite, form),
    );
    assert.equal((await world.send(otherSite, applicationAlone)).status, 200);
  });
});

attack('OAU-03', async () => {
  const { json } = await world.graph.call('GET', siteApplication);
  const { passwordCredentials } = json as {
    readonly passwordCredentials: readonly { readonly keyId: string }[];
  };
  const client_secret = passwordCredentials[0]?.keyId;
  assert.ok(client_secret);
  const answer = await world.refuses([401, 'invalid_client', 'AADSTS7000215'], () =>
    world.send(site, { ...applicationAlone, client_secret }),
  );
  assert.match(answer.body, /the client secret value, not the client secret ID/);
});

// Entra has two codes for it: 7000216 for this grant, as seen in public issues, and 7000218 for all others.
attack('OAU-04', async () => {
  const { client_id } = site.form;
  const nothing = { ...site, form: { client_id } };
  const empty = { ...site, form: { client_id, client_secret: '' } };
  const code = await world.code(site);
  for (const unproved of [nothing, empty]) {
    await world.refuses([401, 'invalid_client', 'AADSTS7000216'], () =>
      world.send(unproved, applicationAlone),
    );
    await world.refuses([401, 'invalid_client', 'AADSTS7000218'], () =>
      world.redeem(unproved, code),
    );
  }
  assert.equal((await world.redeem(site, code)).status, 200);
});

attack('OAU-05', async () => {
  const { client_id } = native.form;
  const proving = { ...native, form: { client_id, client_secret: 'none-that-it-has' } };
  const code = await world.code(native);
  const asPublic = [401, 'invalid_client', 'AADSTS700025'] as const;
  await world.refuses(asPublic, () => world.redeem(proving, code));
  await world.refuses(asPublic, () => world.send(proving, applicationAlone));
  assert.equal((await world.redeem(native, code)).status, 200);
});

attack('OAU-06', async () => {
  for (const client_id of ['0badc0de-0000-4000-8000-000000000001', 'Site', "' OR 1=1--"]) {
    const unknown = { ...site, form: { ...site.form, client_id } };
    await world.refuses([400, 'unauthorized_client', 'AADSTS700016'], () =>
      world.send(unknown, applicationAlone),
    );
  }
});

// What is no name of a tenant at all is 900023, as recorded.
attack('OAU-07', async () => {
  const places = [
    ['0badc0de-0000-4000-8000-000000000001', 'AADSTS90002'],
    ['nobody.example', 'AADSTS90002'],
    ['nonsense', 'AADSTS900023'],
    ['..%2f', 'AADSTS900023'],
    ['..%2f..%2fetc%2fpasswd', 'AADSTS900023'],
    ['%2e%2e', 'AADSTS900023'],
    ['..', 'AADSTS900023'],
  ] as const;
  const form = { ...site.form, ...applicationAlone };
  const files = readdirSync(world.dataFolder, { recursive: true });
  for (const [tenant, code] of places) {
    const target = `/${tenant}/oauth2/v2.0/token`;
    await world.refuses([400, 'invalid_request', code], () =>
      world.ask({ host: 'login.microsoftonline.com', target, form }),
    );
  }
  assert.deepEqual(readdirSync(world.dataFolder, { recursive: true }), files);
});

attack('OAU-08', async () => {
  const { refresh_token } = await world.tokens(site);
  const code = await world.code(site);
  await world.graph.call('PATCH', sitePrincipal, { accountEnabled: false });
  const disabled = [400, 'unauthorized_client', 'AADSTS7000112'] as const;
  await world.refuses(disabled, () => world.send(site, applicationAlone));
  await world.refuses(disabled, () => world.redeem(site, code));
  await world.refuses(disabled, () => world.renew(site, refresh_token));
  await world.graph.call('PATCH', sitePrincipal, { accountEnabled: true });
  assert.equal((await world.redeem(site, code)).status, 200);
});

attack('OAU-12', async () => {
  const unknown = [
    'https://unknown.example',
    'api://0badc0de',
    '0badc0de-0000-4000-8000-000000000001',
  ];
  for (const resource of unknown) {
    await world.refuses([400, 'invalid_resource', 'AADSTS500011'], () =>
      world.send(site, { ...applicationAlone, scope: `${resource}/.default` }),
    );
  }
});

attack('OAU-13', async () => {
  const answer = await world.send(site, applicationAlone);
  assert.equal(answer.status, 200, answer.body);
  const { access_token } = answer.json as Tokens;
  assert.equal(claimsOf(access_token)['aud'], 'https://batch.core.windows.net/');
  const target = `/batch/${world.account}/jobs?api-version=2024-07-01.20.0`;
  const atBatch = await world.ask({ target, token: access_token });
  assert.deepEqual(
    [atBatch.status, atBatch.code],
    [403, 'AuthorizationFailure'],
    'a role is all that it lacks',
  );
});

attack('OAU-14', async () => {
  const resource = 'https://batch.core.windows.net/';
  const refused = [400, 'invalid_request', 'AADSTS901002'] as const;
  await world.refuses(refused, () => world.send(site, { ...applicationAlone, resource }));
  const { refresh_token } = await world.tokens(site);
  await world.refuses(refused, () => world.renew(site, refresh_token, { resource }));
});

attack('OAU-15', async () => {
  const query = new URLSearchParams({ ...site.form, ...applicationAlone });
  for (const target of [v2, `/${world.tenantId}/oauth2/token`]) {
    await world.refuses([405, 'invalid_request', 'AADSTS900561'], () =>
      world.ask({ target: `${target}?${query}` }),
    );
  }
});

attack('OAU-17', async () => {
  const form = new URLSearchParams({ ...site.form, ...applicationAlone }).toString();
  const twice = [
    `client_id=${otherSite.form.client_id}`,
    `client_id=${site.form.client_id}`,
    'grant_type=password',
    'grant_type=client_credentials',
    'scope=openid',
    'client_secret=',
  ];
  for (const more of twice) {
    for (const body of [`${form}&${more}`, `${more}&${form}`]) {
      const shown = await world.unchanged(() => fetchPage(world, v2, body, {}));
      const { error, error_codes } = JSON.parse(shown.text) as Record<string, unknown>;
      assert.deepEqual(
        [shown.status, error, error_codes],
        [400, 'invalid_request', [9002313]],
        more,
      );
    }
  }
});

attack('OAU-18', async () => {
  const { client_id, client_secret } = site.form;
  const basic = (name: string, secret: string) =>
    `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
  const send = (form: Readonly<Record<string, string>>, authorization: string) =>
    world.ask({ target: v2, form: { ...applicationAlone, ...form }, headers: { authorization } });
  const other = basic(otherSite.form.client_id, otherSite.form.client_secret);
  for (const form of [{ client_id }, { client_id, client_secret }]) {
    await world.refuses([401, 'invalid_client', 'AADSTS70002'], () => send(form, other));
  }
  assert.equal((await send({ client_id }, basic(client_id, client_secret))).status, 200);
});

attack('OAU-48', async () => {
  const long = 'a'.repeat(65_536);
  const many = Array.from({ length: 10_000 }, (_, index) => `s${index}`).join(' ');
  const several = Array.from({ length: 10_000 }, (_, index) => `s${index}/.default`).join(' ');
  const { refresh_token } = await world.tokens(site);
  const { client_id } = site.form;
  const asked = { client_id, redirect_uri: site.redirectUri, response_type: 'code' };
  for (const [scope, alone] of [
    [long, 'AADSTS1002012'],
    [many, 'AADSTS1002012'],
    [several, 'AADSTS70011'],
  ] as const) {
    await world.refuses([400, 'invalid_scope', alone], () =>
      world.send(site, { ...applicationAlone, scope }),
    );
    await world.refuses([400, 'invalid_scope', 'AADSTS70011'], () =>
      world.renew(site, refresh_token, { scope }),
    );
    for (const attempt of [
      () => world.send(site, { ...applicationAlone, scope }),
      () => world.renew(site, refresh_token, { scope }),
    ]) {
      const milliseconds = await leastWork(attempt);
      assert.ok(milliseconds < 50, `${milliseconds} ms`);
    }
    // A query of that size does not fit in a head.
    const target = `/${world.tenantId}/oauth2/v2.0/authorize?${new URLSearchParams({ ...asked, scope })}`;
    assert.equal((await world.unchanged(() => world.ask({ target }))).status, 431);
  }
});

attack('OAU-49', async () => {
  const { refresh_token } = await world.tokens(site);
  const malformed = ['{', '[]', '"text"', 'null', '{"access_token":', '['.repeat(8_000)];
  for (const claims of [...malformed, `{"a":"${'a'.repeat(10_000)}"}`]) {
    const refused = [400, 'invalid_request', 'AADSTS9002313'] as const;
    await world.refuses(refused, () => world.send(site, { ...applicationAlone, claims }));
    await world.refuses(refused, () => world.renew(site, refresh_token, { claims }));
  }
  const { client_id } = site.form;
  const asked = { client_id, redirect_uri: site.redirectUri, response_type: 'code' };
  const shown = await world.unchanged(() =>
    world.ada.authorize({ ...asked, scope: 'openid', claims: '{' }),
  );
  assert.equal(answerOf(shown).get('error'), 'invalid_request');
  assert.equal(codeShown(shown), 'AADSTS9002313');
});

attack('OAU-52', async () => {
  const perMinute = 60;
  const limited = await openAttackedWorld({
    seedPath: grantSeedPath,
    tokenRequestsPerMinute: perMinute,
  });
  const flood = new URLSearchParams({ ...site.form, ...applicationAlone }).toString();
  const before = performance.now();
  const statuses: number[] = [];
  for (let sent = 0; sent < 1000; sent += 50) {
    const batch = Array.from({ length: 50 }, () => fetchPage(limited, v2, flood, {}));
    for (const { status, headers, text } of await Promise.all(batch)) {
      statuses.push(status);
      if (status === 200) continue;
      assert.equal(status, 429);
      assert.match(text, /AADSTS90055/);
      assert.ok(Number(headers['retry-after']) > 0);
    }
  }
  const given = statuses.filter((status) => status === 200).length;
  const cameBack = Math.ceil(((performance.now() - before) / 60_000) * perMinute);
  assert.ok(given >= perMinute && given <= perMinute + cameBack, `${given} of 1000`);
  const form = { ...otherSite.form, ...applicationAlone };
  assert.equal((await limited.token(form)).status, 200, 'another application is not affected');
});
