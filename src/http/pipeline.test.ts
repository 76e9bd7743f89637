import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { Type } from 'typebox';
import { type Fault, fault, isFault, UnavailableError } from '#kernel/fault.ts';
import { instant } from '#kernel/instant.ts';
import { silentLog } from '#kernel/log.ts';
import { bodyBytesMax, parseJson } from './body.ts';
import type { Check, Dialect } from './dialect.ts';
import { type AccessRequest, bind, needs, operationsOf, type Reply } from './operation.ts';
import { surfaceOf } from './pipeline.ts';
import type { HttpRequest } from './request.ts';
import { parseQuery, parseTarget, queryValue } from './target.ts';

interface Done {
  readonly made: string[];
}

const operation = operationsOf<string, Done>();
const write = needs({ action: 'Test/things/write', plane: 'control' });

const operations = [
  operation({
    id: 'Thing_Create',
    method: 'POST',
    path: '/things',
    from: '2022-01-01',
    permission: write,
    body: Type.Object({ id: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
    reply: { 201: 'empty' },
    source: 'test',
    handler: async (call, room) => {
      room.made.push(`${call.caller}:${call.body.id}:${call.version}`);
      return { status: 201 };
    },
  }),
  operation({
    id: 'Thing_Explode',
    method: 'GET',
    path: '/things/{name}',
    permission: 'anonymous',
    reply: { 200: 'json' },
    source: 'test',
    handler: async (call) => {
      if (call.params.name === 'full') throw new UnavailableError('disk full');
      throw new Error('a bug with a secret in it');
    },
  }),
  operation({
    id: 'Thing_Reboot',
    method: 'POST',
    path: '/things/{name}/reboot',
    permission: write,
    reply: { 202: 'empty' },
    source: 'test',
  }),
];

const refuse = (status: number, code: string, message = ''): Fault => fault(status, code, message);

function dialect(checks: readonly Check[], asked: AccessRequest[]): Dialect<string> {
  return {
    surface: 'test',
    checks,
    version: ({ request }) =>
      queryValue(request.query, 'api-version') ?? refuse(400, 'MissingVersion'),
    caller: async ({ request }) => request.headers['authorization'] ?? refuse(401, 'NoToken'),
    nobody: () => 'nobody',
    scope: async () => '/here',
    authorize: async (_checked, caller, requests) => {
      asked.push(...requests);
      return caller === 'owner' ? undefined : refuse(403, 'Denied');
    },
    refusals: {
      noRoute: () => refuse(404, 'NoRoute'),
      noMethod: (_request, allowed) => refuse(405, 'NoMethod', allowed.join()),
      malformedTarget: () => refuse(400, 'MalformedTarget'),
      bodyTooLarge: (_request, bytesMax) => refuse(413, 'TooLarge', String(bytesMax)),
      malformedBody: (_request, reason) => refuse(400, 'MalformedBody', reason),
      invalid: (_request, issues) =>
        refuse(400, 'Invalid', issues.map((issue) => `${issue.kind} ${issue.path}`).join()),
      notImplemented: (_request, what) => refuse(501, 'NotImplemented', what),
      internal: () => refuse(500, 'Internal'),
      unavailable: () => refuse(503, 'Busy'),
    },
    spell: (one) => ({ status: one.status, json: { code: one.code, message: one.message } }),
    dress: (reply) => ({ ...reply, headers: { ...reply.headers, 'x-dressed': 'yes' } }),
  };
}

const allChecks: readonly Check[] = [
  'version',
  'caller',
  'route',
  'body',
  'permission',
  'validation',
];

async function send(
  method: string,
  raw: string,
  more: {
    readonly caller?: string;
    readonly body?: string | Buffer;
    readonly checks?: readonly Check[];
  } = {},
) {
  const room: Done = { made: [] };
  const asked: AccessRequest[] = [];
  const surface = surfaceOf({
    dialect: dialect(more.checks ?? allChecks, asked),
    operations: bind(operations, room),
    log: silentLog,
  });
  const target = parseTarget(raw);
  const query = parseQuery(target?.query ?? '');
  assert.ok(target !== undefined && query !== undefined);
  const request: HttpRequest = {
    method,
    target,
    route: target,
    query,
    headers: more.caller === undefined ? {} : { authorization: more.caller },
    reach: {
      surface: 'test',
      cloud: 'public',
      origin: '',
      host: '',
      base: [],
      labels: {},
      explicit: true,
    },
    requestId: 'r',
    receivedAt: instant(0),
    receivedReal: instant(0),
    remoteAddress: '',
    stream: Readable.from(more.body === undefined ? [] : [Buffer.from(more.body)]),
  };
  const reply: Reply = await surface.handle(request);
  const { code, message } = (reply.json ?? {}) as { code?: string; message?: string };
  return {
    status: reply.status,
    code,
    message,
    dressed: reply.headers?.['x-dressed'],
    made: room.made,
    asked,
  };
}

test('an allowed request reaches its handler with everything parsed', async () => {
  const sent = await send('POST', '/things?api-version=2022-01-01', {
    caller: 'owner',
    body: '{"id":"a"}',
  });
  assert.equal(sent.status, 201);
  assert.equal(sent.dressed, 'yes');
  assert.deepEqual(sent.made, ['owner:a:2022-01-01']);
  assert.deepEqual(sent.asked, [{ action: 'Test/things/write', plane: 'control', scope: '/here' }]);
});

test('each refusal is spelled by the dialect, and the handler never runs', async () => {
  const good = '{"id":"a"}';
  const at = '/things?api-version=2022-01-01';
  const deep = `{"id":${'['.repeat(65)}${']'.repeat(65)}}`;
  const rows: readonly [
    expected: string,
    method: string,
    raw: string,
    caller?: string | undefined,
    body?: string,
  ][] = [
    ['400 MissingVersion', 'POST', '/things', 'owner', good],
    ['401 NoToken', 'POST', at, undefined, good],
    ['403 Denied', 'POST', at, 'reader', good],
    ['404 NoRoute', 'POST', '/nothing?api-version=2022-01-01', 'owner', good],
    ['404 NoRoute', 'POST', '/things?api-version=2021-12-31', 'owner', good],
    ['405 NoMethod', 'DELETE', at, 'owner'],
    ['400 MalformedTarget', 'GET', '/things/%zz?api-version=2022-01-01', 'owner'],
    ['400 MalformedBody', 'POST', at, 'owner', '{"id":'],
    ['400 MalformedBody', 'POST', at, 'owner', deep],
    ['400 Invalid', 'POST', at, 'owner', '{"id":""}'],
    ['400 Invalid', 'POST', at, 'owner', '{"id":"a","colour":"red"}'],
    ['400 Invalid', 'POST', at, 'owner', ''],
    ['501 NotImplemented', 'POST', '/things/a/reboot?api-version=2022-01-01', 'owner'],
    ['403 Denied', 'POST', '/things/a/reboot?api-version=2022-01-01', 'reader'],
    ['500 Internal', 'GET', '/things/a?api-version=2022-01-01'],
    ['503 Busy', 'GET', '/things/full?api-version=2022-01-01'],
  ];
  for (const [expected, method, raw, caller, body] of rows) {
    const sent = await send(method, raw, {
      ...(caller === undefined ? {} : { caller }),
      ...(body === undefined ? {} : { body }),
    });
    assert.equal(`${sent.status} ${sent.code}`, expected, `${method} ${raw} by ${caller}`);
    assert.deepEqual(sent.made, []);
    assert.equal(sent.dressed, 'yes');
  }
});

test('the dialect decides what is checked first', async () => {
  const versionFirst = await send('POST', '/nothing');
  assert.equal(versionFirst.code, 'MissingVersion');
  const callerFirst = await send('POST', '/nothing', {
    checks: ['caller', 'version', 'route', 'body', 'permission', 'validation'],
  });
  assert.equal(callerFirst.code, 'NoToken');
});

test('a body over the limit is refused with the limit, before it is parsed', async () => {
  const body = Buffer.alloc(bodyBytesMax + 1, 0x20);
  const sent = await send('POST', '/things?api-version=2022-01-01', { caller: 'owner', body });
  assert.deepEqual([sent.status, sent.message], [413, '1048576']);
});

test('a missing and an unknown property are named once each', async () => {
  const body = '{"colour":"red"}';
  const sent = await send('POST', '/things?api-version=2022-01-01', { caller: 'owner', body });
  assert.equal(sent.message, 'missing id,unknown colour');
});

test('a property named __proto__ is dropped, not inherited, however it is written', async () => {
  const names = [
    '__proto__',
    '\\u005f_proto__',
    '_\\u005Fproto__',
    '__\\u0070roto__',
    '__pr\\u006fto__',
  ];
  for (const name of names) {
    const body = `{"id":"a","${name}":{"id":"b"}}`;
    assert.ok(Object.hasOwn(JSON.parse(body), '__proto__'), name);
    const sent = await send('POST', '/things?api-version=2022-01-01', { caller: 'owner', body });
    assert.deepEqual(sent.made, ['owner:a:2022-01-01'], name);
    assert.ok(!isFault(sent));
    const read = parseJson(Buffer.from(body));
    assert.ok(read.kind === 'value');
    assert.deepEqual(Object.getOwnPropertyNames(read.value), ['id'], name);
  }
});
