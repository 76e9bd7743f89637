import assert from 'node:assert/strict';
import { test } from 'node:test';
import { either, list, type Reader, readJson, shape, text, truth, whole, word } from './message.ts';

const point = shape({ x: whole }, { label: text(3) });
const cases: readonly [string, Reader<unknown>, unknown, unknown][] = [
  ['text', text(3), 'abc', 'abc'],
  ['longer text', text(3), 'abcd', undefined],
  ['a number for text', text(), 1, undefined],
  ['a whole number', whole, 7, 7],
  ['a negative number', whole, -1, undefined],
  ['a fraction', whole, 1.5, undefined],
  ['a number in text', whole, '7', undefined],
  ['false', truth, false, false],
  ['a word', word('a', 'b'), 'b', 'b'],
  ['another word', word('a', 'b'), 'c', undefined],
  ['a list', list(whole, 2), [1, 2], [1, 2]],
  ['a longer list', list(whole, 2), [1, 2, 3], undefined],
  ['a list with a stranger', list(whole, 2), [1, 'x'], undefined],
  ['an object, of which the unknown is dropped', point, { x: 1, y: 2 }, { x: 1 }],
  ['an object with what it may have', point, { x: 1, label: 'a' }, { x: 1, label: 'a' }],
  ['an object without what it needs', point, { label: 'a' }, undefined],
  ['an object with a bad optional', point, { x: 1, label: 'long' }, undefined],
  ['null for an object', point, null, undefined],
  ['the second of two', either(whole, text()), 'a', 'a'],
  ['neither of two', either(whole, text()), true, undefined],
];
for (const [name, reader, value, expected] of cases) {
  test(`${name} is ${expected === undefined ? 'not read' : 'read'}`, () => {
    assert.deepEqual(reader(value), expected);
  });
}

test('JSON that is none, or of another shape, is not read', () => {
  assert.equal(readJson(point, '{"x":'), undefined);
  assert.equal(readJson(point, '[]'), undefined);
  assert.deepEqual(readJson(point, '{"x":3}'), { x: 3 });
});
