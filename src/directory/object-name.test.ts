import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { instantOfSeconds } from '#kernel/instant.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { statement } from '#store/store.ts';
import { addApplication, deleteApplication, updateApplication } from './application.store.ts';
import { applicationOf } from './application.ts';
import { directoryMigrations } from './migrations.ts';
import {
  indexPendingNames,
  type NamePlace,
  type NameRange,
  namePlaces,
  namePlacesDescending,
  wordsOf,
} from './object-name.store.ts';
import { countObjects, findObject, pageOfObjects } from './object-page.store.ts';

const tenantId = 't1';
const createdAt = instantOfSeconds(1_800_000_000);

const application = (objectId: string, displayName: string, tenant = tenantId) =>
  applicationOf({ tenantId: tenant, objectId, appId: `app-${objectId}`, displayName, createdAt });

async function world(body: (store: SqliteStore, path: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'batten-names-'));
  const path = join(folder, 'state.db');
  const store = new SqliteStore(path, directoryMigrations);
  try {
    await body(store, path);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

const names = [
  ['o1', 'Nightly jobs'],
  ['o2', 'nightly JOBS'],
  ['o3', 'Jobs of the day'],
  ['o4', 'Zebra'],
] as const;

async function filled(store: SqliteStore): Promise<void> {
  await store.write(async (tx) => {
    for (const [id, name] of names) await addApplication(tx, application(id, name));
    await addApplication(tx, application('other', 'Nightly jobs', 't2'));
  });
}

const range: NameRange = {
  tenantId,
  kind: 'application',
  property: 'displayName',
  start: '',
  match: 'beginning',
  of: 'property',
};

const cases: readonly (readonly [string, Partial<NameRange>, readonly string[]])[] = [
  ['all names', {}, ['o3', 'o1', 'o2', 'o4']],
  ['a whole name', { start: 'nightly jobs', match: 'whole' }, ['o1', 'o2']],
  ['half of a name as a whole one', { start: 'nightly', match: 'whole' }, []],
  ['a beginning', { start: 'nig' }, ['o1', 'o2']],
  ['a word within', { start: 'job', of: 'words' }, ['o1', 'o2', 'o3']],
  ['the end of a word', { start: 'obs', of: 'words' }, []],
  ['a property that is not indexed', { property: 'notes' }, []],
  ['another kind', { kind: 'group' }, []],
];

for (const [name, more, found] of cases) {
  test(`${name} finds ${found.length === 0 ? 'nothing' : found.join(', ')} of its tenant`, async () => {
    await world(async (store) => {
      await filled(store);
      const wanted = { ...range, ...more };
      const places = await store.read((tx) => namePlaces(tx, wanted, undefined, 10));
      assert.deepEqual(
        places.map((one) => one.objectId),
        found,
      );
    });
  });
}

test('a walk over names in steps meets each object once, upwards and downwards', async () => {
  await world(async (store) => {
    await filled(store);
    const walk = async (step: typeof namePlacesDescending) => {
      const seen: string[] = [];
      let after: NamePlace | undefined;
      for (;;) {
        const [place] = await store.read((tx) => step(tx, range, after, 1));
        if (place === undefined) return seen;
        seen.push(place.objectId);
        after = place;
      }
    };
    const up = await walk((tx, _range, after, limit) => namePlaces(tx, range, after, limit));
    assert.deepEqual(up, ['o3', 'o1', 'o2', 'o4']);
    assert.deepEqual(await walk(namePlacesDescending), [...up].reverse());
  });
});

test('a changed name is found and the old one is not; a deleted object has no name', async () => {
  await world(async (store) => {
    await filled(store);
    const found = (start: string) =>
      store.read(async (tx) => (await namePlaces(tx, { ...range, start }, undefined, 10)).length);
    await store.write((tx) => updateApplication(tx, application('o4', 'Yak')));
    assert.deepEqual([await found('zebra'), await found('yak')], [0, 1]);
    await store.write((tx) => deleteApplication(tx, tenantId, 'o4'));
    assert.equal(await found('yak'), 0);
  });
});

test('what was stored before there was an index is indexed once, on its first use', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batten-names-'));
  const path = join(folder, 'state.db');
  const insert = statement(
    'test.insertApplication',
    'INSERT INTO application (tenant_id, object_id, app_id, document) VALUES (?, ?, ?, ?)',
  );
  const old = new SqliteStore(
    path,
    directoryMigrations.filter(({ number }) => number === 1),
  );
  await old.write(async (tx) => {
    for (const [id, name] of names) {
      const one = application(id, name);
      await tx.run(insert, tenantId, id, one.appId, JSON.stringify(one));
    }
  });
  await old.close();
  const store = new SqliteStore(path, directoryMigrations);
  try {
    const count = () =>
      store.read(async (tx) => (await namePlaces(tx, range, undefined, 10)).length);
    assert.equal(await count(), 0);
    await indexPendingNames(store);
    assert.equal(await count(), 4);
    await store.write((tx) => deleteApplication(tx, tenantId, 'o1'));
    await indexPendingNames(store);
    assert.equal(await count(), 3);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
});

test('objects are walked through in pages, found and counted within their tenant', async () => {
  await world(async (store) => {
    await filled(store);
    await store.read(async (tx) => {
      const page = await pageOfObjects(tx, 'application', tenantId, 'o1', 2);
      assert.deepEqual(
        page.map((one) => one.objectId),
        ['o2', 'o3'],
      );
      assert.equal(await countObjects(tx, 'application', tenantId), 4);
      assert.equal(await countObjects(tx, 'user', tenantId), 0);
      assert.equal((await findObject(tx, 'application', tenantId, 'O2'))?.objectId, 'o2');
      assert.equal(await findObject(tx, 'application', tenantId, 'other'), undefined);
    });
  });
});

test('words are runs of letters and digits of any script, folded', () => {
  assert.deepEqual(wordsOf("O'Hara-Jobs 2 (작업)"), ['o', 'hara', 'jobs', '2', '작업']);
  assert.deepEqual(wordsOf('--'), []);
});
