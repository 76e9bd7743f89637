import { BatchClient, BatchTokenCredentials, servicePrincipal } from 'batten/client';

/** The README's example, with its ids from the environment. Argument: the cloud. Prints the ids of the jobs. */

const word = (name: string): string => process.env[name] ?? '';
const cloud = process.argv[2] as 'public' | 'china' | 'usgov';

const signIn = servicePrincipal({
  tenantId: word('AZURE_TENANT_ID'),
  clientId: word('AZURE_CLIENT_ID'),
  clientSecret: word('AZURE_CLIENT_SECRET'),
  cloud,
});
const client = BatchClient.open(new BatchTokenCredentials(word('AZURE_BATCH_ENDPOINT'), signIn));
for await (const job of client.jobs.list()) console.log(job.id);
