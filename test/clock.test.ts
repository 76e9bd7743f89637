import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, stat } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { askServer } from '#app/control-client.ts';
import { openHouse } from '#app/house.ts';
import { batten, type Ended, temporaryFolder } from './batten-command.ts';

interface Reading {
  readonly civil: string;
  readonly real: string;
  readonly aheadSeconds: number;
  readonly isFrozen: boolean;
}

/** A server on a folder, and the commands that speak to it. */
async function start(t: TestContext, data: string, ...options: readonly string[]) {
  const up = batten(t, ['up', '--port', '0', '--data', data, '--json', ...options]);
  await up.until(/\n/);
  return {
    async stop(): Promise<void> {
      up.child.kill('SIGTERM');
      assert.equal((await up.ended).exitCode, 0);
    },
  };
}

function clock(t: TestContext, data: string, ...words: readonly string[]): Promise<Ended> {
  return batten(t, ['clock', ...words, '--data', data]).ended;
}

async function reading(
  t: TestContext,
  data: string,
  ...words: readonly string[]
): Promise<Reading> {
  const ended = await clock(t, data, ...words, '--json');
  assert.equal(ended.exitCode, 0, ended.stderr);
  return JSON.parse(ended.stdout) as Reading;
}

test('the clock of a running Batten is moved, frozen and put right', async (t) => {
  const data = await temporaryFolder(t);
  const server = await start(t, data, '--dev-clock');
  assert.equal((await reading(t, data)).aheadSeconds, 0);
  assert.equal((await reading(t, data, 'advance', '61m')).aheadSeconds, 3660);
  assert.equal((await reading(t, data, 'advance', 'PT1M')).aheadSeconds, 3720);
  const frozen = await reading(t, data, 'freeze');
  assert.equal(frozen.isFrozen, true);
  const set = await reading(t, data, 'set', '2099-01-01T00:00:00Z');
  assert.deepEqual([set.isFrozen, set.civil.slice(0, 19)], [true, '2099-01-01T00:00:00']);
  assert.match(
    (await clock(t, data)).stdout,
    /^civil {2}2099-01-01T00:00:00Z {2}\(\d+d .* ahead, frozen\)\nreal {3}\S+Z\n$/,
  );
  assert.equal((await reading(t, data, 'resume')).isFrozen, false);
  assert.match((await clock(t, data, 'reset')).stdout, /^civil {2}\S+Z\nreal {3}\S+Z\n$/);
  await server.stop();
});

test('a moved clock survives a restart, and a server that may not move it refuses the folder', async (t) => {
  const data = await temporaryFolder(t);
  const first = await start(t, data, '--dev-clock');
  await reading(t, data, 'set', '2099-01-01T00:00:00Z');
  await reading(t, data, 'freeze');
  await first.stop();
  const second = await start(t, data, '--dev-clock');
  const kept = await reading(t, data);
  assert.deepEqual([kept.isFrozen, kept.civil.slice(0, 16)], [true, '2099-01-01T00:00']);
  await second.stop();
  const plain = await batten(t, ['up', '--port', '0', '--data', data]).ended;
  assert.deepEqual([plain.exitCode, plain.stdout], [1, '']);
  assert.equal(
    plain.stderr,
    `batten: the clock of ${data} was moved; start with --dev-clock, or put it right first: batten clock reset --data '${data}'\n`,
  );
  assert.equal((await reading(t, data, 'reset')).aheadSeconds, 0, 'without a server, too');
  await (await start(t, data)).stop();
});

test('only a Batten that was started for it has its clock moved', async (t) => {
  const data = await temporaryFolder(t);
  const server = await start(t, data);
  for (const words of [['advance', '61m'], ['freeze'], ['reset']]) {
    const refused = await clock(t, data, ...words);
    assert.deepEqual([refused.exitCode, refused.stdout], [1, '']);
    assert.match(refused.stderr, /^batten: .* started with up --dev-clock can be moved\n$/);
  }
  assert.equal((await reading(t, data)).aheadSeconds, 0);
  const status = await batten(t, ['status', '--data', data]).ended;
  assert.match(status.stdout, /^running at https:\/\/localhost:\d+, process \d+, --compat azure\n/);
  await server.stop();
  for (const words of [['clock'], ['clock', 'advance', '61m'], ['status']]) {
    const nobody = await batten(t, [...words, '--data', data]).ended;
    assert.equal(nobody.exitCode, 1);
    assert.match(nobody.stderr, /^batten: no Batten is running on .*; start it with batten up\n$/);
  }
});

test('wrong words are refused before anybody is asked', async (t) => {
  const data = await temporaryFolder(t);
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['advance', '61'], /it must be a duration, such as 61m/],
    [['set', 'tomorrow'], /it must be an instant with its zone/],
    [['rewind'], /it must be advance, set, freeze, resume or reset/],
    [['freeze', 'now'], /given without a value/],
  ];
  for (const [words, line] of rows) {
    const refused = await clock(t, data, ...words);
    assert.equal(refused.exitCode, 2);
    assert.match(refused.stderr, line);
  }
  const unprepared = await clock(t, data, 'reset');
  assert.match(unprepared.stderr, /has not run on .* yet/);
});

/** One raw request to the control socket of a folder. */
async function control(data: string, path: string, body: string): Promise<[number, string]> {
  const call = request({ socketPath: join(data, 'control.sock'), method: 'POST', path });
  call.end(body);
  const [response] = await once(call, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return [response.statusCode, text];
}

test('the control channel is its owner’s alone, and takes what is declared', async (t) => {
  const data = join(await temporaryFolder(t), 'data');
  const house = await openHouse({ dataFolder: data });
  t.after(() => house.close());
  assert.equal((await stat(join(data, 'control.sock'))).mode & 0o777, 0o600);
  assert.equal((await stat(data)).mode & 0o777, 0o700);
  assert.equal((await control(data, '/status', '{}'))[0], 200);
  const unknown = [404, /does not know this command/] as const;
  const rows: readonly (readonly [path: string, body: string, status: number, text: RegExp])[] = [
    ['/nothing', '{}', ...unknown],
    ['/toString', '{}', ...unknown],
    ['/status', 'no json', ...unknown],
    ['/status', '[]', ...unknown],
    ['/clock', `{"move": "${'x'.repeat(70_000)}"}`, ...unknown],
    ['/clock', '{"move": "advance", "value": "1h"}', 409, /--dev-clock/],
  ];
  for (const [path, body, status, text] of rows) {
    const [found, answer] = await control(data, path, body);
    assert.equal(found, status, path);
    assert.match(answer, text);
  }
  assert.equal(house.clock().isFrozen, false);
});

test('a server that says nothing is not waited for without end', async (t) => {
  const data = await temporaryFolder(t);
  const silent = createServer(() => {}).listen(join(data, 'control.sock'));
  await once(silent, 'listening');
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  await assert.rejects(askServer(data, 'status', {}, 50), /did not answer within 0.05 s/);
});

test('a folder with a very long path is reached as any other', async (t) => {
  const data = join(await temporaryFolder(t), 'long'.repeat(30), 'data');
  await mkdir(data, { recursive: true });
  await chmod(data, 0o700);
  const server = await start(t, data, '--dev-clock');
  assert.equal((await reading(t, data, 'advance', '1h')).aheadSeconds, 3600);
  await server.stop();
});

test('a house within another program moves its clock by itself', async (t) => {
  const house = await openHouse({ hasDevClock: true });
  t.after(() => house.close());
  const { civil, real } = await house.moveClock({ kind: 'advance', microseconds: 3_600_000_000 });
  assert.ok(civil - real > 3_599_000_000);
  assert.ok(house.clock().civil > civil);
  const plain = await openHouse();
  t.after(() => plain.close());
  await assert.rejects(plain.moveClock({ kind: 'freeze' }), /--dev-clock/);
});
