import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect, createServer } from 'node:tls';
import type { CertificatePair } from '#http/listen.ts';
import { type FixedClock, fixedClock } from '#kernel/clock.ts';
import { instantOfMilliseconds } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { newLeaf } from './certificate-authority.ts';
import { type Certificates, openCertificates } from './certificates.ts';

const random = seededRandom('certificates');
const seal = sealWith(Buffer.alloc(32, 7), random);
const day = 24 * 3600;

interface World {
  readonly folder: string;
  readonly clock: FixedClock;
  open(): Promise<Certificates>;
}

/** A folder of its own; the clock starts at a leaf's real beginning, since TLS checks it against the machine's. */
async function world(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-certificates-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const started = (await stat(folder)).birthtimeMs;
  const clock = fixedClock(instantOfMilliseconds(Math.floor(started)));
  const machineNames = ['localhost', 'workstation'];
  return {
    folder,
    clock,
    open: () => openCertificates({ folder, machineNames, seal, clock, random }),
  };
}

/** What a client that trusts only our roots says of a certificate: `ok`, or why it refuses it. */
async function verdict(pair: CertificatePair, roots: string, name: string): Promise<string> {
  const server = createServer({ cert: pair.certificate, key: pair.privateKey }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.end();
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve) => {
      const isAddress = /^[0-9.]+$/.test(name);
      const options = isAddress ? { host: name } : { host: '127.0.0.1', servername: name };
      const socket = connect({ ...options, port, ca: roots });
      socket.once('secureConnect', () => resolve('ok'));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code === 'UNSPECIFIED' ? error.message : String(error.code));
      });
      socket.once('close', () => socket.destroy());
    });
  } finally {
    server.close();
  }
}

test('this machine and the names of the cloud table have certificates that clients accept', async (t) => {
  const certificates = await (await world(t)).open();
  for (const name of [
    'localhost',
    'workstation',
    'login.microsoftonline.com',
    'westeurope.login.microsoft.com',
    'management.chinacloudapi.cn',
    'graph.microsoft.us',
    'contoso.westeurope.batch.azure.com',
    'a-very-long-account-name.a-very-long-region-name-indeed.batch.chinacloudapi.cn',
  ]) {
    const pair = await certificates.certificateFor(name);
    assert.ok(pair, name);
    assert.equal(await verdict(pair, certificates.roots, name), 'ok', name);
  }
  const unnamed = await certificates.certificateFor(undefined);
  assert.ok(unnamed);
  assert.equal(await verdict(unnamed, certificates.roots, '127.0.0.1'), 'ok');
});

test('a certificate is for exactly the name that was asked for', async (t) => {
  const certificates = await (await world(t)).open();
  const pair = await certificates.certificateFor('Login.MicrosoftOnline.com');
  assert.ok(pair);
  const leaf = new X509Certificate(pair.certificate);
  assert.equal(leaf.subjectAltName, 'DNS:login.microsoftonline.com');
  const refused = 'ERR_TLS_CERT_ALTNAME_INVALID';
  assert.equal(await verdict(pair, certificates.roots, 'login.windows.net'), refused);
});

test('every other name is refused', async (t) => {
  const certificates = await (await world(t)).open();
  for (const name of [
    'example.org',
    'azure.com',
    'www.azure.com',
    'login.microsoftonline.com.example.org',
    'contoso.batch.azure.com',
    'sub.localhost',
    '10.0.0.1',
    '',
  ]) {
    assert.equal(await certificates.certificateFor(name), undefined, name);
  }
});

test('even with its key, an issuing certificate cannot vouch for a name outside its subtrees', async (t) => {
  const { folder, clock, open } = await world(t);
  const certificates = await open();
  const rows = [
    ['azure', 'example.org', 'permitted subtree violation'],
    ['azure', 'localhost', 'permitted subtree violation'],
    ['azure', '127.0.0.1', 'excluded subtree violation'],
    ['local', 'login.microsoftonline.com', 'permitted subtree violation'],
    ['local', '10.0.0.1', 'permitted subtree violation'],
  ] as const;
  for (const [authority, name, code] of rows) {
    const stored = JSON.parse(await readFile(join(folder, `${authority}-authority.json`), 'utf8'));
    const issuingKey = seal.open(stored.sealedIssuingKey, `certificate-key:${authority}`);
    const forged = await newLeaf({ ...stored, issuingKey }, [name], clock.real(), random);
    const host = name === '10.0.0.1' ? 'localhost' : name;
    assert.equal(await verdict(forged, certificates.roots, host), code, `${authority} ${name}`);
  }
});

test('no private key lies open, and no root has a key at all', async (t) => {
  const { folder, open } = await world(t);
  await open();
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  const names = await readdir(folder);
  assert.ok(names.length > 0);
  for (const name of names) {
    const text = await readFile(join(folder, name), 'utf8');
    assert.doesNotMatch(text, /PRIVATE KEY/, name);
    const isPublic = name.endsWith('.pem');
    assert.equal((await stat(join(folder, name))).mode & 0o777, isPublic ? 0o644 : 0o600, name);
  }
  const stored = JSON.parse(await readFile(join(folder, 'azure-authority.json'), 'utf8'));
  assert.deepEqual(Object.keys(stored), [
    'root',
    'issuing',
    'sealedIssuingKey',
    'permittedDomains',
  ]);
});

test('the bundle holds the roots of the system and both of ours', async (t) => {
  const certificates = await (await world(t)).open();
  const count = (text: string) => text.split('-----BEGIN CERTIFICATE-----').length - 1;
  const ours = await readFile(certificates.rootsFile, 'utf8');
  const bundle = await readFile(certificates.bundleFile, 'utf8');
  assert.equal(count(ours), 2);
  assert.ok(bundle.endsWith(ours));
  assert.ok(count(bundle) > 2);
});

test('a second start finds the same roots and the same leaf', async (t) => {
  const { open } = await world(t);
  const first = await open();
  const leaf = await first.certificateFor(undefined);
  const second = await open();
  assert.equal(second.roots, first.roots);
  assert.deepEqual(await second.certificateFor(undefined), leaf);
});

test('a leaf is signed again before it ends, and roots before theirs', async (t) => {
  const { clock, open } = await world(t);
  const first = await open();
  const leaf = await first.certificateFor('graph.microsoft.com');
  clock.advanceSeconds(59 * day);
  assert.equal(await first.certificateFor('graph.microsoft.com'), leaf);
  clock.advanceSeconds(2 * day);
  assert.notEqual(await first.certificateFor('graph.microsoft.com'), leaf);
  assert.equal((await open()).roots, first.roots);
  clock.advanceSeconds(3250 * day);
  assert.notEqual((await open()).roots, first.roots);
});

test('a name that this machine did not have gets a new local root, and the Azure root stays', async (t) => {
  const { folder, clock, open } = await world(t);
  const [local, azure] = (await open()).roots.split(/(?<=-----END CERTIFICATE-----\n)/);
  const machineNames = ['localhost', 'renamed'];
  const after = await openCertificates({ folder, machineNames, seal, clock, random });
  const [newLocal, newAzure] = after.roots.split(/(?<=-----END CERTIFICATE-----\n)/);
  assert.notEqual(newLocal, local);
  assert.equal(newAzure, azure);
  assert.ok(await after.certificateFor('renamed'));
});
