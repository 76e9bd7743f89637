import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { allAttacks } from './attacks/attack.ts';

test('every attack of the list has exactly one test', () => {
  const files = globSync('attacks/*.test.ts', { cwd: import.meta.dirname });
  const tested = files.flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    return [...text.matchAll(/\battack\('([A-Z]+-\d+)'/g)].map(([, id]) => id);
  });
  assert.deepEqual(tested.sort(), allAttacks.map(({ id }) => id).sort());
});
