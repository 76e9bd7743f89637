import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FailedAttempt, retriesMax, retryDelay } from './retry.ts';

const status = (code: number, retryAfter?: string): FailedAttempt => ({
  kind: 'status',
  status: code,
  ...(retryAfter === undefined ? {} : { retryAfter }),
});
const connection = (code: string): FailedAttempt => ({ kind: 'connection', code });

const cases: readonly {
  readonly rule: string;
  readonly failure: FailedAttempt;
  readonly retried?: number;
  readonly repeatable: boolean;
  readonly delay: number | undefined;
}[] = [
  {
    rule: 'a throttled change is tried again',
    failure: status(429),
    repeatable: false,
    delay: 500,
  },
  {
    rule: 'a change that met a busy service is tried again',
    failure: status(503),
    repeatable: false,
    delay: 500,
  },
  {
    rule: 'a change that met a crash is not',
    failure: status(500),
    repeatable: false,
    delay: undefined,
  },
  {
    rule: 'a read that met a crash is tried again',
    failure: status(500),
    repeatable: true,
    delay: 500,
  },
  { rule: 'a refusal stands', failure: status(403), repeatable: true, delay: undefined },
  { rule: 'a conflict stands', failure: status(409), repeatable: true, delay: undefined },
  {
    rule: 'a reply that Batten lacks stands',
    failure: status(501),
    repeatable: true,
    delay: undefined,
  },
  { rule: 'delays double', failure: status(503), retried: 2, repeatable: true, delay: 2000 },
  {
    rule: 'the service may ask for a longer wait',
    failure: status(429, '7'),
    repeatable: true,
    delay: 7000,
  },
  {
    rule: 'but not for an endless one',
    failure: status(429, '86400'),
    repeatable: true,
    delay: 30_000,
  },
  {
    rule: 'a Retry-After that is a date is not understood',
    failure: status(429, 'Fri, 20 Nov 2026 09:42:46 GMT'),
    repeatable: true,
    delay: 500,
  },
  {
    rule: 'the last retry is the last',
    failure: status(503),
    retried: retriesMax,
    repeatable: true,
    delay: undefined,
  },
  {
    rule: 'a change on a cut connection may have been made and stands',
    failure: connection('ECONNRESET'),
    repeatable: false,
    delay: undefined,
  },
  {
    rule: 'a read on a cut connection is tried again',
    failure: connection('ECONNRESET'),
    repeatable: true,
    delay: 500,
  },
  {
    rule: 'a change that never left is tried again',
    failure: connection('ECONNREFUSED'),
    repeatable: false,
    delay: 500,
  },
  {
    rule: 'an untrusted certificate stands',
    failure: connection('DEPTH_ZERO_SELF_SIGNED_CERT'),
    repeatable: true,
    delay: undefined,
  },
];

for (const { rule, failure, retried = 0, repeatable, delay } of cases) {
  test(rule, () => {
    assert.equal(retryDelay(failure, retried, repeatable), delay);
  });
}
