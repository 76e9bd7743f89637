import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openSigningKeys, type SigningKeys } from '#authority/keys.ts';
import type { CloudName } from '#cloud/cloud.ts';
import { frontDoor } from '#http/front-door.ts';
import { tokenPaths } from '#identity/token.http.ts';
import { tokenSurface } from '#identity/token-surface.ts';
import { findIdentity, listIdentities } from '#identity/user-assigned-identity.store.ts';
import { identityType, type UserAssignedIdentity } from '#identity/user-assigned-identity.ts';
import { machineClock } from '#kernel/clock.ts';
import { fold, sameName } from '#kernel/ids.ts';
import type { Log } from '#kernel/log.ts';
import { machineRandom } from '#kernel/random.ts';
import type { Seal } from '#kernel/seal.ts';
import { parseResourceId } from '#rbac/scope.ts';
import { openSqliteForReading } from '#store/sqlite.ts';
import type { ReadTransaction, Store } from '#store/store.ts';
import { openSeal, pathsIn, unlessSealedOtherwise } from './data-folder.ts';
import type { ClientEnvironment } from './environment.ts';
import { noSuchIdentity, severalIdentities } from './faults.ts';
import type { InstanceMetadata } from './proxy-route.ts';

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
  /** Name of an identity of this subscription, or an ARM id. */
  readonly identity: string;
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
    const surface = tokenSurface({ store, keys, clock, random, log, identity, credential });
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
    const server = createServer((request, response) => void door(request, response));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    return {
      instanceMetadata: { port, headers: { 'x-identity-header': credential } },
      variables: identityVariables(`http://127.0.0.1:${port}`, credential),
      async [Symbol.asyncDispose]() {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Source: the managed identity sources of @azure/identity, azure-identity, MSAL and msrestazure. */
function identityVariables(origin: string, credential: string): ClientEnvironment {
  return {
    IDENTITY_ENDPOINT: `${origin}${tokenPaths.appService}`,
    IDENTITY_HEADER: credential,
    MSI_ENDPOINT: `${origin}${tokenPaths.cloudShell(credential)}`,
  };
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
): Promise<UserAssignedIdentity> {
  if (asked.startsWith('/')) {
    const found = await identityWithId(tx, asked);
    if (found === undefined) throw noSuchIdentity(asked);
    return found;
  }
  const all = subscriptionId === undefined ? [] : await listIdentities(tx, subscriptionId);
  const [found, second] = all.filter(({ name }) => sameName(name, asked));
  if (found === undefined) throw noSuchIdentity(asked);
  if (second !== undefined) throw severalIdentities(asked);
  return found;
}

async function identityWithId(
  tx: ReadTransaction,
  id: string,
): Promise<UserAssignedIdentity | undefined> {
  const { subscriptionId, resourceGroup, namespace, types, names } = parseResourceId(id);
  const [name, ...deeper] = names;
  const type = `${namespace}/${types.join('/')}`;
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) {
    return undefined;
  }
  if (fold(type) !== fold(identityType) || deeper.length > 0) return undefined;
  return findIdentity(tx, { subscriptionId, resourceGroup, name });
}
