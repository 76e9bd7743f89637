import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('the tour goes as expected, each refusal included', () => {
  const tour = fileURLToPath(import.meta.resolve('#app/tour.ts'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [tour], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.doesNotMatch(stdout, /✗/);
  for (const refusal of [
    'AADSTS7000215',
    'AuthorizationFailure',
    'wrong audience',
    'AADSTS7000222',
  ]) {
    assert.match(stdout, new RegExp(`✓ .*${refusal}`));
  }
  assert.match(stdout, /✓ .*: 10 of 10 right/);
});

test('a tour whose Batten does not start ends with 1', () => {
  const tour = fileURLToPath(import.meta.resolve('#app/tour.ts'));
  const env = { ...process.env, BATTEN_LOG: 'nonsense' };
  const { status, stdout } = spawnSync(process.execPath, [tour], { encoding: 'utf8', env });
  assert.equal(status, 1);
  assert.match(stdout, /✗ {2}1 start a fresh Batten: .*BATTEN_LOG/);
});
