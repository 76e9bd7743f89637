import 'reflect-metadata';
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { cryptoProvider, X509CertificateGenerator } from '@peculiar/x509';
import { machineClock } from '#kernel/clock.ts';
import { silentLog } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import { readBody } from './body.ts';
import { frontDoor } from './front-door.ts';
import { type CertificatePair, type Listener, listen } from './listen.ts';
import type { Surface } from './pipeline.ts';

cryptoProvider.set(webcrypto as never);

async function selfSigned(): Promise<CertificatePair> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys: keys as never,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${pkcs8.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  return { certificate: certificate.toString('pem'), privateKey };
}

/** Tells what reached it; stands for every surface. */
const echo: Surface = {
  name: 'echo',
  operations: [],
  handle: async (request) => ({
    status: 200,
    contentType: 'application/json',
    json: { raw: request.target.raw, path: request.route.path, host: request.reach.host },
  }),
};

/** Answers in words; one that is sent in chunks, one that says nothing, and one with cookies. */
const speak: Surface = {
  name: 'speak',
  operations: [],
  handle: async ({ target }) => ({
    status: 200,
    ...(target.path.endsWith('silence') ? {} : { text: 'é' }),
    ...(target.path.endsWith('chunks') ? { isChunked: true } : {}),
    ...(target.path.endsWith('cookies') ? { cookies: ['a=1; Secure', 'b=2'] } : {}),
  }),
};

/** Says how long a body it reads; stands for every surface that wants one. */
const measure = surfaceThatReads(1000);

function surfaceThatReads(bytesMax: number): Surface {
  return {
    name: 'measure',
    operations: [],
    handle: async ({ stream }) => {
      const body = await readBody(stream, bytesMax);
      return body.kind === 'read' ? { status: 200, text: `${body.bytes.length}` } : { status: 413 };
    },
  };
}

const surfaces = new Map([echo, speak, measure].map((surface) => [surface.name, surface]));

async function open(t: TestContext): Promise<Listener> {
  const pair = await selfSigned();
  const listener = await listen(
    {
      secure: frontDoor({
        reachOf: (host, segments) =>
          segments[0] !== undefined && surfaces.has(segments[0])
            ? {
                surface: segments[0],
                cloud: 'public',
                origin: `https://${host}`,
                host,
                base: [segments[0]],
                labels: {},
                explicit: true,
              }
            : undefined,
        surfaces,
        clock: machineClock(),
        random: machineRandom(),
        log: silentLog,
      }),
      plain: async (_request, response) => {
        response.writeHead(400).end('https only');
      },
      certificateFor: async (name) => (name === 'refused.example' ? undefined : pair),
    },
    '127.0.0.1',
    0,
  );
  t.after(() => listener.close(0));
  return listener;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function get(
  listener: Listener,
  path: string,
  headers: Record<string, string> = {},
  servername = 'localhost',
  body?: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: listener.port,
      path,
      headers,
      servername,
      rejectUnauthorized: false,
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
    };
    const sent = httpsRequest(options, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Sends lines of a request as they are, and a body; reads only after all of it went out. */
async function exchange(
  listener: Listener,
  lines: readonly string[],
  body: Buffer = Buffer.alloc(0),
): Promise<string> {
  const options = { port: listener.port, host: '127.0.0.1', rejectUnauthorized: false };
  const socket = connectTls({ ...options, servername: 'localhost' });
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.write(Buffer.concat([head, body]), () => resolve());
  });
  return text(socket);
}

/** The first line of an answer. */
async function sendRaw(...sent: Parameters<typeof exchange>): Promise<string> {
  return (await exchange(...sent)).split('\r\n')[0] ?? '';
}

test('a body over the limit is answered, however much of it is still to come', async (t) => {
  const listener = await open(t);
  for (const size of [999, 1001, 200_000, 8_000_000]) {
    const post = (path: string) => {
      const lines = [`POST ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
      return sendRaw(listener, [...lines, `Content-Length: ${size}`], Buffer.alloc(size, 'a'));
    };
    assert.match(await post('/measure'), size > 1000 ? / 413 / : / 200 /);
    assert.match(await post('/echo'), / 200 /);
    assert.match(await post('/elsewhere'), / 421 /);
  }
});

test('no content type is too strange to reach its surface', async (t) => {
  const listener = await open(t);
  for (const type of ['', 'x', '/', 'a'.repeat(3000), 'text/plain; charset=', ';;']) {
    const headers = { 'content-type': type };
    const answer = await get(listener, '/measure', headers, 'localhost', Buffer.from('{}'));
    assert.deepEqual(answer, { status: 200, text: '2' }, type);
  }
});

test('a request that names two hosts or two callers is refused', async (t) => {
  const listener = await open(t);
  const head = ['GET /echo HTTP/1.1', 'Host: localhost', 'Connection: close'];
  assert.equal(await sendRaw(listener, [...head, 'Authorization: a']), 'HTTP/1.1 200 OK');
  for (const lines of [['Host: localhost'], ['Authorization: a', 'authorization: b']]) {
    assert.equal(await sendRaw(listener, [...head, ...lines]), 'HTTP/1.1 400 Bad Request');
  }
});

test('the raw target arrives untouched: no decoding, no collapsing, no dot segments resolved', async (t) => {
  const listener = await open(t);
  for (const raw of [
    '/echo//jobs',
    '/echo/a%2Fb',
    '/echo/../x',
    '/echo/a%20b?x=%zz'.replace('%zz', '%2F'),
  ]) {
    const answer = await get(listener, raw);
    assert.equal(answer.status, 200, raw);
    assert.equal(JSON.parse(answer.text).raw, raw);
  }
});

test('a reply tells its length in bytes, unless its service sends chunks', async (t) => {
  const listener = await open(t);
  const lengthOf = async (path: string) => {
    const lines = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
    const answer = await exchange(listener, lines);
    return [
      /^Content-Length: (\d+)/m.exec(answer)?.[1],
      /^Transfer-Encoding: (\w+)/m.exec(answer)?.[1],
    ];
  };
  assert.deepEqual(await lengthOf('/speak/words'), ['2', undefined]);
  assert.deepEqual(await lengthOf('/speak/silence'), ['0', undefined]);
  assert.deepEqual(await lengthOf('/speak/chunks'), [undefined, 'chunked']);
});

test('each cookie of a reply has a header of its own', async (t) => {
  const listener = await open(t);
  const cookiesOf = async (path: string) => {
    const lines = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'];
    const answer = await exchange(listener, lines);
    return [...answer.matchAll(/^Set-Cookie: (.*)\r$/gm)].map(([, cookie]) => cookie);
  };
  assert.deepEqual(await cookiesOf('/speak/cookies'), ['a=1; Secure', 'b=2']);
  assert.deepEqual(await cookiesOf('/speak/words'), []);
});

test('an unknown place, and an absolute target of another host, are misdirected', async (t) => {
  const listener = await open(t);
  assert.equal((await get(listener, '/elsewhere')).status, 421);
  assert.equal((await get(listener, 'https://evil.example/echo/x')).status, 421);
  assert.equal((await get(listener, '/echo/x', { host: 'a b' })).status, 400);
});

test('a query that cannot be decoded is refused', async (t) => {
  const listener = await open(t);
  assert.equal((await get(listener, '/echo/x?a=%zz')).status, 400);
});

test('a server name without a certificate gets no handshake', async (t) => {
  const listener = await open(t);
  await assert.rejects(get(listener, '/echo/x', {}, 'refused.example'));
});

test('the same port answers plain HTTP by its own handler', async (t) => {
  const listener = await open(t);
  const status = await new Promise<number>((resolve, reject) => {
    const sent = httpRequest(
      { host: '127.0.0.1', port: listener.port, path: '/echo/x', agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
  assert.equal(status, 400);
});

test('what is no HTTP is answered 400 and the server lives on', async (t) => {
  const listener = await open(t);
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(listener.port, '127.0.0.1', () => socket.write('GARBAGE\r\n\r\n'));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
  assert.match(text, /^HTTP\/1\.1 400 /);
  assert.equal((await get(listener, '/echo/x')).status, 200);
});

test('closing ends idle connections and frees the port', async (t) => {
  const listener = await open(t);
  assert.equal((await get(listener, '/echo/x')).status, 200);
  await listener.close(1000);
  await assert.rejects(get(listener, '/echo/x'), /ECONNREFUSED/);
});
