// Lists the jobs of a Batch account with whatever credential @azure/identity finds: npx batten run -- npx node examples/azure-identity.js
import { DefaultAzureCredential } from '@azure/identity';
import { BatchClient, BatchTokenCredentials } from 'batten/client';

const accountUrl = process.env['AZURE_BATCH_ENDPOINT'] ?? '';
const account = new BatchTokenCredentials(accountUrl, new DefaultAzureCredential());
for await (const job of BatchClient.open(account).jobs.list()) console.log(job.id, job.state);
