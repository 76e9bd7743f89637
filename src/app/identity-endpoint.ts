import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSigningKeys, type SigningKeys } from '#authority/keys.ts';
import type { CloudName } from '#cloud/cloud.ts';
import { frontDoor } from '#http/front-door.ts';
import { findManagedIdentity, type ManagedIdentity } from '#identity/managed-identity.ts';
import { tokenPaths } from '#identity/token-path.ts';
import { tokenSurface } from '#identity/token-surface.ts';
import { listIdentities } from '#identity/user-assigned-identity.store.ts';
import { identityResourceId } from '#identity/user-assigned-identity.ts';
import { machineClock } from '#kernel/clock.ts';
import { sameName } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { openSqliteForReading } from '#store/sqlite.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { openSeal, pathsIn, unlessSealedOtherwise } from './data-folder.ts';
import { followingDoor } from './dev-clock.ts';
import type { ClientEnvironment } from './environment.ts';
import { noSuchIdentity, severalIdentities } from './faults.ts';
import { openSignInTeller } from './identity-sign-in.ts';
import type { InstanceMetadata } from './proxy-route.ts';

/** Places in which Azure's clients look for a managed identity; `any` offers what most of them take. */
export const identityForms = [
  'any',
  'app-service',
  'machine-learning',
  'cloud-shell',
  'vm',
] as const;

export type IdentityForm = (typeof identityForms)[number];

/** The endpoint of one `batten run --identity`. */
export interface IdentityEndpoint extends AsyncDisposable {
  /** What makes each family of clients ask it: App Service for most, Cloud Shell for older az. */
  readonly variables: ClientEnvironment;
  /** For the proxy of the run, by which a virtual machine's own address is asked. */
  readonly instanceMetadata: InstanceMetadata;
}

export interface IdentityEndpointParts {
  readonly dataFolder: string;
  /** File with the sealing key when it is not `key` in the data folder. */
  readonly keyFile?: string;
  /** Name of a user-assigned identity of this subscription, or an ARM id: its own, or that of a resource that has one. */
  readonly identity: string;
  /** Where the command shall think that it runs. */
  readonly form: IdentityForm;
  readonly subscriptionId: string | undefined;
  readonly cloud: CloudName;
  readonly log: Log;
}

const credentialBytes = 32;
/** Its own address, and the one by which the proxy is asked. */
const knownHosts: readonly string[] = ['127.0.0.1', '169.254.169.254'];

/**
 * Opens an endpoint on a free loopback port that gives the tokens of one managed identity to
 * whoever has its random credential. It reads the data folder as it is at each request, so an
 * identity that was deleted gets no more tokens. Throws a `StartRefusal` when there is no such
 * identity.
 */
export async function openIdentityEndpoint(
  parts: IdentityEndpointParts,
): Promise<IdentityEndpoint> {
  const { dataFolder, keyFile, cloud, log } = parts;
  const random = machineRandom();
  const clock = machineClock();
  const seal = await openSeal(dataFolder, keyFile, random);
  const store = openSqliteForReading(pathsIn(dataFolder).database);
  try {
    const identity = await store.read((tx) => identityNamed(tx, parts));
    const keys = await unlessSealedOtherwise(dataFolder, () => keysIn(store, seal));
    const credential = random.bytes(credentialBytes).toString('base64url');
    const teller = openSignInTeller(dataFolder, identity, log);
    const surface = tokenSurface({
      ...{ store, keys, clock, random, log, credential },
      identity: identity.resourceId,
      noted: (asked) => teller.tell(asked),
    });
    const door = frontDoor({
      reachOf: (hostAndPort) => {
        const host = hostAndPort.replace(/:\d+$/, '');
        const origin = `http://${hostAndPort}`;
        const place = { base: [], labels: {}, explicit: true };
        // Another host means that a page was made to ask here under a name of its own.
        return knownHosts.includes(host)
          ? { surface: surface.name, cloud, origin, host, ...place }
          : undefined;
      },
      surfaces: new Map([[surface.name, surface]]),
      clock,
      random,
      log,
    });
    const timely = followingDoor(door, { store, clock, log });
    const server = createServer((request, response) => void timely(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    return {
      instanceMetadata: { port, headers: { 'x-identity-header': credential } },
      variables: identityVariables(parts.form, identity, `http://127.0.0.1:${port}`, credential),
      async [Symbol.asyncDispose]() {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
        await teller.told();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/**
 * What makes each family of clients ask the endpoint. A virtual machine has no variables: its address goes through the proxy.
 * Source: the managed identity sources of @azure/identity, azure-identity, MSAL and msrestazure.
 */
function identityVariables(
  form: IdentityForm,
  { clientId }: ManagedIdentity,
  origin: string,
  credential: string,
): ClientEnvironment {
  const appService = {
    IDENTITY_ENDPOINT: `${origin}${tokenPaths.appService}`,
    IDENTITY_HEADER: credential,
  };
  const cloudShell = { MSI_ENDPOINT: `${origin}${tokenPaths.cloudShell(credential)}` };
  switch (form) {
    case 'any':
      return { ...appService, ...cloudShell };
    case 'app-service':
      return appService;
    case 'cloud-shell':
      return cloudShell;
    case 'machine-learning':
      return {
        MSI_ENDPOINT: `${origin}${tokenPaths.machineLearning}`,
        MSI_SECRET: credential,
        DEFAULT_IDENTITY_CLIENT_ID: clientId,
      };
    case 'vm':
      return {};
  }
}

/** The signing keys of a data folder that a server has prepared: they are there and only read. */
function keysIn(store: Pick<Store, 'read'>, seal: Seal): Promise<SigningKeys> {
  const readOnly: Store = {
    read: (body) => store.read(body),
    write: () => Promise.reject(new Error('a data folder that up prepared has its signing keys')),
    close: async () => {},
  };
  return openSigningKeys({ store: readOnly, seal, random: machineRandom(), clock: machineClock() });
}

async function identityNamed(
  tx: ReadTransaction,
  { identity: asked, subscriptionId }: IdentityEndpointParts,
): Promise<ManagedIdentity> {
  const found = asked.startsWith('/')
    ? await findManagedIdentity(tx, asked)
    : await identityOf(tx, asked, subscriptionId);
  if (found === undefined) throw noSuchIdentity(asked);
  return found;
}

async function identityOf(
  tx: ReadTransaction,
  asked: string,
  subscriptionId: string | undefined,
): Promise<ManagedIdentity | undefined> {
  const all = subscriptionId === undefined ? [] : await listIdentities(tx, subscriptionId);
  const [found, second] = all.filter(({ name }) => sameName(name, asked));
  if (second !== undefined) throw severalIdentities(asked);
  return found === undefined ? undefined : findManagedIdentity(tx, identityResourceId(found));
}
