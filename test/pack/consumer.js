// A program that knows Batten by its package name alone; pack.test.ts runs it beside the unpacked package.
// It holds a whole Batten, runs one task on it as a client would, and prints what the task wrote.
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { openHouse } from 'batten';
import { BatchClient, BatchTokenCredentials, servicePrincipal } from 'batten/client';

const house = await openHouse();
try {
  const env = (await house.environment()) ?? {};
  process.stdout.write(await outputOfOneTask(clientOf(env)));
} finally {
  await house.close();
}

/** @param {Readonly<Record<string, string>>} env */
function clientOf(env) {
  const agent = new Agent({ ca: readFileSync(env['BATTEN_CA_FILE'] ?? '') });
  const tokens = servicePrincipal({
    tenantId: env['AZURE_TENANT_ID'] ?? '',
    clientId: env['AZURE_CLIENT_ID'] ?? '',
    clientSecret: env['AZURE_CLIENT_SECRET'] ?? '',
    authorityHost: env['AZURE_AUTHORITY_HOST'] ?? '',
    agent,
  });
  const credentials = new BatchTokenCredentials(env['AZURE_BATCH_ENDPOINT'] ?? '', tokens);
  return BatchClient.open(credentials, { agent });
}

/** @param {BatchClient} batch */
async function outputOfOneTask(batch) {
  await batch.pools.add({
    id: 'pool',
    vmSize: 'standard_d2s_v3',
    virtualMachineConfiguration: {
      imageReference: {
        publisher: 'canonical',
        offer: '0001-com-ubuntu-server-jammy',
        sku: '22_04-lts',
      },
      nodeAgentSKUId: 'batch.node.ubuntu 22.04',
    },
    targetDedicatedNodes: 1,
  });
  await batch.jobs.add({ id: 'job', poolInfo: { poolId: 'pool' } });
  await batch.tasks.addAll('job', [{ id: 'task', commandLine: '/bin/echo ran from the package' }]);
  await batch.tasks.waitForAll('job', { deadlineSeconds: 60 });
  return batch.files.text('job', 'task', 'stdout.txt');
}
