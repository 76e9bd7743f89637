import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isFault } from '#kernel/fault.ts';
import { type FilterValue, matches, parseFilter } from './odata-filter.ts';

const words = fc.constantFrom(
  ...['state', 'id', 'eq', 'ne', 'and', 'or', '(', ')', ',', "'x'", "'", 'startswith', 'datetime'],
  ...['executionInfo/exitCode', '1', '-1', '2025-01-01', ' ', "''", '$', '\u0000'],
);

test('whatever stands in a filter, it is read or refused, and never breaks', () => {
  const source = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join(' ')),
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(source, (text) => {
      const filter = parseFilter('tasks', text);
      if (isFault(filter)) assert.equal(filter.code, 'InvalidQueryParameterValue');
      else assert.equal(typeof matches(filter, () => undefined), 'boolean');
    }),
  );
});

test('a quoted text comes back as it was written, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      const filter = parseFilter('tasks', `id eq '${text.replaceAll("'", "''")}'`);
      assert.ok(!isFault(filter));
      assert.ok(matches(filter, (): FilterValue => text));
    }),
  );
});

test('a filter is equal to itself written in parentheses', () => {
  const comparison = fc
    .tuple(fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), fc.integer({ min: -5, max: 5 }))
    .map(([operator, number]) => `executionInfo/exitCode ${operator} ${number}`);
  const joined = fc.tuple(fc.array(comparison, { minLength: 1, maxLength: 6 }), fc.boolean());
  fc.assert(
    fc.property(joined, fc.integer({ min: -5, max: 5 }), ([parts, isAnd], value) => {
      const plain = parseFilter('tasks', parts.join(isAnd ? ' and ' : ' or '));
      const nested = parseFilter(
        'tasks',
        parts.map((part) => `(${part})`).join(isAnd ? ' and ' : ' or '),
      );
      assert.ok(!isFault(plain) && !isFault(nested));
      const own = (): FilterValue => value;
      assert.equal(matches(plain, own), matches(nested, own));
    }),
  );
});
