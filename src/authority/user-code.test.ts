import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '#kernel/random.ts';
import { newUserCode, readUserCode } from './user-code.ts';

test('user codes have nine characters that cannot be taken for others, and differ', () => {
  const random = seededRandom('codes');
  const codes = Array.from({ length: 500 }, () => newUserCode(random));
  for (const code of codes) assert.match(code, /^[A-HJ-NP-Z2-9]{9}$/);
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(new Set(codes.join('')).size, 32);
});

for (const [typed, code] of [
  ['BL6XB575V', 'BL6XB575V'],
  ['bl6xb575v', 'BL6XB575V'],
  [' BL6-XB5 75V\t', 'BL6XB575V'],
  ['BL6XB575', undefined],
  ['BL6XB575VV', undefined],
  ['BL6XB5750', undefined],
  ['BL6XB575I', undefined],
  ['BL6XB575\u0131', undefined],
  ["' OR 1=1--", undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(typed)} is ${code === undefined ? 'no user code' : 'a user code'}`, () => {
    assert.equal(readUserCode(typed), code);
  });
}
