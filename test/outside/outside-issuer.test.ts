import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ClientAssertionCredential, WorkloadIdentityCredential } from '@azure/identity';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { battenCommand, type ChildBatten, startChildBatten } from '#app/child-batten.ts';
import { addSecret, type RegisteredApplication, registerApplication } from '#app/tour-identity.ts';
import { type RestClient, restClient, servicePrincipal } from '#client/client.ts';
import { ask } from '../lock/ask.ts';
import { type OutsideClient, startIssuer } from './issuer.ts';

/*
 * A Batten that trusts two issuers on this machine: another Batten, and oidc-provider. Their tokens
 * are taken for Azure Batch, and are exchanged for Batten's own by federated credentials.
 */

const jobsAudience = 'urn:batten:jobs';
const exchange = 'api://AzureADTokenExchange';
const batchScope = 'https://batch.core.windows.net//.default';
const workerId = '0b0b0b0b-1111-4222-8333-444444444444';
const outsider: OutsideClient = { clientId: workerId, secret: 'a secret of the outside issuer' };
const stranger: OutsideClient = { clientId: 'stranger', secret: 'another secret of the issuer' };

const issuer = await startIssuer([outsider, stranger]);
after(() => issuer.close());
const elliptic = await startIssuer([outsider, stranger], 'ES256');
after(() => elliptic.close());
const second = await startChildBatten();
after(() => second.stop());
const secondJobs = await registerApplication(graphOf(second), 'Jobs API');
const secondWorker = await registerApplication(graphOf(second), 'worker');
const secondSecret = await addSecret(graphOf(second), secondWorker);
await publish(graphOf(second), secondJobs);
const secondTenant = second.env['AZURE_TENANT_ID'] ?? '';
const secondIssuer = `${second.env['BATTEN_URL']}/${secondTenant}/v2.0`;
const silent = await portOfNobody();

const folder = mkdtempSync(join(tmpdir(), 'batten-trust-'));
after(() => rmSync(folder, { recursive: true }));
const rootsFile = join(folder, 'issuers.pem');
const secondRoots = readFileSync(second.env['BATTEN_CA_FILE'] ?? '', 'utf8');
writeFileSync(rootsFile, `${issuer.roots}\n${elliptic.roots}\n${secondRoots}`);
const seedFile = join(folder, 'seed.json');
writeFileSync(seedFile, JSON.stringify(seed()));

process.env['BATTEN_ISSUER_CA_FILE'] = rootsFile;
const batten = await startChildBatten('--seed', seedFile);
delete process.env['BATTEN_ISSUER_CA_FILE'];
after(() => batten.stop());
const graph = graphOf(batten);
setDefaultCACertificates([
  ...getCACertificates('default'),
  readFileSync(batten.env['BATTEN_CA_FILE'] ?? '', 'utf8'),
]);

/** A tenant that has the callers, and no secret of theirs. */
function seed(): object {
  const subscription = '11111111-2222-4333-8444-555555555555';
  const roleAt = { role: 'Contributor', scope: `/subscriptions/${subscription}` };
  const trust = (address: string, audience: string, claim: string) => ({
    issuer: address,
    audiences: { batch: [audience], arm: [audience] },
    principals: [{ claim, names: 'appId' }],
  });
  return {
    tenants: [
      {
        displayName: 'Fabrikam',
        domains: ['fabrikam.example'],
        applications: [
          { displayName: 'Admin', directoryRoles: ['Global Administrator'] },
          { displayName: 'worker', appId: workerId },
          { displayName: 'second worker', appId: secondWorker.appId },
        ],
        trustedIssuers: [
          trust(issuer.issuer, jobsAudience, 'client_id'),
          trust(elliptic.issuer, jobsAudience, 'client_id'),
          trust(secondIssuer, secondJobs.appId, 'azp'),
          trust(`https://localhost:${silent}`, jobsAudience, 'sub'),
        ],
      },
    ],
    subscriptions: [
      {
        id: subscription,
        displayName: 'Lab',
        resourceGroups: [
          { name: 'lab', location: 'westeurope', batchAccounts: [{ name: 'labaccount' }] },
        ],
      },
    ],
    roleAssignments: [
      { principal: 'worker', ...roleAt },
      { principal: 'second worker', ...roleAt },
    ],
    ready: { application: 'Admin', subscription, batchAccount: 'labaccount' },
  };
}

function graphOf({ env, agent }: ChildBatten): RestClient {
  const word = (name: string): string => env[name] ?? '';
  const signIn = servicePrincipal({
    tenantId: word('AZURE_TENANT_ID'),
    clientId: word('AZURE_CLIENT_ID'),
    clientSecret: word('AZURE_CLIENT_SECRET'),
    authorityHost: word('AZURE_AUTHORITY_HOST'),
    resource: 'https://graph.microsoft.com',
    agent,
  });
  return restClient(word('BATTEN_GRAPH_ENDPOINT'), signIn, { agent });
}

/** Lets an application be asked for by name, with tokens of version 2, whose issuer can be reached. */
async function publish(at: RestClient, { objectId, appId }: RegisteredApplication): Promise<void> {
  await at.call('PATCH', `/v1.0/applications/${objectId}`, {
    identifierUris: [`api://${appId}`],
    api: { requestedAccessTokenVersion: 2 },
  });
}

/** A port on which nobody listens. */
async function portOfNobody(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** A token of the second Batten for its own Jobs API, or for another resource. */
async function secondToken(resource = `api://${secondJobs.appId}`): Promise<string> {
  const { status, json, body } = await ask(second, {
    target: `/${secondTenant}/oauth2/v2.0/token`,
    form: {
      grant_type: 'client_credentials',
      client_id: secondWorker.appId,
      client_secret: secondSecret,
      scope: `${resource}/.default`,
    },
  });
  assert.equal(status, 200, body);
  return (json as { access_token: string }).access_token;
}

const jobs = '/batch/labaccount/jobs?api-version=2023-05-01.17.0';
const listJobs = (token: string) => ask(batten, { target: jobs, token });

test('Azure Batch takes the token of an outside issuer for a caller with a role', async () => {
  for (const token of [await issuer.token(outsider, jobsAudience), await secondToken()]) {
    const { status, body } = await listJobs(token);
    assert.equal(status, 200, body);
    const target = '/subscriptions?api-version=2022-12-01';
    const { json } = await ask(batten, { target, token });
    assert.equal((json as { value: unknown[] }).value.length, 1);
  }
});

test('a token for another audience, or about nobody of the tenant, is refused', async () => {
  const refused = [
    await issuer.token(outsider, 'urn:batten:other'),
    await issuer.token(stranger, jobsAudience),
    await secondToken('https://batch.core.windows.net/'),
  ];
  for (const token of refused) {
    const { status, code } = await listJobs(token);
    assert.deepEqual([status, code], [401, 'AuthenticationFailed']);
  }
});

test('an issuer that signs with ES256 is trusted for resources', async () => {
  const token = await elliptic.token(outsider, jobsAudience);
  assert.equal(decodeProtectedHeader(token).alg, 'ES256');
  assert.equal((await listJobs(token)).status, 200);
  const [head = '', , signature = ''] = (await elliptic.token(stranger, jobsAudience)).split('.');
  const [, payload = ''] = token.split('.');
  assert.equal((await listJobs(`${head}.${payload}.${signature}`)).status, 401);
});

test('Microsoft Graph takes no token of an issuer that has no audience there', async () => {
  const token = await issuer.token(outsider, jobsAudience);
  const { status } = await ask(batten, { target: '/v1.0/applications', token });
  assert.equal(status, 401);
});

test('a Batten takes no token of another Batten that nobody trusts', async () => {
  const token = await issuer.token(outsider, jobsAudience);
  const target = `/batch/${second.env['AZURE_BATCH_ACCOUNT']}/jobs?api-version=2023-05-01.17.0`;
  assert.equal((await ask(second, { target, token })).status, 401);
});

test('an issuer that does not answer is a refusal that says so', async () => {
  const [header = '', payload = '', signature = ''] = (
    await issuer.token(outsider, jobsAudience)
  ).split('.');
  const claims = { ...decodeJwt(`${header}.${payload}.`), iss: `https://localhost:${silent}` };
  const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const { status, body } = await listJobs(`${header}.${forged}.${signature}`);
  assert.equal(status, 401);
  assert.match(body, /the keys of its issuer cannot be had/);
});

test('the outside issuer may change its keys at any time', async () => {
  const old = await issuer.token(outsider, jobsAudience);
  assert.equal((await listJobs(old)).status, 200);
  issuer.changeKeys();
  assert.equal((await listJobs(await issuer.token(outsider, jobsAudience))).status, 200);
  assert.equal((await listJobs(old)).status, 401);
});

/** The worker of the first Batten, without any secret. */
async function federate(subject: string, name: string, { issuer: from } = issuer): Promise<void> {
  const path = `/v1.0/applications(appId='${workerId}')/federatedIdentityCredentials`;
  const more = { name, subject, audiences: [exchange] };
  await graph.call('POST', path, { ...more, issuer: from });
}

const authority = {
  authorityHost: batten.env['AZURE_AUTHORITY_HOST'] ?? '',
  disableInstanceDiscovery: true,
};
const tenantId = batten.env['AZURE_TENANT_ID'] ?? '';

test('@azure/identity exchanges a token of the issuer for one of Batten', async () => {
  await federate(workerId, 'client-assertion');
  const assertion = () => issuer.token(outsider, exchange);
  const credential = new ClientAssertionCredential(tenantId, workerId, assertion, authority);
  const { token } = await credential.getToken(batchScope);
  assert.equal(decodeJwt(token)['appid'], workerId);
  assert.equal((await listJobs(token)).status, 200);
  const other = () => issuer.token(stranger, exchange);
  const refused = new ClientAssertionCredential(tenantId, workerId, other, authority);
  await assert.rejects(refused.getToken(batchScope), /AADSTS700213/);
  const elsewhere = () => issuer.token(outsider, jobsAudience);
  const unfit = new ClientAssertionCredential(tenantId, workerId, elsewhere, authority);
  await assert.rejects(unfit.getToken(batchScope), /AADSTS700212/);
});

test('the workload identity of a pod reads its token from a file', async () => {
  await federate('stranger', 'workload-identity');
  const tokenFilePath = join(folder, 'token');
  writeFileSync(tokenFilePath, await issuer.token(stranger, exchange));
  const credential = new WorkloadIdentityCredential({
    ...authority,
    ...{ tenantId, clientId: workerId, tokenFilePath },
  });
  const { token } = await credential.getToken(batchScope);
  assert.equal((await listJobs(token)).status, 200);
  writeFileSync(tokenFilePath, 'not.a.token');
  const spoilt = new WorkloadIdentityCredential({
    ...authority,
    ...{ tenantId, clientId: workerId, tokenFilePath },
  });
  await assert.rejects(spoilt.getToken(batchScope), /AADSTS50027/);
});

test('an issuer that signs with ES256 is none for federated credentials, as on Entra', async () => {
  await federate(workerId, 'elliptic', elliptic);
  const assertion = () => elliptic.token(outsider, exchange);
  const credential = new ClientAssertionCredential(tenantId, workerId, assertion, authority);
  await assert.rejects(credential.getToken(batchScope), /AADSTS5002738: .*'ES256'/);
});

/** Runs `batten issuers` beside the server. */
async function issuers(...words: readonly string[]) {
  const all = [battenCommand, 'issuers', ...words, '--data', batten.dataFolder];
  return new Promise<{ failed: boolean; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, all, (error, stdout, stderr) =>
      done({ failed: error !== null, stdout, stderr }),
    );
  });
}

/** A file for `batten issuers trust`. */
function trustFile(declared: object): string {
  const path = join(folder, 'trust.json');
  writeFileSync(path, JSON.stringify({ tenant: 'fabrikam.example', trustedIssuers: [declared] }));
  return path;
}

test('the operator ends a trust and gives it again, and the next request sees it', async () => {
  const token = await issuer.token(stranger, jobsAudience);
  assert.equal((await listJobs(token)).status, 401);
  const listed = await issuers();
  assert.equal(listed.stdout.split('\n').filter((line) => line.includes(' batch, arm')).length, 4);
  const { stdout } = await issuers('remove', issuer.issuer);
  assert.ok(!stdout.includes(issuer.issuer));
  assert.equal((await listJobs(await issuer.token(outsider, jobsAudience))).status, 401);
  const again = { issuer: issuer.issuer, audiences: { batch: [jobsAudience] } };
  const principals = [{ claim: 'client_id', names: 'appId' }];
  await issuers('trust', trustFile({ ...again, principals, subjects: { stranger: 'worker' } }));
  assert.equal((await listJobs(token)).status, 200);
  assert.equal((await listJobs(await issuer.token(outsider, jobsAudience))).status, 200);
});

const unfit: readonly (readonly [what: string, words: () => readonly string[], says: RegExp])[] = [
  ['a name of nobody', () => ['trust', trustFile(trusting('nobody'))], /nobody is not there/],
  ['a group that is none', () => ['trust', trustFile(trusting('Lab'))], /Lab is not there/],
  ['a file without issuers', () => ['trust', seedFile], /not a known property|missing/],
  ['a file that is not there', () => ['trust', join(folder, 'none.json')], /does not exist/],
  ['an issuer that nobody trusts', () => ['remove', 'https://none.example'], /no tenant trusts/],
  ['another word', () => ['believe'], /list, trust or remove/],
];

function trusting(name: string): object {
  return { issuer: 'https://new.example', audiences: {}, subjects: { someone: name } };
}

for (const [what, words, says] of unfit) {
  test(`batten issuers refuses ${what}, and changes nothing`, async () => {
    const { stdout } = await issuers('--json');
    const refused = await issuers(...words());
    assert.equal(refused.failed, true);
    assert.match(refused.stderr, says);
    assert.equal((await issuers('--json')).stdout, stdout);
  });
}

test('what the issuer published still counts when it is gone, and nothing new does', async () => {
  const known = await issuer.token(outsider, jobsAudience);
  assert.equal((await listJobs(known)).status, 200);
  issuer.changeKeys();
  const unknown = await issuer.token(outsider, jobsAudience);
  await issuer.close();
  assert.equal((await listJobs(known)).status, 200);
  assert.equal((await listJobs(unknown)).status, 401);
});
