import { BatchServiceClient } from '@azure/batch';
import { EnvironmentCredential } from '@azure/identity';
import { ConfidentialClientApplication } from '@azure/msal-node';

/**
 * A program that knows nothing of Batten: it takes its ids from the environment, names Azure's own hosts and lets every client check them as
 * it always does. It prints what it got as one line of JSON. Arguments: the audience of Batch, the authority host.
 */

const [audience = '', authorityHost = ''] = process.argv.slice(2);
const scope = `${audience}/.default`;
const word = (name: string): string => process.env[name] ?? '';

const { token } = (await new EnvironmentCredential().getToken(scope)) ?? { token: '' };

const application = new ConfidentialClientApplication({
  auth: {
    clientId: word('AZURE_CLIENT_ID'),
    clientSecret: word('AZURE_CLIENT_SECRET'),
    authority: `${authorityHost}/${word('AZURE_TENANT_ID')}`,
  },
});
const byMsal = await application.acquireTokenByClientCredential({ scopes: [scope] });

type Resource = Parameters<ConstructorParameters<typeof BatchServiceClient>[0]['signRequest']>[0];

function batchWith(bearer: string): BatchServiceClient {
  const signRequest = async (resource: Resource): Promise<Resource> => {
    resource.headers.set('authorization', `Bearer ${bearer}`);
    return resource;
  };
  return new BatchServiceClient({ signRequest }, word('AZURE_BATCH_ENDPOINT'));
}

const jobs = await batchWith(byMsal?.accessToken ?? '').job.list();
const refused = await batchWith(`${token}x`)
  .job.list()
  .catch(({ statusCode }) => statusCode);
const audiences = [token, byMsal?.accessToken ?? ''].map(
  (text) => JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()).aud,
);
console.log(JSON.stringify({ audiences, jobs: jobs.map(({ id }) => id), refused }));
