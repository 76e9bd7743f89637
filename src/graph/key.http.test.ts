import 'reflect-metadata';
import assert from 'node:assert/strict';
import { type KeyObject, KeyObject as NodeKey, sign } from 'node:crypto';
import { before, test } from 'node:test';
import { X509CertificateGenerator } from '@peculiar/x509';
import { secondsOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import { proofAudience } from './proof.ts';
import {
  type Answer,
  admin,
  appCaller,
  errorOf,
  type GraphWorld,
  known,
  openWorld,
} from './world.test.ts';

interface KeyPair {
  readonly privateKey: KeyObject;
  /** DER in base64, as Graph takes it. */
  readonly certificate: string;
}

/** An RSA key with a certificate for the year around the world's time. */
async function newPair(): Promise<KeyPair> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2_048,
  };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=jobs',
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date('2026-06-01'),
    notAfter: new Date('2027-06-01'),
  });
  return {
    privateKey: NodeKey.from(keys.privateKey),
    certificate: certificate.toString('base64'),
  };
}

let held: KeyPair;
let next: KeyPair;
before(async () => {
  [held, next] = [await newPair(), await newPair()];
});

const path = `/v1.0/applications/${known.application}`;
const keyOf = ({ certificate }: KeyPair) => ({
  type: 'AsymmetricX509Cert',
  usage: 'Verify',
  key: certificate,
});

/** A world whose application has the certificate that is held. */
async function worldWithKey(context: Parameters<typeof openWorld>[0]): Promise<GraphWorld> {
  const world = await openWorld(context);
  const change = { keyCredentials: [keyOf(held)] };
  assert.equal((await world.send(admin, `PATCH ${path}`, change)).status, 204);
  return world;
}

async function keysOf(world: GraphWorld): Promise<readonly JsonObject[]> {
  return (await world.send(admin, `GET ${path}`)).json['keyCredentials'] as JsonObject[];
}

interface Proof {
  readonly claims?: JsonObject;
  readonly header?: JsonObject;
  readonly by?: KeyPair;
}

function proofOf(world: GraphWorld, { claims, header, by = held }: Proof = {}): string {
  const now = secondsOf(world.clock.real());
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { aud: proofAudience, iss: known.application, nbf: now, exp: now + 600 };
  const signed = `${part({ alg: 'RS256', typ: 'JWT', ...header })}.${part({ ...payload, ...claims })}`;
  const signature = sign('RSA-SHA256', Buffer.from(signed), by.privateKey);
  return `${signed}.${signature.toString('base64url')}`;
}

const add = (world: GraphWorld, proof: string): Promise<Answer> =>
  world.send(admin, `POST ${path}/addKey`, {
    keyCredential: keyOf(next),
    passwordCredential: null,
    proof,
  });

test('whoever holds a key adds the next one and takes the old one away', async (context) => {
  const world = await worldWithKey(context);
  const [old] = await keysOf(world);
  const added = await add(world, proofOf(world));
  assert.equal(added.status, 200);
  assert.equal((await keysOf(world)).length, 2);
  const removal = { keyId: old?.['keyId'], proof: proofOf(world, { by: next }) };
  const removed = await world.send(admin, `POST ${path}/removeKey`, removal);
  assert.equal(removed.status, 204);
  const [left] = await keysOf(world);
  assert.equal(left?.['keyId'], added.json['keyId']);
  const again = { ...removal, proof: proofOf(world, { by: next }) };
  assert.equal((await world.send(admin, `POST ${path}/removeKey`, again)).status, 400);
});

const flaws: readonly (readonly [string, (world: GraphWorld) => string])[] = [
  ['no proof at all', () => ''],
  ['no token', () => 'a.b.c'],
  ['another key', (world) => proofOf(world, { by: next })],
  [
    'another audience',
    (world) => proofOf(world, { claims: { aud: 'https://graph.microsoft.com' } }),
  ],
  ['another issuer', (world) => proofOf(world, { claims: { iss: known.foreignApplication } })],
  ['no end', (world) => proofOf(world, { claims: { exp: null } })],
  ['an end long after', (world) => proofOf(world, { claims: { exp: 4_000_000_000 } })],
  [
    'an end long before',
    (world) => {
      const now = secondsOf(world.clock.real());
      return proofOf(world, { claims: { nbf: now - 1_200, exp: now - 600 } });
    },
  ],
  [
    'a beginning to come',
    (world) => {
      const now = secondsOf(world.clock.real());
      return proofOf(world, { claims: { nbf: now + 600, exp: now + 900 } });
    },
  ],
  ['no algorithm', (world) => proofOf(world, { header: { alg: 'none' } })],
  ['a secret in place of a key', (world) => proofOf(world, { header: { alg: 'HS256' } })],
  ['an extension that must be known', (world) => proofOf(world, { header: { crit: ['x'] } })],
  ['a changed signature', (world) => `${proofOf(world).slice(0, -8)}AAAAAAAA`],
];

for (const [name, proof] of flaws) {
  test(`a proof with ${name} adds no key`, async (context) => {
    const world = await worldWithKey(context);
    const before = await keysOf(world);
    const answer = await add(world, proof(world));
    assert.equal(answer.status, 401);
    assert.equal(errorOf(answer).code, 'Authentication_MissingOrMalformed');
    assert.deepEqual(await keysOf(world), before);
    const removal = { keyId: before[0]?.['keyId'], proof: proof(world) };
    assert.equal((await world.send(admin, `POST ${path}/removeKey`, removal)).status, 401);
    assert.deepEqual(await keysOf(world), before);
  });
}

test('a certificate that has ended proves nothing', async (context) => {
  const world = await worldWithKey(context);
  world.clock.advanceSeconds(365 * 86_400);
  assert.equal((await add(world, proofOf(world))).status, 401);
});

test('a key that is not for verifying is not added', async (context) => {
  const world = await worldWithKey(context);
  const keyCredential = { ...keyOf(next), type: 'X509CertAndPassword', usage: 'Sign' };
  const body = { keyCredential, proof: proofOf(world) };
  assert.equal((await world.send(admin, `POST ${path}/addKey`, body)).status, 501);
  assert.equal((await keysOf(world)).length, 1);
});

test('an application rolls its own keys with any token, and those of no other', async (context) => {
  const world = await worldWithKey(context);
  const own = appCaller([], { appId: known.appId });
  const body = { keyCredential: keyOf(next), passwordCredential: null, proof: proofOf(world) };
  const another = appCaller([], { objectId: known.member, principalIds: [known.member] });
  const denied = await world.send(another, `POST ${path}/addKey`, body);
  assert.equal(errorOf(denied).code, 'Authorization_RequestDenied');
  const secret = await world.send(own, `POST ${path}/addPassword`, {});
  assert.equal(errorOf(secret).code, 'Authorization_RequestDenied');
  assert.equal((await keysOf(world)).length, 1);
  assert.equal((await world.send(own, `POST ${path}/addKey`, body)).status, 200);
  assert.equal((await keysOf(world)).length, 2);
});
