import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type BatchClient, type Pool, type PoolToAdd, waitUntil } from '#client/client.ts';

/** A real file, and what a task has to find out about it. */
export interface Input {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha256: string;
  readonly words: number;
}

const inputsCount = 10;

/** Ten files of the program itself. */
export function tourInputs(): readonly Input[] {
  const folder = new URL('../http/', import.meta.url);
  const names = readdirSync(folder).sort().slice(0, inputsCount);
  return names.map((name) => {
    const bytes = readFileSync(new URL(name, folder));
    return {
      name,
      bytes,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      words: bytes
        .toString('latin1')
        .split(/[ \t\r\n]+/)
        .filter((word) => word !== '').length,
    };
  });
}

/** Offers the inputs over http, as a storage account would, until it is disposed of. */
export async function offerInputs(
  inputs: readonly Input[],
): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const input = inputs.find(({ name }) => request.url === `/${name}`);
    response.writeHead(input === undefined ? 404 : 200);
    response.end(input?.bytes);
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** A small Linux pool: two nodes of two cores, with room for four tasks each. */
export function smallPool(id: string): PoolToAdd {
  return {
    id,
    vmSize: 'standard_d2s_v3',
    virtualMachineConfiguration: {
      imageReference: {
        publisher: 'canonical',
        offer: '0001-com-ubuntu-server-jammy',
        sku: '22_04-lts',
        version: 'latest',
      },
      nodeAgentSKUId: 'batch.node.ubuntu 22.04',
    },
    targetDedicatedNodes: 2,
    taskSlotsPerNode: 4,
  };
}

/** Waits until the pool has the nodes that it was asked for. Throws `DeadlineError`. */
export function poolReady(batch: BatchClient, poolId: string): Promise<Pool> {
  const read = (): Promise<Pool> => batch.pools.get(poolId);
  const steady = (pool: Pool): boolean =>
    pool.allocationState === 'steady' && pool.currentDedicatedNodes === pool.targetDedicatedNodes;
  return waitUntil(`a steady pool ${poolId}`, read, steady, { deadlineSeconds: 60 });
}

/** Adds one task per input, each of which hashes and counts the file that it fetched. */
export async function addTasks(
  batch: BatchClient,
  jobId: string,
  inputs: readonly Input[],
  url: string,
): Promise<number> {
  const tasks = inputs.map(({ name }, index) => ({
    id: taskIdOf(index),
    commandLine: `/bin/sh -c 'sha256sum < input.txt && wc -w < input.txt'`,
    resourceFiles: [{ httpUrl: `${url}/${name}`, filePath: 'input.txt' }],
  }));
  return (await batch.tasks.addAll(jobId, tasks)).length;
}

/** Waits for the tasks, reads what each wrote, and compares it with the file. Throws at the first difference. */
export async function checkOutputs(
  batch: BatchClient,
  jobId: string,
  inputs: readonly Input[],
): Promise<number> {
  await batch.tasks.waitForAll(jobId, { deadlineSeconds: 120 });
  for (const [index, input] of inputs.entries()) {
    const output = await batch.files.text(jobId, taskIdOf(index), 'stdout.txt');
    const expected = `${input.sha256}  -\n${input.words}\n`;
    if (output !== expected) {
      throw new Error(`task ${taskIdOf(index)} wrote ${JSON.stringify(output)}`);
    }
  }
  return inputs.length;
}

function taskIdOf(index: number): string {
  return `file-${index + 1}`;
}
