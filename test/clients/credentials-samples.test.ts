import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { battenCommand } from '#app/child-batten.ts';
import { addSecret, assignRole, registerApplication } from '#app/tour-identity.ts';
import { answerOf } from '#authority/browser.test.ts';
import { BatchClient, BatchTokenCredentials } from '#client/client.ts';
import { newCertificate } from './certificate.ts';
import { getPage, openPerson } from './person.ts';
import { addCertificate, batchPermission, signUp, startWorld } from './world.ts';

/* The samples of the README as they are printed, and the examples, under `batten run` beside a server. */

const world = await startWorld();
const { env, agent, dataFolder } = world.batten;
const clone = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'batten-samples-'));
after(() => rmSync(folder, { recursive: true }));

const worker = await signUp(world, 'sample-worker', 'Azure Batch Data Contributor');
const desktop = await registerApplication(world.graph, 'sample-desktop');
await world.graph.call('PATCH', `/v1.0/applications/${desktop.objectId}`, {
  isFallbackPublicClient: true,
  publicClient: { redirectUris: ['http://localhost'] },
  requiredResourceAccess: [await batchPermission(world)],
});
const account = new BatchTokenCredentials(env['AZURE_BATCH_ENDPOINT'] ?? '', worker.credential);
const batch = BatchClient.open(account, { agent });
await batch.jobs.add({ id: 'shown', poolInfo: { poolId: 'none' } });
const shown = 'shown active\n';

// Outside the clone `batten` is found as a dependency; the person's browser is the first on the path.
mkdirSync(join(folder, 'node_modules'));
symlinkSync(clone, join(folder, 'node_modules', 'batten'));
mkdirSync(join(folder, 'bin'));
const program = pathToFileURL(join(import.meta.dirname, 'browser-program.ts'));
for (const opener of ['xdg-open', 'open']) {
  const script = `#!${process.execPath}\nimport(${JSON.stringify(program)});\n`;
  writeFileSync(join(folder, 'bin', opener), script, { mode: 0o755 });
}
const path = `${join(folder, 'bin')}${delimiter}${process.env.PATH}`;

type Variables = Readonly<Record<string, string>>;

/** Starts a program under `batten run`, with these variables and options. */
function start(file: string, more: Variables = {}, options: readonly string[] = []) {
  const words = ['run', '--data', dataFolder, ...options, '--', process.execPath, file];
  return spawn(process.execPath, [battenCommand, ...words], {
    env: { ...process.env, PATH: path, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function outputOf(...asked: Parameters<typeof start>) {
  const child = start(...asked);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const exitCode = await new Promise<number | null>((ended) => child.once('close', ended));
  return {
    exitCode,
    text: Buffer.concat(stdout).toString(),
    told: Buffer.concat(stderr).toString(),
  };
}

const example = (name: string) => join(clone, 'examples', `${name}.js`);

/** The TypeScript sample of the README that uses a credential, as a program with its ids filled in. */
function sample(credential: string, ids: Variables): string {
  const page = readFileSync(join(clone, 'README.md'), 'utf8');
  const blocks = [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = '']) => text);
  assert.equal(blocks.length, 2, 'the README has two TypeScript samples');
  const [text = '', ...others] = blocks.filter((block) => block.includes(`${credential}(`));
  assert.equal(others.length, 0);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  assert.ok(lines.length > 0 && lines.length <= 5, `five lines, not ${lines.length}`);
  const all = { ...ids, '<tenant-id>': world.tenantId, [placeholderUrl]: world.batchUrl };
  const filled = Object.entries(all).reduce((so, [name, value]) => so.replace(name, value), text);
  assert.ok(!/<[a-z-]+>/.test(filled), filled);
  const file = join(folder, `${credential}.mts`);
  writeFileSync(file, filled);
  return file;
}

const placeholderUrl = 'https://<myaccount>.<mylocation>.batch.azure.com';

test("the README's sample of a service principal lists jobs", async () => {
  const ids = { '<application-id>': worker.appId, '<secret-key>': worker.secret };
  const { text, told } = await outputOf(sample('servicePrincipal', ids));
  assert.equal(text, shown, told);
});

test("the README's sample of a service principal is refused without the role, and without the secret", async () => {
  const roleless = await signUp(world, 'sample-roleless');
  const ids = { '<application-id>': roleless.appId, '<secret-key>': roleless.secret };
  const noRole = await outputOf(sample('servicePrincipal', ids));
  assert.notEqual(noRole.exitCode, 0);
  assert.match(noRole.told, /AuthorizationFailure/);
  const wrong = { ...ids, '<secret-key>': 'not-the-secret' };
  const noSecret = await outputOf(sample('servicePrincipal', wrong));
  assert.notEqual(noSecret.exitCode, 0);
  assert.match(noSecret.told, /AADSTS7000215/);
});

test("the README's sample of a user opens the browser and lists jobs", async () => {
  const { text, told } = await outputOf(
    sample('interactiveBrowser', { '<application-id>': desktop.appId }),
  );
  assert.equal(text, shown, told);
});

test("the README's sample of a user says so where no browser can be opened", async () => {
  const file = sample('interactiveBrowser', { '<application-id>': desktop.appId });
  const { exitCode, told } = await outputOf(file, { PATH: '/nowhere' });
  assert.notEqual(exitCode, 0);
  assert.match(told, /no browser opened.*deviceCode/s);
});

test('the example of a secret lists jobs as the ready application', async () => {
  assert.equal((await outputOf(example('service-principal'))).text, shown);
});

test('the example of @azure/identity lists jobs with what DefaultAzureCredential finds', async () => {
  assert.equal((await outputOf(example('azure-identity'))).text, shown);
});

test('the example of a certificate lists jobs', async () => {
  const certificate = await newCertificate();
  await addCertificate(world.graph, worker, certificate);
  const file = join(folder, 'application.pem');
  writeFileSync(file, certificate.pem);
  const variables = { APP_ID: worker.appId, CERTIFICATE_FILE: file };
  const { text, told } = await outputOf(example('certificate'), variables);
  assert.equal(text, shown, told);
});

for (const form of ['any', 'vm'] as const) {
  test(`the example of a managed identity lists jobs in the form ${form}`, async () => {
    const name = `sample-${form}`;
    const group = world.accountId.slice(0, world.accountId.indexOf('/providers/'));
    const id = `${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
    const wish = { location: 'westeurope' };
    const { json } = await world.arm.call('PUT', `${id}?api-version=2023-01-31`, wish);
    const { principalId } = (json as { properties: { principalId: string } }).properties;
    const options = ['--identity', name, '--identity-form', form];
    const before = await outputOf(example('managed-identity'), {}, options);
    assert.match(before.told, /AuthorizationFailure/);
    await assignRole(world.arm, world.accountId, 'Azure Batch Data Contributor', principalId);
    const { text, told } = await outputOf(example('managed-identity'), {}, options);
    assert.equal(text, shown, told);
  });
}

test('the example of the browser lists jobs as the person', async () => {
  const { text, told } = await outputOf(example('interactive-browser'), { APP_ID: desktop.appId });
  assert.equal(text, shown, told);
});

test('the example of a device code says where to go, and lists jobs as the person', async () => {
  const child = start(example('device-code'), { APP_ID: desktop.appId });
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    const [, userCode] = /enter the code (\w+)/.exec(line) ?? [];
    if (userCode !== undefined) await openPerson(world).typeCode(userCode);
  }
  assert.deepEqual(lines.slice(1), [shown.trim()]);
});

test('the example of a site sends a visitor away, and lists jobs as her when she is back', async (t) => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const site = await registerApplication(world.graph, 'sample-site');
  await world.graph.call('PATCH', `/v1.0/applications/${site.objectId}`, {
    web: { redirectUris: [`${origin}/signed-in`] },
    requiredResourceAccess: [await batchPermission(world)],
  });
  const SECRET = await addSecret(world.graph, site);
  const child = start(example('web-site'), { APP_ID: site.appId, SECRET, PORT: `${port}` });
  t.after(() => child.kill('SIGTERM'));
  for await (const _ of createInterface({ input: child.stdout })) break;
  const away = await getPage(`${origin}/`);
  const cookie = { cookie: away.headers['set-cookie']?.split(';')[0] ?? '' };
  const back = await openPerson(world).walk(away.headers['location'] ?? '');
  assert.ok(answerOf(back).has('code'));
  const address = back.headers['location'] ?? '';
  assert.equal((await getPage(address)).status, 404, 'without the cookie nothing is redeemed');
  const page = await getPage(address, cookie);
  assert.equal(page.text, `Jobs, as ${env['BATTEN_USERNAME']}:\n${shown.trim()}`);
  assert.equal((await getPage(address, cookie)).status, 404, 'and not twice');
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
