import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { firstPartyAppIds } from '#directory/first-party.ts';
import { type AttackedWorld, openAttackedWorld } from './attacks/world.ts';

const seedPath = join(import.meta.dirname, 'attacks/people.yaml');
const world = await openAttackedWorld({ seedPath });

const service = firstPartyAppIds.registrations;
const host = 'main.iam.ad.ext.azure.com';
const userRead = { id: 'e1fe6dd8-ba31-4d61-89e7-88639da4683d', type: 'Scope' };
const directoryRead = { id: '7ab1d382-f21e-4acd-a863-ba3e13f7da61', type: 'Role' };

const administrator = {
  username: world.env['BATTEN_USERNAME'] ?? '',
  password: world.env['BATTEN_PASSWORD'] ?? '',
};
const someone = { username: 'right@contoso.example', password: 'right-of-contoso-1' };

/** The token that az gets for a user who signed in to it. */
async function tokenOf(user: typeof someone, resource: string): Promise<string> {
  const client = { grant_type: 'password', client_id: firstPartyAppIds.azureCli };
  const { json } = await world.token({ ...client, ...user, scope: `${resource}/.default` });
  const { access_token: token } = json as { readonly access_token?: string };
  return token ?? assert.fail(JSON.stringify(json));
}

/** Registers an application that asks Graph for a permission and a role. */
async function registerAsking(name: string) {
  const requiredResourceAccess = [
    { resourceAppId: firstPartyAppIds.graph, resourceAccess: [userRead, directoryRead] },
  ];
  return world.register(name, { requiredResourceAccess });
}

function consent(appId: string, token: string | undefined, more: object = {}) {
  const target = `/api/RegisteredApplications/${appId}/Consent?onBehalfOfAll=true`;
  return world.ask({ method: 'POST', target, ...(token === undefined ? {} : { token }), ...more });
}

/** What an application has: its permissions by name, its roles by id. */
async function grantsOf({ graph }: AttackedWorld, principalId: string): Promise<unknown> {
  const listed = async (path: string) =>
    ((await graph.call('GET', path)).json as { value: Record<string, unknown>[] }).value;
  const ofClient = encodeURIComponent(`clientId eq '${principalId}'`);
  const grants = await listed(`/v1.0/oauth2PermissionGrants?$filter=${ofClient}`);
  const roles = await listed(`/v1.0/servicePrincipals/${principalId}/appRoleAssignments`);
  return [
    ...grants.map((one) => [one['consentType'], one['scope']]),
    ...roles.map((one) => one['appRoleId']),
  ];
}

test('an administrator consents for everybody at the name that az knows, and at an explicit address', async () => {
  const token = await tokenOf(administrator, service);
  for (const [name, more] of [
    ['by name', { host }],
    ['explicit', {}],
  ] as const) {
    const application = await registerAsking(name);
    assert.deepEqual(await grantsOf(world, application.principalId), []);
    const answer = await consent(application.appId, token, more);
    assert.deepEqual([answer.status, answer.body], [204, '']);
    assert.deepEqual(await grantsOf(world, application.principalId), [
      ['AllPrincipals', 'User.Read'],
      directoryRead.id,
    ]);
  }
  const filter = encodeURIComponent("activityDisplayName eq 'Consent to application'");
  const { json } = await world.graph.call(
    'GET',
    `/v1.0/auditLogs/directoryAudits?$filter=${filter}`,
  );
  assert.equal((json as { value: unknown[] }).value.length, 2);
});

test('a token of anybody else, for anything else, or at another host grants nothing', async () => {
  const { appId } = await registerAsking('asking');
  const own = await tokenOf(administrator, service);
  const ofGraph = await tokenOf(administrator, 'https://graph.microsoft.com');
  const ofUser = await tokenOf(someone, service);
  const alone = await world.tokenFor(service);
  for (const [name, status, token, more] of [
    ['no token', 401, undefined, {}],
    ['for Graph', 401, ofGraph, {}],
    ['of a plain user', 403, ofUser, {}],
    ['of an application', 400, alone, {}],
    ['at the host of Graph', 400, own, { host: 'graph.microsoft.com' }],
    ['at the host of Graph in China', 400, own, { host: 'microsoftgraph.chinacloudapi.cn' }],
  ] as const) {
    const answer = await world.unchanged(() => consent(appId, token, more));
    assert.equal(answer.status, status, `${name}: ${answer.body}`);
  }
  const nobody = '00000000-0000-4000-8000-000000000000';
  assert.equal((await world.unchanged(() => consent(nobody, own))).status, 404);
});

test('the token opens nothing else', async () => {
  const token = await tokenOf(administrator, service);
  const { env } = world;
  const batch = `/batch/${env['AZURE_BATCH_ACCOUNT']}/jobs?api-version=2022-10-01.16.0`;
  for (const target of ['/v1.0/me', '/subscriptions?api-version=2022-12-01', batch]) {
    assert.equal((await world.ask({ target, token })).status, 401, target);
  }
});
