import assert from 'node:assert/strict';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { FilePlace, RunEnd, RunSpec } from './engine.ts';
import { type EngineWorld, engineWorld, runSpec } from './test-engine.ts';

let world: EngineWorld;
before(async () => {
  world = await engineWorld(4);
});
after(() => world.close());

const node = { owner: 'acme', pool: 'pool', node: 'node-1' };

function place(path: string): FilePlace {
  return { ...node, path };
}

async function contents(path: string): Promise<string> {
  const read = await world.engine.readFile(place(path));
  if ('problem' in read) return read.problem;
  let text = '';
  for await (const chunk of read.stream) text += String(chunk);
  return text;
}

async function outputOf(spec: RunSpec): Promise<string> {
  await world.run(spec);
  return contents(`${spec.directory}/stdout.txt`);
}

async function outcomeOf(spec: RunSpec): Promise<RunEnd['outcome']> {
  const [end] = await world.run(spec);
  assert.ok(end);
  return end.outcome;
}

function rootOf(): string {
  const ready = world.heard.nodes[0]?.change;
  assert.ok(ready?.state === 'ready');
  return ready.facts.rootDirectory;
}

const isolated = (): boolean => {
  const ready = world.heard.nodes[0]?.change;
  return ready?.state === 'ready' && ready.facts.isolation === 'node';
};

test('a ready node tells facts that were read on the machine', () => {
  const ready = world.heard.nodes[0]?.change;
  assert.ok(ready?.state === 'ready');
  const manifest = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  assert.equal(ready.facts.agentVersion, manifest.version);
  assert.ok(ready.facts.bootedAt < ready.at);
});

const outcomes: readonly [string, string, RunEnd['outcome']][] = [
  ['a command that succeeds', '/bin/true', { kind: 'exited', exitCode: 0 }],
  ['a command that fails', "/bin/sh -c 'exit 7'", { kind: 'exited', exitCode: 7 }],
  ['a command that is killed', "/bin/sh -c 'kill -9 $$'", { kind: 'exited', exitCode: 137 }],
  [
    'a program that does not exist',
    'no-such-program --now',
    {
      kind: 'notStarted',
      problem: 'programNotFound',
      text: 'The program no-such-program was not found.',
    },
  ],
  [
    'a file that cannot be executed',
    '/etc/passwd',
    {
      kind: 'notStarted',
      problem: 'launchFailed',
      text: 'The program /etc/passwd could not be started: EACCES.',
    },
  ],
  [
    'a quote that does not end',
    "/bin/echo 'a",
    {
      kind: 'notStarted',
      problem: 'launchFailed',
      text: 'The command line has a quote that does not end.',
    },
  ],
];
for (const [index, [name, commandLine, expected]] of outcomes.entries()) {
  test(`${name} ends as ${expected.kind}`, async () => {
    assert.deepEqual(await outcomeOf(runSpec(`outcome-${index}`, commandLine)), expected);
  });
}

test('a command runs without a shell in wd, and its two outputs are files of the task', async () => {
  const spec = runSpec('echo', `/bin/sh -c 'pwd; echo "$0" >&2' "a  b; $HOME"`);
  const wd = join(rootOf(), spec.directory, 'wd');
  assert.equal(await outputOf(spec), `${wd}\n`);
  assert.equal(await contents(`${spec.directory}/stderr.txt`), 'a  b; $HOME\n');
});

test('the environment holds what was asked for and nothing of the launcher', async () => {
  const output = await outputOf(
    runSpec('env', '/usr/bin/env', {
      environment: [
        { name: 'PLAIN', value: `\${node}` },
        { name: 'KNOWN', value: `\${pool}/\${node}:\${nodeRoot}:\${taskDirectory}`, expand: true },
      ],
    }),
  );
  const names = output.split('\n').flatMap((line) => line.split('=')[0] || []);
  const login = ['HOME', 'LOGNAME', 'PATH', 'TMPDIR', 'USER'];
  assert.deepEqual(names.toSorted(), ['BATTEN_RUN', 'KNOWN', 'PLAIN', ...login].toSorted());
  assert.match(output, /^PLAIN=\$\{node\}$/m);
  const root = rootOf();
  const known = `KNOWN=pool/node-1:${root}:${root}/workitems/job/job-1/env`;
  assert.ok(output.split('\n').includes(known));
});

test('a command inherits no open file of the launcher', async () => {
  const output = await outputOf(runSpec('fds', "/bin/sh -c 'ls /proc/$$/fd'"));
  assert.deepEqual(output.trim().split('\n'), ['0', '1', '2']);
});

test('a task of root cannot read the disks', async (context) => {
  if (!isolated() || process.getuid?.() !== 0) return context.skip('not root, or no namespaces');
  const script = 'for d in /dev/*; do if [ -b $d ]; then head -c 1 $d; fi; done | wc -c';
  assert.equal((await outputOf(runSpec('disks', `/bin/sh -c '${script}'`))).trim(), '0');
});

test('processes whose parents are gone are collected', async (context) => {
  if (!isolated()) return context.skip('this machine has no user namespaces');
  await world.run(runSpec('orphans', "/bin/sh -c 'for i in 1 2 3; do (setsid true &); done'"));
  const seen = await outputOf(runSpec('zombies', "/bin/sh -c 'cat /proc/[0-9]*/stat'"));
  assert.match(seen, /^1 \(/m);
  assert.doesNotMatch(seen, /\) Z /);
});

test('a run that is longer than its wall clock is killed', async () => {
  const spec = runSpec('slow', '/bin/sleep 60', { wallClockMilliseconds: 100 });
  assert.deepEqual(await outcomeOf(spec), { kind: 'wallClock' });
});

test('cancelling kills the whole tree, a child that left its session included', async () => {
  const script = 'setsid sleep 61 & echo $! > child; trap "" TERM; sleep 62 & wait; wait';
  const spec = runSpec('tree', `/bin/sh -c '${script}'`);
  const going = world.run(spec);
  await world.until('the start', () => world.heard.starts.some((run) => run.task === 'tree'));
  const child = `${spec.directory}/wd/child`;
  await untilFile(child, (text) => text.trim() !== '');
  const answer = await world.store.write((tx) => world.engine.cancel(tx, spec));
  assert.equal(answer, 'killing');
  const [end] = await going;
  assert.deepEqual(end?.outcome, { kind: 'cancelled' });
  const left = await outputOf(runSpec('tree-left', "/bin/sh -c 'cat /proc/[0-9]*/cmdline'"));
  assert.ok(!left.includes('sleep\u000061') && !left.includes('sleep\u000062'));
  const again = await world.store.write((tx) => world.engine.cancel(tx, spec));
  assert.equal(again, 'ended');
});

/** Waits for a file to fit, by reading it again after each answer. */
async function untilFile(path: string, fits: (text: string) => boolean): Promise<void> {
  const limit = AbortSignal.timeout(10_000);
  for (;;) {
    const text = await contents(path);
    if (text !== 'notFound' && fits(text)) return;
    limit.throwIfAborted();
  }
}

test('a task does not see the data folder, and a link to it shows nothing', async (context) => {
  if (!isolated()) return context.skip('this machine has no user namespaces');
  const data = join(world.folder, 'data');
  writeFileSync(join(data, 'secret'), 'the sealing key');
  const spec = runSpec(
    'peek',
    `/bin/sh -c 'cat ${data}/secret; ls ${data}; ln -s ${data}/secret link; umount ${data}; ls ${data}'`,
  );
  assert.equal(await outputOf(spec), 'launcher\nnodes\nlauncher\nnodes\n');
  const link = `${spec.directory}/wd/link`;
  assert.equal(await contents(link), 'notFound');
  // Also when the link is made from outside, where its target exists.
  symlinkSync(join(data, 'secret'), join(rootOf(), spec.directory, 'wd', 'other'));
  assert.equal(await contents(`${spec.directory}/wd/other`), 'notFound');
  const listed = await world.engine.listFiles(place(`${spec.directory}/wd`), true);
  assert.deepEqual(listed, []);
});

test('links within a node are followed, and those that lead out of it show nothing', async () => {
  const spec = runSpec(
    'links',
    `/bin/sh -c 'echo mine > file; ln -s file near; ln -s /etc/passwd far; ln -s / root'`,
  );
  await world.run(spec);
  const wd = `${spec.directory}/wd`;
  assert.equal(await contents(`${wd}/near`), 'mine\n');
  for (const path of ['far', 'root', 'root/etc/passwd']) {
    assert.equal(await contents(`${wd}/${path}`), 'notFound', path);
    const stat = await world.engine.statFile(place(`${wd}/${path}`));
    assert.equal('problem' in stat && stat.problem, 'notFound', path);
  }
  const listed = await world.engine.listFiles(place(wd), true);
  assert.ok(!('problem' in listed));
  assert.deepEqual(listed.map((one) => one.name).toSorted(), ['file', 'near']);
});

const badPaths = ['../node-1', 'workitems/../../..', '/etc/passwd', 'workitems//job', 'a/\0'];
for (const path of badPaths) {
  test(`the path ${JSON.stringify(path)} is no path of a node`, async () => {
    const stat = await world.engine.statFile(place(path));
    assert.equal('problem' in stat && stat.problem, 'notFound');
  });
}

test('files are told, listed and read in ranges', async () => {
  const spec = runSpec(
    'files',
    `/bin/sh -c 'printf 0123456789 > ten; mkdir -p sub/deep; > sub/deep/x'`,
  );
  await world.run(spec);
  const ten = place(`${spec.directory}/wd/ten`);
  const facts = await world.engine.statFile(ten);
  assert.ok('size' in facts);
  assert.equal(facts.size, 10);
  assert.equal(facts.isDirectory, false);
  const flat = await world.engine.listFiles(place(`${spec.directory}/wd`), false);
  assert.ok(!('problem' in flat));
  assert.deepEqual(flat.map((one) => one.name).toSorted(), ['sub', 'ten']);
  const deep = await world.engine.listFiles(place(`${spec.directory}/wd`), true);
  assert.ok(!('problem' in deep));
  const names = deep.map((one) => one.name).toSorted();
  assert.deepEqual(names, ['sub', 'sub/deep', 'sub/deep/x', 'ten']);
  const range = await world.engine.readFile(ten, { start: 2, end: 4 });
  assert.ok('stream' in range);
  assert.equal(String(Buffer.concat(await range.stream.toArray())), '234');
  const tail = await world.engine.readFile(ten, { start: 7 });
  assert.ok('stream' in tail);
  assert.equal(String(Buffer.concat(await tail.stream.toArray())), '789');
  const beyond = await world.engine.readFile(ten, { start: 10 });
  assert.equal('problem' in beyond && beyond.problem, 'badRange');
  const folder = await world.engine.readFile(place(spec.directory));
  assert.equal('problem' in folder && folder.problem, 'isDirectory');
  const file = await world.engine.listFiles(ten, false);
  assert.equal('problem' in file && file.problem, 'notDirectory');
  const nobody = await world.engine.statFile({ ...ten, node: 'node-9' });
  assert.equal('problem' in nobody && nobody.problem, 'nodeUnavailable');
});

test('a large file keeps its pace and its bytes, and a reader may stop early', async () => {
  const spec = runSpec('large', "/bin/sh -c 'head -c 50000000 /dev/zero > large'");
  await world.run(spec);
  const large = place(`${spec.directory}/wd/large`);
  const read = await world.engine.readFile(large);
  assert.ok('stream' in read);
  let bytes = 0;
  for await (const chunk of read.stream) bytes += (chunk as Buffer).length;
  assert.equal(bytes, 50_000_000);
  const stopped = await world.engine.readFile(large);
  assert.ok('stream' in stopped);
  for await (const _chunk of stopped.stream) break;
  assert.equal(await contents(`${spec.directory}/stdout.txt`), '');
});

test('a resource file is fetched into wd with its mode, and a redirect is followed', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/from') response.writeHead(302, { location: '/to' }).end();
    else response.end('#!/bin/sh\necho fetched\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const httpUrl = `http://127.0.0.1:${port}/from`;
  const files = [{ httpUrl, filePath: 'tools/run.sh', fileMode: '0750' }];
  const spec = runSpec('resource', './tools/run.sh', { resourceFiles: files });
  assert.equal(await outputOf(spec), 'fetched\n');
  const facts = await world.engine.statFile(place(`${spec.directory}/wd/tools/run.sh`));
  assert.equal('mode' in facts && facts.mode & 0o777, 0o750);
  server.close();
  server.closeAllConnections();
});

const badResources: readonly [string, string, string, RegExp][] = [
  ['that leaves wd', 'http://127.0.0.1:1/x', '../x', /leaves the working directory/],
  ['of another scheme', 'file:///etc/passwd', 'x', /not an http or https address/],
  ['from a link-local address', 'http://169.254.169.254/metadata', 'x', /linkLocal/],
  ['from where nobody listens', 'http://127.0.0.1:1/x?sig=secret', 'x', /ECONNREFUSED/],
];
for (const [index, [name, httpUrl, filePath, text]] of badResources.entries()) {
  test(`a resource file ${name} is refused and the command does not run`, async () => {
    const resourceFiles = [{ httpUrl, filePath }];
    const spec = runSpec(`resource-${index}`, "/bin/sh -c 'touch ../ran'", { resourceFiles });
    const outcome = await outcomeOf(spec);
    assert.ok(outcome.kind === 'resourceFailed');
    assert.match(outcome.text, text);
    assert.equal(outcome.url.includes('secret'), false);
    assert.equal(await contents(`${spec.directory}/ran`), 'notFound');
  });
}

test('never more runs at once than slots and than the group allows', async () => {
  const group = { owner: 'acme', group: 'narrow', pool: 'pool', priority: 0, parallelMax: 2 };
  let most = 0;
  const specs = Array.from({ length: 6 }, (_, index) => {
    const task = `narrow-${index}`;
    return runSpec(task, '/bin/sleep 0.1', {
      group: 'narrow',
      directory: `workitems/n/job-1/${task}`,
    });
  });
  const from = world.heard.starts.length;
  const ends = world.heard.ends.length;
  await world.store.write(async (tx) => {
    await world.engine.setGroup(tx, group);
    await world.engine.enqueue(tx, specs);
  });
  await world.until('all ends', () => {
    const running = world.heard.starts.length - from - (world.heard.ends.length - ends);
    most = Math.max(most, running);
    return world.heard.ends.length - ends === specs.length;
  });
  assert.equal(most, 2);
  const counts = await world.store.read((tx) => world.engine.groupCounts(tx, group));
  assert.deepEqual(counts, { queued: 0, active: 0 });
});

test('a queued run that is cancelled never runs, and a wide one waits for its slots', async () => {
  const wide = runSpec('wide', '/bin/sleep 0.2', { slots: 4 });
  const behind = runSpec('behind', '/bin/true', { slots: 4 });
  const dropped = runSpec('dropped', '/bin/true', { slots: 4 });
  const going = world.run(wide, behind);
  await world.store.write((tx) => world.engine.enqueue(tx, [dropped]));
  const answer = await world.store.write((tx) => world.engine.cancel(tx, dropped));
  assert.equal(answer, 'forgotten');
  const [first, second] = await going;
  assert.ok(first !== undefined && second?.startedAt !== undefined);
  assert.ok(second.startedAt >= first.at);
  assert.ok(!world.heard.starts.some((run) => run.task === 'dropped'));
});

test('a higher priority goes first, between equals the older group', async () => {
  const order = (): readonly string[] =>
    world.heard.starts.filter((run) => run.group.startsWith('p-')).map((run) => run.group);
  const block = world.run(runSpec('block', '/bin/sleep 0.2', { slots: 4 }));
  await world.until('the block', () => world.heard.starts.some((run) => run.task === 'block'));
  for (const [name, priority] of [
    ['p-old', 1],
    ['p-new', 1],
    ['p-high', 2],
  ] as const) {
    const run = runSpec(name, '/bin/true', { group: name, slots: 4 });
    await world.store.write(async (tx) => {
      await world.engine.setGroup(tx, { owner: 'acme', group: name, pool: 'pool', priority });
      await world.engine.enqueue(tx, [run]);
    });
  }
  await block;
  await world.until('all three', () => order().length === 3);
  assert.deepEqual(order(), ['p-high', 'p-old', 'p-new']);
});

test('the files of a task can be forgotten, and a later task of the same name starts afresh', async () => {
  const spec = runSpec('again', "/bin/sh -c 'ls; > mine'");
  assert.equal(await outputOf(spec), '');
  await world.store.write(async (tx) => {
    await world.engine.forgetFiles(tx, place(spec.directory));
    await world.engine.enqueue(tx, [{ ...spec, attempt: 2 }]);
  });
  await world.until('the second end', () => world.heard.ends.at(-1)?.run.attempt === 2);
  assert.equal(await contents(`${spec.directory}/stdout.txt`), '');
});

test('a removed group takes its queue along and its running runs end as cancelled', async () => {
  const group = { owner: 'acme', group: 'doomed' };
  const running = runSpec('doomed-1', '/bin/sleep 63', { group: 'doomed', slots: 4 });
  const queued = runSpec('doomed-2', '/bin/true', { group: 'doomed', slots: 4 });
  await world.store.write(async (tx) => {
    await world.engine.setGroup(tx, { ...group, pool: 'pool', priority: 9 });
    await world.engine.enqueue(tx, [running, queued]);
  });
  await world.until('the start', () => world.heard.starts.at(-1)?.task === 'doomed-1');
  await world.store.write((tx) => world.engine.removeGroup(tx, group));
  await world.until('the end', () => world.heard.ends.at(-1)?.run.task === 'doomed-1');
  assert.deepEqual(world.heard.ends.at(-1)?.end.outcome, { kind: 'cancelled' });
  await world.run(runSpec('after-doomed', '/bin/true', { slots: 4 }));
  assert.ok(!world.heard.starts.some((run) => run.task === 'doomed-2'));
});

test('a removed node ends its runs first and then is gone with its files', async () => {
  const spare = { owner: 'acme', pool: 'spare', node: 'spare-1' };
  const spec = runSpec('on-spare', '/bin/sleep 64', { group: 'spare' });
  await world.store.write(async (tx) => {
    await world.engine.addNodes(tx, [{ ...spare, slots: 1 }]);
    await world.engine.setGroup(tx, { owner: 'acme', group: 'spare', pool: 'spare', priority: 0 });
    await world.engine.enqueue(tx, [spec]);
  });
  await world.until('the start', () => world.heard.starts.at(-1)?.task === 'on-spare');
  await world.store.write((tx) => world.engine.removeNode(tx, spare));
  await world.until('the node to go', () => world.heard.nodes.at(-1)?.change.state === 'gone');
  assert.deepEqual(world.heard.ends.at(-1)?.end.outcome, { kind: 'nodeRemoved' });
  const stat = await world.engine.statFile({ ...spare, path: '' });
  assert.equal('problem' in stat && stat.problem, 'nodeUnavailable');
});

test('a run of an unknown group is a bug, and nothing is queued', async () => {
  const stray = runSpec('stray', '/bin/true', { group: 'nowhere' });
  await assert.rejects(
    world.store.write((tx) => world.engine.enqueue(tx, [stray])),
    /unknown group/,
  );
  assert.equal(await world.store.write((tx) => world.engine.cancel(tx, stray)), 'ended');
});
