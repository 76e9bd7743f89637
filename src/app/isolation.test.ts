import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Isolation, isolationNotice } from './isolation.ts';

test('tasks without isolation are allowed on loopback with a banner, and nowhere else', () => {
  const rows: readonly [isolation: Isolation, host: string, kind: string][] = [
    ['node', '127.0.0.1', 'fine'],
    ['node', '0.0.0.0', 'fine'],
    ['task', '192.0.2.7', 'fine'],
    ['none', '127.0.0.1', 'banner'],
    ['none', '::1', 'banner'],
    ['none', 'localhost', 'banner'],
    ['none', '0.0.0.0', 'refused'],
    ['none', '::', 'refused'],
    ['none', 'batch.example', 'refused'],
  ];
  for (const [isolation, host, kind] of rows) {
    assert.equal(isolationNotice(isolation, host).kind, kind, `${isolation} on ${host}`);
  }
});

test('both say what is at stake, and the refusal says what to do', () => {
  const told = isolationNotice('none', '127.0.0.1');
  assert.ok(told.kind === 'banner');
  assert.match(told.text, /WITHOUT isolation/);
  const refused = isolationNotice('none', '0.0.0.0');
  assert.ok(refused.kind === 'refused');
  assert.match(refused.refusal.message, /leave --host out/);
  assert.equal(refused.refusal.exitCode, 1);
});
