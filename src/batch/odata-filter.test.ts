import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#kernel/fault.ts';
import { parseInstant } from '#kernel/instant.ts';
import {
  type FilterableList,
  type FilterValue,
  filterCharactersMax,
  filterOperandsMax,
  matches,
  parseFilter,
  requiredState,
} from './odata-filter.ts';

const startTime = parseInstant('2025-01-16T18:44:40Z');
const task: Readonly<Record<string, FilterValue>> = {
  id: 'Task-7',
  state: 'completed',
  'executionInfo/exitCode': 3,
  'executionInfo/result': 'failure',
  'executionInfo/startTime': startTime,
};

const readings: readonly (readonly [list: FilterableList, filter: string, fits: boolean])[] = [
  ['tasks', "state eq 'completed'", true],
  ['tasks', "state ne 'completed'", false],
  ['tasks', "startswith(id,'task-')", true],
  ['tasks', "startswith( id , 'x' )", false],
  ['tasks', 'executionInfo/exitCode ge 3', true],
  ['tasks', 'executionInfo/exitCode lt 3', false],
  ['tasks', "executionInfo/exitCode ne 0 and executionInfo/result eq 'failure'", true],
  ['tasks', "(state eq 'active') or (state eq 'completed')", true],
  ['tasks', "state eq 'active' or state eq 'completed' and id eq 'other'", false],
  ['tasks', "(state eq 'active' or state eq 'completed') and id eq 'task-7'", true],
  ['tasks', 'executionInfo/startTime ge 2025-01-16T18:44:40Z', true],
  ['tasks', "executionInfo/startTime gt datetime'2025-01-16T18:44:40Z'", false],
  ['tasks', "executionInfo/startTime lt '2025-01-16T18:44:41Z'", true],
  // What a task does not have is unequal to everything and nothing else.
  ['tasks', 'executionInfo/endTime ne 2025-01-16T18:44:40Z', true],
  ['tasks', 'executionInfo/endTime lt 2025-01-16T18:44:40Z', false],
  ['pools', 'enableAutoScale eq false', false],
  ['jobs', "id eq 'it''s'", false],
];

for (const [list, source, fits] of readings) {
  test(`${list} ${fits ? 'fit' : 'do not fit'} ${source}`, () => {
    const filter = parseFilter(list, source);
    assert.ok(!isFault(filter));
    assert.equal(
      matches(filter, (name) => task[name]),
      fits,
    );
  });
}

const refusals: readonly (readonly [list: FilterableList, filter: string, reason: RegExp])[] = [
  ['tasks', "colour eq 'red'", /colour/],
  ['tasks', "STATE eq 'completed'", /STATE/],
  ['tasks', "state gt 'active'", /operator 'gt'/],
  ['tasks', "commandLine eq 'x'", /commandLine/],
  ['tasks', "__proto__ eq 'x'", /__proto__/],
  ['tasks', 'state eq completed', /value/],
  ['tasks', "executionInfo/exitCode eq '3'", /value/],
  ['tasks', 'executionInfo/startTime gt tomorrow', /value/],
  ['tasks', "state eq 'completed", /syntactically/],
  ['tasks', "(state eq 'completed'", /parenthesis/],
  ['tasks', "state eq 'completed')", /syntactically/],
  ['tasks', 'state eq', /complete/],
  ['tasks', "startswith(state,'a')", /startswith/],
  ['tasks', "startswith(id 'a')", /startswith/],
  ['nodecounts', "poolId ne 'p'", /operator 'ne'/],
  ['tasks', `${'('.repeat(40)}state eq 'a'${')'.repeat(40)}`, /deep|operands/],
  [
    'tasks',
    Array(filterOperandsMax + 1)
      .fill("state eq 'a'")
      .join(' or '),
    /operands/,
  ],
  ['tasks', `id eq '${'a'.repeat(filterCharactersMax)}'`, /long/],
];

for (const [list, source, reason] of refusals) {
  test(`the filter ${source.slice(0, 60)} of ${list} is refused`, () => {
    const filter = parseFilter(list, source);
    assert.ok(isFault(filter));
    assert.equal(filter.code, 'InvalidQueryParameterValue');
    assert.equal(filter.values?.[0]?.value, '$filter');
    assert.match(filter.values?.[2]?.value ?? '', reason);
  });
}

test('a state that every match must have is known, so that an index finds them', () => {
  const cases = [
    ["state eq 'Active'", 'active'],
    ["id eq 'a' and state eq 'active'", 'active'],
    ["state eq 'active' or id eq 'a'", undefined],
    ["state ne 'active'", undefined],
  ] as const;
  for (const [source, state] of cases) {
    const filter = parseFilter('tasks', source);
    assert.ok(!isFault(filter));
    assert.equal(requiredState(filter), state);
  }
});
