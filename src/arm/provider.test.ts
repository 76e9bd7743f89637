import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resourceProviders, subjectOf } from './provider.ts';

const subjects: readonly (readonly [string, string])[] = [
  ['/subscriptions/s', 'resources'],
  ['/subscriptions/s/providers', 'resources'],
  ['/subscriptions/s/providers/Microsoft.Batch', 'resources'],
  ['/subscriptions/s/providers/microsoft.batch/register', 'resources'],
  ['/subscriptions/s/resourceGroups/g/providers/MICROSOFT.BATCH/BatchAccounts/a', 'type'],
  ['/subscriptions/s/providers/Microsoft.Batch/things', 'unknownType'],
  ['/subscriptions/s/providers/No.Such/things', 'unknownNamespace'],
  ['/subscriptions/s/providers/No.Such', 'unknownNamespace'],
];

for (const [path, kind] of subjects) {
  test(`${path} is about ${kind}`, () => assert.equal(subjectOf(path).kind, kind));
}

test('api-versions are listed newest first, each once', () => {
  for (const { types } of resourceProviders) {
    for (const { resourceType, apiVersions } of types) {
      const sorted = [...new Set(apiVersions)].toSorted().toReversed();
      // A preview stands before the release of its own day in text, and after it here.
      const days = (versions: readonly string[]) => versions.map((one) => one.slice(0, 10));
      assert.deepEqual(days(apiVersions), days(sorted), resourceType);
    }
  }
});
