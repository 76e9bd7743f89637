import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitsFilter, needsAdvancedQuery, propertiesOf } from './filter.ts';
import { filterCharactersMax, filterTermsMax, parseFilter } from './filter-parser.ts';

const object = {
  appId: '0a',
  displayName: "O'Hara Jobs",
  accountEnabled: true,
  description: null,
  identifierUris: ['api://jobs', 'https://jobs.example/'],
  createdDateTime: '2026-11-20T09:00:00Z',
  keyCredentials: [],
  web: { redirectUris: ['https://jobs.example/back'] },
};

const verdicts: readonly (readonly [string, boolean])[] = [
  ["appId eq '0a'", true],
  ["appId eq '0A'", true],
  ["appId eq '0b'", false],
  ["appId ne '0b'", true],
  ["displayName eq 'O''Hara Jobs'", true],
  ["startswith(displayName,'o''hara')", true],
  ["startswith(displayName, 'Hara')", false],
  ["startswith(description,'')", false],
  ["identifierUris/any(s:s eq 'api://jobs')", true],
  ["identifierUris/any(s:s eq 'api://job')", false],
  ["identifierUris/any(s:startswith(s,'api://'))", true],
  ["web/redirectUris/any(p:p eq 'https://jobs.example/back')", true],
  ["displayName/any(s:s eq 'O''Hara Jobs')", false],
  ['accountEnabled eq true', true],
  ['accountEnabled eq false', false],
  ['description eq null', true],
  ["appId in ('0b', '0A')", true],
  ["appId in ('0b')", false],
  ["not(appId eq '0b')", true],
  ["appId eq '0b' or appId eq '0a' and accountEnabled eq true", true],
  ["(appId eq '0b' or appId eq '0a') and accountEnabled eq false", false],
  ["  appId   eq  '0a'  ", true],
  ["endswith(displayName,'JOBS')", true],
  ["endsWith(displayName,'job')", false],
  ["identifierUris/any(s:endsWith(s,'.example/'))", true],
  ["identifierUris/any(s:s in ('x','api://jobs'))", true],
  ["NOT(appId eq '0b') AND startsWith(displayName,'O')", true],
  ["appId EQ '0b' OR accountEnabled Eq True", true],
  ['identifierUris/any()', true],
  ['keyCredentials/any()', false],
  ['createdDateTime ge 2026-11-20', true],
  ['createdDateTime gt 2026-11-20T09:00:00Z', false],
  ['createdDateTime eq 2026-11-20T09:00:00.000Z', true],
  ['createdDateTime le 2026-11-20T08:59:59Z', false],
  ["createdDateTime lt '2026-11-21T00:00:00Z'", true],
  ["displayName eq 'January 1'", false],
  ["displayName ge 'O'", true],
  ["displayName lt 'O'", false],
  ['accountEnabled ge 1', false],
  ['description le null', false],
  ["displayName eq 'a'' or appId eq ''0a'", false],
];

for (const [text, fits] of verdicts) {
  test(`${text} ${fits ? 'fits' : 'does not fit'}`, () => {
    const filter = parseFilter(text);
    assert(!('problem' in filter), JSON.stringify(filter));
    assert.equal(fitsFilter(filter, object), fits);
  });
}

const malformed: readonly string[] = [
  '',
  'displayName',
  "displayName eq 'a' or 1 eq 1",
  "displayName eq 'a' displayName eq 'b'",
  "displayName eq 'open",
  'displayName eq a',
  "displayName has 'a'",
  "contains(displayName,'a')",
  'endswith(displayName,1)',
  'identifierUris/any(s:)',
  "identifierUris/all(s:s eq 'a')",
  "startswith(displayName,'a'",
  'startswith(displayName)',
  "identifierUris/any(s:t eq 'a')",
  "identifierUris/any(s eq 'a')",
  "(appId eq '0a'",
  "appId eq '0a')",
  'appId in ()',
  "appId eq '0a' and",
  "appId eq '0a'; drop",
  'x'.repeat(filterCharactersMax + 1),
  Array.from({ length: filterTermsMax + 1 }, () => 'a eq 1').join(' or '),
  `a in (${Array.from({ length: filterTermsMax }, () => '1').join(',')})`,
  `${'not '.repeat(filterTermsMax + 1)}a eq 1`,
  `${'('.repeat(filterTermsMax + 1)}a eq 1${')'.repeat(filterTermsMax + 1)}`,
];

for (const text of malformed) {
  test(`${text.slice(0, 60)} is no filter`, () => {
    assert.equal('problem' in parseFilter(text), true);
  });
}

test('the properties of a filter are known before it is applied', () => {
  const filter = parseFilter("a eq 1 or not(startswith(b/c,'x')) and d/any(s:s eq 'x')");
  assert(!('problem' in filter));
  assert.deepEqual(propertiesOf(filter), ['a', 'b/c', 'd']);
});

const advanced: readonly (readonly [string, boolean])[] = [
  ["a eq 'x' and startswith(b,'y')", false],
  ["a in ('x') or c/any(s:s eq 'z')", false],
  ['a ge 2026-11-20', false],
  ["a ne 'x'", true],
  ["b eq 'y' and not(a eq 'x')", true],
  ["endswith(a,'x')", true],
  ["c/any(s:endswith(s,'x'))", true],
];

for (const [text, needs] of advanced) {
  test(`${text} is ${needs ? 'for advanced queries only' : 'for every query'}`, () => {
    const filter = parseFilter(text);
    assert(!('problem' in filter));
    assert.equal(needsAdvancedQuery(filter), needs);
  });
}
