import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { SqliteStore } from '#store/sqlite.ts';
import { directoryMigrations } from './migrations.ts';
import {
  addTrustedIssuer,
  findTrustedIssuer,
  listTrustedIssuers,
  putTrustedIssuer,
  removeTrustedIssuer,
  type TrustedIssuer,
} from './trusted-issuer.store.ts';

const issuer = 'https://issuer.example/realm';
const trusted: TrustedIssuer = {
  ...{ issuer, tenantId: 'one', principals: [], subjects: {} },
  audiences: { batch: ['batten'] },
};
const other: TrustedIssuer = { ...trusted, tenantId: 'two', audiences: { arm: ['other'] } };

async function openStore(t: TestContext): Promise<SqliteStore> {
  const folder = await mkdtemp(join(tmpdir(), 'batten-directory-'));
  const store = new SqliteStore(join(folder, 'batten.db'), directoryMigrations);
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  return store;
}

test('one tenant trusts an issuer, which is found by every letter of its text', async (t) => {
  const store = await openStore(t);
  assert.equal(await store.write((tx) => addTrustedIssuer(tx, trusted)), true);
  for (const another of [trusted, other]) {
    assert.equal(await store.write((tx) => addTrustedIssuer(tx, another)), false);
  }
  assert.deepEqual(await store.read((tx) => findTrustedIssuer(tx, issuer)), trusted);
  for (const text of [`${issuer}/`, issuer.toUpperCase(), 'https://issuer.example']) {
    assert.equal(await store.read((tx) => findTrustedIssuer(tx, text)), undefined);
  }
});

test('a tenant changes its own trust, and not that of another', async (t) => {
  const store = await openStore(t);
  const changed = { ...trusted, audiences: { graph: ['batten'] } };
  for (const [put, isDone] of [
    [trusted, true],
    [changed, true],
    [other, false],
  ] as const) {
    assert.equal(await store.write((tx) => putTrustedIssuer(tx, put)), isDone);
  }
  assert.deepEqual(await store.read(listTrustedIssuers), [changed]);
});

test('a trust that ended is there no more, and cannot end twice', async (t) => {
  const store = await openStore(t);
  await store.write((tx) => addTrustedIssuer(tx, trusted));
  const end = () => store.write((tx) => removeTrustedIssuer(tx, issuer));
  assert.deepEqual([await end(), await end()], [true, false]);
  assert.deepEqual(await store.read(listTrustedIssuers), []);
});
