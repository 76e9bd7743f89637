import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { after } from 'node:test';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { ClientSecretCredential } from '@azure/identity';
import { type ChildBatten, startChildBatten } from '#app/child-batten.ts';
import {
  addSecret,
  assignRole,
  type RegisteredApplication,
  registerApplication,
} from '#app/tour-identity.ts';
import { type RestClient, restClient, servicePrincipal } from '#client/client.ts';
import { firstPartyAppIds } from '#directory/first-party.ts';
import type { NewCertificate } from './certificate.ts';

/** A running Batten, trusted by this process as `NODE_EXTRA_CA_CERTS` would have it, for unmodified official clients. */
export interface World {
  readonly batten: ChildBatten;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly accountName: string;
  /** ARM id of the Batch account. */
  readonly accountId: string;
  readonly armEndpoint: string;
  /** The Batch account by its name in Azure, which `LocalAgent` reaches. */
  readonly batchUrl: string;
  /** Graph as the ready service principal. */
  readonly graph: RestClient;
  /** Resource Manager as the ready service principal. */
  readonly arm: RestClient;
  /** @azure/identity for the ready service principal. */
  readonly owner: ClientSecretCredential;
}

/** An application that can sign in, and its credential in @azure/identity. */
export interface SignedUp extends RegisteredApplication {
  readonly secret: string;
  readonly credential: ClientSecretCredential;
}

/** Starts a Batten that ends with the tests of this file, with more options of `up` if there are any. */
export async function startWorld(...options: readonly string[]): Promise<World> {
  const batten = await startChildBatten(...options);
  after(() => batten.stop());
  const { env, agent } = batten;
  const word = (name: string): string => env[name] ?? '';
  const roots = readFileSync(word('BATTEN_CA_FILE'), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), roots]);
  const ready = {
    tenantId: word('AZURE_TENANT_ID'),
    clientId: word('AZURE_CLIENT_ID'),
    clientSecret: word('AZURE_CLIENT_SECRET'),
    authorityHost: word('AZURE_AUTHORITY_HOST'),
    agent,
  };
  const tokens = (resource: string) => servicePrincipal({ ...ready, resource });
  const group = `/subscriptions/${word('AZURE_SUBSCRIPTION_ID')}/resourceGroups/${word('BATTEN_RESOURCE_GROUP')}`;
  return {
    batten,
    tenantId: ready.tenantId,
    subscriptionId: word('AZURE_SUBSCRIPTION_ID'),
    resourceGroup: word('BATTEN_RESOURCE_GROUP'),
    accountName: word('AZURE_BATCH_ACCOUNT'),
    accountId: `${group}/providers/Microsoft.Batch/batchAccounts/${word('AZURE_BATCH_ACCOUNT')}`,
    armEndpoint: word('BATTEN_ARM_ENDPOINT'),
    batchUrl: `https://${word('AZURE_BATCH_ACCOUNT')}.${word('BATTEN_LOCATION')}.batch.azure.com`,
    graph: restClient(word('BATTEN_GRAPH_ENDPOINT'), tokens('https://graph.microsoft.com'), {
      agent,
    }),
    arm: restClient(word('BATTEN_ARM_ENDPOINT'), tokens('https://management.azure.com/'), {
      agent,
    }),
    owner: credentialOf(batten, ready.clientId, ready.clientSecret),
  };
}

/** @azure/identity pointed at this Batten, which is no host that it knows. */
export function credentialOf(
  { env }: ChildBatten,
  clientId: string,
  clientSecret: string,
): ClientSecretCredential {
  const authorityHost = env['AZURE_AUTHORITY_HOST'] ?? '';
  return new ClientSecretCredential(env['AZURE_TENANT_ID'] ?? '', clientId, clientSecret, {
    authorityHost,
    disableInstanceDiscovery: true,
  });
}

/** Connects to this Batten whatever host is named, as a name service would have it: for clients that take no path in their address. */
export class LocalAgent extends Agent {
  readonly #port: string;

  constructor({ env, agent }: ChildBatten) {
    super({ ca: agent.options.ca, keepAlive: true });
    this.#port = new URL(env['BATTEN_URL'] ?? '').port;
  }

  override createConnection(...[options, ...rest]: Parameters<Agent['createConnection']>) {
    return super.createConnection({ ...options, host: '127.0.0.1', port: this.#port }, ...rest);
  }
}

/** What an application asks of Azure Batch in its registration: to act for its user there. */
export async function batchPermission(world: World): Promise<object> {
  const resourceAppId = firstPartyAppIds.batch;
  const filter = encodeURIComponent(`appId eq '${resourceAppId}'`);
  const found = await world.graph.call('GET', `/v1.0/servicePrincipals?$filter=${filter}`);
  const [batch] = (
    found.json as { value: { oauth2PermissionScopes: { id: string; value: string }[] }[] }
  ).value;
  const permission = batch?.oauth2PermissionScopes.find(
    ({ value }) => value === 'user_impersonation',
  );
  return { resourceAppId, resourceAccess: [{ id: permission?.id, type: 'Scope' }] };
}

/** Gives an application a certificate to prove itself by, in place of any that it has. */
export async function addCertificate(
  graph: RestClient,
  { objectId }: RegisteredApplication,
  { certificateBase64: key }: NewCertificate,
): Promise<void> {
  await graph.call('PATCH', `/v1.0/applications/${objectId}`, {
    keyCredentials: [{ type: 'AsymmetricX509Cert', usage: 'Verify', key, displayName: 'own' }],
  });
}

/** Registers an application with a secret and, when named, a role at a scope (the Batch account when absent). */
export async function signUp(
  world: World,
  displayName: string,
  roleName?: string,
  scope: string = world.accountId,
): Promise<SignedUp> {
  const application = await registerApplication(world.graph, displayName);
  const secret = await addSecret(world.graph, application);
  if (roleName !== undefined) {
    await assignRole(world.arm, scope, roleName, application.principalId);
  }
  const credential = credentialOf(world.batten, application.appId, secret);
  return { ...application, secret, credential };
}
