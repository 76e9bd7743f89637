import { startChildBatten } from '#app/child-batten.ts';
import { BatchClient, BatchSharedKeyCredentials } from '#client/client.ts';
import { machineClock } from '#kernel/clock.ts';
import { machineRandom } from '#kernel/random.ts';

/**
 * Tasks per second end to end over HTTPS with a shared key: add in chunks of 100, run `/bin/true` on two nodes of four slots, see all completed;
 * then the time to list them, to read one, and from adding one to reading it completed. Compare with `bench/engine.ts` in the same minute.
 * `node bench/batch.ts [tasks]`
 */
const tasks = Number(process.argv[2] ?? 2000);
const clock = machineClock();
const prefix = machineRandom().guid().slice(0, 8);

await using batten = await startChildBatten();
const { env, agent } = batten;
const word = (name: string): string => env[name] ?? '';
const client = BatchClient.open(
  new BatchSharedKeyCredentials(
    word('AZURE_BATCH_ENDPOINT'),
    word('AZURE_BATCH_ACCOUNT'),
    word('AZURE_BATCH_ACCESS_KEY'),
  ),
  { agent },
);
const image = { publisher: 'canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts' };
await client.pools.add({
  id: 'bench',
  vmSize: 'standard_d2s_v3',
  targetDedicatedNodes: 2,
  taskSlotsPerNode: 4,
  virtualMachineConfiguration: { imageReference: image, nodeAgentSKUId: 'batch.node.ubuntu 22.04' },
});
await client.jobs.add({ id: prefix, poolInfo: { poolId: 'bench' } });
await run('warm');

const added = await secondsOf(async () => {
  const wanted = Array.from({ length: tasks }, (_, index) => task(`t${index}`));
  await client.tasks.addAll(prefix, wanted);
});
const waited = await secondsOf(() => allCompleted(tasks + 1));
const listed = await secondsOf(async () => {
  for await (const _ of client.tasks.list(prefix));
});
const read = await secondsOf(async () => {
  for (let index = 0; index < 500; index++) await client.tasks.get(prefix, `t${index}`);
});
const latencies: number[] = [];
for (let index = 0; index < 21; index++) latencies.push(await secondsOf(() => run(`l${index}`)));
latencies.sort((one, other) => one - other);

process.stdout.write(
  `${JSON.stringify({
    tasks,
    addedPerSecond: Math.round(tasks / added),
    completedPerSecond: Math.round(tasks / (added + waited)),
    listMilliseconds: Math.round(listed * 1000),
    getMilliseconds: Math.round((read / 500) * 100_000) / 100,
    addToCompletedMilliseconds: Math.round((latencies[10] ?? 0) * 1000),
  })}\n`,
);
agent.destroy();

function task(id: string): { readonly id: string; readonly commandLine: string } {
  return { id, commandLine: '/bin/true' };
}

async function run(id: string): Promise<void> {
  await client.tasks.add(prefix, task(id));
  for (;;) {
    const { state } = await client.tasks.get(prefix, id);
    if (state === 'completed') return;
  }
}

async function allCompleted(count: number): Promise<void> {
  for (;;) {
    const { taskCounts } = await client.jobs.taskCounts(prefix);
    if (taskCounts?.completed === count) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = clock.steadyMilliseconds();
  await work();
  return (clock.steadyMilliseconds() - start) / 1000;
}
