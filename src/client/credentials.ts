import { machineClock } from '#kernel/clock.ts';
import { httpDateOf } from '#kernel/instant.ts';
import { insecureAddress, malformedAccountKey } from './faults.ts';
import { bearerProof, type Proof } from './prove.ts';
import { signatureOf, stringToSign } from './shared-key.ts';
import { cloudOfAccount, type TokenCredential, tokensOf } from './token-credential.ts';

/**
 * Returns a bearer token that is valid now; it is called for every request, so it should cache. When a service answers 401
 * it is called once more with the token that was refused, and may bring another one.
 */
export type TokenProvider = (refusedToken?: string) => string | Promise<string>;

/** A request as it will stand on the wire, which is what a shared key signs. */
export interface SignableRequest {
  readonly method: string;
  /** Raw path and query. */
  readonly target: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Says which account to talk to and how to prove who asks. */
export interface BatchCredentials {
  /** `https://{account}.{region}.batch.azure.com`, without a slash at its end. */
  readonly accountUrl: string;
  /**
   * The headers that authenticate one request. `refused` are those that the service just answered 401 to; whoever has no
   * better ones returns them again.
   */
  authenticate(request: SignableRequest, refused?: Proof): Promise<Proof>;
}

/**
 * Microsoft Entra ID credentials: a provider of this package, a function of one's own, or a credential of @azure/identity, which is asked for
 * the audience of the cloud that the address belongs to. Throws when the address is not https, since a bearer token never
 * travels in clear.
 * Source: https://learn.microsoft.com/azure/batch/batch-aad-auth
 */
export class BatchTokenCredentials implements BatchCredentials {
  readonly accountUrl: string;
  readonly #provider: TokenProvider;

  constructor(accountUrl: string, tokens: TokenProvider | TokenCredential) {
    this.accountUrl = secureAddress(accountUrl);
    this.#provider =
      typeof tokens === 'function'
        ? tokens
        : tokensOf(tokens, { cloud: cloudOfAccount(accountUrl) });
  }

  authenticate(_request: SignableRequest, refused?: Proof): Promise<Proof> {
    return bearerProof(this.#provider, refused);
  }
}

/**
 * Shared key credentials of an account. Throws when the key is not base64 or the address is not https.
 * Source: https://learn.microsoft.com/rest/api/batchservice/authenticate-requests-to-the-azure-batch-service
 */
export class BatchSharedKeyCredentials implements BatchCredentials {
  readonly accountUrl: string;
  readonly accountName: string;
  readonly #key: Buffer;
  readonly #clock = machineClock();

  constructor(accountUrl: string, accountName: string, accountKey: string) {
    this.accountUrl = secureAddress(accountUrl);
    this.accountName = accountName;
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(accountKey)) throw malformedAccountKey();
    this.#key = Buffer.from(accountKey, 'base64');
  }

  async authenticate(request: SignableRequest, refused?: Proof): Promise<Proof> {
    if (refused !== undefined) return refused;
    const dated = { 'ocp-date': httpDateOf(this.#clock.real()) };
    const headers = { ...request.headers, ...dated };
    const text = stringToSign({ ...request, headers }, this.accountName);
    const signature = signatureOf(text, this.#key);
    return { ...dated, authorization: `SharedKey ${this.accountName}:${signature}` };
  }
}

function secureAddress(accountUrl: string): string {
  if (!/^https:\/\/[^/?#]+/i.test(accountUrl)) throw insecureAddress(accountUrl);
  return accountUrl.replace(/\/+$/, '');
}
