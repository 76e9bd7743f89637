import type { Agent } from 'node:https';
import { AuthError, ConfidentialClientApplication } from '@azure/msal-node';
import { type CloudName, cloudNamed, clouds } from '#cloud/cloud.ts';
import type { TokenProvider } from './credentials.ts';
import { SignInError } from './faults.ts';
import { networkOver } from './sign-in-network.ts';

export interface ServicePrincipalOptions {
  /** The tenant's GUID or domain; a service principal cannot use `common`. */
  readonly tenantId: string;
  /** Application (client) id. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** `public` when absent. */
  readonly cloud?: CloudName;
  /** What the token is for; the Batch service of the cloud when absent. Kept to the letter, slash included. */
  readonly resource?: string;
  /** `https://login.microsoftonline.com` and the like; the cloud's when absent. */
  readonly authorityHost?: string;
  /** Connections of one's own: extra trusted roots, a proxy. */
  readonly agent?: Agent;
}

/**
 * A token provider that signs in as a service principal, over MSAL, which keeps the token until shortly before it expires: a
 * hundred calls, also at once, make one token request. The provider throws `SignInError`.
 *
 * The scope is the resource with `/.default` after it, so a resource that ends in a slash gives two: Batch compares
 * the audience to the letter, and its own ends in a slash.
 * Source: https://learn.microsoft.com/azure/batch/batch-aad-auth
 */
export function servicePrincipal(options: ServicePrincipalOptions): TokenProvider {
  const cloud = cloudNamed(options.cloud ?? 'public');
  const host = (options.authorityHost ?? `https://${cloud.loginHosts[0]}`).replace(/\/+$/, '');
  const scope = `${options.resource ?? cloud.batchAudience}/.default`;
  const application = new ConfidentialClientApplication({
    auth: {
      clientId: options.clientId,
      clientSecret: options.clientSecret,
      authority: `${host}/${options.tenantId}`,
      knownAuthorities: isAzureHost(host) ? [] : [new URL(host).host],
    },
    system: { networkClient: networkOver(options.agent) },
  });
  let running: Promise<string> | undefined;
  return () => {
    running ??= tokenFrom(application, scope).finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function tokenFrom(
  application: ConfidentialClientApplication,
  scope: string,
): Promise<string> {
  try {
    const result = await application.acquireTokenByClientCredential({ scopes: [scope] });
    return result?.accessToken ?? '';
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    // MSAL puts words of its own before the text of Entra.
    const [text, code] = /(AADSTS\d+).*/s.exec(error.errorMessage) ?? [];
    const { errorCode, errorMessage, correlationId } = error;
    throw new SignInError(code ?? errorCode, text ?? errorMessage, correlationId, error);
  }
}

/** MSAL knows Azure's own hosts; any other must be named to it, or it asks Azure about it. */
function isAzureHost(host: string): boolean {
  const { host: name } = new URL(host);
  return clouds.some((cloud) => cloud.loginHosts.includes(name));
}
