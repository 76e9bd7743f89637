import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Every module that loading a file of the client loads, types left out. */
function loadedBy(specifier: string, from: string, found: Set<string> = new Set()): Set<string> {
  const name = addressOf(specifier, from);
  if (found.has(name)) return found;
  found.add(name);
  if (!name.startsWith('file:')) return found;
  const text = readFileSync(fileURLToPath(name), 'utf8');
  const imports = text.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^']+)';$/gm);
  for (const [, imported = ''] of imports) loadedBy(imported, name, found);
  return found;
}

function addressOf(specifier: string, from: string): string {
  if (specifier.startsWith('#')) return import.meta.resolve(specifier);
  return specifier.startsWith('.') ? new URL(specifier, from).href : specifier;
}

const loaded = [...loadedBy('#client/client.ts', import.meta.url)];

test('the client loads only what Node 20 has and one library', () => {
  assert.deepEqual(loaded.filter((name) => !name.startsWith('file:')).sort(), [
    '@azure/msal-node',
    'node:async_hooks',
    'node:child_process',
    'node:crypto',
    'node:fs/promises',
    'node:http',
    'node:https',
    'node:timers/promises',
  ]);
});

test('of the other rooms the client loads only the clouds, the clock, names and instants', () => {
  const others = loaded.filter((name) => name.startsWith('file:') && !name.includes('/client/'));
  assert.deepEqual(others.map((name) => name.split('/').slice(-2).join('/')).sort(), [
    'cloud/cloud.ts',
    'kernel/clock.ts',
    'kernel/ids.ts',
    'kernel/instant.ts',
  ]);
});
