import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Instant, instant } from '#kernel/instant.ts';
import { dueWork, type Job, whyClosed } from './job.ts';

const now = instant(1_000_000);
const none = { active: 0, running: 0, succeeded: 0, failed: 0 };
const base = { state: 'active', onAllTasksComplete: 'noaction', tasks: none } as Job;

const due: readonly (readonly [string, Partial<Job>, Instant | undefined, expected: string])[] = [
  ['an active job without a deadline is left alone', {}, undefined, 'nothing'],
  ['a deadline ahead is left alone', {}, instant(1_000_001), 'nothing'],
  ['a deadline that is reached ends the job', {}, now, 'terminate MaxWallClockTimeExpiry'],
  [
    'an empty job that ends with its tasks ends',
    { onAllTasksComplete: 'terminatejob' },
    undefined,
    'terminate AllTasksComplete',
  ],
  [
    'a job with an active task does not end',
    { onAllTasksComplete: 'terminatejob', tasks: { ...none, active: 1 } },
    undefined,
    'nothing',
  ],
  [
    'a job with a running task does not end',
    { onAllTasksComplete: 'terminatejob', tasks: { ...none, running: 1 } },
    undefined,
    'nothing',
  ],
  ['a job being deleted is deleted', { state: 'deleting' }, undefined, 'delete'],
  [
    'a job being deleted waits for its running tasks',
    { state: 'deleting', tasks: { ...none, running: 1 } },
    undefined,
    'wait',
  ],
  ['a completed job is left alone', { state: 'completed' }, now, 'nothing'],
  ['a terminating job is left alone', { state: 'terminating' }, now, 'nothing'],
];

for (const [name, job, deadlineAt, expected] of due) {
  test(name, () => {
    const work = dueWork({ ...base, ...job }, deadlineAt, now);
    const reason = work.kind === 'terminate' ? ` ${work.reason}` : '';
    assert.equal(`${work.kind}${reason}`, expected);
  });
}

test('only an active job takes tasks', () => {
  const codes = (['active', 'terminating', 'completed', 'deleting'] as const).map(
    (state) => whyClosed({ state })?.code,
  );
  assert.deepEqual(codes, [undefined, 'JobBeingTerminated', 'JobCompleted', 'JobBeingDeleted']);
});
