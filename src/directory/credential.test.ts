import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addSeconds, type Instant, parseInstant } from '#kernel/instant.ts';
import { seededRandom } from '#kernel/random.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { addApplication, deleteApplication, isNameConflict } from './application.store.ts';
import { readCertificate } from './certificate.ts';
import {
  addKey,
  addPassword,
  checkPassword,
  findKeys,
  listPasswords,
  type PasswordCheck,
  removeKey,
  removePassword,
} from './credential.store.ts';
import { directoryMigrations } from './migrations.ts';
import { hintOf, newSecretText, secretTextLength } from './secret.ts';
import { addServicePrincipal, servicePrincipalOf } from './service-principal.store.ts';

const at = parseInstant('2026-11-20T09:00:00Z');
assert(at !== undefined);
const now = at;
const random = seededRandom('credential');
const tenantId = random.guid();
const otherTenantId = random.guid();
let folder: string;
let store: SqliteStore;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'batten-directory-'));
  store = new SqliteStore(join(folder, 'state.db'), directoryMigrations);
});

after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function newApplication() {
  const basis = { tenantId, objectId: random.guid(), appId: random.guid(), displayName: 'App' };
  const added = await store.write((tx) => addApplication(tx, { ...basis, createdAt: now }));
  assert(!isNameConflict(added));
  return { ...added, holder: { tenantId, appObjectId: added.objectId } };
}

type App = Awaited<ReturnType<typeof newApplication>>;

async function newSecret(app: App, startAt: Instant, endAt: Instant) {
  const secretText = newSecretText(random);
  const password = { ...app.holder, keyId: random.guid(), startAt, endAt };
  const stored = await store.write((tx) => addPassword(tx, password, secretText));
  return { secretText, keyId: stored.keyId, stored };
}

const check = (app: App, secretText: string, when = now): Promise<PasswordCheck> =>
  store.read((tx) => checkPassword(tx, tenantId, app.appId, secretText, when));

test('a new secret has the form of Entra and shows its first three characters', () => {
  const texts = Array.from({ length: 200 }, () => newSecretText(random));
  for (const secretText of texts) {
    assert.equal(secretText.length, secretTextLength);
    assert.match(secretText, /^[\w.]{3}\dQ~[\w.]{34}$/);
    assert.equal(hintOf(secretText), secretText.slice(0, 3));
  }
  assert.equal(new Set(texts).size, texts.length);
});

test('a secret is taken from its start to just before its end', async () => {
  const app = await newApplication();
  const { secretText } = await newSecret(app, now, addSeconds(now, 2));
  const verdicts: readonly (readonly [number, PasswordCheck])[] = [
    [-1, 'expired'],
    [0, 'ok'],
    [1, 'ok'],
    [2, 'expired'],
    [3, 'expired'],
  ];
  for (const [seconds, verdict] of verdicts) {
    assert.equal(await check(app, secretText, addSeconds(now, seconds)), verdict, `${seconds} s`);
  }
});

test('a wrong secret is wrong, also beside an expired one, and without any secret there is none', async () => {
  const app = await newApplication();
  assert.equal(await check(app, 'anything'), 'none');
  const { secretText } = await newSecret(app, addSeconds(now, -9), addSeconds(now, -1));
  assert.equal(await check(app, secretText), 'expired');
  for (const wrong of ['', `${secretText}x`, secretText.slice(0, -1), secretText.toLowerCase()]) {
    assert.equal(await check(app, wrong), 'wrong');
  }
});

test('two secrets work side by side, and removing one keeps the other', async () => {
  const app = await newApplication();
  const [first, second] = [
    await newSecret(app, now, addSeconds(now, 60)),
    await newSecret(app, now, addSeconds(now, 60)),
  ];
  assert.equal(await check(app, first.secretText), 'ok');
  assert.equal(await check(app, second.secretText), 'ok');
  assert.equal(await store.write((tx) => removePassword(tx, app.holder, first.keyId)), true);
  assert.equal(await check(app, first.secretText), 'wrong');
  assert.equal(await check(app, second.secretText), 'ok');
  assert.equal(await store.write((tx) => removePassword(tx, app.holder, first.keyId)), false);
});

test('a secret of a service principal counts in its tenant only, that of the application everywhere', async () => {
  const app = await newApplication();
  const place = { tenantId: otherTenantId, objectId: random.guid(), createdAt: now };
  await store.write((tx) => addServicePrincipal(tx, servicePrincipalOf(app, place)));
  const own = await newSecret(app, now, addSeconds(now, 60));
  const secretText = newSecretText(random);
  const validity = { keyId: random.guid(), startAt: now, endAt: addSeconds(now, 60) };
  const holder = { tenantId: otherTenantId, appObjectId: place.objectId };
  await store.write((tx) => addPassword(tx, { ...holder, ...validity }, secretText));
  const checkIn = (tenant: string, text: string) =>
    store.read((tx) => checkPassword(tx, tenant, app.appId, text, now));
  assert.equal(await checkIn(otherTenantId, secretText), 'ok');
  assert.equal(await checkIn(tenantId, secretText), 'wrong');
  assert.equal(await checkIn(otherTenantId, own.secretText), 'ok');
});

test('a secret of one application is not that of another', async () => {
  const [one, other] = [await newApplication(), await newApplication()];
  const { secretText } = await newSecret(one, now, addSeconds(now, 60));
  await newSecret(other, now, addSeconds(now, 60));
  assert.equal(await check(other, secretText), 'wrong');
});

test('the text of a secret is nowhere in the data', async () => {
  const app = await newApplication();
  const { secretText } = await newSecret(app, now, addSeconds(now, 60));
  const listed = await store.read((tx) => listPasswords(tx, app.holder));
  assert.equal(JSON.stringify(listed).includes(secretText), false);
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name));
    assert.equal(bytes.includes(secretText), false, name);
  }
});

const certificateText =
  'MIIB3zCCAYWgAwIBAgIUBgX6JxDzDBvmVTctJI5B5G4ythkwCgYIKoZIzj0EAwIwRTELMAkGA1UEBhMCQVUxEzARBgNVBAgMClNvbWUtU3RhdGUxITAfBgNVBAoMGEludGVybmV0IFdpZGdpdHMgUHR5IEx0ZDAeFw0yNjExMjExMzE2MzlaFw0zNjExMTgxMzE2MzlaMEUxCzAJBgNVBAYTAkFVMRMwEQYDVQQIDApTb21lLVN0YXRlMSEwHwYDVQQKDBhJbnRlcm5ldCBXaWRnaXRzIFB0eSBMdGQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARBhzN7/GnaFIX30wHDj+eZiWJscCTfDMVWaV5JocUFYvq6FS3yQSmYDHeodLzQHSiksacuVJe9CoBXy6tK6QjZo1MwUTAdBgNVHQ4EFgQUzI6q46dyWi0b4kEOoRysEsXTPT4wHwYDVR0jBBgwFoAUzI6q46dyWi0b4kEOoRysEsXTPT4wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBozT1olGFba8Vy+YXjbwa0toGSGjJJCPBKGm45DlO77gIhAKYD8MLydEZA/MtVO0NRoQHV6LtnqpLokgO4DDCZev8Q';

test('a certificate is read in DER and PEM, with both thumbprints', () => {
  const der = Buffer.from(certificateText, 'base64');
  const pem = `-----BEGIN CERTIFICATE-----\n${certificateText}\n-----END CERTIFICATE-----\n`;
  const facts = readCertificate(der);
  assert.deepEqual(readCertificate(Buffer.from(pem)), facts);
  const sha256 = '6d120ee26f7633222e81d04f60e829fb07e87711d8e0f1050646dc4c861cb6b3';
  assert.equal(Buffer.from(facts?.thumbprintSha256 ?? '', 'base64url').toString('hex'), sha256);
  assert.equal(facts?.thumbprintSha1.length, 27);
  assert.equal(facts?.subject, 'O=Internet Widgits Pty Ltd, S=Some-State, C=AU');
  assert.equal(facts?.validTo, parseInstant('2036-11-18T13:16:39Z'));
});

test('what is no certificate is not read', () => {
  const der = Buffer.from(certificateText, 'base64');
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('x'),
    der.subarray(0, 100),
    Buffer.alloc(20_000),
  ]) {
    assert.equal(readCertificate(bytes), undefined);
  }
});

test('a removed certificate is gone at once, and all credentials go with their application', async () => {
  const app = await newApplication();
  const facts = readCertificate(Buffer.from(certificateText, 'base64'));
  assert(facts !== undefined);
  const { certificateDer, thumbprintSha1, thumbprintSha256, validFrom, validTo } = facts;
  const key = {
    keyId: random.guid(),
    certificateDer,
    thumbprintSha1,
    thumbprintSha256,
    startAt: validFrom,
    endAt: validTo,
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
  const keys = () => store.read((tx) => findKeys(tx, tenantId, app.appId));
  await store.write((tx) => addKey(tx, { ...app.holder, ...key }));
  assert.deepEqual(
    (await keys()).map((one) => [one.keyId, one.thumbprintSha1, Buffer.from(one.certificateDer)]),
    [[key.keyId, thumbprintSha1, Buffer.from(certificateDer)]],
  );
  assert.equal(await store.write((tx) => removeKey(tx, app.holder, key.keyId)), true);
  assert.deepEqual(await keys(), []);
  await store.write((tx) => addKey(tx, { ...app.holder, ...key }));
  await newSecret(app, now, addSeconds(now, 60));
  await store.write((tx) => deleteApplication(tx, tenantId, app.objectId));
  assert.deepEqual(await keys(), []);
  assert.deepEqual(await store.read((tx) => listPasswords(tx, app.holder)), []);
});
