import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerPreflights, openToOtherOrigins } from './cross-origin.ts';
import type { Surface } from './pipeline.ts';
import type { HttpRequest } from './request.ts';

const served: string[] = [];
const inner: Surface = {
  name: 'inner',
  operations: [],
  handle: async ({ method }) => {
    served.push(method);
    return { status: 200, headers: { ETag: '1' } };
  },
};
const surface = openToOtherOrigins(inner, { methods: ['GET', 'POST'], exposed: ['ETag'] });

const send = (method: string, headers: Readonly<Record<string, string>>) =>
  surface.handle({ method, headers } as HttpRequest);

test('a page of another site may read the reply and the headers that are named', async () => {
  const reply = await send('GET', { origin: 'https://site.example' });
  assert.deepEqual(reply.headers, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'ETag',
    ETag: '1',
  });
});

test('a program that names no origin is told nothing about origins', async () => {
  assert.deepEqual((await send('GET', {})).headers, { ETag: '1' });
});

test('what a browser asks beforehand is answered without serving anything', async () => {
  served.length = 0;
  const { status, headers } = await send('OPTIONS', {
    origin: 'https://site.example',
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization, content-type, bad\r\nname',
  });
  assert.equal(status, 200);
  assert.equal(headers?.['Access-Control-Allow-Methods'], 'GET, POST');
  assert.equal(headers?.['Access-Control-Allow-Headers'], 'authorization, content-type');
  assert.equal(headers?.['Access-Control-Allow-Credentials'], undefined);
  assert.deepEqual(served, []);
});

test('OPTIONS that asks about no method is a request like any other', async () => {
  served.length = 0;
  await send('OPTIONS', { origin: 'https://site.example' });
  assert.deepEqual(served, ['OPTIONS']);
});

test('a surface may answer what browsers ask beforehand about some of its places only', async () => {
  const partly = answerPreflights(inner, ({ requestId }) =>
    requestId === 'open' ? ['POST', 'OPTIONS'] : undefined,
  );
  const ask = (requestId: string, method = 'POST') => {
    const headers = { origin: 'https://site.example', 'access-control-request-method': method };
    return partly.handle({ method: 'OPTIONS', requestId, headers } as unknown as HttpRequest);
  };
  served.length = 0;
  const open = await ask('open');
  assert.equal(open.headers?.['Access-Control-Allow-Origin'], '*');
  assert.equal(open.headers?.['Access-Control-Allow-Methods'], 'POST, OPTIONS');
  assert.deepEqual(served, []);
  assert.equal((await ask('closed')).headers?.['Access-Control-Allow-Origin'], undefined);
  assert.deepEqual(served, ['OPTIONS']);
});
