import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixedClock, machineClock, strictlyAfter } from './clock.ts';
import { fault, isFault } from './fault.ts';
import { fold, isGuid, sameName } from './ids.ts';
import { instant } from './instant.ts';
import { guidInTime, guidOfText, machineRandom, seededRandom } from './random.ts';
import { sealWith } from './seal.ts';

test('no two small draws of chance share their bytes, and what was drawn stays as it was', () => {
  const random = machineRandom();
  const drawn = Array.from({ length: 200 }, () => random.bytes(22));
  const first = drawn[0]?.toString('hex');
  assert.equal(new Set(drawn.map((bytes) => bytes.toString('hex'))).size, 200);
  random.bytes(64).fill(0);
  assert.equal(drawn[0]?.toString('hex'), first);
  assert.ok(drawn.every((bytes) => bytes.length === 22));
  assert.deepEqual(
    [0, 64, 65, 5000].map((count) => random.bytes(count).length),
    [0, 64, 65, 5000],
  );
});

test('GUIDs in time are in the order of their milliseconds and chance in the rest', () => {
  const random = machineRandom();
  const guid = random.guid();
  const early = guidInTime(guid, instant(1_800_000_000_123_999));
  assert.equal(early, `01a3185c-507b${guid.slice(13)}`);
  assert.ok(isGuid(early) && early[14] === '4');
  assert.ok(early < guidInTime(random.guid(), instant(1_800_000_000_124_000)));
  assert.notEqual(early, guidInTime(random.guid(), instant(1_800_000_000_123_999)));
});

test('names fold by ASCII letters only, so that no locale changes what is the same', () => {
  assert.equal(fold('MyPool-İ'), 'mypool-İ');
  assert.ok(sameName('Job1', 'jOB1'));
  assert.ok(!sameName('Job1', 'Job2'));
});

test('a GUID is told from what only looks like one', () => {
  assert.ok(isGuid('DDBF3205-c6bd-46ae-8127-60eb93363864'));
  for (const text of [
    '',
    'ddbf3205c6bd46ae812760eb93363864',
    '{ddbf3205-c6bd-46ae-8127-60eb93363864}',
    'g'.repeat(36),
  ]) {
    assert.ok(!isGuid(text), text);
  }
});

test('the same words always give the same GUID, other words another', () => {
  assert.ok(isGuid(guidOfText('tenant', 'contoso')));
  assert.equal(guidOfText('tenant', 'contoso'), guidOfText('tenant', 'contoso'));
  assert.notEqual(guidOfText('tenant', 'contoso'), guidOfText('tenantc', 'ontoso'));
  assert.equal(seededRandom('a').guid(), seededRandom('a').guid());
  assert.notEqual(machineRandom().guid(), machineRandom().guid());
});

test('the machine clock never repeats an instant, and only civil time is moved', () => {
  const clock = machineClock();
  const first = clock.real();
  assert.ok(clock.real() > first);
  const before = clock.steadyMilliseconds();
  clock.setCivilTime({ kind: 'moving', aheadMicroseconds: 3_600_000_000 });
  assert.ok(clock.civil() - clock.real() > 3_599_000_000);
  assert.ok(clock.steadyMilliseconds() - before < 3_000_000);
});

test('frozen civil time stands still, but two readings of it are never the same', () => {
  const clock = machineClock();
  const at = instant(1_000_000);
  clock.setCivilTime({ kind: 'frozen', at });
  assert.deepEqual([clock.civil(), clock.civil()], [1_000_000, 1_000_001]);
  assert.ok(clock.real() > 1_000_001);
  assert.deepEqual(clock.civilTime(), { kind: 'frozen', at });
});

test('a fixed clock stands still until it is moved', () => {
  const clock = fixedClock(instant(5_000_000));
  assert.equal(clock.civil(), clock.real());
  clock.advanceSeconds(2);
  assert.equal(clock.civil(), 7_000_000);
  assert.equal(clock.steadyMilliseconds(), 7000);
});

test('a change gets an instant strictly after the one before', () => {
  assert.equal(strictlyAfter(undefined, instant(10)), 10);
  assert.equal(strictlyAfter(instant(10), instant(10)), 11);
  assert.equal(strictlyAfter(instant(10), instant(12)), 12);
});

test('a sealed text opens only with its key and its context', () => {
  const random = seededRandom('seal');
  const key = random.bytes(32);
  const sealed = sealWith(key, random).close('account key', 'account-key:contoso');
  assert.ok(!sealed.includes('account key'));
  assert.equal(sealWith(key, random).open(sealed, 'account-key:contoso'), 'account key');
  assert.throws(() => sealWith(key, random).open(sealed, 'account-key:fabrikam'));
  assert.throws(() => sealWith(random.bytes(32), random).open(sealed, 'account-key:contoso'));
  assert.throws(() => sealWith(random.bytes(16), random), /32 bytes/);
});

test('a derived seal and its marks serve one purpose and one key', () => {
  const random = seededRandom('derived seal');
  const key = random.bytes(32);
  const page = sealWith(key, random).derive('page');
  const sealed = page.close('state', 'browser');
  assert.equal(sealWith(key, random).derive('page').open(sealed, 'browser'), 'state');
  assert.throws(() => sealWith(key, random).derive('paper').open(sealed, 'browser'));
  assert.throws(() => sealWith(key, random).open(sealed, 'browser'));
  assert.equal(page.markOf('name'), page.markOf('name'));
  assert.notEqual(page.markOf('name'), sealWith(key, random).markOf('name'));
  assert.notEqual(page.markOf('name'), page.markOf('other'));
});

test('a fault is told from every other value', () => {
  assert.ok(isFault(fault(404, 'JobNotFound', 'The specified job does not exist.')));
  for (const value of [undefined, null, 'fault', 0, {}, { kind: 'read' }]) {
    assert.ok(!isFault(value));
  }
});
