import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseQuery, parseTarget } from '#http/target.ts';
import { addSeconds, instant, parseInstant } from '#kernel/instant.ts';
import {
  parseSharedKey,
  type SignedRequest,
  stringsToSign,
  verifySharedKey,
} from './shared-key.ts';

interface Vector {
  readonly client: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly stringToSign: string;
  readonly signature: string;
}

const file = new URL('../../test/vectors/sharedkey.json', import.meta.url);
const { account, keyBase64, vectors } = JSON.parse(readFileSync(file, 'utf8')) as {
  account: string;
  keyBase64: string;
  vectors: readonly Vector[];
};
const otherKey = Buffer.alloc(36, 7).toString('base64');

for (const vector of vectors) {
  test(`${vector.client} signs ${vector.method} ${vector.url} as the verifier reads it`, () => {
    const request = requestOf(vector);
    const now = dateOf(vector);
    const header = { account, signature: vector.signature };
    assert.ok(stringsToSign(request, account).includes(vector.stringToSign));
    assert.equal(verifySharedKey(request, header, [keyBase64], now), undefined);
    assert.equal(verifySharedKey(request, header, [otherKey, keyBase64], now), undefined);
    assert.equal(verifySharedKey(request, header, [otherKey], now), 'wrongSignature');
  });
}

test('a signature is bound to method, path, query, body length and account', () => {
  const vector = vectors.find(({ method }) => method === 'POST');
  assert.ok(vector);
  const request = requestOf(vector);
  const now = dateOf(vector);
  const header = { account, signature: vector.signature };
  const changed: readonly SignedRequest[] = [
    { ...request, method: 'DELETE' },
    { ...request, target: { ...request.target, path: `${request.target.path}x` } },
    { ...request, query: [...request.query, { name: 'force', value: 'true' }] },
    { ...request, headers: { ...request.headers, 'content-length': '12' } },
    { ...request, headers: { ...request.headers, 'if-match': '0x1' } },
    { ...request, headers: { ...request.headers, 'ocp-range': 'bytes=0-1' } },
  ];
  for (const other of changed) {
    assert.equal(verifySharedKey(other, header, [keyBase64], now), 'wrongSignature');
  }
  const otherAccount = { ...header, account: 'other' };
  assert.equal(verifySharedKey(request, otherAccount, [keyBase64], now), 'wrongSignature');
});

test('a signature is good for fifteen minutes around its date, and never without one', () => {
  const [vector] = vectors;
  assert.ok(vector);
  const request = requestOf(vector);
  const header = { account, signature: vector.signature };
  const date = dateOf(vector);
  const cases = [
    [-901, 'stale'],
    [-900, undefined],
    [900, undefined],
    [901, 'stale'],
  ] as const;
  for (const [seconds, expected] of cases) {
    assert.equal(
      verifySharedKey(request, header, [keyBase64], addSeconds(date, seconds)),
      expected,
    );
  }
  const undated = { ...request, headers: {} };
  assert.equal(verifySharedKey(undated, header, [keyBase64], instant(0)), 'noDate');
});

test('only the form SharedKey account:signature is read', () => {
  assert.deepEqual(parseSharedKey('SharedKey contoso:YWJj'), {
    account: 'contoso',
    signature: 'YWJj',
  });
  for (const text of [
    '',
    'SharedKey',
    'SharedKey contoso',
    'Bearer a:b',
    'SharedKey :YWJj',
    'SharedKey a:',
  ]) {
    assert.equal(parseSharedKey(text), undefined);
  }
});

function requestOf(vector: Vector): SignedRequest {
  const target = parseTarget(vector.url);
  assert.ok(target);
  const query = parseQuery(target.query);
  assert.ok(query);
  return { method: vector.method, target, query, headers: vector.headers };
}

function dateOf(vector: Vector) {
  const at = parseInstant(vector.headers['ocp-date'] ?? '');
  assert.ok(at);
  return at;
}
