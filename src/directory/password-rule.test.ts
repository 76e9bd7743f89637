import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isStrongPassword, passwordCharactersMax } from './password-rule.ts';

const cases: readonly (readonly [name: string, password: string, isStrong: boolean])[] = [
  ['three kinds in eight characters are enough', 'abcdEF12', true],
  ['so are blanks and signs', 'correct Horse', true],
  ['two kinds are not', 'abcdefgh1', false],
  ['one kind is not, however long', 'a'.repeat(64), false],
  ['seven characters are too few', 'abcdE1!', false],
  ['256 characters are taken', `aB1${'x'.repeat(passwordCharactersMax - 3)}`, true],
  ['257 are not', `aB1${'x'.repeat(passwordCharactersMax - 2)}`, false],
  ['letters beyond ASCII are refused', 'abcdEF12ü', false],
  ['and so is a tab', 'abcdEF12\t', false],
  ['an empty password is none', '', false],
];

for (const [name, password, isStrong] of cases) {
  test(`of passwords, ${name}`, () => {
    assert.equal(isStrongPassword(password), isStrong);
  });
}
