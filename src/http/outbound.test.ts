import 'reflect-metadata';
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import {
  cryptoProvider,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { documentBytesMax, outboundDocuments } from './outbound.ts';

cryptoProvider.set(webcrypto as never);

const { cert, key } = await selfSigned();
let answer: RequestListener = (_request, response) => void response.end();
let requests = 0;
const server = createServer({ cert, key }, (request, response) => {
  requests++;
  answer(request, response);
});
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
after(() => void server.close());
const { port } = server.address() as AddressInfo;
const origin = `https://localhost:${port}`;

async function selfSigned() {
  const use = ['sign', 'verify'] as const;
  const keys = await webcrypto.subtle.generateKey(
    { name: 'ECDSA', namedCurve: 'P-256' },
    true,
    use,
  );
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys: keys as never,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
    ],
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const pem = pkcs8.toString('base64');
  return {
    cert: certificate.toString('pem'),
    key: `-----BEGIN PRIVATE KEY-----\n${pem}\n-----END PRIVATE KEY-----\n`,
  };
}

const fetchDocument = outboundDocuments({ issuerRoots: cert, ownPorts: () => [] });

/** The server's answers to the next request. */
function answering(
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): void {
  answer = (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body);
  };
}

const types = ['application/json', 'application/json; charset=utf-8', 'application/jwk-set+json'];

for (const type of types) {
  test(`a document of type ${type} is read`, async () => {
    answering('{"keys":[]}', { 'content-type': type });
    assert.deepEqual(await fetchDocument(origin), { kind: 'document', json: { keys: [] } });
  });
}

test('a document may have 64 KiB and not one byte more', async () => {
  answering(JSON.stringify('x'.repeat(documentBytesMax - 2)));
  assert.equal((await fetchDocument(origin)).kind, 'document');
  answering(JSON.stringify('x'.repeat(documentBytesMax - 1)));
  assert.match(await failureOf(origin), /larger than 65536 bytes/);
});

async function failureOf(address: string, fetching = fetchDocument): Promise<string> {
  const found = await fetching(address);
  assert.ok(found.kind === 'failure', JSON.stringify(found));
  return found.reason;
}

const answers: readonly (readonly [what: string, prepare: () => void, reason: RegExp])[] = [
  ['a redirect', () => answering('', { location: `${origin}/there` }, 302), /answered 302/],
  ['an error', () => answering('{}', {}, 500), /answered 500/],
  ['HTML', () => answering('{}', { 'content-type': 'text/html' }), /not JSON/],
  ['compressed content', () => answering('{}', { 'content-encoding': 'gzip' }), /not JSON/],
  ['what only says that it is JSON', () => answering('{'), /SyntaxError/],
  ['a hang-up', () => (answer = (request) => request.socket.destroy()), /ECONNRESET/],
];

for (const [what, prepare, reason] of answers) {
  test(`${what} is no document, and nothing else is asked`, async () => {
    prepare();
    const before = requests;
    assert.match(await failureOf(`${origin}/document`), reason);
    assert.equal(requests, before + 1);
  });
}

const addresses: readonly (readonly [address: string, reason: RegExp])[] = [
  [`http://localhost:${port}/`, /not https/],
  ['file:///etc/passwd', /not https/],
  ['no address', /not https/],
  [`https://me:secret@localhost:${port}/`, /names a user/],
  ['https://169.254.169.254/metadata', /not allowed/],
  ['https://[fe80::1]/', /not allowed/],
  ['https://[::ffff:169.254.169.254]/', /not allowed/],
  ['https://0.0.0.0/', /not allowed/],
  ['https://localhost:1/', /ECONNREFUSED/],
];

for (const [address, reason] of addresses) {
  test(`${address.replace(`${port}`, 'PORT')} is not fetched`, async () => {
    const before = requests;
    assert.match(await failureOf(address), reason);
    assert.equal(requests, before);
  });
}

test('Batten does not ask itself, by address or by name', async () => {
  const fetching = outboundDocuments({ issuerRoots: cert, ownPorts: () => [port] });
  const before = requests;
  assert.match(await failureOf(`https://127.0.0.1:${port}/`, fetching), /not allowed/);
  assert.match(await failureOf(origin, fetching), /EGRESS/);
  assert.equal(requests, before);
});

test('a server whose certificate nobody vouches for is not believed', async () => {
  answering('{}');
  const before = requests;
  const fetching = outboundDocuments({ ownPorts: () => [] });
  assert.match(await failureOf(origin, fetching), /SELF_SIGNED/);
  assert.equal(requests, before);
});

test('what is more than is fetched at once waits, and what is more than may wait is refused', async () => {
  const limits = { runningMax: 1, runningPerHostMax: 1, waitingMax: 1 };
  const fetching = outboundDocuments({ issuerRoots: cert, ownPorts: () => [], limits });
  const arrived = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  answer = async (_request, response) => {
    arrived.resolve();
    await mayAnswer.promise;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const before = requests;
  const first = fetching(origin);
  await arrived.promise;
  const second = fetching(origin);
  assert.match(await failureOf(origin, fetching), /^too many documents are fetched at once$/);
  assert.equal(requests, before + 1);
  mayAnswer.resolve();
  for (const one of [first, second]) assert.equal((await one).kind, 'document');
  assert.equal((await fetching(origin)).kind, 'document');
});

type LookedUp = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

test('a name that is still being looked up keeps its place after the fetch was given up', async () => {
  const started = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  const slow = (name: string, options: LookupAllOptions, done: LookedUp): void => {
    started.resolve();
    void answered.promise.then(() => lookup(name, options, done));
  };
  const limits = { runningMax: 1, runningPerHostMax: 1, waitingMax: 0 };
  const parts = { issuerRoots: cert, ownPorts: () => [], limits, millisecondsMax: 100 };
  const fetching = outboundDocuments({ ...parts, lookup: slow as typeof lookup });
  const before = requests;
  const first = failureOf(origin, fetching);
  await started.promise;
  assert.match(await first, /ABORT|Timeout/i);
  assert.match(await failureOf(origin, fetching), /^too many documents/);
  answered.resolve();
  answering('{}');
  const deadline = AbortSignal.timeout(5_000);
  while ((await fetching(origin)).kind === 'failure') {
    deadline.throwIfAborted();
    await new Promise(setImmediate);
  }
  assert.equal(requests, before + 1);
});
