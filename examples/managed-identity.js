// Lists the jobs of a Batch account as a managed identity: npx batten run --identity NAME -- npx node examples/managed-identity.js
import { BatchClient, BatchTokenCredentials, managedIdentity } from 'batten/client';

const signIn = managedIdentity({ environment: process.env });
const accountUrl = process.env['AZURE_BATCH_ENDPOINT'] ?? '';
const client = BatchClient.open(new BatchTokenCredentials(accountUrl, signIn));
for await (const job of client.jobs.list()) console.log(job.id, job.state);
