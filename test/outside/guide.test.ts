import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { migrations } from '#app/schema.ts';
import { parseSeed } from '#app/seed.ts';
import { applySeed } from '#app/seed-apply.ts';
import { findTrustedIssuer } from '#directory/trusted-issuer.store.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';
import { sealWith } from '#kernel/seal.ts';
import { SqliteStore } from '#store/sqlite.ts';

const path = join(import.meta.dirname, '..', '..', 'docs', 'guides', 'outside-issuer.md');
const page = await readFile(path, 'utf8');
const sections = [...page.matchAll(/^### (.+?)\n.*?^```yaml\n(.*?)^```$/gms)];

test('the guide to outside issuers has a seed for four kinds of them', () => {
  assert.equal(sections.length, 4);
});

for (const [, title = '', text = ''] of sections) {
  test(`the guide's seed for ${title} is one that Batten takes`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'batten-guide-'));
    const store = new SqliteStore(join(folder, 'batten.db'), migrations);
    t.after(async () => {
      await store.close();
      await rm(folder, { recursive: true });
    });
    const random = machineRandom();
    const seal = sealWith(random.bytes(32), random);
    const file = { path: title, text, digest: text };
    const parts = { store, seal, random, clock: machineClock(), hasReadyIdentity: true };
    await applySeed(parts, file, true);
    const [declared] = (await parseSeed(file)).tenants[0]?.trustedIssuers ?? [];
    assert.ok(declared);
    const stored = await store.read((tx) => findTrustedIssuer(tx, declared.issuer));
    assert.equal(stored?.issuer, declared.issuer);
  });
}
