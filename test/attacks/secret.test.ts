import assert from 'node:assert/strict';
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { openHouse } from '#app/house.ts';
import { newSigningKey } from '#authority/new-signing-key.ts';
import { BatchClient, BatchSharedKeyCredentials, ServiceError } from '#client/client.ts';
import { machineClock } from '#kernel/clock.ts';
import { silentLog } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { attack } from './attack.ts';
import { encoded } from './forge.ts';
import { openAttackedWorld } from './world.ts';

/*
 * Secrets, certificates and keys: how long they live, what a removed one is worth, and where they
 * must never appear.
 */

/** No agent outlives its house here, and writes into a folder that is removed. */
const isEphemeral = true;

const world = await openAttackedWorld();
const scope = 'https://management.azure.com/.default';

const signIn = (client_id: string, client_secret: string) =>
  world.token({ grant_type: 'client_credentials', client_id, client_secret, scope });

attack('SEC-02', async () => {
  // Graph takes what a caller asks for; two years at most is the portal's own rule.
  const { objectId, appId } = await world.register('long-lived');
  const endDateTime = new Date(Date.now() + 5 * 366 * 86_400_000).toISOString();
  const path = `/v1.0/applications/${objectId}/addPassword`;
  const { json } = await world.graph.call('POST', path, { passwordCredential: { endDateTime } });
  const { secretText } = json as { readonly secretText: string };
  assert.equal((await signIn(appId, secretText)).status, 200);
  const backwards = { passwordCredential: { endDateTime: '2001-01-01T00:00:00Z' } };
  const token = await world.tokenFor('https://graph.microsoft.com');
  const answer = await world.unchanged(() => world.ask({ target: path, token, json: backwards }));
  assert.equal(answer.status, 400);
});

attack('SEC-07', async () => {
  const { objectId, appId } = await world.register('certified');
  const made = await newSigningKey('certified', machineClock().real(), machineRandom());
  const key = made.certificate.toString('base64');
  const path = `/v1.0/applications/${objectId}`;
  const credential = { type: 'AsymmetricX509Cert', usage: 'Verify', key, displayName: 'cert' };
  await world.graph.call('PATCH', path, { keyCredentials: [credential] });
  const assertion = () => clientAssertion(appId, made.certificate, made.privateKeyPem);
  assert.equal((await present(appId, assertion())).status, 200);
  await world.graph.call('PATCH', path, { keyCredentials: [] });
  const answer = await world.unchanged(() => present(appId, assertion()));
  assert.deepEqual([answer.status, answer.code], [401, 'AADSTS700027']);
});

function present(client_id: string, client_assertion: string) {
  const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  return world.token({
    grant_type: 'client_credentials',
    ...{ client_id, client_assertion, client_assertion_type, scope },
  });
}

function clientAssertion(appId: string, certificate: Buffer, privateKeyPem: string): string {
  const now = Math.floor(Date.now() / 1000);
  const { fingerprint256 } = new X509Certificate(certificate);
  const thumbprint = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
  const header = { alg: 'RS256', typ: 'JWT', 'x5t#S256': thumbprint };
  const aud = `${world.url}/${world.tenantId}/oauth2/v2.0/token`;
  const payload = { aud, iss: appId, sub: appId, jti: randomUUID(), nbf: now, exp: now + 300 };
  const signed = `${encoded(JSON.stringify(header))}.${encoded(JSON.stringify(payload))}`;
  const signature = sign('sha256', Buffer.from(signed), createPrivateKey(privateKeyPem));
  return `${signed}.${signature.toString('base64url')}`;
}

attack('SEC-08', async () => {
  const { objectId, appId, secret } = await world.register('rotating');
  const path = `/v1.0/applications/${objectId}`;
  const { json } = await world.graph.call('POST', `${path}/addPassword`, {});
  const { secretText } = json as { readonly secretText: string };
  assert.equal((await signIn(appId, secret)).status, 200);
  assert.equal((await signIn(appId, secretText)).status, 200);
  const shown = await world.graph.call('GET', path);
  const { passwordCredentials } = shown.json as {
    readonly passwordCredentials: readonly { readonly keyId: string; readonly hint: string }[];
  };
  const first = passwordCredentials.find(({ hint }) => secret.startsWith(hint));
  await world.graph.call('POST', `${path}/removePassword`, { keyId: first?.keyId });
  const removed = await world.unchanged(() => signIn(appId, secret));
  assert.deepEqual([removed.status, removed.code], [401, 'AADSTS7000215']);
  assert.equal((await signIn(appId, secretText)).status, 200);
});

attack('SEC-10', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'batten-key-'));
  after(() => rm(dataFolder, { recursive: true }));
  const keyFile = join(dataFolder, 'key');
  await (await openHouse({ dataFolder, isEphemeral })).close();
  assert.equal((await stat(keyFile)).mode & 0o777, 0o600);
  await chmod(keyFile, 0o644);
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (_: object, text: string) => void warnings.push(text) };
  await (await openHouse({ dataFolder, isEphemeral, log })).close();
  assert.equal((await stat(keyFile)).mode & 0o777, 0o600, 'its own key is taken back');
  assert.match(warnings.join(), /others could read the key/);
  await chmod(keyFile, 0o644);
  await assert.rejects(openHouse({ keyFile }), /chmod o=/, "an operator's key is the operator's");
});

attack('SEC-11', async () => {
  const keyFile = join(world.dataFolder, 'key');
  const before = await world.tokenFor('https://management.azure.com/');
  const target = '/subscriptions?api-version=2022-12-01';
  const key = await readFile(keyFile);
  await rename(keyFile, `${keyFile}.away`);
  assert.equal((await world.ask({ target, token: before })).status, 200);
  const during = await world.tokenFor('https://management.azure.com/');
  assert.equal((await world.ask({ target, token: during })).status, 200);
  await rename(`${keyFile}.away`, keyFile);
  assert.deepEqual(await readFile(keyFile), key, 'no new key was made');
  const dataFolder = await mkdtemp(join(tmpdir(), 'batten-key-'));
  after(() => rm(dataFolder, { recursive: true }));
  await (await openHouse({ dataFolder, isEphemeral })).close();
  await rm(join(dataFolder, 'key'));
  await assert.rejects(
    openHouse({ dataFolder, isEphemeral }),
    /missing/,
    'a start without it says so',
  );
});

attack('SEC-12', async () => {
  const account = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/${world.env['BATTEN_RESOURCE_GROUP']}/providers/Microsoft.Batch/batchAccounts/${world.account}`;
  const version = 'api-version=2023-11-01';
  const { json } = await world.arm.call('POST', `${account}/listKeys?${version}`);
  const { primary, secondary } = json as { readonly primary: string; readonly secondary: string };
  const list = async (key: string) => {
    const endpoint = world.env['AZURE_BATCH_ENDPOINT'] ?? '';
    const credentials = new BatchSharedKeyCredentials(endpoint, world.account, key);
    const { jobs } = BatchClient.open(credentials, { agent: world.agent });
    for await (const _ of jobs.list()) break;
  };
  await list(primary);
  await world.arm.call('POST', `${account}/regenerateKeys?${version}`, { keyName: 'Primary' });
  await world.unchanged(() =>
    assert.rejects(list(primary), (error) => {
      assert.ok(error instanceof ServiceError);
      assert.deepEqual([error.status, error.code], [403, 'AuthenticationFailed']);
      return true;
    }),
  );
  await list(secondary);
});

attack('SEC-13', async () => {
  const { appId, secret, principalId, objectId } = await world.register('reader');
  const account = `/subscriptions/${world.env['AZURE_SUBSCRIPTION_ID']}/resourceGroups/${world.env['BATTEN_RESOURCE_GROUP']}/providers/Microsoft.Batch/batchAccounts/${world.account}`;
  const roleDefinitionId = `${account}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`;
  const named = `${account}/providers/Microsoft.Authorization/roleAssignments/${objectId}`;
  const properties = { principalId, roleDefinitionId, principalType: 'ServicePrincipal' };
  await world.arm.call('PUT', `${named}?api-version=2022-04-01`, { properties });
  const { json } = await signIn(appId, secret);
  const token = (json as { readonly access_token: string }).access_token;
  const target = `${account}?api-version=2023-11-01`;
  assert.equal((await world.ask({ target, token })).status, 200);
  const keys = { method: 'POST', target: target.replace('?', '/listKeys?'), token };
  const answer = await world.unchanged(() => world.ask(keys));
  assert.deepEqual([answer.status, answer.code], [403, 'AuthorizationFailed']);
  assert.match(answer.body, /Microsoft\.Batch\/batchAccounts\/listKeys\/action/);
});

attack('SEC-14', async () => {
  const { appId, objectId } = await world.register('leaky');
  const wrong = 'wrong-secret-that-nobody-may-repeat';
  const refused = await world.unchanged(() => signIn(appId, wrong));
  assert.ok(!refused.body.includes(wrong));
  const shown = await world.graph.call('GET', `/v1.0/applications/${objectId}`);
  const known = [wrong, world.env['AZURE_CLIENT_SECRET'] ?? '', world.env['BATTEN_PASSWORD'] ?? ''];
  assert.ok(known.every((secret) => !JSON.stringify(shown.json).includes(secret)));
  const stored = Buffer.concat(
    await Promise.all(
      ['batten.db', 'batten.db-wal'].map((name) =>
        readFile(join(world.dataFolder, name)).catch(() => Buffer.alloc(0)),
      ),
    ),
  );
  for (const secret of known) assert.ok(!stored.includes(secret), 'no secret in the database');
});
