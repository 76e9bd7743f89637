import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasTwinNames } from './twin-names.ts';

const texts: readonly (readonly [json: string, hasTwins: boolean])[] = [
  ['{}', false],
  ['{"aud":"a","exp":1}', false],
  ['{"aud":"a","aud":"b"}', true],
  ['{"aud":"a", "exp":1 , "aud" : "a"}', true],
  ['{"aud":"a","\\u0061ud":"b"}', true],
  ['{"a":{"x":1},"b":{"x":1}}', false],
  ['{"a":{"x":1,"x":2}}', true],
  ['[{"x":1},{"x":2}]', false],
  ['{"a":["a","a"],"b":"a"}', false],
  ['{"a":"\\"a\\":","b":"{\\"a\\":1}"}', false],
  ['{"a":"\\\\","a":1}', true],
  ['"a"', false],
];

for (const [json, hasTwins] of texts) {
  test(`${json} ${hasTwins ? 'names something twice' : 'names everything once'}`, () => {
    JSON.parse(json);
    assert.equal(hasTwinNames(json), hasTwins);
  });
}

test('whatever JSON.stringify writes names everything once', () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => !hasTwinNames(JSON.stringify(value))));
});
