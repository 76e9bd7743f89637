// Lists the jobs of a Batch account as the person at this machine, who signs in in her browser. APP_ID is an application with
// the redirect URI http://localhost (public client): npx batten run -- npx node examples/interactive-browser.js
import { BatchClient, BatchTokenCredentials, interactiveBrowser } from 'batten/client';

const {
  AZURE_TENANT_ID: tenantId = '',
  APP_ID: clientId = '',
  AZURE_BATCH_ENDPOINT: accountUrl = '',
} = process.env;
const signIn = interactiveBrowser({ tenantId, clientId });
const client = BatchClient.open(new BatchTokenCredentials(accountUrl, signIn));
for await (const job of client.jobs.list()) console.log(job.id, job.state);
