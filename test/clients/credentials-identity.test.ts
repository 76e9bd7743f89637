import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { type IdentityForm, openIdentityEndpoint } from '#app/identity-endpoint.ts';
import { assignRole, registerApplication } from '#app/tour-identity.ts';
import {
  BatchClient,
  BatchTokenCredentials,
  managedIdentity,
  SignInError,
  servicePrincipal,
  type TokenProvider,
} from '#client/client.ts';
import { silentLog } from '#kernel/log.ts';
import { startWorld } from './world.ts';

/* Managed identities, and applications that have one for a proof, sign in with `batten/client`. */

const world = await startWorld();
const { env, agent, dataFolder } = world.batten;
const groupId = `/subscriptions/${world.subscriptionId}/resourceGroups/${world.resourceGroup}`;
const federation = 'api://AzureADTokenExchange';

/** Makes an identity that may use the account, and answers its object id. */
async function addIdentity(name: string): Promise<string> {
  const path = `${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
  const wish = { location: 'westeurope' };
  const { json } = await world.arm.call('PUT', `${path}?api-version=2023-01-31`, wish);
  const { principalId } = (json as { properties: { principalId: string } }).properties;
  await assignRole(world.arm, world.accountId, 'Azure Batch Data Contributor', principalId);
  return principalId;
}

/** The environment of a program that runs as an identity, as the platform sets it. */
async function environmentOf(identity: string, form: IdentityForm) {
  const { subscriptionId } = world;
  const endpoint = await openIdentityEndpoint({
    ...{ dataFolder, identity, form, subscriptionId, cloud: 'public', log: silentLog },
  });
  after(() => endpoint[Symbol.asyncDispose]());
  return endpoint.variables;
}

async function countJobs(tokens: TokenProvider): Promise<number> {
  const credentials = new BatchTokenCredentials(env['AZURE_BATCH_ENDPOINT'] ?? '', tokens);
  let count = 0;
  for await (const _ of BatchClient.open(credentials, { agent }).jobs.list()) count += 1;
  return count;
}

const refused = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof SignInError, String(error));
  assert.deepEqual([error.code, error.name], [code, 'SignInError']);
  assert.match(error.message, message);
  return true;
};

const principalId = await addIdentity('runner');

for (const form of ['any', 'app-service', 'machine-learning', 'cloud-shell'] as const) {
  test(`an identity signs in in the form ${form}, and lists jobs`, async () => {
    const tokens = managedIdentity({ environment: await environmentOf('runner', form) });
    assert.equal(await countJobs(tokens), 0);
    const { oid, aud } = decodeJwt(await tokens());
    assert.deepEqual([oid, aud], [principalId, 'https://batch.core.windows.net/']);
  });

  test(`in the form ${form} another identity than the one that is there is refused`, async () => {
    const environment = await environmentOf('runner', form);
    const names = {
      clientId: '00000000-0000-4000-8000-000000000001',
      objectId: '00000000-0000-4000-8000-000000000001',
      resourceId: `${groupId}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/other`,
    };
    for (const [kind, value] of Object.entries(names)) {
      const tokens = managedIdentity({ environment, [kind]: value });
      // App Service has errors of its own form; `any` is found there too.
      const isHosted = form === 'any' || form === 'app-service';
      const expected = isHosted
        ? refused('Http400', /No User Assigned or Delegated Managed Identity found/)
        : refused('invalid_request', /Identity not found/);
      await assert.rejects(async () => tokens(), expected);
    }
    const own = managedIdentity({ environment, objectId: principalId });
    assert.equal(decodeJwt(await own())['oid'], principalId);
  });
}

test('without the credential of its endpoint a program gets nothing', async () => {
  const { IDENTITY_ENDPOINT } = await environmentOf('runner', 'app-service');
  const environment = { IDENTITY_ENDPOINT, IDENTITY_HEADER: 'guessed' };
  const tokens = managedIdentity({ environment });
  await assert.rejects(async () => tokens(), refused('Http401', /identity header/));
});

test('a resource that the tenant does not know is told with the code of Entra', async () => {
  const environment = await environmentOf('runner', 'machine-learning');
  const tokens = managedIdentity({ environment, resource: 'https://unknown.example/' });
  await assert.rejects(async () => tokens(), refused('AADSTS500011', /check the cloud/));
});

/** An application whose one proof is the token of the identity. */
async function federated(subject: string): Promise<string> {
  const application = await registerApplication(world.graph, `federated ${subject}`);
  const path = `/v1.0/applications/${application.objectId}/federatedIdentityCredentials`;
  await world.graph.call('POST', path, {
    name: 'managed-identity',
    issuer: `https://login.microsoftonline.com/${world.tenantId}/v2.0`,
    subject,
    audiences: [federation],
  });
  const role = 'Azure Batch Data Contributor';
  await assignRole(world.arm, world.accountId, role, application.principalId);
  return application.appId;
}

const place = {
  tenantId: world.tenantId,
  authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
  agent,
};

test("an identity's token signs an application in that trusts it, and no other", async () => {
  const environment = await environmentOf('runner', 'any');
  const federatedToken = managedIdentity({ environment, resource: federation });
  const [trusting, strange] = [await federated(principalId), await federated('somebody')];
  const tokens = servicePrincipal({ ...place, clientId: trusting, federatedToken });
  assert.equal(await countJobs(tokens), 0);
  const other = servicePrincipal({ ...place, clientId: strange, federatedToken });
  await assert.rejects(async () => other(), refused('AADSTS700213', /another subject/));
});

test('the file with the token of the platform is read again for every token request', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'batten-federated-'));
  after(() => rmSync(folder, { recursive: true }));
  const federatedTokenFile = join(folder, 'token');
  const environment = await environmentOf('runner', 'any');
  const platform = managedIdentity({ environment, resource: federation });
  const strange = managedIdentity({ environment, resource: 'https://management.azure.com/' });
  const clientId = await federated(principalId);
  const tokens = servicePrincipal({ ...place, clientId, federatedTokenFile });
  await assert.rejects(async () => tokens(), refused('ENOENT', /token cannot be read/));
  writeFileSync(federatedTokenFile, await strange());
  await assert.rejects(async () => tokens(), SignInError);
  writeFileSync(federatedTokenFile, `${await platform()}\n`);
  assert.equal(await countJobs(tokens), 0);
});
