import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BatchSharedKeyCredentials } from './credentials.ts';
import { signatureOf, stringToSign } from './shared-key.ts';

interface Vectors {
  readonly account: string;
  readonly keyBase64: string;
  readonly vectors: readonly {
    readonly client: string;
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly stringToSign: string;
    readonly signature: string;
  }[];
}

const { account, keyBase64, vectors } = JSON.parse(
  readFileSync(new URL('../../test/vectors/sharedkey.json', import.meta.url), 'utf8'),
) as Vectors;

for (const { client, method, url, headers, stringToSign: expected, signature } of vectors) {
  test(`${client} signs ${method} ${url.slice(0, 60)} as we do`, () => {
    const text = stringToSign({ method, target: url, headers }, account);
    assert.equal(text, expected);
    assert.equal(signatureOf(text, Buffer.from(keyBase64, 'base64')), signature);
  });
}

test('every part of a request is under the signature', () => {
  const request = {
    method: 'GET',
    target: '/jobs?api-version=1',
    headers: { 'ocp-date': 'today' },
  };
  const signed = stringToSign(request, account);
  const others = [
    stringToSign({ ...request, method: 'HEAD' }, account),
    stringToSign({ ...request, target: '/pools?api-version=1' }, account),
    stringToSign({ ...request, target: '/jobs?api-version=2' }, account),
    stringToSign({ ...request, headers: { 'ocp-date': 'tomorrow' } }, account),
    stringToSign({ ...request, headers: { ...request.headers, 'if-match': 'x' } }, account),
    stringToSign(request, 'fabrikam'),
  ];
  assert.equal(new Set([signed, ...others]).size, others.length + 1);
});

test('a key that is not base64 is refused without being shown', () => {
  const open = () =>
    new BatchSharedKeyCredentials('https://a.b.batch.azure.com', 'a', 'not a key!');
  assert.throws(open, (error: Error) => !error.message.includes('not a key!'));
});

test('an account at a clear-text address is refused', () => {
  const open = () => new BatchSharedKeyCredentials('http://a.b.batch.azure.com', 'a', keyBase64);
  assert.throws(open, /must begin with https/);
});
