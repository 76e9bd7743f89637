import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterTerms } from './odata-terms.ts';

const readable: readonly (readonly [string, readonly object[]])[] = [
  ['atScope()', [{ name: 'atScope', kind: 'call', value: '' }]],
  [
    "roleName eq 'O''Brien''s role'",
    [{ name: 'roleName', kind: 'equals', value: "O'Brien's role" }],
  ],
  [
    " atScope ( ) AND assignedTo('a-b') ",
    [
      { name: 'atScope', kind: 'call', value: '' },
      { name: 'assignedTo', kind: 'call', value: 'a-b' },
    ],
  ],
  ["x eq ' and '", [{ name: 'x', kind: 'equals', value: ' and ' }]],
];

for (const [filter, terms] of readable) {
  test(`the filter ${filter} is read`, () => assert.deepEqual(filterTerms(filter), terms));
}

const unreadable = [
  '',
  'and',
  'atScope() and',
  'atScope() or atScope()',
  "roleName eq 'open",
  "roleName ne 'x'",
  "roleName eq 'x';drop table role_assignment",
  "roleName eq 'x' 1 eq 1",
  `roleName eq '${'x'.repeat(3000)}'`,
];

for (const filter of unreadable) {
  test(`the filter ${filter.slice(0, 60)} is refused`, () => {
    assert.equal(filterTerms(filter), undefined);
  });
}
