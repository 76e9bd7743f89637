import { type CloudName, cloudNamed, knownHost } from '#cloud/cloud.ts';
import { instantOfMilliseconds } from '#kernel/instant.ts';
import type { TokenProvider } from './credentials.ts';
import { noTokenGiven } from './sign-in.faults.ts';
import { keepToken } from './token-keeper.ts';

/** A credential of @azure/identity, by its shape: nothing of that package is needed here. */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/**
 * Tokens of a credential of @azure/identity: for the Batch service of a cloud, or for another resource. Whatever the credential caches,
 * callers at the same time share one request. The provider throws what the credential throws.
 * Source: https://learn.microsoft.com/javascript/api/@azure/core-auth/tokencredential
 */
export function tokensOf(
  credential: TokenCredential,
  options: { readonly cloud?: CloudName; readonly resource?: string } = {},
): TokenProvider {
  const scope = scopeOf(options);
  return keepToken(async () => {
    const given = await credential.getToken(scope);
    if (given === null) throw noTokenGiven(scope);
    const { token: text, expiresOnTimestamp } = given;
    return { text, expiresAt: instantOfMilliseconds(expiresOnTimestamp) };
  });
}

/** The cloud that an account's address belongs to; `public` for an address that is none of Azure's. */
export function cloudOfAccount(accountUrl: string): CloudName {
  return knownHost(new URL(accountUrl).hostname)?.cloud ?? 'public';
}

/**
 * The scope that gives a token for a resource: the resource, to the letter, with `/.default` after it. A resource that ends in a slash
 * gives two: Batch compares the audience to the letter, and its own ends in a slash.
 * Source: https://learn.microsoft.com/azure/batch/batch-aad-auth
 */
export function scopeOf(options: {
  readonly cloud?: CloudName;
  readonly resource?: string;
}): string {
  return `${options.resource ?? cloudNamed(options.cloud ?? 'public').batchAudience}/.default`;
}
