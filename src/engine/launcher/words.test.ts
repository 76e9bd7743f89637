import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitWords } from './words.ts';

const cases: readonly [string, readonly string[]][] = [
  ['/bin/true', ['/bin/true']],
  ['  a \t b\nc  ', ['a', 'b', 'c']],
  [`/bin/bash -c 'echo "hi there"'`, ['/bin/bash', '-c', 'echo "hi there"']],
  [`/bin/bash -c "echo 'hi there'"`, ['/bin/bash', '-c', "echo 'hi there'"]],
  ['a\\ b c', ['a b', 'c']],
  ['"a\\"b" "c\\d" "e\\$f\\\\"', ['a"b', 'c\\d', 'e$f\\']],
  [`'a\\b'`, ['a\\b']],
  [`a'b'"c"d`, ['abcd']],
  [`'' "" x`, ['', '', 'x']],
  ['echo $HOME * ~ `id` ; rm && x | y > z', splitBlank('echo $HOME * ~ `id` ; rm && x | y > z')],
  ['a\\\nb', ['ab']],
  ['end\\', ['end\\']],
  ['é "ü ß"', ['é', 'ü ß']],
];
for (const [line, words] of cases) {
  test(`${JSON.stringify(line)} has ${words.length} words`, () => {
    assert.deepEqual(splitWords(line), { words });
  });
}

function splitBlank(line: string): readonly string[] {
  return line.split(' ');
}

const problems: readonly [string, string][] = [
  ['', 'empty'],
  [' \n\t ', 'empty'],
  ["echo 'a", 'unterminatedQuote'],
  ['echo "a', 'unterminatedQuote'],
  ['echo "a\\"', 'unterminatedQuote'],
];
for (const [line, problem] of problems) {
  test(`${JSON.stringify(line)} has no words: ${problem}`, () => {
    assert.deepEqual(splitWords(line), { problem });
  });
}

test('a long line is split in one pass', () => {
  const split = splitWords(`"${'\\"'.repeat(500_000)}" ${'a '.repeat(100_000)}`);
  assert.ok('words' in split);
  assert.equal(split.words.length, 100_001);
  assert.equal(split.words[0]?.length, 500_000);
});
