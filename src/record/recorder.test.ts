import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { instantOfSeconds } from '#kernel/instant.ts';
import { silentLog } from '#kernel/log.ts';
import { SqliteStore } from '#store/sqlite.ts';
import { recordMigrations } from './migrations.ts';
import type { EventPlace, RecordedEvent } from './record.ts';
import { openRecorder } from './recorder.ts';

function event(id: string, more: Partial<RecordedEvent> = {}): RecordedEvent {
  return {
    id,
    at: instantOfSeconds(1_800_000_000),
    kind: 'refusal',
    surface: 'arm',
    code: 'AuthorizationFailed',
    facts: { action: 'Microsoft.Batch/batchAccounts/read' },
    ...more,
  };
}

async function world(body: (store: SqliteStore, reopen: () => SqliteStore) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'batten-record-'));
  const path = join(folder, 'batten.db');
  const store = new SqliteStore(path, recordMigrations);
  const reopened: SqliteStore[] = [];
  try {
    await body(store, () => {
      const again = new SqliteStore(path, recordMigrations);
      reopened.push(again);
      return again;
    });
  } finally {
    for (const again of reopened) await again.close();
    await store.close().catch(() => undefined);
    await rm(folder, { recursive: true });
  }
}

test('an event is found by its request id as soon as it was noted, and after a restart', async () => {
  await world(async (store, reopen) => {
    const recorder = openRecorder({ store, log: silentLog });
    recorder.note(event('r1', { tenantId: 't1', principalId: 'p1' }));
    assert.deepEqual(await recorder.find('r1'), event('r1', { tenantId: 't1', principalId: 'p1' }));
    recorder.note(event('r2'));
    await recorder.close();
    await store.close();
    const again = openRecorder({ store: reopen(), log: silentLog });
    assert.deepEqual(await again.find('r2'), event('r2'));
    assert.equal(await again.find('r3'), undefined);
  });
});

test('of several events of one request the refusal is the one that is found', async () => {
  await world(async (store) => {
    const recorder = openRecorder({ store, log: silentLog });
    recorder.note(event('r1'));
    recorder.note(event('r1', { kind: 'activity', code: '' }));
    assert.equal((await recorder.find('r1'))?.kind, 'refusal');
  });
});

test('events are listed by kind, surface, tenant and time, from either end and in pages', async () => {
  await world(async (store) => {
    const recorder = openRecorder({ store, log: silentLog });
    const at = (second: number) => instantOfSeconds(1_800_000_000 + second);
    for (const second of [1, 2, 2, 3]) {
      recorder.note(event(`r${second}`, { at: at(second), kind: 'signIn', tenantId: 't1' }));
    }
    recorder.note(event('other tenant', { at: at(2), kind: 'signIn', tenantId: 't2' }));
    recorder.note(event('other kind', { at: at(2), tenantId: 't1' }));
    recorder.note(
      event('other surface', { at: at(2), kind: 'signIn', tenantId: 't1', surface: 'x' }),
    );
    const asked = { tenantId: 't1', kind: 'signIn', surface: 'arm', limit: 9 } as const;
    const ids = async (more: object): Promise<readonly string[]> => {
      const found = await recorder.list({ ...asked, isDescending: true, ...more });
      return found.map((one) => one.id);
    };
    assert.deepEqual(await ids({}), ['r3', 'r2', 'r2', 'r1']);
    assert.deepEqual(await ids({ isDescending: false }), ['r1', 'r2', 'r2', 'r3']);
    assert.deepEqual(await ids({ from: at(2), until: at(2) }), ['r2', 'r2']);
    assert.deepEqual(await ids({ tenantId: 't3' }), []);
    for (const isDescending of [true, false]) {
      const seen: number[] = [];
      let after: EventPlace | undefined;
      for (;;) {
        const page = {
          ...asked,
          isDescending,
          limit: 1,
          ...(after === undefined ? {} : { after }),
        };
        const [one] = await recorder.list(page);
        if (one === undefined) break;
        seen.push(one.place.sequence);
        after = one.place;
      }
      assert.deepEqual(seen, isDescending ? [4, 3, 2, 1] : [1, 2, 3, 4]);
    }
  });
});

test('beyond its limit the log drops the oldest events and keeps the newest', async () => {
  await world(async (store) => {
    const recorder = openRecorder({ store, log: silentLog, limit: 2 });
    for (const id of ['r1', 'r2', 'r3']) recorder.note(event(id));
    assert.equal(await recorder.find('r1'), undefined);
    assert.equal((await recorder.find('r2'))?.id, 'r2');
    recorder.note(event('r4'));
    assert.equal(await recorder.find('r2'), undefined);
    assert.equal((await recorder.find('r4'))?.id, 'r4');
  });
});

test('a store that fails costs no request, and its events are written once it works again', async () => {
  await world(async (store) => {
    let broken = true;
    const flaky = {
      read: store.read.bind(store),
      write: <T>(body: Parameters<typeof store.write<T>>[0]) =>
        broken ? Promise.reject(new Error('disk full')) : store.write(body),
      close: () => store.close(),
    };
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (_facts: object, line: string) => warnings.push(line) };
    const recorder = openRecorder({ store: flaky, log });
    recorder.note(event('r1'));
    assert.equal(await recorder.find('r1'), undefined);
    assert.deepEqual(warnings, ['events could not be recorded']);
    broken = false;
    assert.equal((await recorder.find('r1'))?.id, 'r1');
  });
});
