import assert from 'node:assert/strict';
import { join } from 'node:path';
import { answerOf, formOf, type Shown } from '#authority/browser.test.ts';
import { attack } from './attack.ts';
import { refusalIn } from './grant-world.ts';
import { codeShown, openPerson, type Person } from './person.ts';
import { openAttackedWorld, type Registered } from './world.ts';

/*
 * Consent: who gives it, to what exactly, and what it is worth when either side has changed.
 */

const world = await openAttackedWorld({ seedPath: join(import.meta.dirname, 'consent.yaml') });
const redirectUri = 'https://site.example/cb';
const web = { redirectUris: [redirectUri] };
const ada = ['ada@contoso.example', 'Ada-of-contoso-1'] as const;
const admin = ['admin@contoso.example', 'Admin-of-contoso-1'] as const;

interface Listed {
  readonly value: readonly {
    readonly id: string;
    readonly clientId: string;
    readonly scope: string;
  }[];
}

/** What was granted to an application, each grant by its permissions. */
async function grantsOf({ principalId }: Registered): Promise<readonly string[]> {
  const filter = encodeURIComponent(`clientId eq '${principalId}'`);
  const { json } = await world.graph.call('GET', `/v1.0/oauth2PermissionGrants?$filter=${filter}`);
  return (json as Listed).value.map(({ scope }) => scope.trim()).sort();
}

function authorize(
  person: Person,
  { appId }: Registered,
  scope: string,
  more = {},
): Promise<Shown> {
  const asked = { client_id: appId, redirect_uri: redirectUri, response_type: 'code', scope };
  return person.authorize({ ...asked, ...more });
}

/** Somebody who is asked for consent. */
async function askedForConsent(client: Registered, scope: string, who = ada): Promise<Person> {
  const person = openPerson(world);
  await authorize(person, client, scope);
  await person.signIn(...who);
  return person;
}

async function accept(person: Person): Promise<Shown> {
  await person.submit({ consent: 'accept' });
  return person.shown.headers['location'] === undefined
    ? person.submit({ stay: '0' })
    : person.shown;
}

async function redeem(client: Registered, shown: Shown) {
  const form = { grant_type: 'authorization_code', redirect_uri: redirectUri };
  const code = answerOf(shown).get('code') ?? '';
  const credentials = { client_id: client.appId, client_secret: client.secret };
  return world.token({ ...form, code, ...credentials });
}

attack('CON-02', async () => {
  const client = await world.register('declined', { web });
  const person = await askedForConsent(client, 'User.Read offline_access');
  const shown = await world.unchanged(
    () => person.submit({ consent: 'decline' }),
    'sign_in_attempt',
  );
  const answer = answerOf(shown);
  assert.equal(answer.get('error'), 'access_denied');
  assert.match(answer.get('error_description') ?? '', /AADSTS65004/);
  assert.deepEqual(await grantsOf(client), []);
});

attack('CON-03', async () => {
  const client = await world.register('forged', { web });
  const person = await askedForConsent(client, 'User.Read');
  const { action, hidden } = formOf(person.shown.text);
  const forms = [{ flowToken: 'forged', consent: 'accept' }, { consent: 'accept' }];
  for (const form of forms) {
    await world.unchanged(() => person.post(action, new URLSearchParams(form).toString()));
    assert.deepEqual([person.shown.status, person.shown.headers['location']], [400, undefined]);
  }
  const stranger = openPerson(world);
  await authorize(stranger, client, 'User.Read');
  const stolen = new URLSearchParams({ ...hidden, consent: 'accept' }).toString();
  await world.unchanged(() => stranger.post(action, stolen));
  assert.deepEqual([stranger.shown.status, stranger.shown.headers['location']], [400, undefined]);
  assert.deepEqual(await grantsOf(client), []);
  const declined = await askedForConsent(client, 'User.Read');
  const again = formOf(declined.shown.text);
  await declined.submit({ consent: 'decline' });
  const replay = new URLSearchParams({ ...again.hidden, consent: 'accept' }).toString();
  await world.unchanged(() => declined.post(again.action, replay));
  assert.equal(declined.shown.status, 400);
  assert.deepEqual(await grantsOf(client), [], 'who declined has not agreed by going back');
});

attack('CON-04', async () => {
  const client = await world.register('growing', { web });
  const person = await askedForConsent(client, 'User.Read');
  assert.ok(!person.shown.text.includes('User.ReadWrite'));
  const { action, hidden } = formOf(person.shown.text);
  const form = { ...hidden, consent: 'accept', scope: 'User.ReadWrite Directory.Read.All' };
  await person.post(action, new URLSearchParams(form).toString());
  assert.deepEqual(await grantsOf(client), ['User.Read']);
});

attack('CON-06', async () => {
  const names = ['<b onclick="x">bold</b>', 'gpj.\u202Eexe', 'Microsoft Azure CLI'];
  for (const name of names) {
    const client = await world.register(name, { web });
    const { shown } = await askedForConsent(client, 'User.Read');
    assert.ok(!shown.text.includes('<b onclick'), 'the name is text');
    const isolated = /<bdi>([^<]*(?:&lt;b onclick|gpj\.|Microsoft Azure CLI)[^<]*)<\/bdi>/;
    assert.match(shown.text, isolated, 'and keeps to its own direction');
    assert.match(shown.text, /unverified/);
  }
});

async function graphAccess(names: readonly string[]) {
  const { json } = await world.graph.call(
    'GET',
    "/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')",
  );
  const { oauth2PermissionScopes } = json as {
    readonly oauth2PermissionScopes: readonly { readonly id: string; readonly value: string }[];
  };
  const resourceAccess = names.map((name) => ({
    id: oauth2PermissionScopes.find(({ value }) => value === name)?.id,
    type: 'Scope',
  }));
  return [{ resourceAppId: '00000003-0000-0000-c000-000000000000', resourceAccess }];
}

attack('CON-07', async () => {
  const client = await world.register('changed', {
    web,
    requiredResourceAccess: await graphAccess(['User.Read']),
  });
  const asked = 'https://graph.microsoft.com/User.Read offline_access';
  const person = await askedForConsent(client, asked);
  await accept(person);
  const agreed = await authorize(person, client, asked);
  assert.ok(answerOf(agreed).get('code'));
  await world.graph.call('PATCH', `/v1.0/applications/${client.objectId}`, {
    requiredResourceAccess: await graphAccess(['User.Read', 'User.ReadWrite']),
  });
  const more = { prompt: 'none' };
  const wanted = 'https://graph.microsoft.com/User.ReadWrite';
  const shown = await world.unchanged(() => authorize(person, client, wanted, more));
  const answer = answerOf(shown);
  assert.ok(['interaction_required', 'consent_required'].includes(answer.get('error') ?? ''));
  assert.match(answer.get('error_description') ?? '', /AADSTS65001/);
  const { json } = await redeem(client, agreed);
  const { refresh_token } = json as { readonly refresh_token: string };
  const renewal = {
    ...{ grant_type: 'refresh_token', refresh_token, scope: wanted },
    ...{ client_id: client.appId, client_secret: client.secret },
  };
  const renewed = await world.unchanged(() => world.token(renewal));
  assert.deepEqual(refusalIn(renewed), [400, 'invalid_grant', 'AADSTS65001']);
  assert.deepEqual(await grantsOf(client), ['User.Read offline_access']);
});

attack('CON-08', async () => {
  const client = await world.register('everybody', {
    web,
    requiredResourceAccess: await graphAccess(['User.Read']),
  });
  const query = new URLSearchParams({ client_id: client.appId, redirect_uri: redirectUri });
  const path = (tenant: string) => `/${tenant}/adminconsent?${query}`;
  const person = openPerson(world);
  await person.open(path(world.tenantId));
  await world.unchanged(() => person.signIn(...ada), 'sign_in_attempt');
  assert.match(`${codeShown(person.shown)}`, /AADSTS90094\b/);
  assert.deepEqual(await grantsOf(client), []);
  const stranger = openPerson(world);
  await stranger.open(path(world.tenantId));
  await stranger.signIn('admin@fabrikam.example', 'Admin-of-fabrikam-1');
  assert.match(codeShown(stranger.shown), /AADSTS50020\b|AADSTS50034\b/);
  assert.deepEqual(await grantsOf(client), []);
  const administrator = openPerson(world);
  await administrator.open(path(world.tenantId));
  await administrator.signIn(...admin);
  const accepted = await administrator.submit({ consent: 'accept' });
  assert.equal(answerOf(accepted).get('admin_consent'), 'True');
  assert.equal((await grantsOf(client)).length, 1);
});

attack('CON-09', async () => {
  const scopeId = '5c09e000-0000-4000-8000-000000000001';
  const client = await world.register('preauthorized', { web });
  const other = await world.register('not preauthorized', { web });
  const permission = {
    ...{ id: scopeId, value: 'use', type: 'User', isEnabled: true },
    ...{ adminConsentDisplayName: 'Use', adminConsentDescription: 'Use it' },
  };
  const api = await world.register('api', {});
  const path = `/v1.0/applications/${api.objectId}`;
  await world.graph.call('PATCH', path, {
    identifierUris: [`api://${api.appId}`],
    api: { oauth2PermissionScopes: [permission] },
  });
  await world.graph.call('PATCH', path, {
    api: {
      preAuthorizedApplications: [
        { appId: client.appId.toUpperCase(), delegatedPermissionIds: [scopeId.toUpperCase()] },
      ],
    },
  });
  const scope = `api://${api.appId}/use`;
  const agreed = await askedForConsent(client, scope);
  const shown = agreed.shown.headers['location']
    ? agreed.shown
    : await agreed.submit({ stay: '0' });
  assert.ok(answerOf(shown).get('code'), 'no consent is asked of the client that is listed');
  const asked = await askedForConsent(other, scope);
  assert.match(asked.shown.text, /name="consent"/, 'it is asked of every other');
});

attack('CON-10', async () => {
  const client = await world.register('revoked', { web });
  const person = await askedForConsent(client, 'User.Read offline_access');
  const { json } = await redeem(client, await accept(person));
  const { refresh_token } = json as { readonly refresh_token: string };
  const renewal = {
    ...{ grant_type: 'refresh_token', refresh_token, scope: 'User.Read' },
    ...{ client_id: client.appId, client_secret: client.secret },
  };
  assert.equal((await world.token(renewal)).status, 200);
  const filter = encodeURIComponent(`clientId eq '${client.principalId}'`);
  const found = await world.graph.call('GET', `/v1.0/oauth2PermissionGrants?$filter=${filter}`);
  for (const { id } of (found.json as Listed).value) {
    await world.graph.call('DELETE', `/v1.0/oauth2PermissionGrants/${id}`);
  }
  const answer = await world.unchanged(() => world.token(renewal));
  assert.deepEqual(refusalIn(answer), [400, 'invalid_grant', 'AADSTS65001']);
  assert.match(answer.body, /"suberror":"consent_required"/);
});

attack('CON-11', async () => {
  const client = await world.register('assigned', { web });
  const path = `/v1.0/servicePrincipals/${client.principalId}`;
  await world.graph.call('PATCH', path, { appRoleAssignmentRequired: true });
  const person = openPerson(world);
  await authorize(person, client, 'User.Read');
  await person.submit({ loginfmt: ada[0] });
  const shown = await world.unchanged(() => person.submit({ passwd: ada[1] }));
  assert.equal(codeShown(shown), 'AADSTS50105');
  assert.deepEqual(await grantsOf(client), []);
});

attack('CON-12', async () => {
  const client = await world.register('framed', { web });
  const { shown } = await askedForConsent(client, 'User.Read');
  assert.match(shown.text, /name="consent"/);
  assert.match(shown.headers['content-security-policy'] ?? '', /frame-ancestors 'none'/);
  assert.equal(shown.headers['x-frame-options'], 'DENY');
});
