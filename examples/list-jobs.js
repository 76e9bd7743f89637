// Lists the jobs of a Batch account with Microsoft's own libraries; nothing in it knows of Batten.
import { BatchServiceClient } from '@azure/batch';
import { ClientSecretCredential } from '@azure/identity';

const {
  AZURE_TENANT_ID,
  AZURE_CLIENT_ID,
  AZURE_CLIENT_SECRET,
  AZURE_AUTHORITY_HOST,
  AZURE_BATCH_ENDPOINT,
} = process.env;
const identity = new ClientSecretCredential(AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, {
  authorityHost: AZURE_AUTHORITY_HOST,
});
const credentials = {
  async signRequest(request) {
    const { token } = await identity.getToken('https://batch.core.windows.net//.default');
    request.headers.set('Authorization', `Bearer ${token}`);
    return request;
  },
};
const jobs = await new BatchServiceClient(credentials, AZURE_BATCH_ENDPOINT).job.list();
console.log(`${AZURE_BATCH_ENDPOINT} has ${jobs.length} jobs`);
for (const { id, state } of jobs) console.log(id, state);
