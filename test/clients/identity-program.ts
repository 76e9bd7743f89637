import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';

/**
 * A program that runs as a managed identity and knows nothing of Batten. It prints, as one line of
 * JSON, the claims of its token, whose it is with each credential, and what Resource Manager answers
 * to it. Arguments: a resource id that it reads, a client id that is not its own.
 */

const [resourceId = '', otherClientId = ''] = process.argv.slice(2);
const scope = 'https://management.azure.com/.default';

const { token, expiresOnTimestamp } = await new ManagedIdentityCredential().getToken(scope);
const claimsOf = (text: string) =>
  JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString());
const byDefault = await new DefaultAzureCredential().getToken(scope);
// In Cloud Shell the credential refuses another client id by itself.
const other = await Promise.resolve()
  .then(() => new ManagedIdentityCredential({ clientId: otherClientId }).getToken(scope))
  .then(
    () => 'given',
    (error: Error) => error.message,
  );
const read = await fetch(`https://management.azure.com${resourceId}?api-version=2021-04-01`, {
  headers: { authorization: `Bearer ${token}` },
});
const { status } = read;
const code = ((await read.json()) as { error?: { code: string } }).error?.code;
const sameOwner = claimsOf(byDefault.token).oid === claimsOf(token).oid;
const hours = Math.round((expiresOnTimestamp - Date.now()) / 3_600_000);
console.log(JSON.stringify({ claims: claimsOf(token), sameOwner, other, status, code, hours }));
