import type { Agent } from 'node:https';
import { AuthError, type AuthenticationResult, type Configuration } from '@azure/msal-node';
import { type CloudName, cloudNamed, clouds } from '#cloud/cloud.ts';
import { instantOfMilliseconds } from '#kernel/instant.ts';
import { SignInError } from './faults.ts';
import { refusedSignIn, unreachedSignIn, withoutToken } from './sign-in.faults.ts';
import { type Heard, hear, networkOver } from './sign-in-network.ts';
import type { IssuedToken } from './token-keeper.ts';

/** Who signs in where, and what for. */
export interface SignInOptions {
  /** The tenant's GUID or domain. Users may also sign in at `organizations` or `common`; a service principal cannot. */
  readonly tenantId: string;
  /** Application (client) id. */
  readonly clientId: string;
  /** `public` when absent. */
  readonly cloud?: CloudName;
  /** What the token is for; the Batch service of the cloud when absent. Kept to the letter, slash included. */
  readonly resource?: string;
  /** `https://login.microsoftonline.com` and the like; the cloud's when absent. */
  readonly authorityHost?: string;
  /** Connections of one's own: extra trusted roots, a proxy. */
  readonly agent?: Agent;
}

/** What every application of MSAL is made of; how it proves itself and what it caches are the caller's to add. */
export function msalConfiguration(options: SignInOptions): Configuration {
  const host = authorityHostOf(options);
  return {
    auth: {
      clientId: options.clientId,
      authority: `${host}/${options.tenantId}`,
      knownAuthorities: isAzureHost(host) ? [] : [new URL(host).host],
    },
    system: { networkClient: networkOver(options.agent) },
  };
}

function authorityHostOf({ authorityHost, cloud = 'public' }: SignInOptions): string {
  return (authorityHost ?? `https://${cloudNamed(cloud).loginHosts[0]}`).replace(/\/+$/, '');
}

/** MSAL knows Azure's own hosts; any other must be named to it, or it asks Azure about it. */
function isAzureHost(host: string): boolean {
  const { host: name } = new URL(host);
  return clouds.some((cloud) => cloud.loginHosts.includes(name));
}

/** Runs one sign-in over MSAL. Throws `SignInError` when it is refused or cannot be asked for. */
export async function signedIn<T>(signIn: (heard: Heard) => Promise<T>): Promise<T> {
  const heard: Heard = {};
  try {
    return await hear(heard, () => signIn(heard));
  } catch (error) {
    const { refusal, failure } = heard;
    if (refusal !== undefined) throw refusedSignIn(refusal, error);
    if (error instanceof SignInError) throw error;
    if (failure !== undefined) throw unreachedSignIn(failure);
    if (!(error instanceof AuthError)) throw error;
    const { errorCode, errorMessage, correlationId } = error;
    const told = {
      error: errorCode,
      error_description: errorMessage,
      correlation_id: correlationId,
    };
    throw refusedSignIn(told, error);
  }
}

/** The access token of a result of MSAL. */
export function issuedToken(result: AuthenticationResult | null): IssuedToken {
  if (!result?.accessToken || result.expiresOn === null) throw withoutToken();
  const { accessToken: text, expiresOn } = result;
  return { text, expiresAt: instantOfMilliseconds(expiresOn.getTime()) };
}
