import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ClientAssertionCredential } from '@azure/identity';
import { decodeJwt } from 'jose';
import { battenCommand } from '#app/child-batten.ts';
import { type IdentityForm, identityForms } from '#app/identity-endpoint.ts';
import { assignRole, registerApplication } from '#app/tour-identity.ts';
import { startWorld } from './world.ts';

const world = await startWorld();
const program = fileURLToPath(new URL('identity-program.ts', import.meta.url));
const groupId = `/subscriptions/${world.subscriptionId}/resourceGroups/${world.resourceGroup}`;
const provider = 'providers/Microsoft.ManagedIdentity/userAssignedIdentities';
const idOf = (name: string) => `${groupId}/${provider}/${name}`;

/** Makes an identity and answers the object id of its service principal. */
async function addIdentity(name: string): Promise<string> {
  const target = `${idOf(name)}?api-version=2023-01-31`;
  const { json } = await world.arm.call('PUT', target, { location: 'westeurope' });
  const made = json as { readonly properties: { readonly principalId: string } };
  return made.properties.principalId;
}

/** Runs a command under `batten run --identity` beside the server. */
async function runAs(identity: string, words: readonly string[], form: IdentityForm = 'any') {
  const named = ['--identity', identity, '--identity-form', form];
  const options = ['--data', world.batten.dataFolder, ...named];
  const all = [battenCommand, 'run', ...options, '--', process.execPath, ...words];
  const child = spawn(process.execPath, all, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const exitCode = await new Promise<number | null>((ended) => child.once('close', ended));
  const texts = [stdout, stderr].map((chunks) => Buffer.concat(chunks).toString());
  return { exitCode, stdout: texts[0] ?? '', stderr: texts[1] ?? '' };
}

async function runProgram(identity: string, form: IdentityForm = 'any') {
  const words = [program, groupId, '00000000-0000-4000-8000-000000000001'];
  const { exitCode, stdout, stderr } = await runAs(identity, words, form);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

test('@azure/identity gets a day-long token of the identity, and nothing for another', async () => {
  const principalId = await addIdentity('runner');
  const { claims, sameOwner, other, hours } = await runProgram('RUNNER');
  assert.equal(claims.oid, principalId);
  assert.equal(claims.idtyp, 'app');
  assert.equal(claims.appidacr, '2');
  assert.equal(claims.xms_mirid, idOf('runner').replace('resourceGroups', 'resourcegroups'));
  assert.equal(sameOwner, true);
  assert.match(other, /No User Assigned or Delegated Managed Identity found/);
  assert.equal(hours, 24);
});

test('@azure/identity finds the identity in whatever place the command shall think that it runs', async () => {
  const principalId = await addIdentity('anywhere');
  for (const form of identityForms.filter((one) => one !== 'any')) {
    const { claims, other } = await runProgram('anywhere', form);
    assert.equal(claims.oid, principalId, form);
    assert.doesNotMatch(other, /^given$/, form);
  }
});

test('a command runs as the identity that a Batch account itself has', async () => {
  const accountId = `${groupId}/providers/Microsoft.Batch/batchAccounts/hasitsown`;
  const wish = { location: 'westeurope', identity: { type: 'SystemAssigned' } };
  const target = `${accountId}?api-version=2023-11-01`;
  await world.arm.call('PUT', target, wish);
  const { json } = await world.arm.call('GET', target);
  const { principalId } = (json as { readonly identity: { readonly principalId: string } })
    .identity;
  const { claims } = await runProgram(accountId);
  assert.deepEqual([claims.oid, claims.xms_mirid], [principalId, accountId]);
  const refused = await runAs(accountId.replace('hasitsown', 'hasnone'), ['-e', '']);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /no managed identity/);
});

test('the sign-ins of an identity stand in the log of its tenant, given and refused', async () => {
  const principalId = await addIdentity('logged');
  await runProgram('logged');
  const filter = encodeURIComponent(`servicePrincipalId eq '${principalId}'`);
  const { json } = await world.graph.call('GET', `/v1.0/auditLogs/signIns?$filter=${filter}`);
  const { value } = json as {
    readonly value: readonly { readonly status: { readonly failureReason: string | null } }[];
  };
  const reasons = value.map(({ status }) => status.failureReason);
  assert.ok(reasons.includes('Identity not found'), JSON.stringify(value));
  assert.ok(reasons.includes(null), JSON.stringify(value));
});

test('an identity may do what its roles say: without one it is refused', async () => {
  const principalId = await addIdentity('worker');
  const before = await runProgram(idOf('worker'));
  assert.deepEqual([before.status, before.code], [403, 'AuthorizationFailed']);
  await assignRole(world.arm, groupId, 'Reader', principalId);
  const after = await runProgram(idOf('worker'));
  assert.deepEqual([after.status, after.code], [200, undefined]);
});

test('the command does not get the ready identity beside its own', async () => {
  await addIdentity('alone');
  const script = 'console.log(JSON.stringify(Object.keys(process.env)))';
  const { stdout } = await runAs('alone', ['-e', script]);
  const names: readonly string[] = JSON.parse(stdout);
  const found = [
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
    'AZURE_CLIENT_SECRET',
    'MSI_SECRET',
  ].filter((name) => names.includes(name));
  assert.deepEqual(found, ['IDENTITY_ENDPOINT', 'IDENTITY_HEADER']);
});

test('an identity that is not there starts no command', async () => {
  for (const identity of ['nobody', idOf('nobody'), world.accountId]) {
    const { exitCode, stdout, stderr } = await runAs(identity, ['-e', 'console.log("started")']);
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /there is no managed identity/);
  }
});

test("a virtual machine's own address gives the token too, to whoever says Metadata", async () => {
  const principalId = await addIdentity('machine');
  const script = `
    const { get } = require('node:http');
    const url = 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://management.azure.com/';
    const answer = (headers) => new Promise((done) => get(url, { headers }, async (reply) => {
      done(JSON.parse(Buffer.concat(await reply.toArray())));
    }));
    Promise.all([answer({ Metadata: 'true' }), answer({})]).then((all) => console.log(JSON.stringify(all)));
  `;
  const { stdout, stderr, exitCode } = await runAs('machine', ['-e', script]);
  assert.equal(exitCode, 0, stderr);
  const [given, refused] = JSON.parse(stdout);
  const payload = Buffer.from(given.access_token.split('.')[1], 'base64url').toString();
  assert.equal(JSON.parse(payload).oid, principalId);
  assert.equal(refused.error_description, 'Required metadata header not specified');
});

test('MSAL for Node asks for the token of a virtual machine, through a tunnel', async () => {
  const principalId = await addIdentity('tunnelled');
  const script = `
    const { ManagedIdentityApplication } = require('@azure/msal-node');
    const resource = 'https://batch.core.windows.net/';
    const ask = (parameters) => new ManagedIdentityApplication(parameters).acquireToken({ resource })
      .then((token) => token.accessToken, (error) => error.message);
    const stranger = { userAssignedClientId: '00000000-0000-4000-8000-000000000001' };
    Promise.all([ask({}), ask({ managedIdentityIdParams: stranger })])
      .then((all) => console.log(JSON.stringify(all)));
  `;
  const { stdout, stderr, exitCode } = await runAs('tunnelled', ['-e', script], 'vm');
  assert.equal(exitCode, 0, stderr);
  const [given, refused] = JSON.parse(stdout);
  assert.equal(decodeJwt(given)['oid'], principalId);
  assert.match(refused, /^invalid_request: .*Identity not found/);
});

test("an identity's token signs an application in that has no secret", async () => {
  const principalId = await addIdentity('federated');
  const { appId, objectId } = await registerApplication(world.graph, 'without a secret');
  await world.graph.call('POST', `/v1.0/applications/${objectId}/federatedIdentityCredentials`, {
    name: 'managed-identity',
    issuer: `https://login.microsoftonline.com/${world.tenantId}/v2.0`,
    subject: principalId,
    audiences: ['api://AzureADTokenExchange'],
  });
  const script = `
    const { ManagedIdentityCredential } = require('@azure/identity');
    const credential = new ManagedIdentityCredential();
    credential.getToken('api://AzureADTokenExchange/.default').then(({ token }) => console.log(token));
  `;
  const { stdout, stderr, exitCode } = await runAs('federated', ['-e', script]);
  assert.equal(exitCode, 0, stderr);
  const exchange = (assertion: string) =>
    new ClientAssertionCredential(world.tenantId, appId, async () => assertion, {
      authorityHost: world.batten.env['AZURE_AUTHORITY_HOST'] ?? '',
      disableInstanceDiscovery: true,
    }).getToken('https://batch.core.windows.net//.default');
  const { token } = await exchange(stdout.trim());
  assert.equal(decodeJwt(token)['appid'], appId);
  const other = await world.owner.getToken('api://AzureADTokenExchange/.default');
  await assert.rejects(exchange(other.token), /AADSTS700211/);
});
