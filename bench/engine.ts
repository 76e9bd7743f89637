import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineWorld, runSpec } from '#engine/test-engine.ts';
import { machineClock } from '#kernel/clock.ts';

/**
 * Tasks per second through the whole engine (queue, claim, agent, launcher, journal, durable end)
 * beside a plain spawn loop that makes the same directories and files in the same place. The ratio
 * is what compares; absolute numbers move with the machine.
 * `node bench/engine.ts [tasks] [slots]`; set TMPDIR to choose the file system.
 */
const tasks = Number(process.argv[2] ?? 2000);
const slots = Number(process.argv[3] ?? 16);
const command = '/bin/true';
const clock = machineClock();

const folder = mkdtempSync(join(tmpdir(), 'batten-bench-'));
const calibration = perSecond(
  1000,
  secondsOf(() => {
    for (let index = 0; index < 1000; index++) makeTask(`calibration-${index}`);
  }),
);
const loop = perSecond(tasks, await secondsOfAsync(spawnLoop));
rmSync(folder, { recursive: true });

const world = await engineWorld(slots);
const specs = Array.from({ length: tasks }, (_, index) => runSpec(`bench-${index}`, command));
const engine = perSecond(tasks, await secondsOfAsync(() => world.run(...specs)));
const single = await secondsOfAsync(() => world.run(runSpec('single', command)));
await world.close();

process.stdout.write(
  `${JSON.stringify({
    tasks,
    slots,
    directoriesPerSecond: calibration,
    spawnLoopPerSecond: loop,
    enginePerSecond: engine,
    ratio: Math.round((engine / loop) * 100) / 100,
    oneTaskMilliseconds: Math.round(single * 10_000) / 10,
  })}\n`,
);

/** A task's directory with `wd` and its two outputs, as the launcher makes them. */
function makeTask(name: string): { readonly wd: string; readonly outputs: [number, number] } {
  const wd = join(folder, name, 'wd');
  mkdirSync(wd, { recursive: true });
  const out = openSync(join(folder, name, 'stdout.txt'), 'w');
  const err = openSync(join(folder, name, 'stderr.txt'), 'w');
  if (name.startsWith('calibration')) for (const file of [out, err]) closeSync(file);
  return { wd, outputs: [out, err] };
}

async function spawnLoop(): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < tasks) {
      const { wd, outputs } = makeTask(`loop-${next++}`);
      const child = spawn(command, [], { cwd: wd, detached: true, stdio: ['ignore', ...outputs] });
      for (const file of outputs) closeSync(file);
      await new Promise((resolve) => child.once('exit', resolve));
    }
  };
  await Promise.all(Array.from({ length: slots }, lane));
}

function secondsOf(work: () => void): number {
  const from = clock.steadyMilliseconds();
  work();
  return (clock.steadyMilliseconds() - from) / 1000;
}

async function secondsOfAsync(work: () => Promise<unknown>): Promise<number> {
  const from = clock.steadyMilliseconds();
  await work();
  return (clock.steadyMilliseconds() - from) / 1000;
}

function perSecond(count: number, seconds: number): number {
  return Math.round(count / seconds);
}
