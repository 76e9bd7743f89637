import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, verify } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { signRs256 } from './rs256.ts';

const one = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });

function isSigned(text: string, signature: string, key: KeyObject): boolean {
  return verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64url'));
}

function textsOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `header.claims-${index}`);
}

test('a text that comes alone is signed, and nothing but that text', async () => {
  const signature = await signRs256('header.claims', one.privateKey);
  assert.match(signature, /^[\w-]{342}$/);
  assert.ok(isSigned('header.claims', signature, one.publicKey));
  assert.ok(!isSigned('header.claimz', signature, one.publicKey));
  assert.ok(!isSigned('header.claims', signature, other.publicKey));
});

test('what a thread that ends had not signed is signed all the same', async () => {
  const ended: Promise<unknown>[] = [];
  process.once('worker', (worker: Worker) => {
    ended.push(once(worker, 'exit'));
    void worker.terminate();
  });
  const texts = textsOf(20);
  const signed = await Promise.all(texts.map((text) => signRs256(text, one.privateKey)));
  assert.equal((await Promise.all(ended)).length, 1);
  for (const [index, text] of texts.entries()) {
    assert.ok(isSigned(text, signed[index] ?? '', one.publicKey), text);
  }
});

test('each of many texts gets its own signature, by its own key', async () => {
  const texts = textsOf(60);
  const pairOf = (index: number) => (index % 3 === 0 ? other : one);
  const signed = await Promise.all(
    texts.map((text, index) => signRs256(text, pairOf(index).privateKey)),
  );
  for (const [index, text] of texts.entries()) {
    assert.ok(isSigned(text, signed[index] ?? '', pairOf(index).publicKey), text);
  }
  assert.equal(new Set(signed).size, texts.length);
});

test('a key that cannot sign fails its own texts, alone and among others', async () => {
  const signs = () => signRs256('header.claims', one.publicKey);
  await assert.rejects(signs(), /private/);
  const outcomes = await Promise.allSettled([
    signs(),
    signRs256('header.claims', one.privateKey),
    signs(),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['rejected', 'fulfilled', 'rejected'],
  );
});
