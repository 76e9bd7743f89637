import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunOutcome } from '#engine/engine.ts';
import { afterRun } from './task.ts';

const failed: RunOutcome = { kind: 'exited', exitCode: 3 };
const fresh = { retriesMax: 0, retryCount: 0, isEnding: false };
const running = { hasStarted: true, isJobOpen: true, endsOnRemoval: false };

type Case = readonly [
  name: string,
  task: Partial<typeof fresh>,
  outcome: RunOutcome,
  context: Partial<typeof running>,
  expected: string,
];

const cases: readonly Case[] = [
  ['exit 0 succeeds', {}, { kind: 'exited', exitCode: 0 }, {}, 'complete'],
  ['exit 3 without retries fails', {}, failed, {}, 'complete FailureExitCode'],
  ['exit 3 with a retry left is retried', { retriesMax: 1 }, failed, {}, 'retry'],
  [
    'exit 3 after its last retry fails',
    { retriesMax: 1, retryCount: 1 },
    failed,
    {},
    'complete FailureExitCode',
  ],
  [
    'exit 3 with endless retries is retried',
    { retriesMax: -1, retryCount: 99 },
    failed,
    {},
    'retry',
  ],
  [
    'exit 3 in a job that is over is not retried',
    { retriesMax: 1 },
    failed,
    { isJobOpen: false },
    'complete FailureExitCode',
  ],
  [
    'exit 3 of a task being terminated is not retried',
    { retriesMax: 1, isEnding: true },
    failed,
    {},
    'complete FailureExitCode',
  ],
  [
    'a missing program is not retried',
    { retriesMax: 5 },
    { kind: 'notStarted', problem: 'programNotFound', text: '' },
    {},
    'complete CommandProgramNotFound',
  ],
  [
    'a program that cannot be started is not retried',
    { retriesMax: 5 },
    { kind: 'notStarted', problem: 'launchFailed', text: '' },
    {},
    'complete CommandLaunchFailed',
  ],
  [
    'a resource file that cannot be fetched is not retried',
    { retriesMax: 5 },
    { kind: 'resourceFailed', url: 'http://a/b', filePath: 'b', text: '' },
    {},
    'complete BlobDownloadMiscError',
  ],
  ['the wall clock ends it', { retriesMax: 5 }, { kind: 'wallClock' }, {}, 'complete TaskEnded'],
  ['its client ends it', { isEnding: true }, { kind: 'cancelled' }, {}, 'complete TaskEnded'],
  [
    'its client ends it before it starts',
    { isEnding: true },
    { kind: 'cancelled' },
    { hasStarted: false },
    'complete TaskEnded',
  ],
  [
    'the end of its job kills it',
    {},
    { kind: 'cancelled' },
    { isJobOpen: false },
    'complete TaskEnded',
  ],
  [
    'a task that never started stays active when its job ends',
    {},
    { kind: 'cancelled' },
    { isJobOpen: false, hasStarted: false },
    'stay',
  ],
  [
    'a vanished run is a failed attempt',
    {},
    { kind: 'vanished', text: '' },
    {},
    'complete TaskEnded',
  ],
  [
    'a vanished run is retried like a failed one',
    { retriesMax: 1 },
    { kind: 'vanished', text: '' },
    {},
    'retry',
  ],
  ['a removed node requeues it', {}, { kind: 'nodeRemoved' }, {}, 'requeue'],
  [
    'a removed node ends it when the resize says terminate',
    {},
    { kind: 'nodeRemoved' },
    { endsOnRemoval: true },
    'complete TaskEnded',
  ],
  [
    'a removed node ends it when its job is over',
    {},
    { kind: 'nodeRemoved' },
    { isJobOpen: false },
    'complete TaskEnded',
  ],
  [
    'a removed node on which it had not begun changes nothing',
    {},
    { kind: 'nodeRemoved' },
    { hasStarted: false },
    'waitOn',
  ],
  [
    'nor does it when its job is over',
    {},
    { kind: 'nodeRemoved' },
    { hasStarted: false, isJobOpen: false },
    'stay',
  ],
];

for (const [name, task, outcome, context, expected] of cases) {
  test(name, () => {
    const next = afterRun({ ...fresh, ...task }, outcome, { ...running, ...context });
    const failure = next.kind === 'complete' ? next.failure?.code : undefined;
    assert.equal([next.kind, failure].filter(Boolean).join(' '), expected);
  });
}

test('a failed exit keeps its code, and nothing else has one', () => {
  const exit = afterRun(fresh, failed, running);
  assert.equal(exit.kind === 'complete' && exit.exitCode, 3);
  const clock = afterRun(fresh, { kind: 'wallClock' }, running);
  assert.equal('exitCode' in clock, false);
});

test('a resource failure never repeats what a signed address carries after its question mark', () => {
  const url = 'https://a.example/blob?sig=topsecret';
  const next = afterRun(
    fresh,
    { kind: 'resourceFailed', url, filePath: 'b', text: '404' },
    running,
  );
  assert.ok(!JSON.stringify(next).includes('topsecret'));
});
