import { machineClock } from '#kernel/clock.ts';
import { httpDateOf } from '#kernel/instant.ts';
import { insecureAddress, malformedAccountKey } from './faults.ts';
import { signatureOf, stringToSign } from './shared-key.ts';

/** Returns a bearer token that is valid now; it is called for every request, so it should cache. */
export type TokenProvider = () => string | Promise<string>;

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
  /** The headers that authenticate one request. */
  authenticate(request: SignableRequest): Promise<Readonly<Record<string, string>>>;
}

/**
 * Microsoft Entra ID credentials. Throws when the address is not https, since a bearer token never travels in clear.
 * Source: https://learn.microsoft.com/azure/batch/batch-aad-auth
 */
export class BatchTokenCredentials implements BatchCredentials {
  readonly accountUrl: string;
  readonly #provider: TokenProvider;

  constructor(accountUrl: string, tokenProvider: TokenProvider) {
    this.accountUrl = secureAddress(accountUrl);
    this.#provider = tokenProvider;
  }

  async authenticate(): Promise<Readonly<Record<string, string>>> {
    return { authorization: `Bearer ${await this.#provider()}` };
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

  async authenticate(request: SignableRequest): Promise<Readonly<Record<string, string>>> {
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
