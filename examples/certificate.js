// Lists the jobs of a Batch account as an application with a certificate. APP_ID is the application, CERTIFICATE_FILE holds
// the certificate and its private key in PEM: npx batten run -- npx node examples/certificate.js
import { BatchClient, BatchTokenCredentials, servicePrincipal } from 'batten/client';

const {
  AZURE_TENANT_ID: tenantId = '',
  APP_ID: clientId = '',
  CERTIFICATE_FILE: certificateFile = '',
  AZURE_BATCH_ENDPOINT: accountUrl = '',
} = process.env;
const signIn = servicePrincipal({ tenantId, clientId, certificateFile });
const client = BatchClient.open(new BatchTokenCredentials(accountUrl, signIn));
for await (const job of client.jobs.list()) console.log(job.id, job.state);
