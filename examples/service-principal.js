// Lists the jobs of a Batch account as an application with a secret: npx batten run -- npx node examples/service-principal.js
import { BatchClient, BatchTokenCredentials, servicePrincipal } from 'batten/client';

const {
  AZURE_TENANT_ID: tenantId = '',
  AZURE_CLIENT_ID: clientId = '',
  AZURE_CLIENT_SECRET: clientSecret = '',
  AZURE_BATCH_ENDPOINT: accountUrl = '',
} = process.env;
// A certificate instead: { certificateFile: 'application.pem' }. The token of another issuer: { federatedTokenFile: '...' }.
const signIn = servicePrincipal({ tenantId, clientId, clientSecret });
const client = BatchClient.open(new BatchTokenCredentials(accountUrl, signIn));
for await (const job of client.jobs.list()) console.log(job.id, job.state);
