import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#kernel/fault.ts';
import type { Json } from '#kernel/json.ts';
import {
  anyObject,
  duration,
  entityId,
  fallback,
  flag,
  list,
  notYet,
  notYetFlag,
  notYetList,
  object,
  onlyYet,
  optional,
  type Reader,
  readBody,
  required,
  type Shape,
  text,
  whole,
  word,
} from './shape.ts';

const version = '2024-02-01.19.0';

type Case = readonly [what: string, read: Reader<Json>, given: Json, expected: Json | number];

/** What a reader makes of a value; a number above 399 is the status of its refusal. */
const cases: readonly Case[] = [
  ['a whole number', whole(0, 10), 7, 7],
  ['a whole number as text, as az sends it', whole(0, 10), '7', 7],
  ['a negative number as text', whole(-1, 10), '-1', -1],
  ['a number that is too large', whole(0, 10), 11, 400],
  ['a fraction', whole(0, 10), 1.5, 400],
  ['an empty text as a number', whole(0, 10), '', 400],
  ['a number in another base', whole(0, 99), '0x10', 400],
  ['a truth', flag, true, true],
  ['a truth as text', flag, 'False', false],
  ['a number as a truth', flag, 1, 400],
  ['a word in another case', word('noaction', 'terminatejob'), 'terminateJob', 'terminatejob'],
  ['a word of no list', word('noaction'), 'other', 400],
  ['a word that Azure has and Batten has not', onlyYet('Spread', 'Pack'), 'pack', 501],
  ['a word that both have', onlyYet('Spread', 'Pack'), 'SPREAD', 'Spread'],
  ['an id', entityId, 'My_job-1', 'My_job-1'],
  ['an id with a slash', entityId, 'a/b', 400],
  ['an empty id', entityId, '', 400],
  ['a text that is too long', text(3), 'abcd', 400],
  ['a duration', duration(), 'PT60S', 'PT1M'],
  ['a duration that is too short', duration(60_000), 'PT59S', 400],
  ['a list', list(whole(0, 9)), ['1', 2], [1, 2]],
  ['a list that is too long', list(whole(0, 9), 1), [1, 2], 400],
  ['a list with one bad item', list(whole(0, 9)), [1, 'x'], 400],
  ['no list', list(whole(0, 9)), { 0: 1 }, 400],
  ['an object with nulls', anyObject, { a: null, b: { c: null, d: 1 } }, { b: { d: 1 } }],
  ['a list as an object', anyObject, [1], 400],
];

for (const [what, read, given, expected] of cases) {
  test(`${what} is read as ${JSON.stringify(expected)}`, () => {
    const found = read(given, 'name', version);
    if (typeof expected === 'number' && expected >= 400) {
      assert.ok(isFault(found));
      assert.equal(found.status, expected);
    } else {
      assert.deepEqual(found, expected);
    }
  });
}

const shape = {
  id: required(text()),
  size: fallback(whole(0, 10), 3),
  later: optional(text(), { from: '2025-06-01' }),
  gone: optional(text(), { until: '2023-11-01.18.0' }),
  inner: optional(object({ a: required(text()), b: fallback(flag, false) })),
  lacking: notYet({}, ['none']),
  lackingList: notYetList(),
  lackingFlag: notYetFlag(),
} satisfies Shape;

test('a body is read in the order of its shape, with defaults, without nulls and without what is harmless', () => {
  const body = {
    lacking: 'None',
    lackingList: [],
    lackingFlag: 'False',
    inner: { a: 'x' },
    later: null,
    id: 'i',
  };
  const found = readBody(shape, body, '2025-06-01');
  assert.equal(JSON.stringify(found), '{"id":"i","size":3,"inner":{"a":"x","b":false}}');
});

const refusals: readonly (readonly [what: string, body: unknown, status: number, code: string])[] =
  [
    ['without a required property', {}, 400, 'MissingRequiredProperty'],
    ['with a null where a value is required', { id: null }, 400, 'MissingRequiredProperty'],
    ['with a property of a later api-version', { id: 'i', later: 'x' }, 400, 'InvalidRequestBody'],
    [
      'with a property of an earlier api-version',
      { id: 'i', gone: 'x' },
      400,
      'InvalidRequestBody',
    ],
    ['with a property of no api-version', { id: 'i', other: 1 }, 400, 'InvalidRequestBody'],
    ['with the name of an inherited property', { id: 'i', toString: 1 }, 400, 'InvalidRequestBody'],
    ['with a nested property missing', { id: 'i', inner: {} }, 400, 'MissingRequiredProperty'],
    ['with what Batten lacks', { id: 'i', lacking: 'some' }, 501, 'NotImplemented'],
    ['with what Batten lacks, empty', { id: 'i', lacking: {} }, 501, 'NotImplemented'],
    ['with what Batten lacks, no list', { id: 'i', lacking: [] }, 501, 'NotImplemented'],
    ['with a list that Batten lacks', { id: 'i', lackingList: [{}] }, 501, 'NotImplemented'],
    ['with a flag that Batten lacks', { id: 'i', lackingFlag: true }, 501, 'NotImplemented'],
    ['with no flag where one is lacking', { id: 'i', lackingFlag: [] }, 501, 'NotImplemented'],
    ['that is a list', [], 400, 'InvalidRequestBody'],
    ['that is missing', undefined, 400, 'InvalidRequestBody'],
  ];

for (const [what, body, status, code] of refusals) {
  test(`a body ${what} is refused with ${code}`, () => {
    const found = readBody(shape, body, version);
    assert.ok(isFault(found));
    assert.deepEqual([found.status, found.code], [status, code]);
  });
}
