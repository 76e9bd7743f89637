import { ConfidentialClientApplication } from '@azure/msal-node';
import { type ClientProof, proofOf } from './client-proof.ts';
import type { TokenProvider } from './credentials.ts';
import { issuedToken, msalConfiguration, type SignInOptions, signedIn } from './sign-in.ts';
import { scopeOf } from './token-credential.ts';
import { keepToken } from './token-keeper.ts';
import { cacheConfiguration, type SignInCache } from './user-tokens.ts';

export type ServicePrincipalOptions = SignInOptions & ClientProof;

/**
 * A token provider that signs in as a service principal, over MSAL: by a secret, a certificate, or a token of another issuer
 * (a federated credential). A hundred calls, also at once, make one token request; the token is renewed before it ends.
 * The provider throws `SignInError`.
 * Source: https://learn.microsoft.com/azure/batch/batch-aad-auth
 */
export function servicePrincipal(options: ServicePrincipalOptions): TokenProvider {
  const scopes = [scopeOf(options)];
  let application: ConfidentialClientApplication | undefined;
  return keepToken((skipCache) =>
    signedIn(async () => {
      application ??= await confidentialClient(options);
      const request = { scopes, skipCache };
      return issuedToken(await application.acquireTokenByClientCredential(request));
    }),
  );
}

/** An application of MSAL that can prove itself. Throws `SignInError` when the proof is not readable. */
export async function confidentialClient(
  options: ServicePrincipalOptions & { readonly cache?: SignInCache },
): Promise<ConfidentialClientApplication> {
  const { auth, ...rest } = msalConfiguration(options);
  return new ConfidentialClientApplication({
    ...rest,
    ...cacheConfiguration(options.cache),
    auth: { ...auth, ...(await proofOf(options)) },
  });
}
