// Lists the jobs of a Batch account as a person who signs in on another device. APP_ID is an application that allows public
// client flows: npx batten run -- npx node examples/device-code.js
import { BatchClient, BatchTokenCredentials, deviceCode } from 'batten/client';

const {
  AZURE_TENANT_ID: tenantId = '',
  APP_ID: clientId = '',
  AZURE_BATCH_ENDPOINT: accountUrl = '',
} = process.env;
const signIn = deviceCode({ tenantId, clientId, show: ({ message }) => console.log(message) });
const client = BatchClient.open(new BatchTokenCredentials(accountUrl, signIn));
for await (const job of client.jobs.list()) console.log(job.id, job.state);
