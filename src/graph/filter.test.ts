import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  filterCharactersMax,
  filterTermsMax,
  fitsFilter,
  parseFilter,
  propertiesOf,
} from './filter.ts';

const object = {
  appId: '0a',
  displayName: "O'Hara Jobs",
  accountEnabled: true,
  description: null,
  identifierUris: ['api://jobs', 'https://jobs.example/'],
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
  "displayName gt 'a'",
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
