import type { ManagedIdentity } from '#identity/managed-identity.ts';
import type { AskedToken } from '#identity/token.http.ts';
import { isoOf } from '#kernel/instant.ts';
import type { JsonObject } from '#kernel/json.ts';
import type { Log } from '#kernel/log.ts';
import { askServer } from './control-client.ts';
import { reasonOf } from './data-folder.ts';

/** Tells the live server of a data folder how its managed identities sign in elsewhere. */
export interface SignInTeller {
  tell(asked: AskedToken): void;
  /** Resolves when everything was told. */
  told(): Promise<void>;
}

/** Longest text that is kept of a request, in characters. */
const keptCharactersMax = 300;
/** Longest time that a server may take to note a sign-in, in milliseconds. */
const noteMillisecondsMax = 5000;

/**
 * Opens a teller for the endpoint of one identity, whose process may only read the data folder. A
 * server that is gone hears nothing, and the token is given all the same.
 */
export function openSignInTeller(
  dataFolder: string,
  identity: ManagedIdentity,
  log: Log,
): SignInTeller {
  let last = Promise.resolve();
  return {
    tell(asked) {
      const input = signInOf(identity, asked);
      last = last
        .then(() => askServer(dataFolder, 'signIn', input, noteMillisecondsMax))
        .then(
          () => {},
          (error) => log.warn({ error: reasonOf(error) }, 'a sign-in could not be noted'),
        );
    },
    told: () => last,
  };
}

function signInOf(identity: ManagedIdentity, asked: AskedToken): JsonObject {
  return {
    id: asked.requestId,
    at: isoOf(asked.at),
    tenantId: identity.tenantId,
    principalId: identity.principalId,
    code: asked.refused?.code ?? '',
    facts: {
      path: asked.path.slice(0, keptCharactersMax),
      cloud: asked.cloud,
      client_id: identity.clientId,
      resource: asked.resource.slice(0, keptCharactersMax),
      managedIdentity: identity.resourceId,
      message: asked.refused?.message,
    },
  };
}
